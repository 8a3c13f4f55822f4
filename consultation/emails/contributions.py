"""What is sent to the author of a contribution."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from consultation.choices import ContributionState
from consultation.links import CONFIRM_AGE, confirmation_path
from consultation.models import Contribution, Decision
from socle.comptes.models import Personne
from socle.courriels.actions import enqueue
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail
from socle.dates import Precision, moment_label


def subject_key(contribution: Contribution) -> str:
    return f"contribution:{contribution.pk}"


def written(contribution: Contribution) -> Any:
    """The confirmation mails of this contribution, whatever became of them."""
    return Envoi.objects.filter(dedupe_key__startswith=f"{subject_key(contribution)}:confirmation:")


def confirmation(contribution: Contribution, personne: Personne, attempt: str) -> Envoi:
    """Anyone can type any address: nothing of what was written is in this mail, nor the numéro de suivi."""
    context = {
        "received": moment_label(contribution.submitted_at, None, Precision.HOUR),
        "url": settings.SITE_URL + confirmation_path(contribution, personne),
        "days": CONFIRM_AGE.days,
    }
    return _send(
        "courriels/contribution_confirm",
        context,
        to=personne.email,
        dedupe_key=f"{subject_key(contribution)}:confirmation:{attempt}",
        subject_key=subject_key(contribution),
        not_after=timezone.now() + CONFIRM_AGE,
    )


def decided(decision: Decision) -> Envoi | None:
    """Told to the author whose address is proved, to nobody else."""
    contribution = decision.contribution
    personne = contribution.personne
    if personne is None or not personne.is_confirmed:
        return None
    context = {
        "decision": decision,
        "contribution": contribution,
        "received": moment_label(contribution.submitted_at, None, Precision.HOUR),
    }
    if decision.to_state == ContributionState.PUBLISHED:
        name = "courriels/contribution_published"
        context["url"] = settings.SITE_URL + contribution.get_absolute_url()
    else:
        name = "courriels/contribution_set_aside"
        context["frame_url"] = settings.SITE_URL + reverse("cadre", args=[contribution.demarche.slug])
        context["write_url"] = settings.SITE_URL + reverse("contribution_new")
    return _send(
        name, context, to=personne.email, dedupe_key=f"decision:{decision.pk}", subject_key=f"decision:{decision.pk}"
    )


def _send(template: str, context: dict[str, Any], **where: Any) -> Envoi:
    subject, text, html = render_mail(template, context)
    return enqueue(subject=subject, text=text, html=html, **where)
