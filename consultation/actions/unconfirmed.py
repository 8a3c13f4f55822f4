"""What becomes of a contribution that nobody confirms: one reminder, then moderators may take it in."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from consultation.actions.contributions import StaleState, change_state
from consultation.choices import ContributionState
from consultation.emails import unconfirmed as emails
from consultation.limits import mail_allowed
from consultation.links import CONFIRM_AGE
from consultation.models import Contribution, Decision
from socle.comptes.models import User

REMINDER_LEAD = timedelta(hours=48)
REMINDER_BATCH = 500


def remind_unconfirmed(after: int = 0) -> int:
    """Write the reminders that are due, a batch of rows behind `after`; the last row read, 0 when there is no more.

    Safe to ring twice, or at once. An address that has had its mails of the hour has its turn later. Outside of any
    transaction.
    """
    due = Contribution.objects.confirmation_reminder_due(REMINDER_LEAD, CONFIRM_AGE).filter(pk__gt=after)
    batch = list(due[:REMINDER_BATCH])
    for contribution in batch:
        if contribution.personne and mail_allowed(contribution.personne.email):
            _remind(contribution)
    return batch[-1].pk if len(batch) == REMINDER_BATCH else 0


@transaction.atomic
def _remind(contribution: Contribution) -> None:
    """Under the row's lock: confirmed, or given another address, at this very moment, it is left alone."""
    held = Contribution.objects.select_for_update(of=("self",)).unconfirmed()
    still = held.filter(pk=contribution.pk, personne=contribution.personne).first()
    if still and contribution.personne:
        emails.confirmation_reminder(still, contribution.personne)


@transaction.atomic
def take_in(contribution: Contribution, by: User) -> Decision:
    """To the moderators' queue, as what comes without an address; raises StaleState while its link is still good.

    The address leaves it: even of somebody known, nothing proves that they wrote this. They may still claim it by the
    link of their mail, as an address given afterwards; until then nothing of it is told to them.
    """
    if not Contribution.objects.unconfirmed().sent_before(CONFIRM_AGE).filter(pk=contribution.pk).exists():
        raise StaleState(
            "Rien n’a été changé : cette contribution vient d’être confirmée, ou son auteur peut encore le faire."
        )
    decision = change_state(contribution, ContributionState.WAITING, by=by)
    Contribution.objects.filter(pk=contribution.pk).update(personne=None)
    return decision
