"""The évaluations of a rencontre: until when one answers, who came, and what is public of the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from consultation.choices import Answering, Mark
from consultation.models import Evaluation, Inscription, Rencontre, Venue
from socle.dates import local_midnight

DAYS_OPEN = 30
FEWEST = 5  # below, a number could point at someone
EVALUATIONS = "evaluations"  # how many were received, beside the questions

type Figures = dict[str, dict[str, list[int]]]  # by source, then by question: see EvaluationFigures


def closes_at(rencontre: Rencontre) -> datetime:
    """The midnight that ends the thirtieth day after the rencontre's; the closing instant is closed."""
    over = rencontre.ends_at or rencontre.starts_at
    return local_midnight(timezone.localdate(over) + timedelta(days=DAYS_OPEN + 1))


def is_over(rencontre: Rencontre, at: datetime | None = None) -> bool:
    """Once its last day is: before, its counts would show people arrive one by one."""
    at = at or timezone.now()
    last = timezone.localdate(rencontre.ends_at or rencontre.starts_at)
    return rencontre.has_begun(at) and timezone.localdate(at) > last


def takes_answers(rencontre: Rencontre, at: datetime | None = None) -> bool:
    at = at or timezone.now()
    return not rencontre.is_cancelled and rencontre.has_begun(at) and at < closes_at(rencontre)


def counted(rencontre: Rencontre) -> Figures:
    """All the answers there are, which is not what is public."""
    names = Evaluation.sentences()
    marks = {f"{name}_{mark}": Count("pk", filter=Q(**{name: mark})) for name in names for mark in Mark}
    rows = Evaluation.objects.filter(rencontre=rencontre).order_by().values("source").annotate(n=Count("pk"), **marks)
    found: list[dict[str, Any]] = list(rows)  # type: ignore[arg-type]
    return {
        row["source"]: {EVALUATIONS: [row["n"]]} | {name: [row[f"{name}_{mark}"] for mark in Mark] for name in names}
        for row in found
    }


def followed(public: Figures, now: Figures) -> Figures:
    """What may be public once `now` is counted: each series moves by FEWEST answers at least, or stays.

    Nobody who reads the page before and after can tell one answer from the others. Series are kept by source: those
    who type the papers know what is on them, and these would hide nobody's answer by the link.
    """
    return {
        source: {name: _moved(public.get(source, {}).get(name), numbers) for name, numbers in series.items()}
        for source, series in now.items()
    }


def _moved(before: Sequence[int] | None, now: list[int]) -> list[int]:
    before = list(before or [0] * len(now))
    return now if sum(now) - sum(before) >= FEWEST else before


@dataclass(frozen=True)
class Asked:
    """A question and how many gave each mark, from the best to the worst."""

    sentence: str
    numbers: list[int]

    @property
    def total(self) -> int:
        return sum(self.numbers)


def results(figures: Mapping[str, Mapping[str, Sequence[int]]]) -> list[Asked]:
    """By question, whatever the source; the questions of which nothing is public yet are left out."""
    asked = [
        Asked(sentence, [sum(numbers) for numbers in zip(*_series(figures, name), strict=True)])
        for name, sentence in Evaluation.sentences().items()
    ]
    return [one for one in asked if one.total]


def received(figures: Mapping[str, Mapping[str, Sequence[int]]]) -> str:
    """« 12 par le lien du courriel, 6 sur papier »; empty where none is public."""
    numbers = {source: sum(figures.get(source, {}).get(EVALUATIONS, ())) for source in Answering}
    return ", ".join(f"{number} {source.label}" for source, number in numbers.items() if number)


def _series(figures: Mapping[str, Mapping[str, Sequence[int]]], name: str) -> list[Sequence[int]]:
    return [figures[source][name] for source in Answering if name in figures.get(source, {})]


@dataclass(frozen=True)
class Came:
    """How many came: those who had registered, and those who had not."""

    registered: int
    sur_place: int

    @property
    def label(self) -> str:
        """« 31 personnes inscrites, 4 sur place »; small numbers are masked."""
        said = [f"{few(self.registered)} personnes inscrites"] if self.registered else []
        return ", ".join(said + ([f"{few(self.sur_place)} sur place"] if self.sur_place else []))


def few(number: int) -> str:
    return str(number) if number >= FEWEST else f"moins de {FEWEST}"


def came(rencontre: Rencontre) -> Came:
    present = Inscription.objects.filter(rencontre=rencontre, attended_at__isnull=False).aggregate(
        registered=Count("pk", filter=Q(sur_place=False)), sur_place=Count("pk", filter=Q(sur_place=True))
    )
    walked_in = Venue.objects.filter(rencontre=rencontre).count()
    return Came(present["registered"], present["sur_place"] + walked_in)
