"""What is sent about being recognised in pictures: to whoever publishes them, and to whom a refusal is noted of."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from consultation.emails.rencontres import subject_key
from consultation.inscription_links import holder_path
from consultation.models import Inscription, InscriptionEvent
from socle.comptes.models import User
from socle.courriels.actions import enqueue
from socle.courriels.render import render_mail


def agreement_ended(inscription: Inscription, event: InscriptionEvent, user: User) -> None:
    """By the code of the door: who it is, the page of the presences says, and notes that it was read."""
    rencontre = inscription.rencontre
    url = settings.SITE_URL + reverse("admin:consultation_rencontre_images", args=[rencontre.pk])
    context = {"code": inscription.code, "rencontre": rencontre, "url": url}
    subject, text, html = render_mail("courriels/image_agreement_ended", context)
    key, about = f"inscription:images:{event.pk}:{user.pk}", subject_key(rencontre)
    enqueue(to=user.email, subject=subject, text=text, html=html, dedupe_key=key, subject_key=about)


def refusal_noted(inscription: Inscription, *, ended: bool) -> None:
    """Once for each inscription; `ended`: they had agreed before."""
    rencontre, personne = inscription.rencontre, inscription.personne
    context = {
        "rencontre": rencontre,
        "ended": ended,
        "coming": timezone.localdate(rencontre.starts_at) >= timezone.localdate(),
        "url": settings.SITE_URL + holder_path(personne.pk),
    }
    subject, text, html = render_mail("courriels/image_refusal_noted", context)
    key, about = f"inscription:images-refusees:{inscription.pk}", subject_key(rencontre)
    enqueue(to=personne.email, subject=subject, text=text, html=html, dedupe_key=key, subject_key=about)
