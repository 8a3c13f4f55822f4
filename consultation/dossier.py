"""All that was decided, asked and written about one contribution: six tables that a moderator reads at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import CharField, DateField, DateTimeField, F, Field, IntegerField, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from consultation.choices import Advice, ContributionState, VersionCause
from consultation.models import (
    Contribution,
    Decision,
    ModerationNote,
    Reformulation,
    SecondOpinion,
    Version,
)


class Kind(StrEnum):
    ENJEU = "enjeu"
    DECISION = "decision"
    NOTE = "note"
    OPINION = "avis"
    REFORMULATION = "reformulation"
    VERSION = "version"


# Who has any role on the démarche reads these; the others are for those who moderate it.
OF_ALL = (Kind.ENJEU, Kind.DECISION)
CHOICES = {Kind.DECISION: ContributionState, Kind.OPINION: Advice, Kind.VERSION: VersionCause}


@dataclass(frozen=True)
class Said:
    """One of them; each kind fills what it has. Who is None where the author, or the rule, did it."""

    kind: Kind
    rank: int
    at: datetime | None
    by_pk: int | None
    by_name: str | None
    value: str | None  # a state, an advice, a cause
    reason: str | None
    title: str | None
    question: str | None
    words: str | None
    answered_by_pk: int | None
    answered_by_name: str | None
    answered_at: datetime | None
    due_on: date | None

    @property
    def by(self) -> str:
        return _short_name(self.by_pk, self.by_name)

    @property
    def answered_by(self) -> str:
        return _short_name(self.answered_by_pk, self.answered_by_name)

    @property
    def label(self) -> str:
        return str(CHOICES[self.kind](self.value).label) if self.value else ""

    @property
    def is_open(self) -> bool:
        """`Reformulation.is_open`."""
        return self.answered_at is None and self.due_on is not None and self.due_on >= timezone.localdate()


def _short_name(pk: int | None, name: str | None) -> str:
    """`User.get_short_name`."""
    return name or (f"compte {pk}" if pk else "")


COLUMNS: dict[str, type[Field[Any, Any]]] = {
    "rank": IntegerField,
    "at": DateTimeField,
    "by_pk": IntegerField,
    "by_name": CharField,
    "value": CharField,
    "reason": CharField,
    "title": CharField,
    "question": TextField,
    "words": TextField,
    "answered_by_pk": IntegerField,
    "answered_by_name": CharField,
    "answered_at": DateTimeField,
    "due_on": DateField,
}


def dossier(contribution: Contribution, kinds: Collection[Kind] = tuple(Kind)) -> dict[Kind, list[Said]]:
    """What there is of each of these kinds, oldest first, in one query."""
    first, *others = [rows for kind, rows in _tables(contribution).items() if kind in kinds]
    found: dict[Kind, list[Said]] = defaultdict(list)
    for kind, *row in first.union(*others, all=True).order_by("said_kind", "said_at", "said_rank"):
        found[Kind(kind)].append(Said(Kind(kind), *row))
    return found


def _tables(contribution: Contribution) -> dict[Kind, QuerySet[Any, Any]]:
    by = {"by_pk": "by", "by_name": "by__display_name"}
    asked_by = {"by_pk": "asked_by", "by_name": "asked_by__display_name"}
    answered_by = {"answered_by_pk": "given_by", "answered_by_name": "given_by__display_name"}
    of = {"contribution": contribution}
    decision = {"at": "decided_at", "value": "to_state", "reason": "reason__label", "words": "message"}
    opinion = {"at": "asked_at", "value": "advice", "question": "question", "words": "words", "answered_at": "given_at"}
    asked = {"at": "asked_at", "words": "request", "answered_at": "answered_at", "due_on": "due_on"}
    version = {"at": "replaced_at", "value": "cause", "reason": "reason", "title": "title", "words": "body"}
    rows: dict[Kind, tuple[QuerySet[Any, Any], dict[str, str]]] = {
        Kind.ENJEU: (contribution.enjeux.all(), {"rank": "rank", "words": "sentence"}),
        Kind.DECISION: (Decision.objects.filter(**of), by | decision),
        Kind.NOTE: (ModerationNote.objects.filter(**of), by | {"at": "written_at", "words": "body"}),
        Kind.OPINION: (SecondOpinion.objects.filter(**of), asked_by | answered_by | opinion),
        Kind.REFORMULATION: (Reformulation.objects.filter(**of), asked_by | asked),
        Kind.VERSION: (Version.objects.filter(**of), by | version),
    }
    return {kind: _as_said(kind, table, paths) for kind, (table, paths) in rows.items()}


def _as_said(kind: Kind, rows: QuerySet[Any, Any], paths: dict[str, str]) -> QuerySet[Any, Any]:
    """The columns of Said, in their order, each of its own type: empty where the table has nothing of the sort."""
    paths = {"rank": "pk"} | paths
    # Prefixed: a table may have a column of that name. Cast: of two columns without a value a union makes text.
    columns: dict[str, Any] = {"said_kind": Value(kind.value, output_field=CharField())}
    for name, field in COLUMNS.items():
        columns[f"said_{name}"] = F(paths[name]) if name in paths else Cast(Value(None), field())
    return rows.order_by().annotate(**columns).values_list(*columns)
