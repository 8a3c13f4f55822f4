"""The numbers of a paper sheet as they are typed: « 1-12, 14, 17, 20-35 »."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

_BETWEEN = re.compile(r"[\s,;.]+")
_RANGE = re.compile(r"([0-9]{1,6})(?:[-–—]([0-9]{1,6}))?")
_TIGHT = re.compile(r"\s*([-–—]|\bà\b)\s*")
SHOWN = 20  # signs of what was not understood


def read_numbers(text: str, highest: int) -> set[int]:
    """Twice the same is once; raises ValidationError, with a sentence for each thing that is not understood."""
    tight = _TIGHT.sub("-", text)
    found: set[int] = set()
    wrong: list[str] = []
    for piece in filter(None, _BETWEEN.split(tight)):
        reason, numbers = _read(piece, highest)
        found |= set(numbers)
        wrong += [reason] if reason else []
    if wrong:
        raise ValidationError(wrong)
    return found


def _read(piece: str, highest: int) -> tuple[str, range]:
    nothing = range(0)
    matched = _RANGE.fullmatch(piece)
    if matched is None:
        return f"« {piece[:SHOWN]} » n’est pas un numéro. Écrivez par exemple 1-12, 14, 17.", nothing
    first, last = int(matched[1]), int(matched[2] or matched[1])
    if not highest:
        return "Cette feuille n’a aucune ligne numérotée.", nothing
    if first < 1 or last > highest:
        return f"« {piece[:SHOWN]} » : les numéros de cette feuille vont de 1 à {highest}.", nothing
    if first > last:
        return f"« {piece[:SHOWN]} » : écrivez d’abord le plus petit.", nothing
    return "", range(first, last + 1)


def said_numbers(numbers: set[int]) -> str:
    """The shortest way to write them: « 1-3, 7 »."""
    said: list[str] = []
    for number in sorted(numbers):
        if number - 1 not in numbers:
            last = number
            while last + 1 in numbers:
                last += 1
            said.append(str(number) if last == number else f"{number}-{last}")
    return ", ".join(said)
