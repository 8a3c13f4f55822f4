"""The public figures of the moderation: what came, what was done of it, in how long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from consultation.choices import Origine, ReexamenOutcome, SignalementOutcome
from consultation.models import Demarche, ModerationFigures
from socle.dates import Precision, ago_label, moment_label
from socle.pagecache.decorators import public_page
from socle.written import grouped

FEWEST = 5  # below, the middle one of them says nothing of the others
KINDS = {**{value: str(Origine(value).label) for value in Origine.values}, "reaction": "réactions"}


@dataclass(frozen=True)
class Figures:
    """The page, ready for its template."""

    counted: str
    received: list[tuple[str, list[str]]]
    refused: list[tuple[str, str]]
    taken_down: list[tuple[str, str]]
    wait: str
    signalements: list[tuple[str, str]]
    signalements_wait: str
    reexamens: list[tuple[str, str]]

    @classmethod
    def of(cls, row: ModerationFigures) -> Figures:
        found = row.figures
        return cls(
            counted=moment_label(row.counted_at, None, Precision.HOUR),
            received=_received(found["received"]),
            refused=numbers(found["refused"]),
            taken_down=numbers(found["taken_down"]),
            wait=_wait(found["wait"]),
            signalements=numbers(_outcomes(found["signalements"], SignalementOutcome.choices)),
            signalements_wait=_wait(found["signalements_wait"]),
            reexamens=numbers(_outcomes(found["reexamens"], ReexamenOutcome.choices)),
        )


@public_page()
def moderation(request: HttpRequest, slug: str) -> HttpResponse:
    demarche = get_object_or_404(Demarche.objects.published(), slug=slug)
    row = ModerationFigures.objects.filter(demarche=demarche).first()
    context = {"demarche": demarche, "figures": Figures.of(row) if row else None}
    return render(request, "consultation/moderation.html", context)


def numbers(counts: Iterable[tuple[str, int]]) -> list[tuple[str, str]]:
    """Exact, the smallest too, as the register tells them one by one; nothing of what is none."""
    return [(label, grouped(number)) for label, number in counts if number]


def _received(found: Mapping[str, list[int]]) -> list[tuple[str, list[str]]]:
    return [(label, [grouped(number) for number in found[kind]]) for kind, label in KINDS.items() if kind in found]


def _outcomes(found: Mapping[str, int], choices: Iterable[Any]) -> list[tuple[str, int]]:
    """In the order of the choices; what has no outcome yet waits."""
    waiting = [("en attente de réponse", found.get("", 0))]
    return [(label, found.get(value, 0)) for value, label in choices] + waiting


def _wait(median: list[int]) -> str:
    """« 3 jours »; empty while too few were decided for a half of them to mean anything."""
    number, seconds = median
    at = timezone.now()
    return ago_label(at - timedelta(seconds=seconds), at) if number >= FEWEST else ""
