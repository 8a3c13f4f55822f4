"""Somebody does not want to be recognised any more, and pictures of their rencontre are shown."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from consultation.emails.rencontres import subject_key
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
