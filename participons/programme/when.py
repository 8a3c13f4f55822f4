"""Dates read as people say them: the inverse of the labels of `socle.dates`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from socle.dates import DAYS, MONTHS, SEASONS, Precision, period_label

FIRST_YEAR, LAST_YEAR = 1990, 2199

_MONTH = "|".join(MONTHS)
_DAY = rf"(?:({'|'.join(DAYS)}) )?(1er|[0-9]{{1,2}})(?: ({_MONTH})(?: ([0-9]{{4}}))?)?"
_ONE_DAY = re.compile(_DAY)
_DAYS = re.compile(rf"du {_DAY} au {_DAY}")
_MONTHS = re.compile(rf"({_MONTH})(?: ([0-9]{{4}}))?(?:/({_MONTH}))? ([0-9]{{4}})|({_MONTH}) ([0-9]{{4}})")
_SEASON = re.compile(r"(printemps|été|automne|hiver) ([0-9]{4})(?:-([0-9]{4}))?")
_TIME = re.compile(r"([0-9]{1,2}) ?h(?: ?([0-9]{2}))?")


@dataclass(frozen=True)
class When:
    """From `start` to `end`, both included, known to `precision`; the hours are the clock's on the wall."""

    start: date
    end: date
    precision: str
    begins: time | None = None
    ends: time | None = None

    @property
    def label(self) -> str:
        return period_label(self.start, self.end, self.precision)

    @property
    def starts_at(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.start, self.begins or time()))

    @property
    def ends_at(self) -> datetime | None:
        return timezone.make_aware(datetime.combine(self.end, self.ends)) if self.ends else None

    def at(self, begins: time | None, ends: time | None) -> When:
        """The same day, from one hour to another."""
        if begins is None:
            return self
        return replace(self, precision=str(Precision.HOUR), begins=begins, ends=ends)


def read_when(text: str) -> When:
    """« 27 janvier 2011 », « du 7 mars au 19 avril 2011 », « mai/juin 2011 », « automne 2011 »; raises ValueError.

    The day of the week may be said, and is then held against the calendar.
    """
    words = " ".join(text.replace("\u00a0", " ").split()).lower()
    for read in (_read_season, _read_months, _read_days, _read_day):
        if found := read(words):
            return found
    raise ValueError(f"« {text} » n’est pas une date.")


def read_time(text: str) -> time:
    """« 18 h », « 18 h 30 »; raises ValueError."""
    match = _TIME.fullmatch(" ".join(text.replace("\u00a0", " ").split()).lower())
    if not match or int(match[1]) > 23 or int(match[2] or 0) > 59:
        raise ValueError(f"« {text} » n’est pas une heure.")
    return time(int(match[1]), int(match[2] or 0))


def first_of_month(day: date, months: int) -> date:
    """The first day of the month that comes so many months after the one of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _read_season(words: str) -> When | None:
    match = _SEASON.fullmatch(words)
    if not match:
        return None
    year = _year(match[2], words)
    month = next(month for month, name in SEASONS.items() if name == match[1])
    if bool(match[3]) != (month == 12) or (match[3] and int(match[3]) != year + 1):
        raise ValueError(f"« {words} » n’est pas une saison : on écrit « automne 2011 », « hiver 2011-2012 ».")
    start = date(year, month, 1)
    return When(start, first_of_month(start, 3) - timedelta(days=1), str(Precision.SEASON))


def _read_months(words: str) -> When | None:
    match = _MONTHS.fullmatch(words)
    if not match:
        return None
    last_name, last_year = match[3] or match[1] or match[5], match[4] or match[6]
    first_name, first_year = match[1] or match[5], match[2] or last_year
    start = date(_year(first_year, words), MONTHS.index(first_name) + 1, 1)
    last = date(_year(last_year, words), MONTHS.index(last_name) + 1, 1)
    return _ordered(start, first_of_month(last, 1) - timedelta(days=1), Precision.MONTH, words)


def _read_days(words: str) -> When | None:
    match = _DAYS.fullmatch(words)
    if not match or not match[7] or not match[8]:
        return None
    end = _day(match[5], match[6], match[7], match[8], words)
    start = _day(match[1], match[2], match[3] or match[7], match[4] or match[8], words)
    return _ordered(start, end, Precision.DAY, words)


def _read_day(words: str) -> When | None:
    match = _ONE_DAY.fullmatch(words)
    if not match or not match[3] or not match[4]:
        return None
    day = _day(match[1], match[2], match[3], match[4], words)
    return When(day, day, str(Precision.DAY))


def _ordered(start: date, end: date, precision: Precision, words: str) -> When:
    if end < start:
        raise ValueError(f"« {words} » finit avant de commencer.")
    return When(start, end, str(precision))


def _day(weekday: str | None, number: str, month: str, year: str, words: str) -> date:
    try:
        day = date(_year(year, words), MONTHS.index(month) + 1, int(number.removesuffix("er")))
    except ValueError as error:
        raise ValueError(str(error) if "«" in str(error) else f"« {words} » n’est pas une date.") from None
    if weekday and weekday != DAYS[day.weekday()]:
        raise ValueError(f"« {words} » : ce jour-là est un {DAYS[day.weekday()]}.")
    return day


def _year(text: str, words: str) -> int:
    if not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise ValueError(f"« {words} » : l’année doit être entre {FIRST_YEAR} et {LAST_YEAR}.")
    return int(text)
