"""When the public pages change by themselves: a day ends, a window opens or closes, a rencontre starts or ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from consultation.models import Actualite, Demarche, Rencontre, Ressource, Theme
from forums.models import Forum
from socle.dates import next_midnight

WATCHED = (
    (Demarche, "contributions_open_at"),
    (Demarche, "contributions_close_at"),
    (Theme, "contributions_open_at"),
    (Theme, "contributions_close_at"),
    (Rencontre, "starts_at"),
    (Rencontre, "ends_at"),
    (Rencontre, "inscriptions_close_at"),
    (Forum, "remarks_open_at"),
    (Forum, "remarks_close_at"),
    (Actualite, "published_at"),
    (Ressource, "published_at"),
)


def next_boundary(at: datetime | None = None) -> datetime:
    """The first instant after `at` at which a public page may say something else. One query."""
    at = at or timezone.now()
    first, *others = (_instants(model, field, at) for model, field in WATCHED)
    row = first.union(*others, all=True).order_by("instant").first()
    midnight = next_midnight(at)
    return min(row[0], midnight) if row else midnight


def _instants(model: type[Model], field: str, after: datetime) -> QuerySet[Any, tuple[datetime]]:
    rows: QuerySet[Any] = QuerySet(model).order_by().filter(**{f"{field}__gt": after})
    return rows.annotate(instant=F(field)).values_list("instant")


def until(request: HttpRequest) -> datetime:  # noqa: ARG001 (every page ends at the first boundary of all)
    return next_boundary()
