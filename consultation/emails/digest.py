"""What one follows, in one mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from consultation.emails.news import letters_of
from consultation.letter_links import Reader, sign_reader
from consultation.models import Actualite, Demarche
from socle.comptes.models import Rhythm
from socle.courriels.actions import envoi
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail


def named(rhythm: Rhythm, morning: date) -> str:
    """On a Monday two may leave, of different subjects."""
    return f"{morning}:semaine" if rhythm == Rhythm.WEEKLY else str(morning)


def digest(demarche: Demarche, reader: Reader, email: str, actualites: Sequence[Actualite], name: str) -> Envoi:
    """RFC 8058, as for each letter: one POST of the mail program stops it."""
    signed = sign_reader(reader)
    stop = settings.SITE_URL + reverse("lettre_stop", args=[signed])
    context = {
        "demarche": demarche,
        "rows": [(one, settings.SITE_URL + one.get_absolute_url()) for one in actualites],
        "url": f"{settings.SITE_URL}{reverse('actualites')}?demarche={demarche.slug}",
        "choices_url": settings.SITE_URL + reverse("lettre_choices", args=[signed]),
    }
    subject, text, html = render_mail("courriels/digest", context)
    return envoi(
        to=email,
        subject=subject,
        text=text,
        html=html,
        dedupe_key=f"resume:{reader.personne_pk}:{reader.demarche_pk}:{name}",
        subject_key=f"{letters_of(reader)}resume",
        headers={
            "List-Id": f"<actualites.{demarche.slug}.{urlsplit(settings.SITE_URL).hostname or 'localhost'}>",
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
