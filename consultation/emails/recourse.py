"""What is sent about a réexamen to the author, about a signalement to whoever made it."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from consultation.choices import ReexamenOutcome
from consultation.links import signalement_path, suivi_path
from consultation.models import Reexamen, Signalement
from socle.courriels.actions import enqueue
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail
from socle.dates import Precision, moment_label


def reexamen_decided(reexamen: Reexamen) -> Envoi | None:
    """Told to the author whose address is proved, as the decision was."""
    contribution = reexamen.contribution
    personne = contribution.personne
    if personne is None or not personne.is_confirmed:
        return None
    context = {
        "reexamen": reexamen,
        "contribution": contribution,
        "overturned": reexamen.outcome == ReexamenOutcome.OVERTURNED,
        "asked": moment_label(reexamen.asked_at, None, Precision.DAY),
        "url": settings.SITE_URL + contribution.get_absolute_url(),
        "suivi_url": settings.SITE_URL + suivi_path(contribution),
    }
    return _send("courriels/reexamen_decided", context, personne.email, f"reexamen:{reexamen.pk}")


def signalement_received(signalement: Signalement) -> Envoi | None:
    """Anyone can type any address: nothing of what was written is in this mail."""
    return _about(signalement, "courriels/signalement_received", "recu")


def signalement_answered(signalement: Signalement) -> Envoi | None:
    """The answer itself goes to a proved address; another one is only told that it can be read."""
    return _about(signalement, "courriels/signalement_answered", "reponse")


def _about(signalement: Signalement, template: str, step: str) -> Envoi | None:
    personne = signalement.personne
    if personne is None:
        return None
    context = {
        "signalement": signalement,
        "reference": signalement.contribution.reference,
        "received": moment_label(signalement.received_at, None, Precision.HOUR),
        "proved": personne.is_confirmed,
        "url": settings.SITE_URL + signalement_path(signalement),
    }
    return _send(template, context, personne.email, f"signalement:{signalement.pk}:{step}")


def _send(template: str, context: dict[str, Any], to: str, key: str) -> Envoi:
    subject, text, html = render_mail(template, context)
    return enqueue(to=to, subject=subject, text=text, html=html, dedupe_key=key, subject_key=key)
