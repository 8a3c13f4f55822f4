"""An address as a QR code: one path that a page draws in its own colours, or a picture for a paper."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import segno

QUIET = 4  # modules of margin, without which some telephones see nothing


@dataclass(frozen=True)
class Drawing:
    """`path` draws the dark modules inside a square of `size` units."""

    size: int
    path: str


def drawing(address: str) -> Drawing:
    matrix = segno.make(address, micro=False).matrix
    runs = [f"M{QUIET + x} {QUIET + y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark]
    return Drawing(len(matrix) + 2 * QUIET, "".join(runs))


def svg(address: str) -> str:
    content = BytesIO()
    segno.make(address, micro=False, error="q").save(content, kind="svg", border=QUIET, xmldecl=False)
    return content.getvalue().decode()
