"""Where a contribution comes from and who takes it up: what both sides of a citation may show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.urls import reverse

from consultation.choices import How, Origine
from consultation.models import Citation, Contribution
from consultation.models.contribution import ContributionQuerySet

MOST = 50  # of each side


@dataclass(frozen=True)
class Source:
    """The other side of a citation, in short."""

    url: str
    reference: str
    title: str
    origine: str
    how: str  # empty where it is simply taken up


@dataclass(frozen=True)
class Sources:
    cited: list[Source]
    citing: list[Source]


def with_sources(rows: ContributionQuerySet) -> ContributionQuerySet:
    """What `sources` reads, in the query that reads the rows."""
    return rows.annotate(cited_rows=_others("cited", "citing"), citing_rows=_others("citing", "cited"))


def _others(other: str, own: str) -> ArraySubquery:
    short = JSONObject(pk=f"{other}_id", title=f"{other}__title", origine=f"{other}__origine", how="how")
    rows = Citation.objects.of_published().filter(**{own: OuterRef("pk")}).order_by("pk")
    return ArraySubquery(rows.values(short=short)[:MOST])


def sources(row: Contribution) -> Sources:
    """Of a row read `with_sources`; the démarche must be loaded with it."""
    cited, citing = row.cited_rows, row.citing_rows  # type: ignore[attr-defined]  # annotated
    return Sources([_source(row, one) for one in cited], [_source(row, one) for one in citing])


def _source(row: Contribution, said: dict[str, Any]) -> Source:
    reference = f"{row.demarche.code}-{said['pk']}"
    how = "" if said["how"] == How.TAKES_UP else "fusionnée" if said["how"] == How.MERGES else How(said["how"]).label
    url = reverse("contribution", args=[reference])
    return Source(url, reference, said["title"], str(Origine(said["origine"]).label), str(how))
