"""What is sent to an address copied from a paper."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from consultation.emails.contributions import subject_key
from consultation.links import CONFIRM_AGE, confirmation_path
from consultation.models import Contribution
from socle.comptes.models import Personne
from socle.courriels.actions import enqueue
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail
from socle.dates import day_label


def received(contribution: Contribution, personne: Personne, attempt: str) -> Envoi:
    """An address may have been misread: nothing of what was written is in this mail, nor the numéro de suivi."""
    context = {
        "how": contribution.get_origine_display(),
        "received": day_label(timezone.localdate(contribution.submitted_at)),
        "url": settings.SITE_URL + confirmation_path(contribution, personne),
        "days": CONFIRM_AGE.days,
    }
    subject, text, html = render_mail("courriels/paper_received", context)
    return enqueue(
        to=personne.email,
        subject=subject,
        text=text,
        html=html,
        dedupe_key=f"{subject_key(contribution)}:confirmation:{attempt}",
        subject_key=subject_key(contribution),
        not_after=timezone.now() + CONFIRM_AGE,
    )
