"""Mails that come back: read from hostile hands, matched by our own Message-ID, written down once."""

import io
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from hypothesis import given
from hypothesis import strategies as st

from socle.courriels import actions, bounces, tasks
from socle.courriels.bounces import NotABounce
from socle.courriels.models import Envoi, State

pytestmark = pytest.mark.django_db

REPORT = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example.net
To: retours@participons.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=b"
{headers}
--=b
Content-Type: text/plain

{words}

--=b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; alice@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}

--=b
{returned}
--=b--
"""
COPY = "Content-Type: text/rfc822-headers\n\nFrom: nous@participons.example\nMessage-ID: {id}\nSubject: Votre place\n"
WHOLE = "Content-Type: message/rfc822\n\nMessage-ID: {id}\nSubject: Votre place\n\nBonjour"
NOTHING = "Content-Type: text/plain\n\nno copy"


def report(envoi=None, **changes):
    """As Postfix writes it, unless told otherwise."""
    identifier = envoi.message_id if envoi else "<0123456789abcdef0123456789abcdef@elsewhere.example>"
    words = {
        "headers": "",
        "words": "I'm sorry to have to inform you…",
        "action": "failed",
        "status": "5.1.1",
        "diagnostic": "550 5.1.1 <alice@example.org>: User unknown",
        "returned": COPY,
    }
    return REPORT.format(**{key: text.format(id=identifier) for key, text in (words | changes).items()}).encode()


@pytest.fixture(autouse=True)
def _quiet(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path
    settings.MAILERS = {"default": {"BACKEND": "socle.courriels.backends.KeptMailBackend"}}
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def envoi():
    envoi = actions.enqueue(to="alice@example.org", subject="Votre place", text="Bonjour", dedupe_key="k")
    tasks.send_due()
    envoi.refresh_from_db()
    assert envoi.state == State.SENT
    return envoi


def record(monkeypatch, raw):
    """`manage.py record_bounce < raw`; what it says."""
    said = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    call_command("record_bounce", stdout=said)
    return said.getvalue()


def facts():
    """State, code, whether it has come back, reason: of each mail."""
    return [(e.state, e.bounce_status, bool(e.bounced_at), e.last_error) for e in Envoi.objects.order_by("pk")]


def test_report_marks_its_mail(monkeypatch, envoi):
    said = record(monkeypatch, report(envoi))
    assert said == f"Le courriel {envoi.pk} est revenu (5.1.1) : c’est noté.\n"
    assert facts() == [(State.SENT, "5.1.1", True, "smtp; 550 5.1.1 <…>: User unknown")]
    assert Envoi.objects.bounced_for_good().get() == envoi


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"returned": WHOLE}, "5.1.1"),
        ({"returned": NOTHING, "headers": "In-Reply-To: {id}\n"}, "5.1.1"),  # Exchange
        ({"returned": NOTHING, "headers": "References: <x@y> {id}\n"}, "5.1.1"),
        ({"status": "5.0.0", "diagnostic": "550 5.2.1 disabled"}, "5.2.1"),  # Exim
        ({"status": "5.0.0", "diagnostic": "no idea"}, "5.0.0"),
        ({"status": "4.4.7", "diagnostic": "expired"}, "4.4.7"),
        ({"status": "nonsense", "diagnostic": ""}, "5.0.0"),
        ({"action": "FAILED"}, "5.1.1"),
    ],
)
def test_reports_of_other_servers_are_understood(monkeypatch, envoi, changes, status):
    record(monkeypatch, report(envoi, **changes))
    envoi.refresh_from_db()
    assert envoi.bounce_status == status


@pytest.mark.parametrize("status", ["5.0.0", "5.2.2", "5.7.1", "5.1.7", "5.1.8", "4.4.7"])
def test_only_a_dead_address_is_bounced_for_good(monkeypatch, envoi, status):
    """A full mailbox, a filter, a blocked sender: what is sent tomorrow may arrive."""
    record(monkeypatch, report(envoi, status=status, diagnostic="said"))
    assert Envoi.objects.get().bounced_at
    assert not Envoi.objects.bounced_for_good().exists()


ORDINARY = "From: bob@example.org\nSubject: Bonjour\nIn-Reply-To: {id}\n\nMerci !"
OUT_OF_OFFICE = "From: alice@example.org\nAuto-Submitted: auto-replied\nIn-Reply-To: {id}\n\nJe suis en congé."
AUTO_REPLIED = {"headers": "Auto-Submitted: auto-replied (vacation)\n"}


@pytest.mark.parametrize(
    "message",
    [
        ORDINARY,
        OUT_OF_OFFICE,
        AUTO_REPLIED,
        {"action": "delayed", "status": "4.4.1"},
        {"action": "delivered", "status": "2.0.0"},
        {"action": "relayed"},
        {"action": ""},
        {"returned": NOTHING},
        "",
        "\x00" * 100,
        "Content-Type: multipart/report; boundary=a\n\n--a\nContent-Type: message/delivery-status\n\n--a--",
    ],
    ids=lambda message: ascii(message)[:40],
)
def test_what_is_no_failure_changes_nothing(monkeypatch, envoi, message):
    raw = report(envoi, **message) if isinstance(message, dict) else message.format(id=envoi.message_id).encode()
    said = record(monkeypatch, raw)
    assert said.strip().endswith("rien n’est noté.")
    assert facts() == [(State.SENT, "", False, "")]


def test_report_that_names_no_mail_says_so(monkeypatch, envoi):
    assert "ne dit pas de quel courriel" in record(monkeypatch, report(envoi, returned=NOTHING))


def test_no_more_than_ten_mails_are_looked_for():
    answers = "In-Reply-To: " + " ".join(f"<{number}@example.org>" for number in range(500)) + "\n"
    assert len(bounces.read(report(headers=answers)).message_ids) == 10


def test_what_stands_beyond_the_size_is_not_read(envoi):
    """Some servers send the whole mail back: what matters stands before it."""
    assert bounces.read(report(envoi, words="x" * (bounces.SIZE_MAX // 2))).status == "5.1.1"
    with pytest.raises(NotABounce):
        bounces.read(report(envoi, words="x" * (bounces.SIZE_MAX + 1)))


def test_unknown_message_id_changes_nothing(monkeypatch, envoi):
    assert "n’est pas des nôtres" in record(monkeypatch, report())
    assert facts() == [(State.SENT, "", False, "")]


def test_second_report_changes_nothing(monkeypatch, envoi):
    record(monkeypatch, report(envoi))
    assert "déjà noté" in record(monkeypatch, report(envoi, status="5.2.1"))
    assert facts()[0][1] == "5.1.1"


def test_mail_that_waits_for_another_attempt_does_not_leave_again(monkeypatch, envoi):
    """The server had taken it and the line was cut before it said so."""
    Envoi.objects.update(state=State.WAITING, sent_at=None)
    record(monkeypatch, report(envoi))
    assert facts()[0][:2] == (State.FAILED, "5.1.1")


def test_sent_again_it_forgets_its_return(monkeypatch, envoi):
    record(monkeypatch, report(envoi))
    assert actions.resend(envoi)
    tasks.send_due()
    assert facts() == [(State.SENT, "", False, "")]
    assert "n’est pas des nôtres" in record(monkeypatch, report(envoi)), "the first Message-ID is gone"


def test_nothing_is_answered_to_a_returned_mail(monkeypatch, envoi):
    """Two machines that answer each other never stop."""
    for raw in (report(envoi), report(envoi), OUT_OF_OFFICE.format(id=envoi.message_id).encode()):
        record(monkeypatch, raw)
    assert Envoi.objects.count() == 1


def test_database_down_asks_the_mail_server_to_come_back(monkeypatch, envoi):
    def down(_raw):
        raise OperationalError

    monkeypatch.setattr("socle.courriels.management.commands.record_bounce.record_bounce", down)
    with pytest.raises(CommandError, match="de nouveau") as raised:
        record(monkeypatch, report(envoi))
    assert raised.value.returncode == 75


def test_exit_codes_of_the_command(database_url):
    """As a mail server calls it: 0 for whatever it must not answer, 75 where it must come back."""
    command = [sys.executable, "manage.py", "record_bounce"]
    for url, code in ((database_url, 0), ("postgres://nobody@127.0.0.1:1/nowhere", 75)):
        env = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "participons.settings"}
        done = subprocess.run(command, input=report(), env=env, capture_output=True, check=False)
        assert done.returncode == code, done.stderr.decode()
        assert b"Traceback" not in done.stderr


@given(st.binary(max_size=2000) | st.text().map(str.encode))
def test_no_bytes_raise_anything_else(raw):
    with pytest.raises(NotABounce):
        bounces.read(raw)


@given(st.binary(max_size=60), st.integers(0, 900))
def test_no_damage_to_a_report_raises_anything_else(damage, where):
    raw = report()
    try:
        bounce = bounces.read(raw[:where] + damage + raw[where + len(damage) :])
    except NotABounce:
        return
    assert "\x00" not in bounce.reason + bounce.status + "".join(bounce.message_ids)
    assert len(bounce.reason) <= 300 and len(bounce.status) <= 12


def test_deep_and_huge_messages_are_read_quickly_or_not_at_all():
    nested = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(20_000))
    for raw in (nested.encode(), b"Content-Type: message/rfc822\n\n" * 20_000, b"a" * 3_000_000):
        with pytest.raises(NotABounce):
            bounces.read(raw)


@pytest.fixture
def maildir(settings, tmp_path):
    settings.BOUNCE_MAILDIR = str(tmp_path / "retours")
    new = tmp_path / "retours" / "new"
    new.mkdir(parents=True)
    return new


def test_folder_of_returned_mails_is_read_by_beat(maildir, envoi):
    (maildir / "1.a").write_bytes(report(envoi))
    (maildir / "2.b").write_bytes(OUT_OF_OFFICE.encode())
    (maildir / "3.c").mkdir()
    (maildir / "4.d").symlink_to("/etc/passwd")
    tasks.read_bounces()
    assert facts()[0][1] == "5.1.1"
    assert [path.name for path in maildir.iterdir() if path.is_file() and not path.is_symlink()] == []
    assert [path.name for path in (maildir.parent / "cur").iterdir()] == ["2.b:2,S"], "the others are for a human"


def test_folder_that_is_flooded_is_read_a_part_at_a_time(maildir, envoi, monkeypatch):
    monkeypatch.setattr("socle.courriels.maildir.AT_ONCE", 2)
    for name in "abc":
        (maildir / f"1.{name}").write_bytes(OUT_OF_OFFICE.encode())
    tasks.read_bounces()
    assert [path.name for path in maildir.iterdir()] == ["1.c"]


def test_folder_keeps_what_the_database_could_not_take(maildir, envoi, monkeypatch):
    (maildir / "1.a").write_bytes(report(envoi))

    def down(_raw):
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(actions, "record_bounce", down)
        with pytest.raises(OperationalError):
            tasks.read_bounces()
    assert (maildir / "1.a").exists()
    tasks.read_bounces()
    assert facts()[0][1] == "5.1.1"


@pytest.mark.parametrize("folder", ["", "/nowhere/at/all"])
def test_without_a_folder_nothing_happens(settings, folder):
    settings.BOUNCE_MAILDIR = folder
    tasks.read_bounces()
