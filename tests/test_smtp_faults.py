"""Servers that refuse, hang, close or lie, against the function the worker runs: the others leave, nothing is lost."""

import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import timedelta
from random import Random

import pytest
from django.utils import timezone

from socle.courriels import actions, sending, tasks
from socle.courriels.models import Envoi, State
from tests import smtp_sink
from tests.outbox import let_time_pass, states, write, write_many
from tests.smtp_sink import mailer_at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def sink(settings):
    with smtp_sink.running(settings, timeout=0.3) as sink:
        yield sink


def at_recipient(answer):
    return lambda sink, address: sink.recipient_answers.update({address: answer})


def at_data(answer):
    return lambda sink, address: sink.data_answers.update({address: answer})


# What the server does to one mail, then: is it given up, under which code, and may a copy have arrived already?
FAULTS = {
    "unknown recipient": (at_recipient("550 5.1.1 <p1@example.org> unknown"), True, "5.1.1", 0),
    "recipient refused, no code": (at_recipient("550 no"), True, "", 0),
    "recipient filtered": (at_recipient("550 5.7.1 blocked"), True, "5.7.1", 0),
    "greylisted": (at_recipient("451 4.7.1 <p1@example.org> later"), False, "", 0),
    "mailbox full": (at_recipient("452 4.2.2 full"), False, "", 0),
    "closes at the recipient": (at_recipient("421 4.3.2 closing"), False, "", 0),
    "silent at the recipient": (lambda sink, address: sink.silent_at_recipient.add(address), False, "", 0),
    "content refused": (at_data("554 5.7.1 spam from p1@example.org"), True, "", 0),
    "content refused for now": (at_data("451 4.3.0 later"), False, "", 0),
    "closes at the content": (at_data("421 4.3.2 closing"), False, "", 0),
    "taken, then cut": (lambda sink, address: sink.cut_after_data.add(address), False, "", 1),
    "taken, then silent": (lambda sink, address: sink.silent_after_data.add(address), False, "", 1),
}


def repair(sink):
    for faults in (sink.recipient_answers, sink.data_answers, sink.silent_at_recipient):
        faults.clear()


def keep_sending():
    """As beat would, minute after minute."""
    for _ in range(40):
        let_time_pass()
        tasks.send_due()
        if not Envoi.objects.unfinished().exists():
            return


@pytest.mark.parametrize("fault", FAULTS)
def test_one_bad_mail_holds_no_other(sink, fault, caplog):
    happen, given_up, code, copies = FAULTS[fault]
    happen(sink, "p1@example.org")
    write_many(4)
    tasks.send_due()
    let_time_pass()  # after a hang-up the rest waits for the next minute
    bad = Envoi.objects.get(to="p1@example.org")
    assert (bad.state == State.FAILED) == given_up
    assert (bad.bounce_status, bool(bad.bounced_at)) == (code, bool(code))
    assert bad.last_error and "p1@" not in bad.last_error and "p1@" not in caplog.text
    tasks.send_due()
    assert {to: state for to, state in states().items() if to != bad.to} == dict.fromkeys(
        ("p0@example.org", "p2@example.org", "p3@example.org"), State.SENT
    )
    repair(sink)
    keep_sending()
    bad.refresh_from_db()
    assert bad.state == (State.FAILED if given_up else State.SENT)
    expected = dict.fromkeys(states(), 1) | {bad.to: 0 if given_up else 1 + copies}
    assert sink.addresses == {to: count for to, count in expected.items() if count}
    assert set(sink.ids) <= set(Envoi.objects.values_list("message_id", flat=True)), "a copy has the same Message-ID"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_storm_of_faults_loses_nothing(sink, seed):
    random = Random(seed)
    write_many(25)
    drawn = {f"p{number}@example.org": random.choice([*FAULTS, *[""] * 10]) for number in range(25)}
    for address, fault in drawn.items():
        if fault:
            FAULTS[fault][0](sink, address)
    for _ in range(3):
        let_time_pass()
        tasks.send_due()
    repair(sink)
    keep_sending()
    given_up = {address for address, fault in drawn.items() if fault and FAULTS[fault][1]}
    assert states() == {to: State.FAILED if to in given_up else State.SENT for to in drawn}
    assert sink.addresses.keys() == drawn.keys() - given_up
    assert max(sink.addresses.values()) <= 2
    assert len(sink.ids) == len(sink.addresses)


EHLO = b"250-hello\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n"
CLOSED_DOORS = {
    "refuses": ([b"554 5.7.1 go away\r\n"], {}),
    "closes": ([b"421 4.3.2 too busy\r\n"], {}),
    "hangs up": ([b""], {}),
    "speaks another language": ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], {}),
    "bad login": (
        [b"220 hi\r\n", EHLO, *[b"535 5.7.8 bad login\r\n"] * 6],
        {"username": "participons", "password": "un-secret-du-serveur"},
    ),
    "no TLS": ([b"220 hi\r\n", b"250 hello\r\n"], {"use_tls": True}),
    "TLS refused": ([b"220 hi\r\n", EHLO, b"454 4.7.0 not now\r\n"], {"use_tls": True}),
    "broken TLS": ([b"220 hi\r\n", EHLO, b"220 go\r\n", b"not a handshake\r\n"], {"use_tls": True}),
}


