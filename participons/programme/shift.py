"""Moving a programme so that it runs today: by whole weeks, so that a Monday stays a Monday.

An hour is the clock's on the wall, whatever the season: 18 h stays 18 h. What is known to the month moves by the
whole number of months nearest to those weeks, so that months stay in their order; what is known to the season then
takes the nearest season. Labels are computed from the dates, so they follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from participons.programme.when import When, first_of_month
from socle.dates import Precision

DAYS_PER_MONTH = 146_097 / 4_800  # the mean of the Gregorian calendar


def moved(when: When, weeks: int) -> When:
    """`when`, so many weeks later (or earlier), to its own precision."""
    if weeks == 0:
        return when
    if when.precision in (Precision.DAY, Precision.HOUR):
        return replace(when, start=when.start + timedelta(weeks=weeks), end=when.end + timedelta(weeks=weeks))
    months = round(weeks * 7 / DAYS_PER_MONTH)
    start = first_of_month(when.start, months)
    if when.precision == Precision.SEASON:  # seasons start in March, June, September and December
        start = first_of_month(start, {0: 0, 1: -1, 2: 1}[start.month % 3])
    length = when.end.year * 12 + when.end.month - when.start.year * 12 - when.start.month + 1
    return replace(when, start=start, end=first_of_month(start, length) - timedelta(days=1))


def in_holidays(day: date) -> bool:
    """From 24 December to 2 January nobody comes to an atelier."""
    return (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 2)


def weeks_to(today: date, period: When, ateliers: Sequence[Sequence[date]]) -> int:
    """By how many weeks to move `period` so that it runs `today`, the ateliers being between two séances.

    `ateliers` holds the days of each one's séances, in order. Among the moves after which the period runs today and
    at least one atelier has had its first séance and not its second, take the fewest séances in the holidays, then
    the most ateliers between their first and second séances, then the later dates. Where no move keeps all of this
    (a period shorter than a week, no atelier), the nearest ones are compared.
    """
    first = (today - period.end).days // 7
    last = (today - period.start).days // 7 + 1
    candidates = range(first, last + 1)
    running = [weeks for weeks in candidates if _runs(period, weeks, today)] or [last - 1]
    between = [weeks for weeks in running if _between(ateliers, weeks, today)] or running
    return min(between, key=lambda weeks: (_holidays(ateliers, weeks), -_between(ateliers, weeks, today), -weeks))


def _runs(period: When, weeks: int, today: date) -> bool:
    shift = timedelta(weeks=weeks)
    return period.start + shift <= today <= period.end + shift


def _between(ateliers: Sequence[Sequence[date]], weeks: int, today: date) -> int:
    """How many ateliers have had their first séance (today counts) and wait for their second."""
    shift = timedelta(weeks=weeks)
    return sum(1 for days in ateliers if len(days) > 1 and days[0] + shift <= today < days[1] + shift)


def _holidays(ateliers: Sequence[Sequence[date]], weeks: int) -> int:
    return sum(in_holidays(day + timedelta(weeks=weeks)) for days in ateliers for day in days)
