"""What is sent the day after to those who came."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from consultation.emails.rencontres import subject_key
from consultation.evaluation_links import evaluation_path
from consultation.evaluations import DAYS_OPEN, closes_at
from consultation.models import Inscription
from socle.courriels.actions import envoi
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail
from socle.dates import day_label

PREFIX = "avis:"  # of the dedupe key: one mail for each inscription, ever


def asked(inscription: Inscription) -> Envoi:
    rencontre = inscription.rencontre
    closes = closes_at(rencontre)
    context = {
        "rencontre": rencontre,
        "day": day_label(timezone.localdate(rencontre.starts_at)),
        "days": DAYS_OPEN,
        "url": settings.SITE_URL + evaluation_path(inscription.pk),
    }
    subject, text, html = render_mail("courriels/evaluation_asked", context)
    return envoi(
        to=inscription.personne.email,
        subject=subject,
        text=text,
        html=html,
        dedupe_key=f"{PREFIX}{inscription.pk}",
        subject_key=subject_key(rencontre),
        not_after=closes,
    )