@pytest.mark.parametrize("door", CLOSED_DOORS)
def test_server_that_lets_nobody_in_is_no_mails_fault(settings, sink, door, caplog):
    """Not an attempt: the mails wait for the server, however long it takes, and staff read why."""
    answers, options = CLOSED_DOORS[door]
    write_many(3)
    with smtp_sink.scripted(*answers) as port:
        mailer_at(settings, port, timeout=0.3, **options)
        for _ in range(sending.ATTEMPTS + 1):
            let_time_pass()
            tasks.send_due()
    assert set(states().values()) == {State.WAITING}
    assert set(Envoi.objects.values_list("attempts", flat=True)) == {0}
    assert all(Envoi.objects.values_list("last_error", flat=True))
    assert Envoi.objects.backlog().count() == 3
    assert "un-secret" not in caplog.text + "".join(Envoi.objects.values_list("last_error", flat=True))
    mailer_at(settings, sink.port)
    let_time_pass()
    tasks.send_due()
    assert sink.addresses == dict.fromkeys(states(), 1)


def test_server_that_goes_silent_holds_the_worker_no_longer_than_its_patience(sink):
    """The call comes back by itself (this test would not end): twenty seconds in life, less here."""
    for number in range(3):
        sink.silent_at_recipient.add(f"p{number}@example.org")
    write_many(5)
    counts = actions.send_due()
    assert (counts.sent, counts.postponed, counts.put_back, counts.go_on) == (0, 1, 4, False)


def test_the_portal_waits_for_a_server_twenty_seconds(tmp_path):
    code = "from participons import settings; print(settings.MAILERS['default']['OPTIONS']['timeout'])"
    env = os.environ | {"EMAIL_URL": "smtp://127.0.0.1:25"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "20"


def test_server_closing_in_mid_batch_gets_the_rest_on_a_new_connection(sink):
    sink.closing_at = 2
    write_many(6)
    tasks.send_due()
    let_time_pass()
    tasks.send_due()
    assert set(states().values()) == {State.SENT}
    assert set(sink.addresses.values()) == {1}
    assert sink.connections > 2


def test_server_that_never_answers_leaves_the_mails_waiting(settings, caplog):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mailer_at(settings, silent.getsockname()[1], timeout=0.2)
        write_many(3)
        tasks.send_due()
    assert set(states().values()) == {State.WAITING}
    assert set(Envoi.objects.values_list("attempts", flat=True)) == {0}
    assert Envoi.objects.due().count() == 0
    assert Envoi.objects.backlog().count() == 3
    assert "p1@" not in caplog.text


def test_absent_server_then_back(settings, sink):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    mailer_at(settings, port)
    write_many(2)
    tasks.send_due()
    assert set(states().values()) == {State.WAITING}
    assert all(Envoi.objects.values_list("last_error", flat=True))
    mailer_at(settings, sink.port)
    let_time_pass()
    tasks.send_due()
    assert set(states().values()) == {State.SENT}


def test_waits_grow_then_the_mail_fails(sink):
    sink.recipient_answers["alice@example.org"] = "450 later"
    envoi = write()
    waits = []
    for _ in range(sending.ATTEMPTS):
        let_time_pass()
        tasks.send_due()
        envoi.refresh_from_db()
        waits.append(envoi.next_attempt_at - timezone.now())
    assert envoi.state == State.FAILED
    assert sorted(waits[:-1]) == waits[:-1]
    assert waits[3] > timedelta(minutes=50)


def test_worker_killed_in_mid_batch_serves_everyone(sink, database_url):
    write_many(15)
    taken = threading.Event()
    go_on = threading.Event()

    def hold(envelope):
        if len(sink.accepted) == 6 and not taken.is_set():
            taken.set()
            go_on.wait(30)  # the mail is taken; its sender dies before it hears of it

    sink.on_data = hold
    env = os.environ | {
        "DATABASE_URL": database_url,
        "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
        "DJANGO_SETTINGS_MODULE": "participons.settings",
    }
    code = "import django; django.setup()\nfrom socle.courriels import tasks\ntasks.send_due()"
    worker = subprocess.Popen([sys.executable, "-c", code], env=env, start_new_session=True)
    assert taken.wait(60)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    go_on.set()
    assert Envoi.objects.filter(state=State.SENT).count() == 5
    tasks.send_due()
    assert Envoi.objects.filter(state=State.SENDING).count() == 10  # not before their claim runs out
    let_time_pass()
    tasks.send_due()
    assert set(states().values()) == {State.SENT}
    assert len(sink.ids) == 15
    assert sorted(sink.ids.values())[-2:] == [1, 2]


def test_a_mail_that_kills_its_workers_is_given_up_alone(sink):
    """It is the first of its batch; the others, which were with it, all leave."""
    write_many(4)
    for _ in range(sending.TOO_OFTEN):
        assert (claimed := sending._claim(5))
        assert claimed[0].to == "p0@example.org"
        let_time_pass()
    tasks.send_due()
    assert states() == {"p0@example.org": State.FAILED} | {f"p{number}@example.org": State.SENT for number in (1, 2, 3)}
    assert set(Envoi.objects.filter(state=State.SENT).values_list("attempts", flat=True)) == {1}


def test_slow_server_gets_what_fits_in_the_claim(sink, monkeypatch):
    clock = iter([0, 0, sending.TIME_TO_SEND - 1, sending.TIME_TO_SEND + 1])
    write_many(4)
    monkeypatch.setattr(sending, "time", type("Clock", (), {"monotonic": staticmethod(lambda: next(clock))}))
    counts = actions.send_due()
    assert (counts.sent, counts.put_back, counts.go_on) == (2, 2, True)
    assert list(states().values()) == [State.SENT, State.SENT, State.WAITING, State.WAITING]
    assert set(Envoi.objects.filter(state=State.WAITING).values_list("attempts", flat=True)) == {0}
