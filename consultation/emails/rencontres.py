"""What is sent to the people who come to a rencontre: reminders, and what changes of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from consultation.calendars import CONTENT_TYPE, calendar
from consultation.choices import Presence
from consultation.emails.arrival import code_files
from consultation.inscription_links import holder_path
from consultation.models import Inscription, Rencontre
from socle.comptes.models import Personne
from socle.courriels.actions import envoi
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail


@dataclass(frozen=True)
class Coming:
    """One rencontre of a reminder. `soon` says how far it is: « demain », « dans 7 jours »."""

    inscription: Inscription
    soon: str
    ordre_du_jour: str = ""

    @property
    def rencontre(self) -> Rencontre:
        return self.inscription.rencontre

    @property
    def at_distance(self) -> bool:
        return self.inscription.presence == Presence.REMOTE


@dataclass(frozen=True)
class Change:
    """What was said of a rencontre before it changed, empty where it has not, and why it has."""

    previous_when: str
    previous_where: str
    reason: str


def subject_key(rencontre: Rencontre) -> str:
    """What the mails that a cancelled rencontre makes useless are about."""
    return f"rencontre:{rencontre.pk}"


def change_key(rencontre: Rencontre) -> str:
    """What the messages about its changes are about: the last one alone is to leave."""
    return f"rencontre:{rencontre.pk}:changement"


def soon_label(starts_at: datetime, today: date) -> str:
    days = (timezone.localdate(starts_at) - today).days
    return ("aujourd’hui", "demain")[days] if days < 2 else f"dans {days} jours"


def where_label(rencontre: Rencontre) -> str:
    """« Kursaal, 59140 Dunkerque », « à distance », « Kursaal, 59140 Dunkerque, ou à distance »."""
    place = rencontre.lieu.one_line if rencontre.lieu else "lieu à préciser"
    return {"salle": place, "distance": "à distance"}.get(rencontre.mode, f"{place}, ou à distance")


def reminder(personne: Personne, comings: Sequence[Coming], dedupe_key: str) -> Envoi:
    """All that comes soon, in one mail; useless once the first has begun."""
    return _mail(
        "courriels/rencontre_reminder",
        {"comings": comings, "url": settings.SITE_URL + holder_path(personne.pk)},
        to=personne.email,
        dedupe_key=dedupe_key,
        subject_key=subject_key(comings[0].rencontre),
        not_after=min(one.rencontre.starts_at for one in comings),
        attachments=[
            *calendar_file([one.rencontre for one in comings]),
            *code_files(one.inscription for one in comings),
        ],
    )


def moved(inscription: Inscription, change: Change) -> Envoi:
    rencontre, personne = inscription.rencontre, inscription.personne
    context = {
        "rencontre": rencontre,
        "where": where_label(rencontre),
        "change": change,
        "waiting": inscription.is_waiting,
        "url": settings.SITE_URL + holder_path(personne.pk),
    }
    return _told("courriels/rencontre_moved", context, rencontre, personne)


def cancelled(inscription: Inscription) -> Envoi:
    """Who was to come may still have their say from home, where the démarche takes contributions."""
    rencontre = inscription.rencontre
    remote = rencontre.demarche.takes_contributions()
    url = settings.SITE_URL + reverse("contribution_new" if remote else "rencontres")
    context = {"rencontre": rencontre, "url": url, "remote": remote}
    return _told("courriels/rencontre_cancelled", context, rencontre, inscription.personne)


def _told(template: str, context: dict[str, Any], rencontre: Rencontre, personne: Personne) -> Envoi:
    return _mail(
        template,
        context,
        to=personne.email,
        dedupe_key=f"{change_key(rencontre)}:{rencontre.ics_sequence}:{personne.pk}",
        subject_key=change_key(rencontre),
        not_after=_over_at(rencontre),
        attachments=calendar_file([rencontre]),
    )


def _over_at(rencontre: Rencontre) -> datetime | None:
    """When it is too late to say anything of it."""
    if not rencontre.has_day:
        return None
    return rencontre.starts_at if rencontre.has_hour else rencontre.starts_at + timedelta(days=1)


def calendar_file(rencontres: Collection[Rencontre]) -> list[dict[str, str]]:
    """Attached to a mail: the rencontres that have a day; nothing where none has."""
    dated = [rencontre for rencontre in rencontres if rencontre.has_day]
    if not dated:
        return []
    mimetype = CONTENT_TYPE.partition(";")[0]
    return [{"name": "rendez-vous.ics", "mimetype": mimetype, "content": calendar(dated).decode()}]


def _mail(template: str, context: dict[str, Any], **where: Any) -> Envoi:
    subject, text, html = render_mail(template, context)
    return envoi(subject=subject, text=text, html=html, **where)
