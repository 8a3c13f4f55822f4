"""The words that are quoted: found again, to the letter, in what is quoted."""

from __future__ import annotations

import re

LONGEST = 5000  # characters
_APOSTROPHES = "['’ʼ]"
_ELLIPSIS = re.compile(r"^[\s«»“”\"]+|[\s«»“”\"]+$")


def exact(selected: str, *texts: str) -> str:
    """The very words of the first text that says them; empty where none does.

    What was selected on a page has the spaces, the apostrophes and the ends of line of the page, and not the dashes of
    its lists: they make no difference here, and what is given back has those of the text.
    """
    words = _ELLIPSIS.sub("", selected).split()
    if not words or len(selected) > LONGEST:
        return ""
    pattern = re.compile(r"\s+(?:[-–•*]\s+)?".join(map(_word, words)))
    found = filter(None, (pattern.search(text) for text in texts))
    return next((one[0] for one in found), "")


def _word(word: str) -> str:
    return _APOSTROPHES.join(map(re.escape, re.split(_APOSTROPHES, word)))
