"""Hostile text, a démarche that is said with all its fields to carry it, and what a page of it must be."""

from __future__ import annotations

import re

import html5lib
from django.db import connection, models, transaction

from ateliers.models import Atelier, Membre, Seance
from consultation.choices import ContributionState, Display, SpeaksAs
from consultation.models import (
    Cadre,
    College,
    Commune,
    Contribution,
    DateChange,
    Demarche,
    Enjeu,
    Etape,
    Lieu,
    RefusalReason,
    Rencontre,
    Theme,
)
from forums.models import Forum
from socle.identity.models import SiteIdentity
from tests.factories import (
    make_college,
    make_commune,
    make_contribution,
    make_inscription,
    make_membre,
    make_personne,
    make_reason,
)
from tests.portal import Portal, make_portal

TEXTS = {
    "script": "<script>alert(1)</script>",
    "svg": '"><svg onload=alert(1)>',
    "attribute": "' onmouseover='alert(1)",
    "javascript": "javascript:alert(1)",
    "formula": '=HYPERLINK("http://x","y")',
    "at": "@SUM(A1)",
    "crlf": "Bonjour\r\nBcc: victime@example.org\r\nATTENDEE:mailto:x@example.org\r\nEND:VEVENT",
    "rtl": "\u202egnp.exe\u202c",
    "controls": "a\x01\x0b\x1b\x7f b",
    "template": "{{ 7|add:7 }}{% debug %}%(title)s{0.__class__}",
    "cdata": "]]></title><x/>&lt;b&gt;",
    "huge": "é<b>" * 25_000,
}
AS_STORED = [name for name in TEXTS if name != "huge"]
# Every text that staff or an import may have written, whatever wrote it: the forms are not the only guard.
MODELS = (
    *(Atelier, Cadre, College, Commune, Contribution, DateChange, Demarche, Enjeu, Etape, Forum, Lieu, Membre),
    *(RefusalReason, Rencontre, Seance, SiteIdentity, Theme),
)
KEPT = {
    "slug",
    "code",
    "insee_code",
    "departement",
    "sort_key",
    "import_source",
    "import_key",
    "reminder_days",
    "place_label",
    "logo_hash",
}


def make_full_portal() -> Portal:
    """One of everything, and a contribution that is said with all its fields."""
    made = make_portal()
    personne = make_personne()
    fields = {
        "theme": Theme.objects.first(),
        "enjeux": [Enjeu.objects.first()],
        "college": make_college(),
        "commune": make_commune(),
        "personne": personne,
        "display": Display.NAMED,
        "author_name": "Alice",
        "speaks_as": SpeaksAs.ORGANISATION,
        "organisation": "Les Amis",
        "function": "trésorière",
    }
    for state in (ContributionState.PUBLISHED, ContributionState.WAITING):
        make_contribution(**fields, state=state)
    make_membre(atelier=Atelier.objects.first(), personne=personne)
    make_inscription(rencontre=Rencontre.objects.published().coming().first(), personne=personne)
    make_reason()
    return made


def text_fields(model: type[models.Model]) -> list[models.Field]:
    return [
        field
        for field in model._meta.concrete_fields
        if type(field) in (models.CharField, models.TextField) and not field.choices and field.name not in KEPT
    ]


@transaction.atomic
def write_everywhere(text: str) -> None:
    """Straight into the tables; a text that is to be unique gets the number of its row."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL participons.dates_move = 'on'")  # a frame in force is not written over otherwise
    for model in MODELS:
        for row in model.objects.all():
            values = {}
            for field in text_fields(model):
                unique = f" {row.pk}" if field.unique or model is College else ""
                values[field.name] = text[: (field.max_length or len(text)) - len(unique)] + unique
            model.objects.filter(pk=row.pk).update(**values)


# What changes from an answer to the next of one page.
TOKENS = re.compile(r'(name="(?:csrfmiddlewaretoken|submission_key)" value=|nonce=)"[^"]*"')
_read: set[str] = set()


def assert_inert(page: str, place: str) -> None:
    """No element, handler or link comes out of the text, nothing was evaluated, no character is left that lies.

    To read a page as a browser does takes longer than to make it: one that was found inert is not read again.
    """
    page = TOKENS.sub(r"\1", page)
    if page not in _read:
        _assert_inert(page, place)
        _read.add(page)


def _assert_inert(page: str, place: str) -> None:
    root = html5lib.parse(page, namespaceHTMLElements=False)
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        tag = element.tag.rsplit("}", 1)[-1]
        assert tag not in ("x", "b") or not list(element.attrib), place
        assert not (tag == "script" and "alert" in (element.text or "")), place
        for name, value in element.attrib.items():
            assert not str(name).startswith("on"), f"{place}: {name}"
            assert not (name in ("href", "src", "action", "formaction") and value.strip().startswith("javascript:")), (
                place
            )
    assert "<svg onload" not in page, place
    # A seal of the register may start with 14: more of its digits follow.
    assert "Settings" not in page and "14{0" not in page and not re.search(r">é*14(?![0-9a-f])", page), place
