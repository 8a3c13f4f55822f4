"""How far the suites given to a policy are, by enjeu: the numbers of the table and of the drawing beside it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from consultation.choices_adoption import SuiteState
from consultation.drawing import Bar, bars
from consultation.models import Suite, Texte

NO_ENJEU = "Sans enjeu particulier"
# How each state is filled (static/css/drawn.css).
FILLED = {SuiteState.ANNOUNCED: "p1", SuiteState.ENGAGED: "p2", SuiteState.DONE: "p4", SuiteState.GIVEN_UP: "p3"}
KEYS = [(kind, state.label) for state, kind in FILLED.items()]


@dataclass(frozen=True)
class Row:
    """One enjeu, and how many of its suites are in each state, in the order of the states."""

    label: str
    numbers: list[int]

    @property
    def total(self) -> int:
        return sum(self.numbers)

    @property
    def counted(self) -> list[tuple[str, str, int]]:
        """How each state is filled, its name, its number."""
        return [(FILLED[state], state.label, number) for state, number in zip(FILLED, self.numbers, strict=True)]


@dataclass(frozen=True)
class Progress:
    rows: list[Row]
    total: Row

    @property
    def states(self) -> list[str]:
        return [state.label for state in FILLED]

    @property
    def said(self) -> str:
        """« 3 annoncées, 1 réalisée, sur 4 suites »."""
        parts = [f"{number} {name}{'s' if number > 1 else ''}" for _, name, number in self.total.counted if number]
        whole = self.total.total
        return f"{', '.join(parts)}, sur {whole} suite{'s' if whole > 1 else ''} donnée{'s' if whole > 1 else ''}."

    @property
    def bars(self) -> list[Bar]:
        drawn = [*self.rows, self.total] if len(self.rows) > 1 else self.rows
        return bars((row.label, row.counted) for row in drawn)


def progress(texte: Texte) -> Progress:
    """By enjeu in their order; one query."""
    rows = Suite.objects.of_texte(texte).order_by("enjeu__rank").values_list("enjeu__short_title", "state")
    found: dict[str, dict[str, int]] = {}
    for enjeu, state, number in rows.annotate(number=Count("pk")):
        found.setdefault(enjeu or NO_ENJEU, {})[state] = number
    shown = [Row(label, [counts.get(state, 0) for state in FILLED]) for label, counts in found.items()]
    totals = [sum(column) for column in zip(*(row.numbers for row in shown), strict=True)]
    return Progress(shown, Row("En tout", totals or [0] * len(FILLED)))
