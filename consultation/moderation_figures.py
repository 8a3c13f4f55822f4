"""How moderation goes: what waits, what came in and what was decided each day, how long it took, why it was no.

Nobody is ranked: no figure names who decided. Days are those of the portal's clock, whatever the season.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    Aggregate,
    CharField,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from consultation.choices import ContributionState
from consultation.figures import CappedCount
from consultation.models import Contribution, Decision, Demarche, SecondOpinion
from consultation.permissions import MODERATING, visible_demarches
from socle.comptes.models import User
from socle.dates import ago_label, local_midnight

LIMIT = 2000  # of each state: beyond, « plus de 2 000 »
WITH_AUTHOR, TO_GIVE, MINE = "reformulation", "a-donner", "attendus"
# In the list of the queue: what is said of one, of several.
LABELS = {
    str(ContributionState.WAITING): ("à modérer", "à modérer"),
    WITH_AUTHOR: ("chez son auteur", "chez leur auteur"),
    str(ContributionState.TO_CONFIRM): ("à confirmer", "à confirmer"),
    str(ContributionState.PUBLISHED): ("publiée", "publiées"),
    str(ContributionState.REFUSED): ("refusée", "refusées"),
    str(ContributionState.WITHDRAWN): ("retirée", "retirées"),
}


def in_the_queue(user: User) -> list[tuple[int, str, str]]:
    """How many, what, and the query that lists them; at most LIMIT + 1 of each, in two queries."""
    demarches = visible_demarches(user, MODERATING)
    rows = Contribution.objects.filter(demarche__in=demarches.values("pk"))
    asked = {state: rows.filter(state=state) for state in LABELS if state != WITH_AUTHOR}
    asked |= {str(ContributionState.WAITING): rows.waiting(), WITH_AUTHOR: rows.with_their_author()}
    counts: dict[str, Any] = {
        f"n_{name}": CappedCount(found.order_by().values(one=Value(1))[: LIMIT + 1]) for name, found in asked.items()
    }
    found = demarches.order_by("pk").annotate(**counts).values(*counts).first() or {}
    states = [
        (number := found.get(f"n_{name}", 0), labels[number > 1], f"?etat={name}" * (name != ContributionState.WAITING))
        for name, labels in LABELS.items()
    ]
    opinions = SecondOpinion.objects.open().filter(contribution__demarche__in=demarches.values("pk"))
    own = Q(asked_by=user.pk)
    given = opinions.aggregate(to_give=Count("pk", filter=~own), mine=Count("pk", filter=own))
    return [
        *states,
        (given["to_give"], "avis à donner", f"?avis={TO_GIVE}"),
        (given["mine"], "avis que j’attends", f"?avis={MINE}"),
    ]


class Percentile(Aggregate):
    """Of durations: half of them (or 90 % of them) are no longer than this one."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True)
class Bar:
    """What came in and what was decided in a day, or in a month; `start` is its first day."""

    start: date
    received: int
    published: int
    refused: int

    @property
    def decided(self) -> int:
        return self.published + self.refused


@dataclass(frozen=True)
class Share:
    label: str
    number: int
    percent: int


@dataclass(frozen=True)
class Figures:
    """Of a period, its last day included, on some démarches; what waits is what waits now."""

    bars: list[Bar]
    by_month: bool
    waiting: int
    oldest: datetime | None
    median: timedelta | None
    ninth: timedelta | None  # nine out of ten were decided within it
    shares: list[Share]

    @property
    def received(self) -> int:
        return sum(bar.received for bar in self.bars)

    @property
    def published(self) -> int:
        return sum(bar.published for bar in self.bars)

    @property
    def refused(self) -> int:
        return sum(bar.refused for bar in self.bars)


LONGEST_BY_DAY = 92  # days; a longer period is counted by months


def figures(demarches: QuerySet[Demarche], first: date, last: date) -> Figures:
    """In five queries, whatever the size."""
    within = (local_midnight(first), local_midnight(last + timedelta(days=1)))
    rows = Contribution.objects.filter(demarche__in=demarches.values("pk"))
    taken = Decision.objects.filter(
        contribution__demarche__in=demarches.values("pk"), decided_at__gte=within[0], decided_at__lt=within[1]
    )
    decided = taken.filter(
        from_state=ContributionState.WAITING,
        to_state__in=(ContributionState.PUBLISHED, ContributionState.REFUSED),
    )
    waiting = rows.waiting().order_by().aggregate(number=Count("pk"), oldest=Min(_entered("pk", "submitted_at")))
    since = _entered("contribution", "contribution__submitted_at")
    waited = ExpressionWrapper(F("decided_at") - since, output_field=DurationField())
    delays = decided.aggregate(median=Percentile(waited, fraction=0.5), ninth=Percentile(waited, fraction=0.9))
    received = rows.exclude(state=ContributionState.TO_CONFIRM)
    received = received.filter(submitted_at__gte=within[0], submitted_at__lt=within[1])
    by_month = (last - first).days + 1 > LONGEST_BY_DAY
    return Figures(
        _bars(first, last, by_month, _days(received, "submitted_at"), _days(decided, "decided_at", "to_state")),
        by_month,
        waiting["number"],
        waiting["oldest"],
        delays["median"],
        delays["ninth"],
        _shares(taken.filter(reason__isnull=False)),
    )


def _entered(contribution: str, received: str) -> Coalesce:
    """When it came to the moderators: once its address was confirmed, else when it was received."""
    arrivals = Decision.objects.filter(contribution=OuterRef(contribution), to_state=ContributionState.WAITING)
    return Coalesce(Subquery(arrivals.order_by("-decided_at").values("decided_at")[:1]), F(received))


def _days(rows: QuerySet, moment: str, what: str = "") -> list[tuple[date, str, int]]:
    """(day, what, how many) by the portal's clock."""
    said = F(what) if what else Value("", output_field=CharField())
    counted = rows.order_by().annotate(day=TruncDate(moment), said=said).values_list("day", "said")
    return list(counted.annotate(Count("pk")))


def _bars(first: date, last: date, by_month: bool, received: Iterable[Any], decided: Iterable[Any]) -> list[Bar]:
    """One for each day, or month, of the period, those where nothing happened too."""

    def start(day: date) -> date:
        return day.replace(day=1) if by_month else day

    counts: Counter[tuple[date, str]] = Counter()
    for day, said, number in (*received, *decided):
        counts[start(day), said] += number
    starts = dict.fromkeys(start(first + timedelta(days=n)) for n in range((last - first).days + 1))
    states = ("", ContributionState.PUBLISHED, ContributionState.REFUSED)
    return [Bar(day, *(counts[day, state] for state in states)) for day in starts]


def _shares(taken: QuerySet[Decision]) -> list[Share]:
    """The reasons given to those whose words are not online, the most frequent first."""
    counted = list(taken.order_by().values_list("reason__label").annotate(number=Count("pk")).order_by("-number"))
    total = sum(number for _, number in counted)
    return [Share(label, number, round(100 * number / total)) for label, number in counted]


def spoken(delay: timedelta | None) -> str:
    """« 3 heures », « 2 jours », « moins d’une heure »; empty where there is none."""
    if delay is None:
        return ""
    now = timezone.now()
    return ago_label(now - delay, now)
