"""Searching contributions by relevance: only the newest matches are ranked, the others follow by date (design §8)."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from consultation.models.contribution import ContributionQuerySet
from socle.fulltext import Query, SearchColumn
from socle.keyset import RowPasses, microseconds, moment, sign, unsign

WINDOW = 2000  # matches that are ranked, and counted


@dataclass(frozen=True)
class Match:
    pk: int
    published_at: datetime
    origine: str
    rank: float

    @property
    def key(self) -> tuple[float, float, int]:
        """Best first, then newest first."""
        return (-self.rank, -self.published_at.timestamp(), -self.pk)


@dataclass(frozen=True)
class Window:
    """The newest matches, newest first; `more` when there are others behind."""

    matches: list[Match]
    more: bool

    @property
    def by_origine(self) -> dict[str, int]:
        return dict(Counter(match.origine for match in self.matches))


@dataclass(frozen=True)
class Results:
    pks: list[int]
    window: Window
    following: str = ""
    first: bool = True
    lost: bool = False


@dataclass(frozen=True)
class _Place:
    """Where a page ended. `ceiling` holds the window still while others are published."""

    ceiling: tuple[datetime, int] | None = None
    after: tuple[float, float, int] | None = None  # a Match.key, inside of the window
    older_than: tuple[datetime, int] | None = None  # behind the window


def look_up(rows: ContributionQuerySet, query: Query, *, ceiling: tuple[datetime, int] | None = None) -> Window:
    """The newest matches among `rows`, with their rank; one query, whatever the number of matches."""
    if ceiling:
        rows = rows.filter(RowPasses("published_at", "<=", *ceiling))
    newest = rows.matching(query).newest().annotate(vector=SearchColumn())
    sql, params = newest.values("pk", "published_at", "origine", "vector")[: WINDOW + 1].query.sql_with_params()
    with connection.cursor() as cursor:
        # Ranked outside, so that the rows behind the limit are not.
        cursor.execute(
            f"SELECT pk, published_at, origine, ts_rank(vector, %s::tsquery, 1)::float8 FROM ({sql}) newest",  # noqa: S608
            [query.tsquery, *params],
        )
        matches = [Match(*row) for row in cursor]
    return Window(matches[:WINDOW], len(matches) > WINDOW)


def by_relevance(rows: ContributionQuerySet, query: Query, *, scope: str, cursor: str = "", size: int = 20) -> Results:
    """One page of the matches, best first; a cursor that is not ours gives the first page."""
    place = _read(scope, cursor) if cursor else _Place()
    lost = place is None
    place = place or _Place()
    window = look_up(rows, query, ceiling=place.ceiling)
    if place.older_than:
        return _older(rows, query, window, place.older_than, scope=scope, size=size)
    ranked = sorted(window.matches, key=lambda match: match.key)
    start = bisect_right(ranked, place.after, key=lambda match: match.key) if place.after else 0
    shown = ranked[start : start + size]
    following = ""
    if shown and start + size < len(ranked):
        following = _write_ranked(scope, window.matches[0], shown[-1])
    elif shown and window.more:
        following = _write_older(scope, window.matches[0], window.matches[-1].published_at, window.matches[-1].pk)
    return Results([match.pk for match in shown], window, following, first=place.after is None, lost=lost)


def _older(
    rows: ContributionQuerySet, query: Query, window: Window, place: tuple[datetime, int], *, scope: str, size: int
) -> Results:
    """Behind the window: by date, without a rank."""
    behind = rows.matching(query).filter(RowPasses("published_at", "<", *place)).newest()
    found = list(behind.values_list("pk", "published_at")[: size + 1])
    following = ""
    if len(found) > size and window.matches:
        pk, published_at = found[size - 1]
        following = _write_older(scope, window.matches[0], published_at or place[0], pk)
    return Results([pk for pk, _ in found[:size]], window, following, first=False)


def _write_ranked(scope: str, ceiling: Match, last: Match) -> str:
    rank, date, pk = last.key
    return sign(scope, "r", microseconds(ceiling.published_at), str(ceiling.pk), rank.hex(), date.hex(), str(pk))


def _write_older(scope: str, ceiling: Match, published_at: datetime, pk: int) -> str:
    return sign(scope, "d", microseconds(ceiling.published_at), str(ceiling.pk), microseconds(published_at), str(pk))


def _read(scope: str, cursor: str) -> _Place | None:
    match unsign(scope, cursor):
        case ["r", date, pk, rank, last_date, last_pk]:
            after = (float.fromhex(rank), float.fromhex(last_date), int(last_pk))
            return _Place(ceiling=(moment(date), int(pk)), after=after)
        case ["d", date, pk, last_date, last_pk]:
            return _Place(ceiling=(moment(date), int(pk)), older_than=(moment(last_date), int(last_pk)))
    return None
