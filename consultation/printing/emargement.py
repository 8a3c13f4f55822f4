"""The sheet that is signed at the door, by the numbers of one Feuille; nothing of what people asked for is on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from consultation.choices import Presence
from consultation.emails.rencontres import where_label
from consultation.guests import sheet_labels
from consultation.models import Feuille, Inscription
from consultation.printing.contribution import short
from consultation.templatetags.prose import typo
from socle import qr
from socle.dates import Precision, moment_label
from socle.identity.models import SiteIdentity
from socle.papers import render

SOURCE = Path(__file__).parent / "emargement.typ"
SPARE = 12  # lines for those who come without registering
ERASED = "ligne effacée"


def emargement(feuille: Feuille) -> bytes:
    return render(SOURCE, data_of(feuille))


def data_of(feuille: Feuille) -> dict[str, Any]:
    """The rencontre, its démarche and its lieu must be loaded with the sheet."""
    identity, rencontre = SiteIdentity.current(), feuille.rencontre
    people = Inscription.objects.filter(rencontre=rencontre, pk__in=feuille.lines).select_related("personne")
    labels, agreed = sheet_labels(list(people)), {one.pk for one in people if one.image_agreed_at}
    lines = [
        {"number": n, "name": labels.get(pk, ERASED), "image": pk in agreed} for n, pk in enumerate(feuille.lines, 1)
    ]
    door = settings.SITE_URL + reverse("admin:consultation_rencontre_arrivees", args=[rencontre.pk])
    remote = Inscription.objects.filter(rencontre=rencontre, presence=Presence.REMOTE).confirmed()
    return {
        "site": identity.site_name,
        "owner": typo(identity.region_name or rencontre.demarche.owner),
        "rencontre": typo(rencontre.title),
        "when": typo(rencontre.when_label),
        "where": typo(where_label(rencontre)),
        "rank": feuille.rank,
        "printed": typo(moment_label(timezone.localtime(feuille.printed_at), None, Precision.HOUR)),
        "holders": lines[: len(feuille.holders)],
        "waiting": lines[len(feuille.holders) :],
        "remote": remote.count(),
        "spare": SPARE,
        "qr": qr.svg(door),
        "door": short(door),
        "privacy": short(settings.SITE_URL + reverse("donnees_personnelles")),
    }
