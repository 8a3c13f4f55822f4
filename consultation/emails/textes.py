"""What is sent to the author of contributions when a texte takes them up, or answers them."""

from __future__ import annotations

from itertools import groupby

from django.conf import settings
from django.urls import reverse

from consultation.choices import AnnonceOutcome
from consultation.letter_links import sign_author
from consultation.models import Annonce
from socle.comptes.models import Personne
from socle.courriels.actions import envoi
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail


def moved(personne: Personne, annonces: list[Annonce], key: str) -> Envoi:
    """All that is new of one person's contributions, in one mail; `annonces` come by contribution."""
    contributions = [
        {
            "title": contribution.title,
            "reference": contribution.reference,
            "url": f"{settings.SITE_URL}{contribution.get_absolute_url()}#parcours",
            "news": [_said(annonce) for annonce in group],
        }
        for contribution, group in groupby(annonces, key=lambda annonce: annonce.contribution)
    ]
    signed = sign_author(personne.pk)
    context = {
        "contributions": contributions,
        "several": len(contributions) > 1,
        "choices_url": settings.SITE_URL + reverse("parcours_choice", args=[signed]),
    }
    subject, text, html = render_mail("courriels/parcours_moved", context)
    stop = settings.SITE_URL + reverse("parcours_stop", args=[signed])
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return envoi(
        to=personne.email, subject=subject, text=text, html=html, dedupe_key=key, subject_key=key, headers=headers
    )


def _said(annonce: Annonce) -> str:
    texte = f"« {annonce.texte.title} »"
    if annonce.outcome == AnnonceOutcome.TAKEN_UP:
        return f"{texte} la reprend."
    return f"{texte} lui répond."
