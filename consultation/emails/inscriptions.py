"""What is sent to who registers, waits or gives a place back, and to the team that prepares the rencontre."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from consultation.calendars import CONTENT_TYPE, calendar
from consultation.emails.arrival import code_files
from consultation.emails.rencontres import subject_key
from consultation.inscription_links import CONFIRM_AGE, Wish, holder_path, wish_path
from consultation.models import Inscription, Rencontre
from socle.comptes.models import Personne, User
from socle.courriels.actions import enqueue_many, envoi
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail

__all__ = ["asked", "filled", "link", "promoted", "registered", "released", "subject_key"]


def asked(key: str) -> Envoi | None:
    """The mail that a form caused; it alone holds the address that was typed."""
    return Envoi.objects.filter(dedupe_key=_asked_key(key)).exclude(to="").first()


def _asked_key(key: str) -> str:
    return f"inscription:demande:{key}"


def link(email: str, wish: Wish, rencontres: Collection[Rencontre]) -> None:
    """Anyone can type any address: it holds the words of the team alone, and nothing is taken by it."""
    context = {"rencontres": rencontres, "url": settings.SITE_URL + wish_path(wish), "days": CONFIRM_AGE.days}
    _send(
        "courriels/inscription_link",
        context,
        to=email,
        dedupe_key=_asked_key(wish.key),
        not_after=timezone.now() + CONFIRM_AGE,
    )


def registered(personne: Personne, inscriptions: Collection[Inscription]) -> None:
    """All that was taken and asked for, read `with_rank`; what is confirmed and has a day goes to their calendar."""
    prefetch_related_objects(list(inscriptions), "services")
    context = {
        "inscriptions": inscriptions,
        "waiting": any(one.is_waiting for one in inscriptions),
        "phone": next((one.phone for one in inscriptions if one.phone), ""),
        "url": _holder(personne),
    }
    confirmed = [one.rencontre for one in inscriptions if one.is_confirmed]
    _send(
        "courriels/inscription_received",
        context,
        to=personne.email,
        dedupe_key=f"inscription:{uuid4().hex}:recue",
        attachments=[*_calendar(confirmed), *code_files(inscriptions)],
    )


def promoted(inscription: Inscription) -> None:
    """« Une place s’est libérée » ; useless once the rencontre has begun."""
    rencontre = inscription.rencontre
    _send(
        "courriels/inscription_promoted",
        {"rencontre": rencontre, "inscription": inscription, "url": _holder(inscription.personne)},
        to=inscription.personne.email,
        dedupe_key=f"inscription:{uuid4().hex}:promue",
        subject_key=subject_key(rencontre),
        not_after=rencontre.starts_at if rencontre.has_hour else None,
        attachments=[*_calendar([rencontre]), *code_files([inscription])],
    )


def released(inscription: Inscription, note: str) -> None:
    context = {"rencontre": inscription.rencontre, "note": note, "url": _holder(inscription.personne)}
    to = inscription.personne.email
    _send("courriels/inscription_released", context, to=to, dedupe_key=f"inscription:{uuid4().hex}:retiree")


def filled(rencontre: Rencontre, level: int, taken: int, user: User) -> None:
    context = {
        "rencontre": rencontre,
        "level": level,
        "taken": taken,
        "url": settings.SITE_URL + reverse("admin:consultation_rencontre_change", args=[rencontre.pk]),
    }
    key = f"{subject_key(rencontre)}:places:{rencontre.capacity}:{level}:{user.pk}"
    to, about = user.email, subject_key(rencontre)
    _send("courriels/rencontre_filling", context, to=to, dedupe_key=key, subject_key=about)


def _holder(personne: Personne) -> str:
    return settings.SITE_URL + holder_path(personne.pk)


def _calendar(rencontres: Collection[Rencontre]) -> list[dict[str, str]]:
    dated = [rencontre for rencontre in rencontres if rencontre.has_day]
    if not dated:
        return []
    mimetype = CONTENT_TYPE.partition(";")[0]
    return [{"name": "rendez-vous.ics", "mimetype": mimetype, "content": calendar(dated).decode()}]


def _send(template: str, context: dict[str, Any], **where: Any) -> None:
    """Of what happens under the lock of a rencontre: written with it, or not at all."""
    subject, text, html = render_mail(template, context)
    enqueue_many([envoi(subject=subject, text=text, html=html, **where)])
