"""Rencontres and people to remind, and the mails that came of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage

import icalendar
from django.core import mail
from django.utils import timezone

from consultation.actions.rappels import remind_due
from consultation.models import Inscription, Rencontre
from socle.courriels import actions as courriels
from socle.dates import Precision
from tests.factories import make_inscription, make_rencontre

LONG_AGO = timezone.now() - timedelta(days=90)


def paris(*moment: int) -> datetime:
    return timezone.make_aware(datetime(*moment))  # noqa: DTZ001 (made aware at once)


def planned(starts_at: datetime, **fields) -> Rencontre:
    return make_rencontre(**({"starts_at": starts_at, "precision": Precision.HOUR} | fields))


def registered(rencontre: Rencontre, **fields) -> Inscription:
    """Somebody who took their place long before."""
    long_before = rencontre.starts_at - timedelta(days=90)
    return make_inscription(**({"rencontre": rencontre, "created_at": min(long_before, LONG_AGO)} | fields))


def swept(at: datetime | None = None) -> list[str]:
    """Who is written to by a sweep at that instant; the mails that wait all leave."""
    remind_due(at)
    return sent()


def sent() -> list[str]:
    mail.outbox.clear()
    while courriels.send_due(100).sent:
        pass
    return sorted(address for message in mail.outbox for address in message.to)


def event_of(message) -> icalendar.Event:
    """The one event of the calendar that a mail holds, read from what is on the wire by a parser of another house."""
    parsed: EmailMessage = message.message()
    [file] = [part for part in parsed.walk() if part.get_content_type() == "text/calendar"]
    [event] = icalendar.Calendar.from_ical(file.get_payload(decode=True)).walk("VEVENT")
    return event
