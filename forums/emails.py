"""What is sent to the members of the groups about their droit de regard."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from ateliers.models import Membre
from forums.links import regard_path
from forums.models import DroitDeRegard, Objection
from socle.courriels.actions import enqueue_many, envoi
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail
from socle.dates import day_label


def opened_key(droit: DroitDeRegard) -> str:
    """The subject of all the mails; the start of the key of each, that the first group it tells of ends."""
    return f"regard:{droit.pk}"


def regard_opened(droit: DroitDeRegard, membres: list[Membre]) -> Envoi:
    """To one person, of those of their groups that they were not told of; the page of each leads to the others."""
    context = {
        "ateliers": [membre.atelier for membre in membres],
        "several": len(membres) > 1,
        "longer": droit.is_longer,
        "texte": droit.version.texte.title,
        "forum": droit.forum.rencontre.title,
        "last_day": day_label(droit.last_day),
        "url": settings.SITE_URL + regard_path(droit, membres[0]),
    }
    key = f"{opened_key(droit)}:{membres[0].pk}:{droit.last_day:%Y%m%d}"
    where = {"dedupe_key": key, "subject_key": opened_key(droit), "not_after": droit.closes_at}
    return _mail("courriels/regard_opened", context, to=membres[0].personne.email, **where)


def answer_reaches(objection: Objection) -> bool:
    """Whoever objected is known still."""
    personne = objection.contribution.personne
    return personne is not None and personne.is_confirmed


def objection_answered(objection: Objection) -> None:
    """To whoever objected, while they are known."""
    contribution = objection.contribution
    if contribution.personne is None or not answer_reaches(objection):
        return
    context = {
        "reference": contribution.reference,
        "objection": objection,
        "corrected": objection.corrected_at is not None,
        "url": settings.SITE_URL + reverse("regard", args=[objection.droit_id]),
    }
    key = f"objection:{objection.pk}:{objection.corrected_at or objection.answered_at:%Y%m%d%H%M%S%f}"
    enqueue_many([_mail("courriels/objection_answered", context, to=contribution.personne.email, dedupe_key=key)])


def _mail(template: str, context: dict[str, Any], **where: Any) -> Envoi:
    subject, text, html = render_mail(template, context)
    return envoi(subject=subject, text=text, html=html, **where)
