"""The .ics files, read by the rules of RFC 5545 written here and not by the library that wrote them."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.conf import settings
from django.utils import timezone

from consultation.choices import RencontreState
from socle.dates import Precision
from tests.factories import local, make_demarche, make_lieu, make_rencontre, make_seance
from tests.writing import text_of

pytestmark = pytest.mark.django_db

ESCAPES = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}


def paris(*moment: int) -> datetime:
    return timezone.make_aware(datetime(*moment))  # noqa: DTZ001 (made aware at once)


def lines_of(raw: bytes) -> list[str]:
    """Content lines, unfolded (§ 3.1): CRLF after each, 75 octets at most, a character never cut."""
    assert raw.endswith(b"\r\n")
    folded = raw[:-2].split(b"\r\n")
    for line in folded:
        assert len(line) <= 75
        assert b"\r" not in line
        assert b"\n" not in line
        line.decode()
    return re.sub("\r\n[ \t]", "", raw.decode()).split("\r\n")[:-1]


def events_of(raw: bytes) -> list[dict[str, str]]:
    """Each event's properties, its name and parameters as key; the frame is checked on the way."""
    lines = lines_of(raw)
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == "END:VCALENDAR"
    assert lines.count("VERSION:2.0") == 1
    events: list[dict[str, str]] = []
    for line in lines[1:-1]:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            events.append({})
        elif events and line != "END:VEVENT":
            assert name not in events[-1], f"{name} twice"
            events[-1][name] = re.sub(r"\\[nN,;\\]", lambda escape: ESCAPES[escape[0]], value)
    for event in events:
        assert {"UID", "DTSTAMP", "SUMMARY", "SEQUENCE", "STATUS"} <= event.keys()
    return events


def read(client, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert not answer.cookies
    return events_of(answer.content)


def test_hours_are_instants_on_both_sides_of_the_change_of_clocks(client):
    """In 2011 the clocks went forward on 27 March: 18 h in Paris is 17 h UTC before, 16 h UTC after."""
    for day, utc in ((26, "20110326T170000Z"), (28, "20110328T160000Z")):
        rencontre = make_rencontre(
            precision=Precision.HOUR, starts_at=paris(2011, 3, day, 18), ends_at=paris(2011, 3, day, 20)
        )
        (event,) = read(client, f"/rencontres/{rencontre.pk}.ics")
        assert event["DTSTART"] == utc
        assert event["DTEND"] == utc.replace("T17", "T19").replace("T16", "T18")


@pytest.mark.parametrize(("night", "shown", "utc"), [
    ((2099, 3, 29, 1, 30), "à 1 h 30", "20990329T003000Z"),
    ((2099, 3, 29, 2, 30), "à 3 h 30", "20990329T013000Z"),  # an hour that does not exist
    ((2099, 3, 29, 3, 30), "à 3 h 30", "20990329T013000Z"),
    ((2099, 10, 25, 1, 30), "à 1 h 30", "20991024T233000Z"),
    ((2099, 10, 25, 2, 30), "à 2 h 30", "20991025T003000Z"),  # the first of the two
    ((2099, 10, 25, 3, 30), "à 3 h 30", "20991025T023000Z"),
])  # fmt: skip
def test_a_seance_in_the_night_of_the_change_is_shown_and_dated_at_one_instant(client, night, shown, utc):
    seance = make_seance(starts_at=paris(*night), precision=Precision.HOUR)
    address = f"/rencontres/{seance.pk}"
    for page in (f"{address}/", f"{address}/inscription/", "/rencontres/"):
        assert shown in text_of(client.get(page)), page
    (event,) = read(client, f"{address}.ics")
    assert event["DTSTART"] == utc


def test_without_an_hour_it_is_an_event_of_the_whole_day(client):
    rencontre = make_rencontre(starts_at=paris(2011, 5, 17))
    (event,) = read(client, f"/rencontres/{rencontre.pk}.ics")
    assert event["DTSTART;VALUE=DATE"] == "20110517"
    assert event["DTEND;VALUE=DATE"] == "20110518"
    assert "Horaire à préciser." in event["DESCRIPTION"]
    assert "Lieu à préciser." in event["DESCRIPTION"]


def test_several_days_end_the_day_after_the_last(client):
    rencontre = make_rencontre(starts_at=paris(2011, 10, 29), ends_at=paris(2011, 10, 31))
    (event,) = read(client, f"/rencontres/{rencontre.pk}.ics")
    assert event["DTSTART;VALUE=DATE"] == "20111029"
    assert event["DTEND;VALUE=DATE"] == "20111031"


def test_long_and_strange_texts_are_folded_and_escaped(client):
    lieu = make_lieu(name="Salle A ; au fond, à gauche \\ là", town="Étaples", latitude=50.51, longitude=1.64)
    title = "Réunion é𝄞 " * 12 + "fin, oui ; non"
    rencontre = make_rencontre(title=title, lieu=lieu, starts_at=paris(2011, 3, 7))
    (event,) = read(client, f"/rencontres/{rencontre.pk}.ics")
    assert event["SUMMARY"] == title
    assert event["LOCATION"] == lieu.one_line
    assert event["GEO"] == "50.51;1.64"


def test_end_of_line_in_a_title_makes_no_property(client):
    rencontre = make_rencontre(title="Réunion\r\nATTENDEE:mailto:x@example.org")
    (event,) = read(client, f"/rencontres/{rencontre.pk}.ics")
    assert "ATTENDEE" not in event


def test_identity_of_an_event_lasts_and_its_sequence_follows(client):
    rencontre = make_rencontre()
    (before,) = read(client, f"/rencontres/{rencontre.pk}.ics")
    cancelled = {"state": RencontreState.CANCELLED, "cancel_reason": "La salle est fermée."}
    type(rencontre).objects.update(starts_at=local(9), ics_sequence=3, **cancelled)
    (after,) = read(client, f"/rencontres/{rencontre.pk}.ics")
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == ("0", "3")
    assert (before["STATUS"], after["STATUS"]) == ("CONFIRMED", "CANCELLED")
    assert after["URL"] == f"{settings.SITE_URL}/rencontres/{rencontre.pk}/"


def test_agenda_holds_what_has_a_day_and_is_published(client):
    make_demarche()
    assert read(client, "/agenda.ics") == []
    shown = [make_rencontre(starts_at=local(days)) for days in (-3, 2, 1)]
    make_rencontre(precision=Precision.MONTH, starts_at=local(40).replace(day=1))
    make_rencontre(precision=Precision.SEASON, starts_at=local(90).replace(day=1))
    make_rencontre(state=RencontreState.DRAFT)
    events = read(client, "/agenda.ics")
    assert [event["SUMMARY"] for event in events] == [shown[0].title, shown[2].title, shown[1].title]
    assert len({event["UID"] for event in events}) == 3


def test_same_agenda_has_the_same_bytes(client):
    make_rencontre()
    assert client.get("/agenda.ics").content == client.get("/agenda.ics").content
