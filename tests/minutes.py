"""A séance that was held, who was there, its minutes at each of their ages: what the tests of comptes rendus share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from ateliers.actions import comptes_rendus as actions
from ateliers.actions.lectures import Said, number, tell
from ateliers.models import Atelier, CompteRendu, CompteRenduState, Outcome, Seance
from consultation.models import Contribution, Inscription
from socle.comptes.models import User
from socle.publications.actions import build_next
from tests.factories import local, make_animation, make_atelier, make_inscription, make_seance, make_user

WORDS = actions.Words("Nous étions nombreux.", "On se revoit.", (("Les bus", "Ils manquent le soir."), ("Le vélo", "")))


def held(days: int = -2, **fields: Any) -> Seance:
    """A séance of two days ago, at 18 h."""
    atelier = fields.pop("atelier", None) or make_atelier()
    return make_seance(atelier, starts_at=local(days, 18), precision="heure", **fields)


def came(seance: Seance, **fields: Any) -> Inscription:
    return make_inscription(rencontre=seance.rencontre, attended_at=seance.rencontre.starts_at, **fields)


def animator(seance: Seance) -> User:
    """Whoever runs this atelier, and nothing else."""
    user = make_user(is_staff=True)
    make_animation(atelier=seance.atelier, user=user)
    return user


def seal_of(seance: Seance) -> str:
    found = CompteRendu.objects.filter(seance=seance).first()
    return (found or CompteRendu(seance=seance)).seal


def written(seance: Seance, words: actions.Words = WORDS) -> CompteRendu:
    return actions.write(seance, words, seal_of(seance))


def opened(seance: Seance, words: actions.Words = WORDS) -> CompteRendu:
    written(seance, words)
    actions.open_to_present(seance, timezone.localdate(), seal_of(seance))
    return CompteRendu.objects.get(seance=seance)


def relecture_over(seance: Seance) -> CompteRendu:
    """As if the last day had been yesterday."""
    rows = CompteRendu.objects.filter(seance=seance, state=CompteRenduState.OPENED)
    rows.update(remarks_until=timezone.localdate() - timedelta(days=1))
    return rows.get()


def adopted(seance: Seance, words: actions.Words = WORDS, by: User | None = None) -> CompteRendu:
    opened(seance, words)
    relecture_over(seance)
    return actions.adopt(seance, by or animator(seance), seal_of(seance))


def read_and_adopted(atelier: Atelier, **fields: Any) -> CompteRendu:
    """Held this morning: what was said from afar on its thèmes was read, answered, and the minutes are public."""
    seance = make_seance(atelier, starts_at=local(), precision="heure", **fields)
    numbered = frozenset(range(1, number(seance) + 1))
    tell(seance, [Said(numbered, Outcome.DISCUSSED, "Le groupe en a parlé.")], None)
    return adopted(seance)


def files_made() -> None:
    while build_next():
        pass


def taken_down(contribution: Contribution) -> None:
    """By its author, as the decision says."""
    Contribution.objects.filter(pk=contribution.pk).update(state="retiree", withdrawn_by="auteur")
    contribution.decisions.create(from_state="publiee", to_state="retiree", cause="auteur")
