"""What happens when a part of the portal dies under its users: nothing that was acknowledged is lost."""

from __future__ import annotations

import os
import signal
import socket
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from participons.supervisor import leftovers
from tests.running import Running, fetch, portal, soon


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Running]:
    with portal(tmp_path_factory.mktemp("outages")) as running:
        soon(lambda: running.state_of("worker") == "ok", "the worker gave no sign of life")
        yield running


def postmaster(var_dir: Path) -> Path:
    """Its pid file, wherever the account that runs PostgreSQL keeps its data."""
    record = var_dir / "postgres.home"
    home = Path(record.read_text().strip()) if record.exists() else var_dir / "postgres"
    return home / "data" / "postmaster.pid"


def test_a_worker_killed_is_replaced_and_the_mails_leave(running):
    killed = soon(lambda: running.pid_of("celery --quiet --app participons worker"), "no worker is written down")
    os.killpg(killed, signal.SIGKILL)
    running.contribute("worker@example.org")
    soon(lambda: running.mail("worker@example.org", ""), "the mail did not leave")
    assert running.pid_of("celery --quiet --app participons worker") not in (None, killed)
    assert max(Counter(message["Message-ID"] for message in running.mails()).values()) <= 2


def test_with_the_broker_gone_one_contributes_and_the_mail_leaves_once_it_is_back(running):
    broker, away = running.var_dir / "broker", running.var_dir / "away"
    broker.rename(away)
    broker.write_text("not a folder")
    try:
        assert running.state_of("broker") == "down"
        assert "numéro de suivi" in running.contribute("broker@example.org")
    finally:
        broker.unlink()
        away.rename(broker)
    soon(lambda: running.mail("broker@example.org", ""), "the mail did not leave")


def test_postgresql_killed_comes_back_and_the_last_known_pages_are_served_meanwhile(running):
    known = fetch(f"{running.url}/")
    pid = int(postmaster(running.var_dir).read_text().split("\n", 1)[0])
    os.kill(pid, signal.SIGKILL)
    with urllib.request.urlopen(f"{running.url}/", timeout=30) as answer:
        assert answer.status == 200
    soon(lambda: running.state_of("database") == "ok", "the database did not come back")
    assert soon(lambda: running.contribute("postgres@example.org"), "no receipt")
    soon(lambda: running.mail("postgres@example.org", ""), "the mail did not leave")
    assert known


def test_bodies_that_never_end_keep_nobody_else_waiting(running):
    host, port = "127.0.0.1", int(running.environment["PORT"])
    head = b"POST /contributions/nouvelle/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\ntitle="
    with ExitStack() as stack:
        for _ in range(4):
            slow = stack.enter_context(socket.create_connection((host, port)))
            slow.sendall(head)
        for _ in range(8):
            with urllib.request.urlopen(f"{running.url}/suivi/", timeout=10) as answer:
                assert answer.status == 200


def test_everything_killed_at_once_loses_nothing_that_was_acknowledged(running):
    running.contribute("perdue@example.org")
    os.kill(running.supervisor.pid, signal.SIGKILL)
    pids = [int(postmaster(running.var_dir).read_text().split("\n", 1)[0])]
    for pid in pids + leftovers.find(running.var_dir, running.var_dir / "supervisor.json"):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    running.restart()
    rows = running.manage("shell", "--verbosity", "0", "-c", "from socle.comptes.models import Personne; "
                          "print(Personne.objects.with_email('perdue@example.org').count())")  # fmt: skip
    assert rows.strip().endswith("1")
    soon(lambda: running.mail("perdue@example.org", ""), "the mail did not leave")
