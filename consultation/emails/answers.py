"""What is sent to who supports a contribution, and to who asked a question."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone

from consultation.links import CONFIRM_AGE, soutien_path
from consultation.models import Contribution, ServiceAnswer
from socle.comptes.models import Personne
from socle.courriels.actions import enqueue
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail


def soutien_link(contribution: Contribution, personne: Personne, attempt: str) -> Envoi:
    """Anyone can type any address: of the contribution this mail holds its reference alone, no word of anybody."""
    context = {
        "reference": contribution.reference,
        "url": settings.SITE_URL + soutien_path(contribution, personne),
        "days": CONFIRM_AGE.days,
    }
    key = f"soutien:{contribution.pk}:{personne.pk}"
    return _send(
        "courriels/soutien_link",
        context,
        to=personne.email,
        dedupe_key=f"{key}:{attempt}",
        subject_key=key,
        not_after=timezone.now() + CONFIRM_AGE,
    )


def answered(answer: ServiceAnswer) -> Envoi | None:
    """Told to the author whose address is proved, to nobody else."""
    contribution = answer.contribution
    personne = contribution.personne
    if personne is None or not personne.is_confirmed:
        return None
    context = {
        "answer": answer,
        "contribution": contribution,
        "url": settings.SITE_URL + contribution.get_absolute_url(),
    }
    key = f"reponse:{contribution.pk}"
    return _send("courriels/question_answered", context, to=personne.email, dedupe_key=key, subject_key=key)


def _send(template: str, context: dict[str, Any], **where: Any) -> Envoi:
    subject, text, html = render_mail(template, context)
    return enqueue(subject=subject, text=text, html=html, **where)
