"""What is sent to who asks for the letter, and the letter itself."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from consultation.letter_links import CONFIRM_AGE, Reader, Wish, confirmation_path, sign_reader
from consultation.models import Actualite, Demarche
from socle.courriels.actions import cancel, enqueue, envoi
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail

SHOWN = 1200  # signs of an actualité in its letter; the page has the rest
ENDED = "Plus d’abonnement : la personne n’en veut plus, ou son adresse ne répond plus."


def asked(key: str) -> Envoi | None:
    """The mail that a form caused; it alone holds the address that was typed."""
    return Envoi.objects.filter(dedupe_key=f"lettre:demande:{key}").exclude(to="").first()


def confirmation(demarche: Demarche, email: str, wish: Wish, labels: list[str]) -> Envoi:
    """Anyone can type any address: until its reader confirms, nothing is sent there but this."""
    context = {
        "demarche": demarche,
        "labels": labels,
        "url": settings.SITE_URL + confirmation_path(wish),
        "days": CONFIRM_AGE.days,
    }
    subject, text, html = render_mail("courriels/letter_confirm", context)
    return enqueue(
        to=email,
        subject=subject,
        text=text,
        html=html,
        dedupe_key=f"lettre:demande:{wish.key}",
        not_after=timezone.now() + CONFIRM_AGE,
    )


@dataclass(frozen=True)
class Letter:
    """An actualité as it is sent: rendered once, then signed for each reader."""

    actualite: Actualite
    subject: str
    text: str
    html: str
    mark: str  # stands for the reader's signature; nobody can have typed it
    list_id: str

    @classmethod
    def of(cls, actualite: Actualite) -> Letter:
        mark = f"signature{secrets.token_hex(16)}"
        body = actualite.body if len(actualite.body) <= SHOWN else f"{actualite.body[:SHOWN].rsplit(' ', 1)[0]}…"
        context = {
            "actualite": actualite,
            "demarche": actualite.demarche,
            "body": body,
            "whole": body == actualite.body,
            "url": settings.SITE_URL + actualite.get_absolute_url(),
            "choices_url": settings.SITE_URL + reverse("lettre_choices", args=[mark]),
        }
        domain = urlsplit(settings.SITE_URL).hostname or "localhost"
        list_id = f"<actualites.{actualite.demarche.slug}.{domain}>"
        return cls(actualite, *render_mail("courriels/letter", context), mark, list_id)

    def to(self, reader: Reader, email: str) -> Envoi:
        """RFC 8058: the mail program stops the letters with one POST, and asks nothing of its owner."""
        signed = sign_reader(reader)
        stop = settings.SITE_URL + reverse("lettre_stop", args=[signed])
        return envoi(
            to=email,
            subject=self.subject,
            text=self.text.replace(self.mark, signed),
            html=self.html.replace(self.mark, signed),
            dedupe_key=f"{letter_key(self.actualite)}{reader.personne_pk}",
            subject_key=f"{letters_of(reader)}{self.actualite.topic}",
            headers={
                "List-Id": self.list_id,
                "List-Unsubscribe": f"<{stop}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )


def letter_key(actualite: Actualite) -> str:
    """What the dedupe keys of its letters begin with; the personne follows."""
    return f"actualite:{actualite.pk}:"


def letters_of(reader: Reader) -> str:
    """What the subject keys of somebody's letters begin with; the topic follows."""
    return f"lettre:{reader.demarche_pk}:{reader.personne_pk}:"


def call_back(reader: Reader, kept: set[str]) -> None:
    """The letters that have not left and are about none of the topics that are `kept`."""
    waiting = Envoi.objects.unfinished().filter(subject_key__startswith=letters_of(reader))
    for key in set(waiting.values_list("subject_key", flat=True)):
        if key.removeprefix(letters_of(reader)) not in kept:
            cancel(key, ENDED)
