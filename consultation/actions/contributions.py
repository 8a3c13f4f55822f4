"""The life of a contribution: received, confirmed by its author, decided by a moderator."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from consultation import numero
from consultation.actions.entries import enter_decision
from consultation.choices import ContributionState, DecisionCause, Moderation, Origine, WithdrawnBy
from consultation.emails import contributions as emails
from consultation.limits import mail_allowed
from consultation.models import Contribution, Decision, Demarche, Enjeu, RefusalReason, Rencontre, Transcription
from consultation.models.contribution import ContributionQuerySet
from consultation.spotting import spots_of
from consultation.states import allowed_from
from socle.comptes.actions import confirm, personne_for
from socle.comptes.models import Personne, User
from socle.courriels.actions import cancel
from socle.pagecache.actions import bump


class StaleState(Exception):  # noqa: N818 (the state is stale; nothing went wrong)
    """Somebody decided first, or what is asked no longer makes sense; the sentence is for whoever asked."""


UNREAD = "Rien n’a été changé : cette saisie attend sa seconde lecture, par quelqu’un d’autre que qui l’a saisie."
REWORDED = "Rien n’a été changé : ses mots ont changé entre-temps. Relisez-les, puis décidez."


class Mail(StrEnum):
    """What became of a confirmation mail that was asked for."""

    WRITTEN = "written"
    LIMITED = "limited"  # three in an hour to this address already
    USELESS = "useless"  # the address is proved


class Confirmed(StrEnum):
    NOW = "now"
    BEFORE = "before"
    REPLACED = "replaced"  # another address was given since


def submit(
    *,
    demarche: Demarche,
    submission_key: UUID,
    email: str = "",
    signed_in: Personne | None = None,
    enjeux: Iterable[Enjeu] = (),
    beside: Callable[[Contribution], Any] | None = None,
    **said: Any,
) -> Contribution:
    """Keep what was sent, once for each submission_key: sent again, at once or later, it gives the first row.

    `beside` writes what hangs on it (a row of a floor above), in the same transaction.
    `signed_in` is the personne of an account whose address is proved; no mail asks them to prove it again.
    To be called outside of any transaction: the mails to one address stay counted.
    """
    if known := Contribution.objects.filter(submission_key=submission_key).first():
        return known
    proved = signed_in is not None and signed_in.is_confirmed and signed_in.email.lower() == email.strip().lower()
    with_mail = bool(email) and not proved and mail_allowed(email)
    try:
        with transaction.atomic():
            contribution = _write(demarche, submission_key, email, said)
            contribution.enjeux.set(enjeux)
            if beside:
                beside(contribution)
            if with_mail and contribution.personne:
                emails.confirmation(contribution, contribution.personne, uuid4().hex)
            if proved:
                _accept(contribution)
    except IntegrityError:
        # The same form, sent twice at the same moment: the other one was first.
        if known := Contribution.objects.filter(submission_key=submission_key).first():
            return known
        raise
    return contribution


def _write(demarche: Demarche, submission_key: UUID, email: str, said: dict[str, Any]) -> Contribution:
    return Contribution.objects.create(
        demarche=demarche,
        submission_key=submission_key,
        tracking_hash=numero.tracking_hash(numero.numero_of(submission_key)),
        personne=personne_for(email) if email else None,
        state=ContributionState.TO_CONFIRM if email else ContributionState.WAITING,
        place_label=place_label(said.get("rencontre")),
        **said,
    )


def place_label(rencontre: Rencontre | None) -> str:
    """Where something was said, in words that stay when the rencontre is moved."""
    if rencontre is None:
        return ""
    place = rencontre.lieu.town if rencontre.lieu else ""
    return ", ".join(filter(None, [rencontre.title, place, rencontre.when_label]))[:200]


@transaction.atomic
def confirm_contribution(contribution: Contribution, personne: Personne) -> Confirmed:
    """The reader of this personne's mail says that the contribution is theirs; again is harmless.

    Given afterwards, an address joins its contribution here only: until then anyone could have typed it.
    """
    contribution = (
        Contribution.objects.select_for_update(of=("self",)).select_related("demarche").get(pk=contribution.pk)
    )
    if contribution.personne_id not in (None, personne.pk):
        return Confirmed.REPLACED
    before = is_proved(contribution, personne)
    if contribution.personne_id is None:
        Contribution.objects.filter(pk=contribution.pk).update(personne=personne)
    confirm(personne)
    if contribution.state == ContributionState.TO_CONFIRM:
        _accept(contribution)
    return Confirmed.BEFORE if before else Confirmed.NOW


def is_proved(contribution: Contribution, personne: Personne) -> bool:
    """Whether this personne has nothing left to confirm: what moderators took in meanwhile is still theirs to claim."""
    settled = personne.is_confirmed or contribution.state == ContributionState.WITHDRAWN
    return contribution.personne_id == personne.pk and settled and contribution.state != ContributionState.TO_CONFIRM


def _accept(contribution: Contribution) -> Decision:
    """The address is proved: to the moderators, or straight to the public where they come after.

    What holds somebody's telephone, address or account is read before, whatever the rule of the démarche.
    """
    after = contribution.demarche.moderation == Moderation.AFTER and not spots_of(contribution)
    to_state = ContributionState.PUBLISHED if after else ContributionState.WAITING
    return change_state(contribution, to_state, by=None, cause=DecisionCause.RULE)


@transaction.atomic
def change_state(
    contribution: Contribution,
    to_state: str,
    *,
    by: User | None,
    cause: str = DecisionCause.MODERATION,
    reason: RefusalReason | None = None,
    message: str = "",
    seen: str = "",
) -> Decision:
    """From the state in which `contribution` was read to another one; raises StaleState when it is not in it any more.

    `by` is who decided; None where `cause` is the author, or the rule of the démarche. `seen` is the `words_seal` of
    the page on which it was decided. Whoever decides does so on the words that were read: its author may correct them.
    """
    if seen and seen != contribution.words_seal:
        raise StaleState(REWORDED)
    from_state = contribution.state
    rows = _as_read(contribution, by)
    if to_state == ContributionState.PUBLISHED:
        _refuse_unread(contribution)
        rows = rows.exclude(withdrawn_by=WithdrawnBy.AUTHOR)
    if from_state not in allowed_from(to_state, cause) or not rows.update(**_changes(to_state, cause)):
        raise stale(contribution)
    contribution.refresh_from_db(fields=["state", "published_at", "personne", "withdrawn_by"])
    decision = Decision.objects.create(
        contribution=contribution,
        cause=cause,
        from_state=from_state,
        to_state=to_state,
        by=by,
        reason=reason,
        message=message,
    )
    if to_state != ContributionState.WAITING:
        emails.decided(decision)
    enter_decision(decision)
    if ContributionState.PUBLISHED in (from_state, to_state):
        bump()
    return decision


def _refuse_unread(contribution: Contribution) -> None:
    """What was typed from a paper appears once another has read it (trigger `contribution_second_reading`)."""
    if Transcription.objects.holding_back().filter(contribution=contribution).exists():
        raise StaleState(UNREAD)


def _as_read(contribution: Contribution, by: User | None) -> ContributionQuerySet:
    """Its row while it is what was read: the state, and the words where somebody decides on them."""
    rows = Contribution.objects.filter(pk=contribution.pk, state=contribution.state)
    return rows if by is None else rows.filter(title=contribution.title, body=contribution.body)


def _changes(to_state: str, cause: str) -> dict[str, Any]:
    """What a change of state writes on the row."""
    changes: dict[str, Any] = {"state": to_state, "withdrawn_by": ""}
    if to_state == ContributionState.PUBLISHED:
        changes["published_at"] = Coalesce("published_at", Value(timezone.now()))
    if to_state == ContributionState.WITHDRAWN:
        changes["withdrawn_by"] = WithdrawnBy.AUTHOR if cause == DecisionCause.AUTHOR else WithdrawnBy.MODERATION
    return changes


def stale(contribution: Contribution) -> StaleState:
    """Why nothing could be done on what was read."""
    now = Contribution.objects.only("state", "title", "body").get(pk=contribution.pk)
    if now.state == contribution.state and now.words_seal != contribution.words_seal:
        return StaleState(REWORDED)
    return StaleState(
        "Rien n’a été changé : quelqu’un d’autre a décidé entre-temps, cette contribution est maintenant "
        f"« {now.get_state_display()} »."
    )


def ask_confirmation(contribution: Contribution, personne: Personne) -> Mail:
    """Write to this personne, once more where need be; outside of any transaction."""
    if is_proved(contribution, personne) or contribution.personne_id not in (None, personne.pk):
        return Mail.USELESS
    if not mail_allowed(personne.email):
        return Mail.LIMITED
    emails.confirmation(contribution, personne, uuid4().hex)
    return Mail.WRITTEN


def resend_confirmation(contribution: Contribution) -> Mail:
    """Once more the mail to the address given."""
    return ask_confirmation(contribution, contribution.personne) if contribution.personne else Mail.USELESS


def correct_address(contribution: Contribution, email: str) -> Mail:
    """Another address for a contribution that waits for its first one, or an address for one that has none.

    The link sent to the first one no longer confirms. Outside of any transaction.
    """
    if contribution.personne is None:
        return ask_confirmation(contribution, personne_for(email))
    with transaction.atomic():
        personne = personne_for(email)
        rows = Contribution.objects.filter(pk=contribution.pk, state=ContributionState.TO_CONFIRM)
        if not rows.update(personne=personne):
            return Mail.USELESS
        if personne.pk != contribution.personne_id:
            cancel(emails.subject_key(contribution), "Une autre adresse a été indiquée.")
    contribution.personne = personne
    return ask_confirmation(contribution, personne)


def join(personne: Personne, hashes: list[bytes]) -> bool:
    """What came on paper, or without an address: whoever has its number wrote it. What is somebody's stays theirs."""
    rows = Contribution.objects.filter(tracking_hash__in=hashes, personne__isnull=True)
    return bool(rows.exclude(origine=Origine.SEANCE).update(personne=personne))
