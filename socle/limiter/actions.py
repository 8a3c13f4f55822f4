"""One limiter, in PostgreSQL: nothing depends on a cache or on the number of processes (design §9).

Call it outside any transaction, before the work it protects: a try must stay counted when that work is rolled back.
A call inside a transaction raises RuntimeError.

The promise: of what was allowed and not given back, never more than `count` uses of one key lie in ANY window of
length `per`. The window rolls: a use counts from its own instant until `per` later, there is no border to wait for.
What is refused is not counted, for any of the keys it named: insisting puts nothing off, and `wait` stays true.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from psycopg.types.json import Json

from socle.limiter.models import Tally

# A use is kept this much longer than it counts: two processes neither read the same clock nor arrive in the order
# in which they read it, and the one that is late must still find what counted at its own instant.
SLACK = timedelta(minutes=1)

# A key whose limit is exhausted is locked, left as it is, and not returned. Sorted, two of these never dead-lock.
TAKE = """
    INSERT INTO limiter_tally AS held (key, uses, ends_at)
    SELECT key, ARRAY[ends_at], ends_at FROM unnest(%(keys)s::text[], %(ends)s::timestamptz[]) AS tried(key, ends_at)
    ORDER BY key
    ON CONFLICT (key) DO UPDATE SET
        uses = ARRAY(SELECT ends FROM unnest(held.uses) AS ends WHERE ends > %(forgotten)s) || excluded.uses,
        ends_at = greatest(held.ends_at, excluded.ends_at)
    WHERE (SELECT count(*) FROM unnest(held.uses) AS ends WHERE ends > %(at)s)
        < (%(counts)s::jsonb ->> excluded.key)::int
    RETURNING key
"""

# One use less: the last of those that end by then; the others in their order.
_REFUND = """
    UPDATE limiter_tally SET uses = ARRAY(
        SELECT ends FROM unnest(uses) WITH ORDINALITY AS one(ends, place) WHERE place IS DISTINCT FROM (
            SELECT last.place FROM unnest(uses) WITH ORDINALITY AS last(ends, place)
            WHERE last.ends <= %(latest)s ORDER BY last.ends DESC, last.place LIMIT 1
        ) ORDER BY place
    ) WHERE key = %(key)s
"""


@dataclass(frozen=True)
class Limit:
    """`count` uses of one key, 1 or more, in any window of length `per`; limits of one name and length share uses."""

    name: str
    count: int
    per: timedelta

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError("a limit that allows nothing is a closed door, not a limit")


@dataclass(frozen=True)
class Verdict:
    """Whether every limit allows it; otherwise how long until they all do, if nobody uses them meanwhile."""

    allowed: bool
    wait: timedelta = timedelta()


def fingerprint(limit: Limit, key: str) -> str:
    # Typed text may hold what UTF-8 refuses: it is counted like any other.
    clear = f"{limit.name}\n{limit.per.total_seconds()}\n{key}".encode(errors="surrogatepass")
    return salted_hmac("socle.limiter", clear, algorithm="sha256").hexdigest()


def take_all(tries: Iterable[tuple[Limit, str]], at: datetime | None = None) -> Verdict:
    """Count one use of each key in one statement, or of none when one of them is exhausted."""
    at = at or timezone.now()
    limits = {fingerprint(limit, key): limit for limit, key in tries}
    asked: dict[str, Any] = {
        "keys": list(limits),
        "ends": [at + limit.per for limit in limits.values()],
        "counts": Json({key: limit.count for key, limit in limits.items()}),
        "at": at,
        "forgotten": at - SLACK,
    }
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(TAKE, asked)
        refusing = limits.keys() - {key for (key,) in cursor.fetchall()}
        if not refusing:
            return Verdict(allowed=True)
        opens_at = max(_opens_at(tally, limits[tally.key]) for tally in Tally.objects.filter(key__in=refusing))
        transaction.set_rollback(True)
    return Verdict(allowed=False, wait=opens_at - at)


def _opens_at(tally: Tally, limit: Limit) -> datetime:
    """When fewer than `count` of an exhausted limit are left."""
    return sorted(tally.uses, reverse=True)[limit.count - 1]


def take(limit: Limit, key: str, at: datetime | None = None) -> bool:
    """Count one use; False, and nothing counted, when the limit is exhausted."""
    return take_all([(limit, key)], at).allowed


def remaining(limit: Limit, key: str, at: datetime | None = None) -> int:
    """Uses left at that instant, without counting one."""
    at = at or timezone.now()
    tally = Tally.objects.filter(key=fingerprint(limit, key)).first()
    return max(0, limit.count - sum(ends > at for ends in tally.uses)) if tally else limit.count


def refund(limit: Limit, key: str, at: datetime | None = None) -> None:
    """Give one use back: what was tried turned out to be honest. The last one taken, or the last by `at`."""
    latest = (at or timezone.now()) + limit.per
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_REFUND, {"key": fingerprint(limit, key), "latest": latest})


def purge(at: datetime | None = None) -> int:
    """Delete the keys of which no use counts any more; the number of rows."""
    return Tally.objects.filter(ends_at__lte=(at or timezone.now()) - SLACK).delete()[0]


def forget(limit: Limit, key: str) -> None:
    """Nothing more is counted of this key: whose it was has left. Inside a transaction, where that belongs."""
    Tally.objects.filter(key=fingerprint(limit, key)).delete()
