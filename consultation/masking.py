"""Hiding words of a text, wherever they are or once."""

from __future__ import annotations

import re
from collections.abc import Sequence

MARK = "[passage masqué]"


def passages(typed: str) -> list[str]:
    """What was typed, a passage to a line."""
    return list(dict.fromkeys(line for line in (" ".join(line.split()) for line in typed.split("\n")) if line))


def count(words: str, *texts: str) -> int:
    """How often these exact words are there, what is hidden already left aside."""
    return sum(1 for text in texts for match in _pattern([words]).finditer(text) if match[0] != MARK)


def hide(words: Sequence[str], *texts: str, only: int | None = None) -> tuple[list[str], int]:
    """The texts, with MARK in place of these words; and how many were hidden.

    `only` is the rank, from 1 over all the texts, of the one to hide where the others stay.
    """
    pattern, seen, hidden = _pattern(words), 0, 0

    def mark(match: re.Match[str]) -> str:
        nonlocal seen, hidden
        seen += match[0] != MARK
        if match[0] == MARK or only not in (None, seen):
            return match[0]
        hidden += 1
        return MARK

    return [pattern.sub(mark, text) for text in texts], hidden


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Whole words, however they are spaced in the text (a selection loses its ends of line); the longest first."""
    longest = sorted(words, key=len, reverse=True)
    return re.compile("|".join([re.escape(MARK), *map(_exactly, longest)]))


def _exactly(words: str) -> str:
    spaced = r"\s+".join(re.escape(word) for word in words.split())
    before = r"(?<!\w)" if words[:1].isalnum() else ""
    after = r"(?!\w)" if words[-1:].isalnum() else ""
    return f"{before}{spaced}{after}"
