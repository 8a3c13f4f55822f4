"""Papers: a Typst source of ours, data that is never markup, and a PDF that a screen reader can read (PDF/UA-1)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from socle.signs import in_words, signs_of

# The one folder a paper may read: what every paper shares (`#import "house.typ": *`).
SHARED = Path(__file__).parent / "printing"
HOUSE = Path(__file__).resolve().parent.parent
IMAGE_PPI = 180
SECONDS = 300  # a thousand pages take ten
# How Typst says that PDF/UA forbids what it would draw; a sign that has no shape is said by its number.
_NOT_DRAWN = re.compile(r"the text `\"(?:\\u\{([0-9a-f]+)\}|(.+?))\"` could not be displayed")
_EACH = b"""#set document(title: "-")
#for sign in json(bytes(sys.inputs.data)) { par(sign) }"""


class _Fonts:
    """Those that come inside Typst, and those of a folder where one is set: read once."""

    def __init__(self, folder: str) -> None:
        self.typst = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder] if folder else []
        )
        self.drawn: dict[str, bool] = {}

    def undrawn(self, signs: set[str]) -> frozenset[str]:
        """Those that none of them draws, as Typst answers: some 10 ms for those that it was never asked."""
        if new := {sign for sign in signs if sign not in self.drawn}:
            refused: set[str] = set()
            try:
                _compile(_EACH, sorted(new), self)
            except typst.TypstError as error:
                said = _NOT_DRAWN.findall(error.diagnostic)
                refused = {chr(int(number, 16)) if number else sign for number, sign in said}
            self.drawn |= {sign: sign not in refused for sign in new}
        return frozenset(sign for sign in signs if not self.drawn[sign])


@cache
def _fonts(folder: str) -> _Fonts:
    return _Fonts(folder)


def render(source: Path, data: Mapping[str, Any]) -> bytes:
    """The PDF of a source, which reads SHARED and nothing else, and has `data` as `json(bytes(sys.inputs.data))`.

    What people wrote is in the data, and stays text: Typst evaluates the source, never its inputs. Some 20 ms.
    """
    fonts = _fonts(settings.PAPER_FONTS)
    return _drawable(data, lambda said: _compile(source.read_bytes(), said, fonts))


def drawing(source: Path, data: Mapping[str, Any]) -> bytes:
    """One page of a source as a PNG, for a file that is not a paper; read as `render` reads."""
    fonts = _fonts(settings.PAPER_FONTS)

    def draw(said: Any) -> bytes:
        _compile(source.read_bytes(), said, fonts)  # a picture would be drawn with its squares
        return _compiler(source.read_bytes(), said, fonts).compile(format="png", ppi=IMAGE_PPI)  # type: ignore[return-value]

    return _drawable(data, draw)


def render_apart(source: Path, data: Mapping[str, Any], target: Path) -> None:
    """As `render`, into a file, by a process that gives back all it took: Typst holds some 15 kB for each line set.

    Raises subprocess.SubprocessError where it does not end well, or in time. No setting of the portal goes there.
    """
    command = [sys.executable, "-m", "socle.papers", str(source), str(target), settings.PAPER_FONTS]
    surroundings = {"PATH": os.defpath, "LANG": "C.UTF-8"}

    def draw(said: Any) -> None:
        sent = json.dumps(said, ensure_ascii=False).encode()
        subprocess.run(
            command, cwd=HOUSE, env=surroundings, input=sent, capture_output=True, timeout=SECONDS, check=True
        )

    _drawable(data, draw)


def _drawable[Drawn](data: Mapping[str, Any], draw: Callable[[Any], Drawn]) -> Drawn:
    """What is drawn of data in which each sign has a shape; and together: a vowel of one script on a letter of another
    has none, though each has its own.
    """
    undrawn = _fonts(settings.PAPER_FONTS).undrawn(signs_of(data))
    try:
        return draw(in_words(data, undrawn) | {"undrawn": bool(undrawn)})
    except (typst.TypstError, subprocess.CalledProcessError) as error:
        said = error.diagnostic if isinstance(error, typst.TypstError) else error.stderr.decode()
        if not _NOT_DRAWN.search(said):
            raise
        return draw(in_words(data, undrawn, bare=True) | {"undrawn": True})


def _compile(source: bytes, data: Any, fonts: _Fonts) -> bytes:
    return _compiler(source, data, fonts).compile(format="pdf", pdf_standards=["ua-1"])  # type: ignore[return-value]


def _compiler(source: bytes, data: Any, fonts: _Fonts) -> typst.Compiler:
    return typst.Compiler(
        source,
        root=str(SHARED),
        font_paths=fonts.typst,
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        # No package is fetched: the folder where they would be kept is one that cannot be.
        package_path="/dev/null",
        package_cache_path="/dev/null",
    )


def _alone() -> None:
    """What a process of its own does; Typst says why it refuses as it says it here."""
    source, target, folder = sys.argv[1:]
    try:
        Path(target).write_bytes(_compile(Path(source).read_bytes(), json.load(sys.stdin), _Fonts(folder)))
    except typst.TypstError as error:
        sys.exit(error.diagnostic)


if __name__ == "__main__":
    _alone()
