"""How two texts differ, word by word, as a reader would say it.

In a sentence that was written again, « de » and « la » are still there: what is left of it between two changes is shown
as the same only where it is longer than one of them. Ends of paragraph are never lost that way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

_WORDS = re.compile(r"\n+|[^\S\n]*\S+[^\S\n]*|[^\S\n]+")  # each with the spaces after it, and before the first
SAME, REMOVED, ADDED = "same", "removed", "added"
AROUND = 160  # characters of what did not change, beside each change
CUT = "[…]"


@dataclass(frozen=True)
class Piece:
    """Some words in a row that the two versions share, or that one of them alone has."""

    kind: str
    text: str


@dataclass(frozen=True)
class Difference:
    """Two versions, whole, side by side: on the left what was removed, on the right what was added."""

    before: list[Piece]
    after: list[Piece]

    def shortened(self) -> Difference:
        """The same, without the middle of what the two share at length: what differs is in sight."""
        return Difference(list(_without_middles(self.before)), list(_without_middles(self.after)))


class _Change(NamedTuple):
    """As difflib says it: the words `before` to `before_end` of the one are `after` to `after_end` of the other."""

    code: str
    before: int
    before_end: int
    after: int
    after_end: int

    def size(self, left: list[str], right: list[str]) -> int:
        """Characters of the longer side."""
        sides = left[self.before : self.before_end], right[self.after : self.after_end]
        return max(len("".join(side).rstrip()) for side in sides)


def _without_middles(pieces: list[Piece]) -> Iterator[Piece]:
    """Around each change, some of the words that stayed."""
    for place, piece in enumerate(pieces):
        if piece.kind != SAME or len(piece.text) <= 3 * AROUND:
            yield piece
            continue
        first = "" if place == 0 else piece.text[:AROUND].rsplit(" ", 1)[0] + " "
        last = "" if place == len(pieces) - 1 else " " + piece.text[-AROUND:].split(" ", 1)[-1]
        yield Piece(SAME, f"{first}{CUT}{last}")


def difference(before: str, after: str) -> Difference:
    """Word by word; time grows with the length of the texts (words that come back often start no comparison)."""
    left, right = _WORDS.findall(before), _WORDS.findall(after)
    # A word at the end of a text is the word that it is in the middle of another.
    matcher = SequenceMatcher(None, [one.strip(" ") for one in left], [one.strip(" ") for one in right])
    codes = _readable([_Change(*code) for code in matcher.get_opcodes()], left, right)
    return Difference(
        list(_pieces(left, [(one.code, one.before, one.before_end) for one in codes], REMOVED)),
        list(_pieces(right, [(one.code, one.after, one.after_end) for one in codes], ADDED)),
    )


def _readable(codes: list[_Change], left: list[str], right: list[str]) -> list[_Change]:
    """Without what is the same by chance: shorter than the changes on both its sides, on one line."""
    kept: list[_Change] = []
    for code in codes:
        kept.append(code)
        while len(kept) > 2 and _is_chance(first := kept[-3], kept[-2], last := kept[-1], left, right):
            kept[-3:] = [_Change("replace", first.before, last.before_end, first.after, last.after_end)]
    return kept


def _is_chance(first: _Change, same: _Change, last: _Change, left: list[str], right: list[str]) -> bool:
    if same.code != "equal" or "\n" in (said := "".join(left[same.before : same.before_end])):
        return False
    return len(said.rstrip()) <= min(first.size(left, right), last.size(left, right))


def _pieces(words: list[str], codes: list[tuple[str, int, int]], kind: str) -> Iterator[Piece]:
    for code, start, end in codes:
        if start < end:
            yield Piece(SAME if code == "equal" else kind, "".join(words[start:end]))
