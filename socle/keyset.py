"""Paging by the last row seen, never by OFFSET: page 5,000 costs what page 1 costs, and nothing moves meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import BooleanField, F, Func, Model, QuerySet, Value
from django.http import QueryDict

AFTER, BEFORE = "apres", "avant"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Page[M: Model]:
    """Some rows of a list, and the signed places to go on from; `lost` when the place asked for was not ours."""

    rows: list[M]
    previous: str = ""
    following: str = ""
    first: bool = True
    lost: bool = False


def sign(scope: str, *place: str) -> str:
    """A place that only this list (its filters, its order) takes back."""
    return Signer(salt=f"keyset:{scope}").sign("~".join(place))


def unsign(scope: str, cursor: str) -> list[str] | None:
    """The parts that were signed for this list; None for a forged, stale or foreign cursor."""
    try:
        return Signer(salt=f"keyset:{scope}").unsign(cursor).split("~")
    except BadSignature:
        return None


def microseconds(moment: datetime) -> str:
    return str((moment - EPOCH) // MICROSECOND)


def moment(microseconds: str) -> datetime:
    return EPOCH + int(microseconds) * MICROSECOND


class RowPasses(Func):
    """(date or number, pk) compared as one value with a place, which an index on both follows."""

    output_field = BooleanField()

    def __init__(self, field: str, operator: str, at: datetime | int, pk: int) -> None:
        super().__init__(F(field), F("pk"), Value(at), Value(pk), template=f"(%(rows)s) {operator} (%(place)s)")

    def as_sql(self, compiler: Any, connection: Any, *_args: Any, **_: Any) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG002
        compiled = [compiler.compile(source) for source in self.source_expressions]
        parts = [sql for sql, _ in compiled]
        sql = self.extra["template"] % {"rows": ", ".join(parts[:2]), "place": ", ".join(parts[2:])}
        return sql, tuple(param for _, params in compiled for param in params)


@dataclass(frozen=True)
class Keyset:
    """A list in the order of a date, then of the pk. `scope` names the list: its filters and its order.

    `numbers`: in the order of a whole number; one that moved meanwhile may be read twice, or not at all.
    """

    field: str
    scope: str
    size: int = 20
    descending: bool = True
    numbers: bool = False

    def page[M: Model](self, rows: QuerySet[M], query: QueryDict) -> Page[M]:
        """The page after `apres`, or before `avant`; the first one without either. One query, two at the top."""
        name = AFTER if query.get(AFTER) else BEFORE
        cursor = query.get(name, "")
        if not cursor:
            return self._forward(rows, None)
        if (place := self.place(cursor)) is None:
            return self._forward(rows, None, lost=True)
        return self._forward(rows, place) if name == AFTER else self._backward(rows, place)

    def place(self, cursor: str) -> tuple[datetime | int, int] | None:
        parts = unsign(self.scope, cursor)
        if not parts or len(parts) != 2:
            return None
        return int(parts[0]) if self.numbers else moment(parts[0]), int(parts[1])

    def _forward[M: Model](
        self, rows: QuerySet[M], place: tuple[datetime | int, int] | None, *, lost: bool = False
    ) -> Page[M]:
        found = list(self._ordered(rows, place, descending=self.descending)[: self.size + 1])
        if place and not found:
            return self._forward(rows, None)
        shown = found[: self.size]
        return Page(
            shown,
            previous=self._cursor(shown[0]) if place else "",
            following=self._cursor(shown[-1]) if len(found) > self.size else "",
            first=place is None,
            lost=lost,
        )

    def _backward[M: Model](self, rows: QuerySet[M], place: tuple[datetime | int, int]) -> Page[M]:
        found = list(self._ordered(rows, place, descending=not self.descending)[: self.size + 1])
        if len(found) <= self.size:  # near the top: the first page, whole
            return self._forward(rows, None)
        shown = found[: self.size][::-1]
        return Page(shown, previous=self._cursor(shown[0]), following=self._cursor(shown[-1]), first=False)

    def _ordered[M: Model](
        self, rows: QuerySet[M], place: tuple[datetime | int, int] | None, *, descending: bool
    ) -> QuerySet[M]:
        if place:
            rows = rows.filter(RowPasses(self.field, "<" if descending else ">", *place))
        sign = "-" if descending else ""
        return rows.order_by(f"{sign}{self.field}", f"{sign}pk")

    def _cursor(self, row: Model) -> str:
        value = getattr(row, self.field)
        return sign(self.scope, str(value) if self.numbers else microseconds(value), str(row.pk))
