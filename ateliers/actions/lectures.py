"""La parole des absents: numbered once for the sheet of a séance, then what the group did with each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from ateliers.actions.comptes_rendus import ADOPTED, NotYet
from ateliers.delays import next_seance
from ateliers.models import Atelier, CompteRendu, Lecture, Outcome, Seance
from consultation.actions.contributions import StaleState
from consultation.choices import Nature
from consultation.models import Contribution
from socle.text import sort_key

NATURES = list(Nature.values)
SAME_OPENING = 120  # characters, folded: those of one campaign are read one after the other


@dataclass(frozen=True)
class Said:
    """What the group did with the contributions of these numbers."""

    numbers: frozenset[int]
    outcome: str
    words: str


def is_over(seance: Seance) -> bool:
    """Once its day is past nothing more can be read in it; its rencontre is loaded."""
    rencontre = seance.rencontre
    return rencontre.has_day and timezone.localdate(rencontre.starts_at) < timezone.localdate()


@transaction.atomic
def number(seance: Seance) -> int:
    """Give their numbers to those that came since the last printing; how many. A number is never given again.

    The row of the atelier is held meanwhile: two printings at once, be they of two séances, take each one once.
    """
    Atelier.objects.select_for_update(no_key=True).get(pk=seance.atelier_id)
    _held_open(seance)
    if seance.rencontre.is_cancelled or is_over(seance):
        raise NotYet("Cette séance est passée, ou annulée : ce qui est arrivé depuis sera lu à la suivante.")
    last = Lecture.objects.filter(seance=seance).aggregate(last=Max("number"))["last"] or 0
    found = in_reading_order(list(Lecture.objects.waiting_for(seance).select_related("theme")))
    now = timezone.now()
    Lecture.objects.bulk_create(
        Lecture(seance=seance, contribution=contribution, number=count, printed_at=now)
        for count, contribution in enumerate(found, start=last + 1)
    )
    return len(found)


def in_reading_order(rows: Sequence[Contribution]) -> list[Contribution]:
    """By thème, then by nature; those that begin alike together, and the oldest first."""
    opening = {row.pk: sort_key(row.body, max_length=SAME_OPENING) for row in rows}
    oldest: dict[str, datetime] = {}
    for row in rows:
        at = row.published_at or row.submitted_at
        oldest[opening[row.pk]] = min(oldest.get(opening[row.pk], at), at)

    def place(row: Contribution) -> tuple:
        theme = row.theme.rank if row.theme else 0
        first = oldest[opening[row.pk]]
        return (theme, NATURES.index(row.nature), first, opening[row.pk], row.published_at, row.pk)

    return sorted(rows, key=place)


@transaction.atomic
def tell(seance: Seance, said: Collection[Said], read_at: datetime | None) -> int:
    """What became of them, all or nothing; how many. `read_at`: the last answer on the page that was read.

    Raises StaleState where a colleague answered one of these since, NotYet where a number is none of the sheet's.
    """
    _held_open(seance)
    rows = {row.number: row for row in Lecture.objects.filter(seance=seance).shown()}
    asked = {number for one in said for number in one.numbers}
    if unknown := sorted(asked - set(rows)):
        raise NotYet(f"Rien n’est enregistré : la feuille de cette séance n’a pas de numéro {_listed(unknown)}.")
    if any(one.outcome == Outcome.LATER for one in said) and next_seance(seance) is None:
        raise NotYet("Rien n’est enregistré : aucune séance ne suit, rien ne peut être gardé pour la suivante.")
    since = sorted(n for n in asked if _answered_since(rows[n], read_at))
    if since:
        raise StaleState(
            f"Rien n’est enregistré : quelqu’un d’autre a répondu entre-temps pour {_numbers(since)}. "
            "Relisez ces lignes, puis enregistrez."
        )
    now = timezone.now()
    for one in said:
        for count in one.numbers:
            rows[count].outcome, rows[count].words, rows[count].answered_at = one.outcome, one.words, now
    Lecture.objects.bulk_update([rows[count] for count in asked], ["outcome", "words", "answered_at"])
    return len(asked)


def _held_open(seance: Seance) -> None:
    Seance.objects.select_for_update(no_key=True).get(pk=seance.pk)
    if CompteRendu.objects.adopted().filter(seance=seance).exists():
        raise StaleState(ADOPTED)


def _answered_since(row: Lecture, read_at: datetime | None) -> bool:
    return row.answered_at is not None and (read_at is None or row.answered_at > read_at)


def _numbers(found: Sequence[int]) -> str:
    return f"{'le n°' if len(found) == 1 else 'les n°'} {_listed(found)}"


def _listed(found: Sequence[int]) -> str:
    shown = [str(count) for count in found[:10]]
    if found[10:]:
        return ", ".join([*shown, "…"])
    return " et ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
