"""The state of the outbox in figures: the same for the staff's page and for /sante/."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from socle.courriels import kept
from socle.courriels.models import UNFINISHED, Envoi, State

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LOOKED_AT = 1000  # the newest mails in trouble: enough to say which servers refuse
DOMAINS = 8


@dataclass(frozen=True)
class Backlog:
    """What should have left and has not; `oldest` is when the first of them should have."""

    mails: int
    oldest: datetime | None

    @classmethod
    def read(cls, at: datetime | None = None) -> Backlog:
        return cls(**Envoi.objects.backlog(at).aggregate(mails=Count("pk"), oldest=Min("not_before")))

    def age(self, at: datetime) -> timedelta:
        return max(timedelta(0), at - self.oldest) if self.oldest else timedelta(0)


@dataclass(frozen=True)
class Trouble:
    """A domain whose mails wait or failed, how many of them, and the last word of its server."""

    domain: str
    mails: int
    reason: str


@dataclass(frozen=True)
class Outbox:
    backlog: Backlog
    kept: bool  # no server is set: nothing leaves the machine
    states: list[tuple[str, int]]  # all but those that left: these are counted by hour and by day
    sent_in_hour: int
    sent_in_day: int
    bounced_in_day: int
    troubles: list[Trouble]

    @classmethod
    def read(cls, at: datetime | None = None) -> Outbox:
        at = at or timezone.now()
        since_hour, since_day = at - HOUR, at - DAY
        return cls(
            backlog=Backlog.read(at),
            kept=kept.in_use(),
            states=_states(),
            sent_in_hour=Envoi.objects.filter(sent_at__gt=since_hour).count(),
            sent_in_day=Envoi.objects.filter(sent_at__gt=since_day).count(),
            bounced_in_day=Envoi.objects.filter(bounced_at__gt=since_day).count(),
            troubles=_troubles(),
        )


def _states() -> list[tuple[str, int]]:
    """Never a count of all that has left in years: these few follow an index."""
    rows = Envoi.objects.exclude(state=State.SENT).order_by().values_list("state").annotate(Count("pk"))
    found = dict(rows)
    return [(state.label, found[state]) for state in State if found.get(state)]


def _troubles() -> list[Trouble]:
    """By domain, the most mails first; the reason is that of the newest."""
    reasons: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for to, reason in _in_trouble()[:LOOKED_AT]:
        domain = to.rpartition("@")[2].lower()
        counts[domain] += 1
        reasons.setdefault(domain, reason)
    return [Trouble(domain, mails, reasons[domain]) for domain, mails in counts.most_common(DOMAINS)]


def _in_trouble() -> QuerySet[Envoi, tuple[str, str]]:
    rows = Envoi.objects.filter(state__in=(*UNFINISHED, State.FAILED)).exclude(last_error="").exclude(to="")
    return rows.order_by("-pk").values_list("to", "last_error")
