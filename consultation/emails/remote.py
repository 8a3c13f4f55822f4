"""The address to follow a rencontre from a distance: to those who have a place there, and to nobody else."""

from __future__ import annotations

import hashlib

from django.conf import settings

from consultation.emails.rencontres import subject_key
from consultation.inscription_links import holder_path
from consultation.models import Inscription, Rencontre
from socle.courriels.actions import envoi
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail


def key(rencontre: Rencontre, personne_pk: int) -> str:
    """Once for each address: one that changed is another message."""
    fingerprint = hashlib.sha256(rencontre.remote_url.encode()).hexdigest()[:16]
    return f"{subject_key(rencontre)}:distance:{fingerprint}:{personne_pk}"


def remote_address(inscription: Inscription) -> Envoi:
    """Called back with the rencontre; useless the day after."""
    rencontre, personne = inscription.rencontre, inscription.personne
    context = {"rencontre": rencontre, "url": settings.SITE_URL + holder_path(personne.pk)}
    subject, text, html = render_mail("courriels/rencontre_remote", context)
    return envoi(
        subject=subject,
        text=text,
        html=html,
        to=personne.email,
        dedupe_key=key(rencontre, personne.pk),
        subject_key=subject_key(rencontre),
        not_after=rencontre.ends_at,
    )
