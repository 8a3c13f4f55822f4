"""A text in its parts, from which its page, its PDF and its word-processor file are made: nothing in it is markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

_BULLET = re.compile(r"^\s*[-–•*]\s+")


class Kind(StrEnum):
    HEADING = "heading"
    LINES = "lines"  # one paragraph, its ends of line kept
    ITEMS = "items"
    CONTENTS = "contents"  # where the headings are
    SMALL = "small"  # one paragraph, less loud
    COUNTS = "counts"  # a table of numbers, and its drawing where it has one


@dataclass(frozen=True)
class Line:
    """Some words; `url`, which only we write, makes a link of them; `after` is said after the link.

    `notes` are called at its end; each is a line, numbered in the order of the whole text.
    """

    text: str
    url: str = ""
    after: str = ""
    notes: tuple[Line, ...] = ()

    @property
    def whole(self) -> str:
        return self.text + self.after


@dataclass(frozen=True)
class Counts:
    """How many of each row in each column. None: a number that is not told, `untold` says why.

    `heading` is over what the rows are. `drawn`: how many rows, of the first ones, are drawn as bars too.
    """

    caption: str
    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int | None, ...]], ...]
    drawn: int = 0
    untold: str = ""

    @property
    def alt(self) -> str:
        """What is said of the drawing to who does not see it."""
        return f"Diagramme en barres\u00a0: {self.caption}. Les mêmes nombres sont dans le tableau qui suit."

    def said(self, number: int | None) -> str:
        return self.untold if number is None else grouped(number)


@dataclass(frozen=True)
class Block:
    kind: Kind
    lines: tuple[Line, ...]
    level: int = 0  # of a heading: 2, then 3 under it
    counts: Counts | None = None
    anchor: str = ""  # of a heading: what the table of contents leads to


@dataclass(frozen=True)
class Cover:
    """The first page of a long text: who publishes it, what is said under its title, and of what it is not yet."""

    publisher: str
    under: tuple[str, ...] = ()
    mark: str = ""  # « version de travail », said on every page


@dataclass(frozen=True)
class Written:
    """`over` is said above the title; `foot` at the bottom of each page of paper."""

    title: str
    over: str
    blocks: tuple[Block, ...]
    foot: str = ""
    cover: Cover | None = None
    dense: bool = False  # a volume of a long list: small type, no cover

    def data(self) -> dict[str, Any]:
        """What JSON can hold."""
        return asdict(self)

    @property
    def contents(self) -> list[Block]:
        """The headings that a table of contents names."""
        return [block for block in self.blocks if block.kind == Kind.HEADING and block.level < 4]


def grouped(number: int) -> str:
    """« 2 000 », with its no-break space."""
    return f"{number:,}".replace(",", "\u00a0")


def heading(text: str, level: int = 2, anchor: str = "") -> Block:
    return Block(Kind.HEADING, (Line(text),), level, anchor=anchor)


def lines(*texts: str) -> Block:
    return Block(Kind.LINES, tuple(map(Line, texts)))


def small(*said: Line) -> Block:
    return Block(Kind.SMALL, said)


def counts(said: Counts) -> Block:
    return Block(Kind.COUNTS, (), counts=said)


def contents() -> Block:
    return Block(Kind.CONTENTS, ())


def items(found: Iterable[Line]) -> Block:
    return Block(Kind.ITEMS, tuple(found))


def paragraphs(text: str) -> list[Block]:
    """Paragraphs between empty lines; lines that start with a dash make a list."""
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return [part for block in blocks if block.strip() for part in _parts(block)]


def _parts(block: str) -> list[Block]:
    """A paragraph, a list, or a paragraph followed by its list."""
    runs: list[tuple[Kind, list[Line]]] = []
    for line in block.split("\n"):
        bullet = _BULLET.match(line)
        kind = Kind.ITEMS if bullet else Kind.LINES
        if not runs or runs[-1][0] != kind:
            runs.append((kind, []))
        runs[-1][1].append(Line(line[bullet.end() :] if bullet else line.strip()))
    return [Block(kind, tuple(found)) for kind, found in runs]
