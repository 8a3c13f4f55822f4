"""One line of what presses on the team (`today` of each floor), and how what waits is counted beside its démarche."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce


@dataclass(frozen=True)
class Task:
    """One line: `what` leads to `url`; `more` says the figures or the reason; `rencontre` is the key of its own."""

    what: str
    url: str
    more: str = ""
    today: bool = False
    rencontre: int | None = None


def counted(number: int, one: str, several: str) -> str:
    """« 1 personne attend », « 3 personnes attendent »."""
    return f"{number} {one if number == 1 else several}"


def of_demarche(rows: QuerySet, path: str) -> QuerySet:
    """For a subquery of a list of démarches: these rows, of the démarche that `path` leads to."""
    return rows.order_by().filter(**{path: OuterRef("pk")}).values(path)


def number_of(rows: QuerySet, path: str) -> Coalesce:
    return Coalesce(Subquery(of_demarche(rows, path).annotate(number=Count("pk")).values("number")), 0)
