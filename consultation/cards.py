"""A contribution as the lists show it: the beginning of its text, its words found marked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, F, OuterRef, When
from django.db.models.functions import Left
from django.urls import reverse
from django.utils.safestring import SafeString

from consultation.choices import ContributionState
from consultation.filters import Frame
from consultation.models import CahierActeur, College, Contribution, Enjeu, Theme
from consultation.models.contribution import ContributionQuerySet
from consultation.templatetags.prose import typo
from socle.fulltext import Marker, Query, excerpt

EXCERPT = 280  # characters
READ = 4000  # where the words searched for are looked for, so that the excerpt shows them


@dataclass(frozen=True)
class Card:
    contribution: Contribution
    title: SafeString
    excerpt: SafeString
    theme: Theme | None
    college: College | None
    enjeux: list[Enjeu]
    town: str
    parent: Parent | None = None
    soutiens: int = 0  # 0 where they are hidden
    cahier: bool = False


@dataclass(frozen=True)
class Parent:
    """What a réaction answers; without its title once it is no longer published."""

    url: str
    reference: str
    title: str


def for_cards(rows: ContributionQuerySet, query: Query | None = None) -> ContributionQuerySet:
    """What a card needs of each row, in one query; long texts stay in the database."""
    links = Contribution.enjeux.through.objects.filter(contribution=OuterRef("pk"))
    return rows.annotate(
        beginning=Left("body", READ if query else EXCERPT + 1),
        enjeu_ids=ArraySubquery(links.values("enjeu_id")),
        commune_label=F("commune__name"),
        parent_title=Case(When(parent__state=ContributionState.PUBLISHED, then="parent__title")),
        is_cahier=Exists(CahierActeur.objects.filter(contribution=OuterRef("pk"))),
    ).defer("body", "tracking_hash")


def texts(rows: Iterable[Contribution]) -> list[str]:
    """What may hold the words searched for, of rows read by `for_cards`."""
    return [text for row in rows for text in (row.title, row.beginning)]  # type: ignore[attr-defined]


def cards(rows: Iterable[Contribution], frame: Frame, marker: Marker | None = None) -> list[Card]:
    """In the order of the rows; no query."""
    return [_card(row, frame, marker or Marker()) for row in rows]


def _card(row: Contribution, frame: Frame, marker: Marker) -> Card:
    row.demarche = frame.demarche
    beginning, enjeu_ids, commune = row.beginning, row.enjeu_ids, row.commune_label  # type: ignore[attr-defined]
    return Card(
        row,
        title=marker.mark(typo(row.title)),
        excerpt=marker.mark(typo(excerpt(beginning, EXCERPT, marker.first(beginning)))),
        theme=frame.themes.get(row.theme_id or 0),
        college=frame.colleges.get(row.college_id or 0),
        enjeux=[enjeu for pk, enjeu in frame.enjeux.items() if pk in enjeu_ids],
        town=commune or row.commune_name,
        parent=_parent(row),
        soutiens=row.support_count if frame.demarche.shows_soutiens() else 0,
        cahier=row.is_cahier,  # type: ignore[attr-defined]
    )


def _parent(row: Contribution) -> Parent | None:
    if row.parent_id is None:
        return None
    reference = f"{row.demarche.code}-{row.parent_id}"
    title: str | None = row.parent_title  # type: ignore[attr-defined]
    return Parent(reverse("contribution", args=[reference]), reference, typo(title))
