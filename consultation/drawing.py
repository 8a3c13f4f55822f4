"""Bars drawn beside the table that says the same: whole numbers, that no language writes with a comma."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH = 1000  # of the longest bar, in the drawing's own units


@dataclass(frozen=True)
class Part:
    """`kind` is how it is filled (static/css/drawn.css)."""

    kind: str
    x: int
    width: int


@dataclass(frozen=True)
class Bar:
    """`said` describes it to who does not see it: « tout à fait : 6, plutôt : 4 »."""

    label: str
    said: str
    parts: list[Part]


type Numbers = Sequence[tuple[str, str, int]]  # kind, what is counted, how many


def bars(rows: Iterable[tuple[str, Numbers]], *, same_length: bool = True) -> list[Bar]:
    """A bar for each row, of its numbers side by side; all as long as the others, or each as long as its total."""
    kept = [(label, [one for one in numbers if one[2]]) for label, numbers in rows]
    totals = [sum(number for _, _, number in numbers) for _, numbers in kept]
    longest = max(totals, default=0)
    return [
        _bar(label, numbers, total if same_length else longest)
        for (label, numbers), total in zip(kept, totals, strict=True)
        if total
    ]


def _bar(label: str, numbers: Numbers, whole: int) -> Bar:
    parts, before = [], 0
    for kind, _, number in numbers:
        start, end = (round(WIDTH * part / whole) for part in (before, before + number))
        parts.append(Part(kind, start, end - start))
        before += number
    return Bar(label, ", ".join(f"{name}\N{NO-BREAK SPACE}: {number}" for _, name, number in numbers), parts)
