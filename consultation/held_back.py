"""Until when a période de réserve holds the digests back: each actualité is in the digest of one morning, and of one.

It leaves the first morning after it appeared; where that falls in a période de réserve, the first one after its end, or
after somebody has answered for the actualité. What is over of a période de réserve does not change (`ReserveForm`), so
that morning, once past, does not either: nothing is lost, nothing leaves twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, When
from django.db.models.functions import TruncDate
from django.utils import timezone

from consultation.models import Abonnement, Actualite, Demarche, Reserve
from consultation.models.news import ActualiteQuerySet
from socle.comptes.models import Rhythm

MORNING = time(7)
DAYS = {Rhythm.DAILY: 1, Rhythm.WEEKLY: 7}
LONGEST = timedelta(days=8)  # from what appears to its digest, and more


def instant(morning: date) -> datetime:
    return timezone.make_aware(datetime.combine(morning, MORNING))


def first_morning(rhythm: Rhythm, at: datetime) -> date:
    """The first one of this rhythm, from that instant on."""
    day = timezone.localdate(at)
    if at > instant(day):
        day += timedelta(days=1)
    return day + timedelta(days=-day.weekday() % 7) if rhythm == Rhythm.WEEKLY else day


def leaves(rhythm: Rhythm, appeared: datetime, confirmed_at: datetime | None, reserves: Sequence[Reserve]) -> date:
    """The morning whose digest tells it."""
    morning = first_morning(rhythm, appeared)
    while released := [one.released_at for one in reserves if one.holds(instant(morning))]:
        if confirmed_at and confirmed_at <= instant(morning):
            break
        over = max(released)
        morning = first_morning(rhythm, min(over, confirmed_at) if confirmed_at else over)
    return morning


def leaving(rhythm: Rhythm, morning: date) -> list[int]:
    """The actualités that the digests of this morning tell."""
    reserves: dict[int, list[Reserve]] = defaultdict(list)
    for reserve in Reserve.objects.all():
        reserves[reserve.demarche_id].append(reserve)
    since = _since(instant(morning - timedelta(days=DAYS[rhythm])), [one for rows in reserves.values() for one in rows])
    return [
        one.pk
        for one in _appeared(Actualite.objects.all(), since, instant(morning))
        if leaves(rhythm, one.appeared, one.confirmed_at, reserves[one.demarche_id]) == morning
    ]


def waiting(demarche: Demarche | int, at: datetime | None = None) -> list[Actualite]:
    """Those that have appeared and whose digests, that somebody follows, a période de réserve holds back now."""
    now = at or timezone.now()
    reserves = list(Reserve.objects.filter(demarche=demarche))
    running = [one for one in reserves if one.holds(now)]
    if not running:
        return []
    followed = Abonnement.objects.active().filter(demarche=demarche, rhythm__in=list(DAYS))
    rhythms = [Rhythm(one) for one in followed.order_by().values_list("rhythm", flat=True).distinct()]
    rows = _appeared(Actualite.objects.filter(demarche=demarche), _since(now, running), now)
    return [one for one in rows if any(_waits(rhythm, one, reserves, now) for rhythm in rhythms)]


def _waits(rhythm: Rhythm, one: Any, reserves: Sequence[Reserve], now: datetime) -> bool:
    morning = leaves(rhythm, one.appeared, one.confirmed_at, reserves)
    return morning != first_morning(rhythm, one.appeared) and instant(morning) > now


def _since(since: datetime, reserves: Iterable[Reserve]) -> datetime:
    """How far back something may have appeared that was held until then, by one after another."""
    for reserve in sorted(reserves, key=lambda one: one.released_at, reverse=True):
        if reserve.released_at > since - LONGEST:
            since = min(since, reserve.holds_from - LONGEST)
    return since


_HELD = Reserve.objects.filter(
    demarche=OuterRef("demarche"), starts_on__lte=OuterRef("left_day"), ends_on__gte=OuterRef("published_day")
)


def _appeared(rows: ActualiteQuerySet, since: datetime, until: datetime) -> Iterable[Any]:
    """Those that have left, each with `appeared` (of what was held back, when it was let go) and `confirmed_at`."""
    rows = rows.filter(announced_at__isnull=False).confirmed().defer("body")
    rows = rows.alias(published_day=TruncDate("published_at"), left_day=TruncDate("announced_at"))
    dated = rows.annotate(appeared=Case(When(Exists(_HELD), then=F("announced_at")), default=F("published_at")))
    return dated.filter(appeared__gt=since, appeared__lte=until)
