"""Rencontres as iCalendar (RFC 5545): only what has a day; an all-day event where the hour is not known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import icalendar
from django.conf import settings
from django.utils import timezone

from consultation.models import Rencontre
from consultation.models.rencontre import RencontreQuerySet
from socle.dates import Precision, local_midnight
from socle.text import clean_text

CONTENT_TYPE = "text/calendar; charset=utf-8"
LONGEST = 500  # events in the agenda, the newest ones


def shown() -> RencontreQuerySet:
    """What a calendar can hold: published, with a day."""
    return Rencontre.objects.published().filter(precision__in=[Precision.HOUR, Precision.DAY]).select_related("lieu")


def calendar(rencontres: Iterable[Rencontre], name: str = "Participons") -> bytes:
    cal = icalendar.Calendar()
    cal.add("prodid", "-//Participons//Agenda//FR")
    cal.add("version", "2.0")
    cal.add("x-wr-calname", name)
    for rencontre in rencontres:
        cal.add_component(_event(rencontre))
    return cal.to_ical()


def _event(rencontre: Rencontre) -> icalendar.Event:
    """The UID never changes; SEQUENCE grows when a date does, so that calendars already filled follow."""
    event = icalendar.Event()
    event.add("uid", f"rencontre-{rencontre.pk}@{urlsplit(settings.SITE_URL).hostname}")
    # Required; at midnight, so that the same agenda has the same bytes all day long.
    event.add("dtstamp", local_midnight(timezone.localdate()).astimezone(UTC))
    event.add("sequence", rencontre.ics_sequence)
    event.add("status", "CANCELLED" if rencontre.is_cancelled else "CONFIRMED")
    title = clean_text(rencontre.title, multiline=False)
    event.add("summary", f"Annulé\N{NO-BREAK SPACE}: {title}" if rencontre.is_cancelled else title)
    event.add("dtstart", _start(rencontre))
    if end := _end(rencontre):
        event.add("dtend", end)
    url = settings.SITE_URL + rencontre.get_absolute_url()
    event.add("url", url)
    event.add("description", _description(rencontre, url))
    if rencontre.lieu:
        event.add("location", clean_text(rencontre.lieu.one_line, multiline=False))
        if rencontre.lieu.latitude is not None:
            event.add("geo", (rencontre.lieu.latitude, rencontre.lieu.longitude))
    return event


def _start(rencontre: Rencontre) -> datetime | date:
    if rencontre.has_hour:
        return rencontre.starts_at.astimezone(UTC)
    return timezone.localdate(rencontre.starts_at)


def _end(rencontre: Rencontre) -> datetime | date | None:
    """The end of an all-day event is the day after its last one (RFC 5545 § 3.6.1)."""
    if rencontre.has_hour:
        return rencontre.ends_at.astimezone(UTC) if rencontre.ends_at else None
    last = rencontre.ends_at - timedelta(microseconds=1) if rencontre.ends_at else rencontre.starts_at
    return timezone.localdate(last) + timedelta(days=1)


def _description(rencontre: Rencontre, url: str) -> str:
    unknown = [] if rencontre.has_hour else ["Horaire à préciser."]
    unknown += [] if rencontre.lieu else ["Lieu à préciser."]
    return "\n".join([*unknown, url])
