"""Productions put side by side: composed, published in one act, withdrawn with the reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ateliers.models import Production
from ateliers.refusals import Refusal
from consultation.choices import ContributionState
from consultation.models import Contribution
from forums.actions.entries import enter_croisement
from forums.models import CROSSED_MAX, Croisement, Forum
from socle.comptes.models import User
from socle.pagecache.actions import bump

APPEARED = "Rien n’a été changé : ce croisement a paru. Retirez-le avec la raison, puis composez-en un autre."
OTHERS = "Rien n’a été changé : quelqu’un d’autre vient de le modifier. Relisez-le ci-dessous, puis recommencez."
ALONE = "Rien n’a paru : un croisement réunit des productions de deux groupes au moins. Ajoutez-en d’un autre groupe."
MANY = f"Rien n’a été ajouté : un croisement parle de {CROSSED_MAX} productions au plus."
UNANNOUNCED = "Rien n’a paru : le forum n’est pas encore annoncé, et ses pages ne sont lues de personne."
UNPUBLISHED = "Rien n’a paru : une de ses productions n’est plus publiée. Ôtez-la d’abord."
GONE = "Rien n’a été changé : ce croisement est déjà retiré, ou n’a jamais paru."


def crossable(forum: Forum) -> QuerySet[Production]:
    """Those that anyone can read, of the groups of its démarche."""
    return Production.objects.published().filter(contribution__demarche=forum.rencontre.demarche_id)


@transaction.atomic
def compose(forum: Forum, *, kind: str, sentence: str, by: User) -> Croisement:
    """A draft, that the team alone reads; its productions are added one search after the other."""
    return Croisement.objects.create(forum=forum, kind=kind, sentence=sentence, by=by)


@transaction.atomic
def reword(croisement: Croisement, *, seal: str, kind: str, sentence: str) -> None:
    held = _draft(croisement, seal)
    held.kind, held.sentence = kind, sentence
    held.save(update_fields=["kind", "sentence"])


@transaction.atomic
def add(croisement: Croisement, productions: Collection[int]) -> int:
    """How many were not in it yet. What is not public, or of another démarche, is left out."""
    held = _draft(croisement)
    wanted = crossable(held.forum).filter(pk__in=productions).exclude(pk__in=held.productions.values("pk"))
    found = list(wanted.values_list("pk", flat=True))
    if held.productions.count() + len(found) > CROSSED_MAX:
        raise Refusal(MANY)
    held.productions.add(*found)
    return len(found)


@transaction.atomic
def remove(croisement: Croisement, productions: Iterable[int]) -> None:
    _draft(croisement).productions.remove(*productions)


@transaction.atomic
def discard(croisement: Croisement) -> None:
    """A draft that will not appear; what has appeared stays."""
    _draft(croisement).delete()


@transaction.atomic
def publish(croisement: Croisement, *, seal: str, by: User) -> None:
    """In one act, with its entry of the register. Raises Refusal where it is not what was read, or is of one group."""
    held = _draft(croisement, seal)
    if not Forum.objects.published().filter(pk=held.forum_id).exists():
        raise Refusal(UNANNOUNCED)
    rows = list(held.productions.select_related("contribution__demarche", "seance").order_by("pk"))
    if len({row.seance.atelier_id for row in rows}) < 2:
        raise Refusal(ALONE)
    # Nobody takes one of them down between this look and the end.
    keys = [row.pk for row in rows]
    states = Contribution.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
    if any(state != ContributionState.PUBLISHED for state in states.values_list("state", flat=True)):
        raise Refusal(UNPUBLISHED)
    held.published_at = timezone.now()
    held.save(update_fields=["published_at"])
    enter_croisement(held, [row.contribution.reference for row in rows], by)
    bump()


@transaction.atomic
def withdraw(croisement: Croisement, *, reason: str, by: User) -> None:
    """It keeps its page, with the reason; the productions themselves are as they were."""
    held = _locked(croisement)
    if not held.is_published:
        raise Refusal(GONE)
    held.withdrawn_at, held.withdrawn_reason = timezone.now(), reason
    held.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    rows = held.productions.select_related("contribution__demarche").order_by("pk")
    enter_croisement(held, [row.contribution.reference for row in rows], by)
    bump()


def _locked(croisement: Croisement) -> Croisement:
    rows = Croisement.objects.select_for_update(of=("self",)).select_related("forum__rencontre__demarche")
    if (held := rows.filter(pk=croisement.pk).first()) is None:
        raise Refusal("Rien n’a été changé : ce croisement n’existe plus.")
    return held


def _draft(croisement: Croisement, seal: str | None = None) -> Croisement:
    held = _locked(croisement)
    if held.published_at is not None:
        raise Refusal(APPEARED)
    if seal is not None and seal != held.seal:
        raise Refusal(OTHERS)
    return held
