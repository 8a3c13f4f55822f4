"""The one reminder sent for a contribution that is not confirmed."""

from django.conf import settings

from consultation.emails.contributions import subject_key
from consultation.links import CONFIRM_AGE, confirmation_path
from consultation.models import Contribution
from socle.comptes.models import Personne
from socle.courriels.actions import enqueue
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail
from socle.dates import Precision, moment_label


def confirmation_reminder(contribution: Contribution, personne: Personne) -> Envoi:
    """Like the first mail, it holds nothing of what was written: the address may be a stranger's."""
    context = {
        "received": moment_label(contribution.submitted_at, None, Precision.HOUR),
        "url": settings.SITE_URL + confirmation_path(contribution, personne),
        "days": CONFIRM_AGE.days,
    }
    subject, text, html = render_mail("courriels/contribution_reminder", context)
    return enqueue(
        to=personne.email,
        subject=subject,
        text=text,
        html=html,
        dedupe_key=f"{subject_key(contribution)}:confirmation:rappel",
        subject_key=subject_key(contribution),
        not_after=contribution.submitted_at + CONFIRM_AGE,
    )
