"""Papers: a Typst source of ours, data that is never markup, and a PDF that a screen reader can read (PDF/UA-1)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst

# Signs that no font inside Typst draws (an emoji, Chinese): PDF/UA wants each sign drawn, so that each can be read.
_UNDRAWN = re.compile(
    "[^\t\n -\u03ff\u0400-\u045f\u05d0-\u05ea\u1e00-\u1eff"
    "\u2000-\u2040\u2070-\u20bf\u2190-\u2199\u2200-\u2265\u25a0-\u25ff]"
)
STAND_IN = "\N{WHITE SQUARE}"
# The one folder a paper may read: what every paper shares (`#import "house.typ": *`).
SHARED = Path(__file__).parent / "printing"
HOUSE = Path(__file__).resolve().parent.parent
IMAGE_PPI = 180
SECONDS = 300  # a thousand pages take ten


@cache
def _fonts() -> typst.Fonts:
    """Those that come inside Typst, read once: the same paper on every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def render(source: Path, data: Mapping[str, Any]) -> bytes:
    """The PDF of a source, which reads SHARED and nothing else, and has `data` as `json(bytes(sys.inputs.data))`.

    What people wrote is in the data, and stays text: Typst evaluates the source, never its inputs. Some 20 ms.
    """
    try:
        return _compile(source, data)
    except typst.TypstError:
        return _compile(source, _drawable(data))


def drawing(source: Path, data: Mapping[str, Any]) -> bytes:
    """One page of a source as a PNG, for a file that is not a paper; read as `render` reads."""
    return _compiler(source, _drawable(data)).compile(format="png", ppi=IMAGE_PPI)  # type: ignore[return-value]


def render_apart(source: Path, data: Mapping[str, Any], target: Path) -> None:
    """As `render`, into a file, by a process that gives back all it took: Typst holds some 15 kB for each line set.

    Raises subprocess.SubprocessError where it does not end well, or in time. No setting of the portal goes there.
    """
    command = [sys.executable, "-m", "socle.papers", str(source), str(target)]
    sent = json.dumps(_drawable(data), ensure_ascii=False).encode()
    surroundings = {"PATH": os.defpath, "LANG": "C.UTF-8"}
    subprocess.run(command, cwd=HOUSE, env=surroundings, input=sent, capture_output=True, timeout=SECONDS, check=True)


def _drawable(value: Any) -> Any:
    """Before it is JSON, in which a control would hide behind its number."""
    if isinstance(value, str):
        return _UNDRAWN.sub(STAND_IN, value)
    if isinstance(value, Mapping):
        return {key: _drawable(one) for key, one in value.items()}
    return [_drawable(one) for one in value] if isinstance(value, list | tuple) else value


def _compile(source: Path, data: Mapping[str, Any]) -> bytes:
    return _compiler(source, data).compile(format="pdf", pdf_standards=["ua-1"])  # type: ignore[return-value]


def _compiler(source: Path, data: Mapping[str, Any]) -> typst.Compiler:
    return typst.Compiler(
        source.read_bytes(),
        root=str(SHARED),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        # No package is fetched: the folder where they would be kept is one that cannot be.
        package_path="/dev/null",
        package_cache_path="/dev/null",
    )


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(_compile(Path(sys.argv[1]), json.load(sys.stdin)))
