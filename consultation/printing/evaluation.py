"""The five questions of an évaluation, on a sheet without a name: those of the screen, from the same model."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.urls import reverse

from consultation.choices import Mark
from consultation.evaluations import FEWEST
from consultation.models import Evaluation, Rencontre
from consultation.printing.contribution import short
from consultation.templatetags.prose import typo
from socle import qr
from socle.identity.models import SiteIdentity
from socle.papers import render

SOURCE = Path(__file__).parent / "evaluation.typ"


def evaluation_sheet(rencontre: Rencontre) -> bytes:
    """An A5 page; the same for everybody. Its QR code leads to the figures, which are public."""
    identity = SiteIdentity.current()
    url = settings.SITE_URL + reverse("rencontre_avis", args=[rencontre.pk])
    return render(
        SOURCE,
        {
            "site": identity.site_name,
            "owner": typo(identity.region_name or rencontre.demarche.owner),
            "title": typo(rencontre.title),
            "when": typo(rencontre.when_label),
            "questions": [typo(sentence) for sentence in Evaluation.sentences().values()],
            "marks": [{"value": str(mark.value), "label": str(mark.label)} for mark in Mark],
            "fewest": FEWEST,
            "url": short(url),
            "qr": qr.svg(url),
        },
    )
