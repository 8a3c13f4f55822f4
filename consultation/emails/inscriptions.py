"""What is sent to who registers, waits or gives a place back, and to the team that prepares the rencontre."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from consultation.choices import RencontreState
from consultation.emails.arrival import code_files
from consultation.emails.rencontres import calendar_file, subject_key
from consultation.inscription_links import CONFIRM_AGE, Wish, holder_path, wish_path
from consultation.models import Demarche, Inscription, Rencontre
from socle.comptes.models import Personne, User
from socle.courriels.actions import enqueue_many, enqueue_unwritten, envoi
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail
from socle.courriels.words import NothingToSayError, Words, words

__all__ = ["asked", "filled", "link", "promoted", "registered", "released", "subject_key", "write_registered"]


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


def registered(personne: Personne, inscriptions: Collection[Inscription], *, by_team: bool = False) -> None:
    """All that was taken and asked for, read `with_rank`. The next person waits for the lock: `write_registered`
    finds the words when the mail leaves, for the places and the ranks that were answered."""
    places = [[one.pk, one.state, one.rank] for one in inscriptions]  # type: ignore[attr-defined]
    enqueue_unwritten(
        to=personne.email,
        writer="inscription.recue",
        facts={"personne": personne.pk, "places": places, "by_team": by_team},
        dedupe_key=f"inscription:{uuid4().hex}:recue",
    )


def write_registered(facts: dict[str, Any]) -> Words:
    """What is confirmed and has a day goes to their calendar; what is given back or cancelled since is left out."""
    answered = {pk: (state, rank) for pk, state, rank in facts["places"]}
    rows = Inscription.objects.active().filter(pk__in=answered, personne=facts["personne"])
    held = rows.exclude(rencontre__state=RencontreState.CANCELLED).select_related("personne", "rencontre__lieu")
    inscriptions = list(held.prefetch_related("services").order_by("rencontre__starts_at", "pk"))
    if not inscriptions:
        raise NothingToSayError("Ces places ont été rendues, ou les rendez-vous annulés.")
    for one in inscriptions:
        one.state, one.rank = answered[one.pk]  # type: ignore[attr-defined]
    waiting = any(one.is_waiting for one in inscriptions)
    context = {
        "inscriptions": inscriptions,
        "waiting": waiting,
        "phone": next((one.phone for one in inscriptions if one.phone), ""),
        "url": _holder(inscriptions[0].personne),
        "write_url": _write_url() if waiting else "",
        "by_team": facts["by_team"],
        "unproved": inscriptions[0].personne.confirmed_at is None,
    }
    confirmed = [one.rencontre for one in inscriptions if one.is_confirmed]
    files = [*calendar_file(confirmed), *code_files(inscriptions)]
    return words(*render_mail("courriels/inscription_received", context), files)


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
        attachments=[*calendar_file([rencontre]), *code_files([inscription])],
    )


def released(inscription: Inscription, note: str) -> None:
    context = {
        "rencontre": inscription.rencontre,
        "note": note,
        "url": _holder(inscription.personne),
        "write_url": _write_url(),
    }
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


def _write_url() -> str:
    """Where one contributes without coming, while one can."""
    demarche = Demarche.objects.current()
    return settings.SITE_URL + reverse("contribution_new") if demarche and demarche.takes_contributions() else ""


def _send(template: str, context: dict[str, Any], **where: Any) -> None:
    """Of what happens under the lock of a rencontre: written with it, or not at all."""
    subject, text, html = render_mail(template, context)
    enqueue_many([envoi(subject=subject, text=text, html=html, **where)])
