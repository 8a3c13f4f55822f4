"""What is written to who asks about their data."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from socle.comptes.models import Personne
from socle.courriels.actions import enqueue
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail
from socle.dates import Precision, day_label, moment_label
from socle.privacy.links import MAIL_AGE, owner_path
from socle.privacy.models import COPIE_KEPT, Copie, Depart, Opposition


def link(email: str, personne: Personne | None, key: str) -> Envoi:
    """To whoever reads that address: the way in where something is held of it, else that nothing is.

    The page that caused it says the same in both cases, and takes the same time.
    """
    path = owner_path(personne.pk) if personne else reverse("mes_donnees")
    context = {"days": MAIL_AGE.days, "known": personne is not None, "url": settings.SITE_URL + path}
    return _send("privacy_link", context, to=email, key=f"donnees:lien:{key}", not_after=timezone.now() + MAIL_AGE)


def departure_asked(depart: Depart) -> Envoi:
    """Before: what will be done, when, and the link that stops it."""
    context = {
        "depart": depart,
        "at": moment_label(depart.next_attempt_at, None, Precision.HOUR),
        "url": settings.SITE_URL + owner_path(_owner(depart.personne_id), "mes_donnees_partir"),
    }
    return _send("privacy_departure", context, to=depart.address, key=f"depart:{depart.pk}:demande")


def departure_done(depart: Depart) -> Envoi:
    """After. Its own row is emptied once it has left."""
    context = {"depart": depart, "url": settings.SITE_URL + reverse("donnees_personnelles")}
    return _send("privacy_departed", context, to=depart.address, key=done_key(depart))


def done_key(depart: Depart) -> str:
    return f"depart:{depart.pk}:fait"


def copy_ready(copie: Copie) -> Envoi:
    context = {
        "days": COPIE_KEPT.days,
        "url": settings.SITE_URL + owner_path(copie.personne_id),
    }
    return _send("privacy_copy", context, to=copie.personne.email, key=f"copie:{copie.pk}")


def opposition_received(opposition: Opposition, personne: Personne) -> Envoi:
    url = settings.SITE_URL + owner_path(personne.pk)
    context = {"opposition": opposition, "due": day_label(opposition.due_on, weekday=False), "url": url}
    return _send("privacy_opposition", context, to=personne.email, key=f"opposition:{opposition.pk}:recue")


def opposition_answered(opposition: Opposition) -> Envoi | None:
    if opposition.personne is None:
        return None
    context = {"opposition": opposition, "url": settings.SITE_URL + owner_path(opposition.personne.pk)}
    return _send(
        "privacy_opposition_answered", context, to=opposition.personne.email, key=f"opposition:{opposition.pk}:reponse"
    )


def account_sleeps(email: str, days: int, key: str) -> Envoi:
    """An account nobody has opened for long goes in so many days, unless they log in."""
    context = {"days": days, "url": settings.SITE_URL + settings.LOGIN_URL}
    return _send("privacy_account", context, to=email, key=key)


def _owner(personne_pk: int | None) -> int:
    if personne_pk is None:
        raise ValueError("nobody is left to write to")
    return personne_pk


def _send(name: str, context: dict[str, Any], *, to: str, key: str, **when: Any) -> Envoi:
    subject, text, html = render_mail(f"courriels/{name}", context)
    return enqueue(to=to, subject=subject, text=text, html=html, dedupe_key=key, **when)
