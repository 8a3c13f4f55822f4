"""One limiter, in PostgreSQL: nothing depends on a cache or on the number of processes (design §9).

Call it outside any transaction, before the work it protects: a try must stay counted when that work is rolled back.
A call inside a transaction raises RuntimeError.
Windows are fixed and start at the same instants for everybody: across a border a key may pass twice its limit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from socle.limiter.models import Hit

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COUNT = """
    INSERT INTO limiter_hit (key, ends_at, count)
    SELECT *, 1 FROM unnest(%s::text[], %s::timestamptz[]) AS tried(key, ends_at) ORDER BY key
    ON CONFLICT (key, ends_at) DO UPDATE SET count = limiter_hit.count + 1
    RETURNING key, count
"""


@dataclass(frozen=True)
class Limit:
    """`count` uses of one key in each window of length `per`; two limits of one name share their counters."""

    name: str
    count: int
    per: timedelta

    def window_end(self, at: datetime) -> datetime:
        return EPOCH + ((at - EPOCH) // self.per + 1) * self.per


@dataclass(frozen=True)
class Verdict:
    """Whether every limit allows it; otherwise how long until all of those that refused open again."""

    allowed: bool
    wait: timedelta = timedelta()


def fingerprint(limit: Limit, key: str) -> str:
    # Typed text may hold what UTF-8 refuses: it is counted like any other.
    clear = f"{limit.name}\n{limit.per.total_seconds()}\n{key}".encode(errors="surrogatepass")
    return salted_hmac("socle.limiter", clear, algorithm="sha256").hexdigest()


def take_all(tries: Iterable[tuple[Limit, str]], at: datetime | None = None) -> Verdict:
    """Count one use of each key, all in one statement, refused uses included; allowed when none is exhausted."""
    at = at or timezone.now()
    limits = {fingerprint(limit, key): limit for limit, key in tries}
    ends = [limit.window_end(at) for limit in limits.values()]
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(COUNT, [list(limits), ends])
        counts = cursor.fetchall()
    refusing = [limits[key] for key, count in counts if count > limits[key].count]
    wait = max((limit.window_end(at) - at for limit in refusing), default=timedelta())
    return Verdict(allowed=not refusing, wait=wait)


def take(limit: Limit, key: str, at: datetime | None = None) -> bool:
    """Count one use; False when the limit is exhausted."""
    return take_all([(limit, key)], at).allowed


def remaining(limit: Limit, key: str, at: datetime | None = None) -> int:
    """Uses left in the running window, without counting one."""
    at = at or timezone.now()
    rows = Hit.objects.filter(key=fingerprint(limit, key), ends_at=limit.window_end(at))
    return max(0, limit.count - (rows.values_list("count", flat=True).first() or 0))


def refund(limit: Limit, key: str, at: datetime | None = None) -> None:
    """Give one use back: what was tried turned out to be honest. `at` is when it was taken."""
    at = at or timezone.now()
    rows = Hit.objects.filter(key=fingerprint(limit, key), ends_at=limit.window_end(at), count__gt=0)
    with transaction.atomic(durable=True):
        rows.update(count=F("count") - 1)


def purge(at: datetime | None = None) -> int:
    """Delete the windows that ended; the number of rows."""
    return Hit.objects.filter(ends_at__lte=at or timezone.now()).delete()[0]
