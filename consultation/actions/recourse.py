"""After a decision: its author corrects, withdraws or contests; a reader points at what is published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from consultation import numero
from consultation.actions.contributions import StaleState, change_state, stale
from consultation.actions.entries import enter_reexamen, enter_signalement
from consultation.actions.words import replace_words
from consultation.choices import (
    ContributionState,
    DecisionCause,
    ReexamenOutcome,
    SignalementOutcome,
    VersionCause,
)
from consultation.emails import recourse as emails
from consultation.emails.contributions import subject_key
from consultation.limits import mail_allowed
from consultation.models import Contribution, Decision, Reexamen, Signalement, Version
from consultation.permissions import can_reexamine
from consultation.states import allowed_from
from socle.comptes.actions import personne_for
from socle.comptes.models import Personne, User
from socle.courriels.actions import cancel

CORRECTABLE = (ContributionState.TO_CONFIRM, ContributionState.WAITING)
TOO_LATE = "Rien n’a été enregistré : cette décision ne peut plus être contestée."
DECIDED = "Rien n’a été changé : quelqu’un d’autre y a répondu entre-temps."
GONE = "Cette contribution n’est plus en ligne : il n’y a plus rien à signaler."
MASK_FIRST = "Aucun passage n’est masqué : masquez-le d’abord, puis répondez."
STILL_HIDDEN = "Cette contribution n’est plus en ligne : répondez qu’elle a été retirée."


def can_correct(contribution: Contribution) -> bool:
    """Until it is published, its author may put other words in the place of the first ones."""
    return contribution.state in CORRECTABLE


def can_withdraw(contribution: Contribution) -> bool:
    return contribution.state in allowed_from(ContributionState.WITHDRAWN, DecisionCause.AUTHOR)


@transaction.atomic
def correct(contribution: Contribution, *, title: str, body: str) -> Version | None:
    """Other words, by their author; None where they are the same. Raises StaleState once it is decided."""
    contribution = Contribution.objects.select_for_update().get(pk=contribution.pk)
    if not can_correct(contribution):
        raise stale(contribution)
    if (title, body) == (contribution.title, contribution.body):
        return None
    return replace_words(contribution, title=title, body=body, cause=VersionCause.CORRECTION)


@transaction.atomic
def withdraw(contribution: Contribution) -> Decision:
    """Its author takes it back: never shown, or no longer. What was asked of them meanwhile is called back."""
    cancel(subject_key(contribution), "Retirée par son auteur.")
    return change_state(contribution, ContributionState.WITHDRAWN, by=None, cause=DecisionCause.AUTHOR)


@transaction.atomic
def ask_reexamen(contribution: Contribution, words: str) -> Reexamen:
    """Once for a contribution: asked again, it is the first one. Raises StaleState where nothing can be contested."""
    contribution = Contribution.objects.select_for_update().get(pk=contribution.pk)
    if known := Reexamen.objects.filter(contribution=contribution).first():
        return known
    decision = Reexamen.contestable(contribution)
    if decision is None:
        raise StaleState(TOO_LATE)
    return Reexamen.objects.create(contribution=contribution, decision=decision, words=words)


@transaction.atomic
def decide_reexamen(reexamen: Reexamen, *, by: User, outcome: str, answer: str, seen: str = "") -> None:
    """Upheld, or overturned: then it appears, by a decision of its own."""
    if not can_reexamine(by, reexamen):
        raise PermissionDenied
    contribution = Contribution.objects.select_related("demarche", "personne").get(pk=reexamen.contribution_id)
    rows = Reexamen.objects.filter(pk=reexamen.pk, decided_at__isnull=True)
    if not rows.update(decided_at=timezone.now(), decided_by=by, outcome=outcome, answer=answer):
        raise StaleState(DECIDED)
    reexamen.refresh_from_db()
    enter_reexamen(reexamen)
    emails.reexamen_decided(reexamen)
    if outcome == ReexamenOutcome.OVERTURNED and not contribution.is_published:
        change_state(contribution, ContributionState.PUBLISHED, by=by, cause=DecisionCause.REEXAMEN, seen=seen)


def report(contribution: Contribution, *, submission_key: UUID, email: str = "", **said: Any) -> Signalement:
    """Keep what a reader points at, once for each submission_key; raises StaleState where it is no longer online.

    `said` is its reason and its words. Outside of any transaction: the mails to one address stay counted.
    """
    if known := Signalement.objects.filter(submission_key=submission_key).first():
        return known
    with_mail = bool(email) and mail_allowed(email)
    try:
        with transaction.atomic():
            signalement = _write(contribution, submission_key, email, said)
            if with_mail:
                emails.signalement_received(signalement)
    except IntegrityError:
        # The same form, sent twice at the same moment: the other one was first.
        if known := Signalement.objects.filter(submission_key=submission_key).first():
            return known
        raise
    return signalement


def _write(contribution: Contribution, submission_key: UUID, email: str, said: dict[str, Any]) -> Signalement:
    """Of what is online at this instant: whoever takes it down answers it too, or it finds nothing to point at."""
    if not Contribution.objects.published().select_for_update().filter(pk=contribution.pk).exists():
        raise StaleState(GONE)
    return Signalement.objects.create(
        contribution=contribution,
        submission_key=submission_key,
        tracking_hash=numero.tracking_hash(numero.numero_of(submission_key)),
        personne=personne_for(email) if email else None,
        **said,
    )


@transaction.atomic
def decide_signalements(
    contribution: Contribution, pks: Sequence[int], *, by: User, outcome: str, answer: str = "", **decision: Any
) -> int:
    """One outcome for what several readers pointed at in one contribution; how many.

    Taken down, it is a decision like another: `decision` is what `change_state` asks besides (reason, message, seen).
    Raises StaleState when one of them was answered meanwhile: two members of staff give one outcome.
    """
    held = Contribution.objects.select_for_update(of=("self",)).select_related("demarche", "personne")
    contribution = held.get(pk=contribution.pk)
    _refuse_what_is_not_so(contribution, outcome)
    for row in _answered(contribution, pks, by, outcome, answer):
        enter_signalement(row)
        emails.signalement_answered(row)
    if outcome == SignalementOutcome.TAKEN_DOWN and contribution.is_published:
        cause = DecisionCause.SIGNALEMENT
        change_state(contribution, ContributionState.WITHDRAWN, by=by, cause=cause, **decision)
    return len(pks)


def _refuse_what_is_not_so(contribution: Contribution, outcome: str) -> None:
    if not contribution.is_published and outcome != SignalementOutcome.TAKEN_DOWN:
        raise StaleState(STILL_HIDDEN)
    if outcome == SignalementOutcome.MASKED and contribution.masked_at is None:
        raise StaleState(MASK_FIRST)


def _answered(contribution: Contribution, pks: Sequence[int], by: User, outcome: str, answer: str) -> list[Signalement]:
    """The rows, answered all together or not at all."""
    waiting = Signalement.objects.filter(contribution=contribution, pk__in=pks, decided_at__isnull=True)
    if waiting.update(decided_at=timezone.now(), decided_by=by, outcome=outcome, answer=answer) != len(set(pks)):
        raise StaleState(DECIDED)
    rows = list(Signalement.objects.filter(pk__in=pks).select_related("personne"))
    # Held in order until the end: the mails to one address take their turns (emails.recourse).
    list(Personne.objects.select_for_update().filter(pk__in={row.personne_id for row in rows}).order_by("pk"))
    for row in rows:
        row.contribution = contribution
    return rows
