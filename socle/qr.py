"""QR codes, as an image of a page, of a paper and of a mail."""

from __future__ import annotations

import io

import segno

BORDER = 4  # modules of quiet around the code: fewer, and some telephones do not see it


def svg_uri(text: str, *, scale: int = 4) -> str:
    """For the `src` of an image; on white, since a telephone does not read a code in the dark colours of a page."""
    return segno.make(text, micro=False).svg_data_uri(scale=scale, border=BORDER, light="#fff", omitsize=False)


def svg(text: str) -> str:
    """For a paper."""
    written = io.BytesIO()
    segno.make(text, micro=False).save(written, kind="svg", border=0)
    return written.getvalue().decode()


def png(text: str) -> bytes:
    """Some 1,000 bytes."""
    written = io.BytesIO()
    segno.make(text, micro=False).save(written, kind="png", scale=6, border=BORDER)
    return written.getvalue()
