"""How two texts differ, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\n+|[^\s]+[^\S\n]*")
SAME, REMOVED, ADDED = "same", "removed", "added"


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


def difference(before: str, after: str) -> Difference:
    """Word by word; time grows with the length of the texts (words that come back often start no comparison)."""
    left, right = _WORDS.findall(before), _WORDS.findall(after)
    # A word at the end of a text is the word that it is in the middle of another.
    matcher = SequenceMatcher(None, [one.rstrip(" ") for one in left], [one.rstrip(" ") for one in right])
    codes = matcher.get_opcodes()
    return Difference(
        list(_pieces(left, [(code, start, end) for code, start, end, _, _ in codes], REMOVED)),
        list(_pieces(right, [(code, start, end) for code, _, _, start, end in codes], ADDED)),
    )


def _pieces(words: list[str], codes: list[tuple[str, int, int]], kind: str) -> Iterator[Piece]:
    for code, start, end in codes:
        if start < end:
            yield Piece(SAME if code == "equal" else kind, "".join(words[start:end]))
