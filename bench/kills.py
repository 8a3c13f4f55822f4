"""The worker killed without warning at BENCH_KILLS random moments of 500 reminders; then two beats and two workers.

Real processes (Celery's worker and beat, as the supervisor starts them), a real SMTP server that counts. Nobody is
forgotten; a mail comes twice only where a process died between the server's acceptance and the row that says so: at
most one for each death, under the same Message-ID.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from bench.crowds import database_url
from bench.result import Result
from consultation.models import Rappel
from participons.celery import app
from participons.supervisor.commands import COMMANDS
from socle.courriels.models import Envoi
from tests import smtp_sink
from tests.factories import local
from tests.outbox import let_time_pass
from tests.reminding import planned, registered

ON_DEMAND = True
PEOPLE, RENCONTRES = 500, 5
KILLS = int(os.environ.get("BENCH_KILLS", "30"))
SEED = int(os.environ.get("BENCH_SEED", "2011"))
PATIENCE = 300  # seconds before something that must happen is given up
TASKS = ("consultation.tasks.remind_due", "socle.courriels.tasks.send_due")


def measure() -> Iterator[Result]:
    again = killed(database_url(), PEOPLE, KILLS, random.Random(SEED))
    detail = f"seed {SEED}, none of {PEOPLE} forgotten, {again} came twice for {KILLS} deaths"
    yield Result("reminders that came twice, by death", again / KILLS, 1, at_least=False, detail=detail)
    beaten(database_url(), PEOPLE)
    yield Result("two beats, two workers: same mailbox", 1, 1, detail=f"{PEOPLE} reminders, each once")


def killed(database: str, people: int, kills: int, dice: random.Random) -> int:
    """How many mails came twice; raises AssertionError where one is missing, or where more did than processes died."""
    wanted = _to_remind(people)
    with _sink() as (sink, port):
        for number in range(kills):
            left = people - len(sink.addresses)
            after = len(sink.accepted) + dice.randint(0, max(1, 2 * left // (kills - number + 1)))
            with _process("worker", database, port, "--concurrency", "1"):
                _ring()
                _soon(lambda enough=after: len(sink.accepted) >= enough or _all_gone(), "no mail left")
            let_time_pass()  # the claim of the dead runs out: five minutes that nobody waits for here
        with _process("worker", database, port, "--concurrency", "1"):
            _ring()
            _soon(_all_gone, "mails stay behind")
    again = sum(sink.addresses.values()) - people
    assert set(sink.addresses) == wanted, "somebody was forgotten, or nobody knows them"
    assert again <= kills, f"{again} mails came twice"
    assert len(sink.ids) == people, "a second copy has the Message-ID of the first"
    return again


def beaten(database: str, people: int, *, beats: int = 2) -> None:
    """Each task comes from every beat, to two workers; without a beat, each is delivered twice by hand."""
    wanted = _to_remind(people)
    with _sink() as (sink, port), ExitStack() as stack:
        for name in ["worker"] * 2 + ["beat"] * beats:
            stack.enter_context(_process(name, database, port))
        if not beats:
            _ring()
            _ring()
        _soon(_all_gone, "mails stay behind")
    assert dict(sink.addresses) == dict.fromkeys(wanted, 1)


def _to_remind(people: int) -> set[str]:
    """Due since their week before, and not again before two days."""
    rencontres = [planned(local(3, 18)) for _ in range(RENCONTRES)]
    return {registered(rencontres[number % RENCONTRES]).personne.email for number in range(people)}


def _all_gone() -> bool:
    return not Rappel.objects.due() and not Envoi.objects.unfinished().exists()


def _ring() -> None:
    for name in TASKS:
        app.send_task(name)


@contextmanager
def _sink() -> Iterator[tuple[smtp_sink.Sink, int]]:
    sink = smtp_sink.Sink()
    controller, port = smtp_sink.start(sink)
    try:
        yield sink, port
    finally:
        controller.stop()


@contextmanager
def _process(name: str, database: str, smtp_port: int, *options: str) -> Iterator[None]:
    """As the supervisor starts it, in a session of its own; killed at the end with all that it started."""
    command = [sys.executable, *COMMANDS[name][1:], *options]
    settings = {"DJANGO_SETTINGS_MODULE": "participons.settings", "DATABASE_URL": database}
    settings |= {"EMAIL_URL": f"smtp://127.0.0.1:{smtp_port}", "SITE_URL": "http://localhost"}
    started = subprocess.Popen(command, env=os.environ | settings, start_new_session=True)
    try:
        yield
    finally:
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()


def _soon(what: Callable[[], bool], why: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, why
        time.sleep(0.02)
