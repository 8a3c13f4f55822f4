"""« La parole des absents »: what was said online, on paper or by telephone, to be read aloud at a séance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings

from ateliers.models import Lecture, Seance
from consultation.models import Contribution
from consultation.printing.contribution import short
from consultation.templatetags.prose import typo
from socle.identity.models import SiteIdentity
from socle.papers import render
from socle.text import fold
from socle.written import paragraphs

SOURCE = Path(__file__).parent / "absents.typ"
SHORT = 1500  # characters read aloud in two minutes; the rest is on the portal, or in the whole version
NATURES = {
    "temoignage": "Des témoignages",
    "reflexion": "Des réflexions",
    "proposition": "Des propositions",
}


def sheet(seance: Seance, *, since: int = 1, whole: bool = False) -> bytes:
    """Those that have a number, from the number `since`; the atelier and the rencontre are read with the séance."""
    return render(SOURCE, data_of(seance, since=since, whole=whole))


def data_of(seance: Seance, *, since: int = 1, whole: bool = False) -> dict[str, Any]:
    rows = Lecture.objects.filter(seance=seance, number__gte=since).shown()
    found = list(rows.select_related("contribution__theme", "contribution__demarche").order_by("number"))
    atelier = seance.atelier
    return {
        "site": SiteIdentity.current().site_name,
        "over": typo(f"Atelier {atelier.rank} – {atelier.town}, séance {seance.rank}, {seance.rencontre.when_label}"),
        "question": typo(atelier.question),
        "count": len(found),
        "counted": counted(len(found)),
        "themes": list(_themes(found, whole=whole)),
    }


def counted(count: int) -> str:
    if count == 1:
        return "Une contribution a été faite à distance sur les thèmes de cet atelier."
    return typo(f"{count} contributions ont été faites à distance sur les thèmes de cet atelier.")


def _themes(rows: Sequence[Lecture], *, whole: bool) -> Any:
    """By thème and nature, in the order of the numbers: what came for a second printing goes to its own."""

    def of(row: Lecture) -> tuple[int, int]:
        theme = row.contribution.theme
        return (theme.rank if theme else 0, list(NATURES).index(row.contribution.nature))

    placed = sorted(rows, key=lambda row: (*of(row), row.number))
    for _, of_theme in groupby(placed, key=lambda row: of(row)[0]):
        group = list(of_theme)
        theme = group[0].contribution.theme
        natures = [
            {"label": NATURES[nature], "entries": [_entry(same, whole=whole) for same in _same(list(found))]}
            for nature, found in groupby(group, key=lambda row: row.contribution.nature)
        ]
        yield {"question": typo(theme.question) if theme else "Autre sujet", "natures": natures}


def _same(rows: Sequence[Lecture]) -> list[list[Lecture]]:
    """The very same words, sent by several people, are read once, under all their numbers."""
    groups: dict[str, list[Lecture]] = {}
    for row in rows:
        groups.setdefault(fold(f"{row.contribution.title}\n{row.contribution.body}"), []).append(row)
    return list(groups.values())


def _entry(rows: Sequence[Lecture], *, whole: bool) -> dict[str, Any]:
    contribution = rows[0].contribution
    body, cut = (contribution.body, "") if whole else shortened(contribution)
    signed = f"{contribution.signature}, {contribution.get_origine_display()}, {contribution.reference}"
    if rows[1:]:
        others = ", ".join(row.contribution.reference for row in rows[1:])
        signed += f" ; le même texte a été envoyé {len(rows)} fois ({others})"
    return {
        "numbers": "N°\u00a0" + ", ".join(str(row.number) for row in rows),
        "title": typo(contribution.title),
        "blocks": [asdict(block) for block in paragraphs(typo(body))],
        "cut": typo(cut),
        "signed": typo(signed),
    }


def shortened(contribution: Contribution) -> tuple[str, str]:
    """Its beginning, cut between two words, and where the rest is read."""
    body = contribution.body
    if len(body) <= SHORT:
        return body, ""
    kept = body[:SHORT].rsplit(None, 1)[0] if " " in body[:SHORT] else body[:SHORT]
    where = short(settings.SITE_URL + contribution.get_absolute_url())
    return f"{kept} […]", f"Texte raccourci : la suite se lit à l’adresse {where}"
