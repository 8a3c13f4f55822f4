"""What is sent to the people who come to a rencontre."""

from django.conf import settings

from consultation.models import Inscription, Rencontre
from socle.courriels.actions import enqueue
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail
from socle.identity.models import SiteIdentity


def subject_key(rencontre: Rencontre) -> str:
    """What `courriels.cancel` is called with when the rencontre moves or is cancelled."""
    return f"rencontre:{rencontre.pk}"


def reminder(inscription: Inscription, dedupe_key: str) -> Envoi:
    """« C’est bientôt »; useless once the rencontre has begun."""
    rencontre = inscription.rencontre
    context = {
        "identity": SiteIdentity.current(),
        "rencontre": rencontre,
        "url": settings.SITE_URL + rencontre.get_absolute_url(),
    }
    subject, text, html = render_mail("courriels/rencontre_reminder", context)
    return enqueue(
        to=inscription.personne.email,
        subject=subject,
        text=text,
        html=html,
        dedupe_key=dedupe_key,
        subject_key=subject_key(rencontre),
        not_after=rencontre.starts_at,
    )
