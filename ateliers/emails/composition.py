"""What is sent to who composes a group, and to who may be drawn.

The team may put in a group somebody whose address nobody has proved: it was written on the launch's sheet, or it is
in a list. They are written to once, and must be: whoever keeps an address it did not receive from its owner owes them
that information with the first message (GDPR, article 14). As the address may be misread, the message names nobody
and tells nothing of the person; nothing more is sent (reminders, changes) until its reader says that it is them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse

from ateliers.member_links import member_path
from ateliers.models import Atelier, CameBy, Candidature, Membre, Tirage
from consultation.emails.rencontres import calendar_file
from consultation.models import Inscription
from socle.courriels.actions import cancel, enqueue_many, envoi
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail

WAYS = {
    CameBy.LANCEMENT: "vous avez été désigné au lancement",
    CameBy.CANDIDATURE: "votre candidature a été retenue",
    CameBy.TIRAGE: "vous avez été tiré au sort",
    CameBy.LIBRE: "vous vous êtes inscrit à ses séances",
}
LEFT = "La personne a quitté le groupe."


def joined(membre: Membre, inscriptions: Collection[Inscription], number: int | None = None) -> None:
    """One message says it all; the inscriptions are read `with_rank`. `number` is that of the draw."""
    context = {
        "atelier": membre.atelier,
        "way": WAYS[CameBy(membre.came_by)],
        "number": number,
        "inscriptions": inscriptions,
        "waiting": any(one.is_waiting for one in inscriptions),
        "proved": membre.personne.is_confirmed,
        "url": settings.SITE_URL + member_path(membre.pk),
    }
    mail = _mail(
        "courriels/membre_joined",
        context,
        to=membre.personne.email,
        dedupe_key=f"{_subject_key(membre)}:{membre.joined_at.isoformat()}",
        subject_key=_subject_key(membre),
        attachments=calendar_file([one.rencontre for one in inscriptions if one.is_confirmed]),
    )
    enqueue_many([mail])


def left(membre: Membre, *, by_team: bool) -> None:
    """What had not left yet would speak of a group that is no longer theirs."""
    cancel(_subject_key(membre), LEFT)
    context = {"atelier": membre.atelier, "by_team": by_team, "url": _group_url(membre.atelier)}
    key = f"{_subject_key(membre)}:{membre.left_at:%Y%m%d%H%M%S%f}:depart"
    enqueue_many([_mail("courriels/membre_left", context, to=membre.personne.email, dedupe_key=key)])


def announced(tirage: Tirage, candidatures: Iterable[Candidature]) -> None:
    """To each their number, before anybody knows the seed."""
    _tell(tirage, candidatures, "courriels/tirage_announced", "annonce")


def not_drawn(tirage: Tirage, candidatures: Iterable[Candidature]) -> None:
    _tell(tirage, candidatures, "courriels/tirage_not_drawn", "resultat")


def _tell(tirage: Tirage, candidatures: Iterable[Candidature], template: str, what: str) -> None:
    shared = {"atelier": tirage.atelier, "tirage": tirage, "url": _group_url(tirage.atelier)}
    enqueue_many(
        _mail(
            template,
            shared | {"number": candidature.number},
            to=candidature.personne.email,
            dedupe_key=f"tirage:{tirage.pk}:{candidature.pk}:{what}",
        )
        for candidature in candidatures
    )


def _group_url(atelier: Atelier) -> str:
    return settings.SITE_URL + reverse("atelier_groupe", args=[atelier.demarche.slug, atelier.rank])


def _subject_key(membre: Membre) -> str:
    return f"membre:{membre.pk}"


def _mail(template: str, context: dict[str, Any], **where: Any) -> Envoi:
    subject, text, html = render_mail(template, context)
    return envoi(subject=subject, text=text, html=html, **where)
