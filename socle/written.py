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


@dataclass(frozen=True)
class Line:
    """Some words; `url`, which only we write, makes a link of them; `after` is said after the link."""

    text: str
    url: str = ""
    after: str = ""

    @property
    def whole(self) -> str:
        return self.text + self.after


@dataclass(frozen=True)
class Block:
    kind: Kind
    lines: tuple[Line, ...]
    level: int = 0  # of a heading: 2, then 3 under it


@dataclass(frozen=True)
class Written:
    """`over` is said above the title; `foot` at the bottom of each page of paper."""

    title: str
    over: str
    blocks: tuple[Block, ...]
    foot: str = ""

    def data(self) -> dict[str, Any]:
        """What JSON can hold."""
        return asdict(self)


def heading(text: str, level: int = 2) -> Block:
    return Block(Kind.HEADING, (Line(text),), level)


def lines(*texts: str) -> Block:
    return Block(Kind.LINES, tuple(map(Line, texts)))


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
