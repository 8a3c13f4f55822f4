"""Somebody leaves (settings.ERASERS): what of the ateliers is more than emptying columns (ateliers/held.py)."""

from __future__ import annotations

from typing import Protocol

from ateliers import lots
from ateliers.actions.composition import leave as leave_group
from ateliers.actions.comptes_rendus import KIND
from ateliers.models import Candidature, Lecture, Membre, Production, Tirage
from consultation.models import Citation
from socle.comptes.models import Personne
from socle.publications.actions import renew


class Leaver(Protocol):
    personne: Personne
    with_texts: bool


def leave(leaving: Leaver) -> None:
    """In the transaction of the departure, before the trunk's: the group's row is locked before the rencontres'."""
    membres = Membre.objects.present().filter(personne=leaving.personne).select_related("atelier", "personne")
    for membre in membres.order_by("atelier"):
        leave_group(membre)
    _give_up_draws(leaving.personne)
    _renew_files(leaving.personne)


def _give_up_draws(personne: Personne) -> None:
    """A number that no announced draw holds goes with its row; the others are public, and stay nobody's."""
    for one in Candidature.objects.filter(personne=personne).order_by("pk"):
        pools = Tirage.objects.filter(atelier=one.atelier_id).values_list("pool", flat=True)
        if not any(one.number in lots.numbers_of(pool) for pool in pools):
            one.delete()


def _renew_files(personne: Personne) -> None:
    """The minutes that say or quote what they wrote are made again, from what stays of it."""
    quoted = Citation.objects.filter(cited__personne=personne).values("citing")
    seances = {
        *Lecture.objects.filter(contribution__personne=personne).values_list("seance", flat=True),
        *Production.objects.filter(pk__in=quoted).values_list("seance", flat=True),
    }
    for seance in sorted(seances):
        renew(KIND, str(seance))
