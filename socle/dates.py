"""Dates as people say them, from a date and its precision; never a stored label."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import models
from django.utils import timezone

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
# Meteorological seasons, so that a season starts with a month: 3 → printemps (March to May).
SEASONS = {3: "printemps", 6: "été", 9: "automne", 12: "hiver"}


class Precision(models.TextChoices):
    HOUR = "heure", "à l’heure"
    DAY = "jour", "au jour"
    MONTH = "mois", "au mois"
    SEASON = "saison", "à la saison"


def day_number(day: date) -> str:
    return "1er" if day.day == 1 else str(day.day)


def day_label(day: date, *, weekday: bool = True, year: bool = True) -> str:
    """« lundi 7 mars 2011 »."""
    words = [DAYS[day.weekday()]] if weekday else []
    words += [day_number(day), MONTHS[day.month - 1]]
    return " ".join(words + ([str(day.year)] if year else []))


def time_label(moment: time) -> str:
    """« 18 h », « 18 h 30 », with no-break spaces."""
    return f"{moment.hour}\N{NO-BREAK SPACE}h" + (f"\N{NO-BREAK SPACE}{moment.minute:02}" if moment.minute else "")


def season_start(day: date) -> date:
    """The first day of the season that holds `day`."""
    month = day.month - day.month % 3
    return date(day.year - 1, 12, 1) if month == 0 else date(day.year, month, 1)


def season_label(day: date) -> str:
    start = season_start(day)
    if start.month == 12:
        return f"hiver {start.year}-{start.year + 1}"
    return f"{SEASONS[start.month]} {start.year}"


def month_label(start: date, end: date) -> str:
    """« juin 2011 », « mai/juin 2011 », « décembre 2011/janvier 2012 »."""
    if (start.year, start.month) == (end.year, end.month):
        return f"{MONTHS[start.month - 1]} {start.year}"
    first = MONTHS[start.month - 1] if start.year == end.year else f"{MONTHS[start.month - 1]} {start.year}"
    return f"{first}/{MONTHS[end.month - 1]} {end.year}"


def period_label(start: date, end: date, precision: str) -> str:
    """« du 7 mars au 19 avril 2011 », « 27 janvier 2011 », « mai/juin 2011 », « automne 2011 »."""
    if precision == Precision.SEASON:
        return season_label(start)
    if precision == Precision.MONTH:
        return month_label(start, end)
    if start == end:
        return day_label(start, weekday=False)
    same_month = (start.year, start.month) == (end.year, end.month)
    first = day_number(start) if same_month else day_label(start, weekday=False, year=start.year != end.year)
    return f"du {first} au {day_label(end, weekday=False)}"


def moment_label(starts_at: datetime, ends_at: datetime | None, precision: str) -> str:
    """« lundi 7 mars 2011, de 18 h à 20 h », « lundi 7 mars 2011 », « juin 2011 », « automne 2011 »."""
    start = timezone.localtime(starts_at)
    if precision == Precision.SEASON:
        return season_label(start.date())
    if precision == Precision.MONTH:
        return month_label(start.date(), start.date())
    day = day_label(start.date())
    if precision == Precision.DAY:
        return day
    if ends_at is None:
        return f"{day}, à {time_label(start.time())}"
    return f"{day}, de {time_label(start.time())} à {time_label(timezone.localtime(ends_at).time())}"


def ago_label(since: datetime, at: datetime | None = None) -> str:
    """How long something has waited: « 3 jours », « 5 heures », « moins d’une heure »."""
    hours = int(((at or timezone.now()) - since).total_seconds() // 3600)
    if hours < 1:
        return "moins d’une heure"
    if hours < 48:
        return f"{hours} heure{'s' if hours > 1 else ''}"
    return f"{hours // 24} jours"


def local_midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def next_midnight(at: datetime | None = None) -> datetime:
    """The next instant at which « today » changes in the portal's time zone."""
    return local_midnight(timezone.localdate(at) + timedelta(days=1))
