"""« Fiche proposition »: numbered sheets to write on by hand, two to an A4 page, that the code lets somebody type."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from ateliers.models import Objective, Seance
from consultation.printing.contribution import short
from consultation.templatetags.prose import typo
from socle import qr
from socle.identity.models import SiteIdentity
from socle.papers import render

SOURCE = Path(__file__).parent / "fiche.typ"


def fiches(seance: Seance, numbers: Iterable[int]) -> bytes:
    """The atelier, its démarche and the rencontre must be loaded with the row."""
    atelier = seance.atelier
    return render(
        SOURCE,
        {
            "site": SiteIdentity.current().site_name,
            "noun": "constat" if seance.objective == Objective.CONSTATS else "proposition",
            "demarche": typo(atelier.demarche.title),
            "atelier": f"Atelier {atelier.rank} – {atelier.town}",
            "question": typo(atelier.question),
            "seance": typo(f"Séance {seance.rank}, {seance.rencontre.when_label}"),
            "fiches": [_fiche(seance, number) for number in numbers],
        },
    )


def _fiche(seance: Seance, number: int) -> dict[str, object]:
    address = settings.SITE_URL + reverse("fiche", args=[seance.pk, number])
    return {"number": number, "code": qr.svg(address), "address": short(address)}
