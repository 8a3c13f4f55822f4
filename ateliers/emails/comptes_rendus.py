"""What is sent of the minutes of a séance: to those who were there, to the absent who were read, to who is late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.urls import reverse

from ateliers.links import present_path
from ateliers.models import CompteRendu, Lecture, Remarque, Seance
from consultation.models import Inscription
from socle.comptes.models import User
from socle.courriels.actions import enqueue, enqueue_many, envoi
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail
from socle.dates import day_label, local_midnight


def key_of(seance: Seance) -> str:
    return f"compte-rendu:{seance.pk}"


def late_key(seance: Seance) -> str:
    """What the reminders of minutes that nobody has written are about."""
    return f"{key_of(seance)}:retard"


def late_dedupe_key(seance_pk: int, days: int, user_pk: int) -> str:
    """As the SQL of `actions.late` writes it, too."""
    return f"compte-rendu:{seance_pk}:retard:{days}:{user_pk}"


def opened(compte_rendu: CompteRendu, inscription: Inscription) -> Envoi:
    """With a link of one's own; useless once the last day is over."""
    seance = compte_rendu.seance
    return _mail(
        "courriels/compte_rendu_opened",
        _about(seance)
        | {"until": _day(compte_rendu.remarks_until), "url": settings.SITE_URL + present_path(inscription)},
        to=inscription.personne.email,
        dedupe_key=f"{key_of(seance)}:ouvert:{inscription.pk}",
        subject_key=f"{key_of(seance)}:ouvert",
        not_after=_over_at(compte_rendu),
    )


def remark_answered(compte_rendu: CompteRendu, remarque: Remarque) -> Envoi | None:
    """To whoever is still known to have made it."""
    inscription = remarque.inscription
    if inscription is None or not inscription.personne.confirmed_at:
        return None
    context = _about(compte_rendu.seance) | {
        "remarque": remarque,
        "url": settings.SITE_URL + present_path(inscription),
    }
    subject, text, html = render_mail("courriels/remarque_answered", context)
    key = f"remarque:{remarque.pk}:reponse"
    return enqueue(to=inscription.personne.email, subject=subject, text=text, html=html, dedupe_key=key)


def adopted(compte_rendu: CompteRendu, inscription: Inscription) -> Envoi:
    seance = compte_rendu.seance
    return _mail(
        "courriels/compte_rendu_adopted",
        _about(seance) | {"url": settings.SITE_URL + public_path(seance)},
        to=inscription.personne.email,
        dedupe_key=f"{key_of(seance)}:adopte:{inscription.pk}",
    )


def tell_authors(seance: Seance, lectures: Sequence[Lecture]) -> None:
    """One mail to each person, of all of theirs that were read; only to addresses that were proved."""
    known = [one for one in lectures if (one.contribution.personne and one.contribution.personne.is_confirmed)]
    known.sort(key=lambda one: (one.contribution.personne_id, one.number))
    groups = [list(group) for _, group in groupby(known, key=lambda one: one.contribution.personne_id)]
    enqueue_many(_read(seance, group) for group in groups)


def _read(seance: Seance, lectures: Sequence[Lecture]) -> Envoi:
    personne = lectures[0].contribution.personne
    if personne is None:
        raise ValueError("Nobody to tell.")
    return _mail(
        "courriels/contributions_read",
        _about(seance) | {"lectures": lectures, "url": settings.SITE_URL + public_path(seance)},
        to=personne.email,
        dedupe_key=f"{key_of(seance)}:lues:{personne.pk}",
    )


def late(seance: Seance, days: int, user: User) -> Envoi:
    """To whoever runs the atelier, so many days after the séance; called back once the minutes are opened."""
    address = reverse("admin:ateliers_seance_compte_rendu", args=[seance.atelier_id, seance.rank])
    return _mail(
        "courriels/compte_rendu_late",
        _about(seance) | {"days": days, "url": settings.SITE_URL + address},
        to=user.email,
        dedupe_key=late_dedupe_key(seance.pk, days, user.pk),
        subject_key=late_key(seance),
    )


def public_path(seance: Seance) -> str:
    atelier = seance.atelier
    return reverse("compte_rendu", args=[atelier.demarche.slug, atelier.rank, seance.rank])


def _about(seance: Seance) -> dict[str, Any]:
    return {"seance": seance, "atelier": seance.atelier, "when": seance.rencontre.when_label}


def _day(day: Any) -> str:
    return day_label(day) if day else ""


def _over_at(compte_rendu: CompteRendu) -> datetime | None:
    until = compte_rendu.remarks_until
    return local_midnight(until + timedelta(days=1)) if until else None


def _mail(template: str, context: dict[str, Any], **where: Any) -> Envoi:
    subject, text, html = render_mail(template, context)
    return envoi(subject=subject, text=text, html=html, **where)
