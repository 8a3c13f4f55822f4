"""What the logs say, and what they never do (T51): written by hand here, by real traffic in test_secondary_doors.py."""

import logging

import pytest

from participons.logs import OneLineFormatter
from participons.supervisor.commands import COMMANDS

FORMATTER = OneLineFormatter("%(levelname)s %(name)s %(message)s")


def line(message, *args):
    return FORMATTER.format(logging.LogRecord("django.request", logging.ERROR, "", 0, message, args, None))


@pytest.mark.parametrize(
    ("message", "secret"),
    [
        ("Mail to %s refused", "alice.martin+lettre@citoyens.example"),
        ("GET /admin/?q=%s", "alice%40citoyens.example"),
        ("Internal Server Error: /suivi/%s/", "BCDF-GHJK-MNPQ"),
        ("nothing for « %s »", "BCDF GHJK MNPQ"),
        ("Internal Server Error: /lettre/%s/", "WzEsMl0:1tQk2Z:qJ6hTnUo0z2f6Vd1l8vB3kYw9sXc5rEa7gMtPyHiUeQ"),
        ("Internal Server Error: /inscriptions/%s/", "WzEsMl0:1tQk2Z:qJ6hTnUo0z2f6Vd1l8vB3kYw9sXc5rEa7gMtPyHiUeQ"),
        ("GET /compte/franceconnect/retour/?code=%s", "court"),
        ("GET /retour/?state=%s", "abcdef"),
        ("Cannot connect to redis://:%s@redis:6379/0", "a-password"),
        ("connection to postgresql://participons:%s@db/participons failed", "a-password"),
        ("sessionid=%s", "kq2n"),
        ("{'csrfmiddlewaretoken': '%s'}", "abc"),
        ("SECRET_KEY=%s", "short"),
        ("Authorization: Bearer %s", "abc"),
        ("token %s", "eyJhbGciOiJFUzI1NiJ9"),
        ("session %s", "3f7k2m9q0x5v8b1n4c6z7l2p3w4e5r6t"),
        ("call %s back", "06 12 34 56 78"),
    ],
)
def test_what_opens_or_names_is_not_written(message, secret):
    said = line(message, secret)
    assert secret not in said and "…" in said
    assert said.startswith("ERROR django.request "), "the rest of the line is whole"


@pytest.mark.parametrize(
    "message",
    [
        "consultation.admin.rencontre_pages.RencontrePages failed",
        "Internal Server Error: /demarches/nord-pas-de-calais-2011/ateliers/5/",
        "task socle.courriels.tasks.send_due took 3.2 s",
        "Forbidden (CSRF cookie not set.): /contributions/nouvelle/",
        "/srv/participons/consultation/views.py:120",
    ],
)
def test_what_a_line_is_about_stays_readable(message):
    assert message in line(message)


def test_the_web_server_writes_no_log_of_addresses():
    assert not [word for word in COMMANDS["web"] if "access-log" in word]
