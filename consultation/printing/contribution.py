"""The form that contributes, on paper: the questions of the screen, read from the same form."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from consultation.forms.contribution import QUESTIONS, ContributionForm
from consultation.models import Demarche
from consultation.templatetags.prose import typo
from socle.dates import day_label, time_label
from socle.identity.models import SiteIdentity
from socle.papers import render

SOURCE = Path(__file__).parent / "contribution.typ"
BODY_LINES = 24  # a page of handwriting
# On paper nobody is told at once what is too long, nor asked which Lille it is.
ON_PAPER = {
    "enjeux": "Cochez ceux dont vous parlez.",
    "theme": "Cochez une seule case.",
    "nature": "Cochez une seule case.",
    "title": "L’essentiel en une phrase.",
    "body": "Continuez sur papier libre s’il le faut. Votre texte paraîtra tel que vous l’écrivez.",
    "email": "Elle sert à vous dire ce que devient votre contribution, une fois confirmée depuis votre messagerie. "
    "Elle n’est jamais publiée. Si tu as moins de 15 ans, donne celle d’un parent ou d’un enseignant, avec son accord. "
    "Sans adresse, demandez votre numéro de suivi en remettant ce formulaire.",
}


def paper_form(demarche: Demarche) -> bytes:
    return render(SOURCE, data_of(demarche))


def data_of(demarche: Demarche) -> dict[str, Any]:
    identity = SiteIdentity.current()
    return {
        "site": identity.site_name,
        "owner": typo(identity.region_name or demarche.owner),
        "demarche": typo(demarche.title),
        "call": typo(demarche.call),
        "until": until(demarche),
        "address": [typo(line) for line in identity.postal_address.splitlines() if line.strip()],
        "phone": identity.contact_phone,
        "hours": typo(identity.contact_hours),
        "online": short(settings.SITE_URL + reverse("contribution_new")),
        "follow": short(settings.SITE_URL + reverse("suivi")),
        "privacy": short(settings.SITE_URL + reverse("donnees_personnelles")),
        "sections": sections(ContributionForm(demarche=demarche)),
    }


def until(demarche: Demarche) -> str:
    """« jusqu’au vendredi 20 mai 2011 à 18 h »; empty where no end is said."""
    if demarche.contributions_close_at is None:
        return ""
    closes = timezone.localtime(demarche.contributions_close_at)
    if (closes.hour, closes.minute) == (0, 0):  # the closing instant is closed: the day before was the last
        return f"jusqu’au {_day(closes, back=1)}"
    return f"jusqu’au {_day(closes)} à {time_label(closes.time())}"


def _day(moment: datetime, *, back: int = 0) -> str:
    return typo(day_label(moment.date() - timedelta(days=back)))


def short(url: str) -> str:
    """An address as it is copied by hand."""
    return url.removeprefix("https://").removeprefix("http://").rstrip("/")


def sections(form: ContributionForm) -> list[dict[str, Any]]:
    return [
        {
            "legend": typo(legend),
            "questions": [question(form, name) for names in steps.values() for name in names if name in form.fields],
        }
        for legend, steps in QUESTIONS.items()
    ]


def question(form: ContributionForm, name: str) -> dict[str, Any]:
    field = form.fields[name]
    choices = [typo(label) for _, label in getattr(field, "choices", [])]
    lines = 0 if choices or isinstance(field, forms.BooleanField) else 1
    return {
        "name": name,
        "label": typo(field.label),
        "help": typo(ON_PAPER.get(name, field.help_text)),
        "choices": choices,
        "tick": isinstance(field, forms.BooleanField),
        "lines": {"title": 2, "body": BODY_LINES}.get(name, lines),
    }
