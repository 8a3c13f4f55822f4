"""Mails through the outbox, against a bare smtplib loop that makes and sends the same messages to the same sink.

Making a message of its words costs more than sending it; the loop that only sends is told beside.
"""

import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from email.policy import SMTP
from statistics import median

from django.conf import settings
from django.test import override_settings

from bench.load import free_port, wait_for
from bench.result import Result
from socle.courriels import actions, sending
from socle.courriels.models import Envoi

AIM = 0.5
MAILS = 400
ROUNDS = 3
TEXT = "Bonjour,\n\n" + "Le forum régional est avancé au dix mai, à la même heure et au même endroit. " * 12
HTML = f"<!DOCTYPE html><html lang=fr><body><p>{TEXT}</p></body></html>"


def measure() -> Iterator[Result]:
    with sink() as port:
        options = {"host": "127.0.0.1", "port": port, "timeout": 20}
        backend = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}
        with override_settings(MAILERS=settings.MAILERS | {"default": backend}):
            ours, bare, ready = [], [], []
            for number in range(ROUNDS):  # in turns: a neighbour's load weighs on both alike
                envois = written(number)
                made = [message_of(envoi) for envoi in envois]
                ready.append(timed(lambda sent=made: loop(port, sent)))
                bare.append(timed(lambda rows=envois: loop(port, map(message_of, rows))))
                ours.append(timed(send_all))
            assert not Envoi.objects.unfinished().exists()
    ratio = median(bare) / median(ours)
    rates = [f"{MAILS / median(times):.0f}/s" for times in (ours, bare, ready)]
    detail = f"{rates[0]} against {rates[1]}; {rates[2]} for messages made beforehand"
    yield Result("mail, outbox / bare smtplib loop", ratio, AIM, detail=detail)


@contextmanager
def sink() -> Iterator[int]:
    """A server in a process of its own, that takes every mail and keeps none; its port."""
    port = free_port()
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink"]
    server = subprocess.Popen(command)
    try:
        wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def written(number: int) -> list[Envoi]:
    keys = [f"bench:{number}:{one}" for one in range(MAILS)]
    actions.enqueue_many(
        actions.envoi(to=f"p{one}@example.org", subject="Le forum", text=TEXT, html=HTML, dedupe_key=key)
        for one, key in enumerate(keys)
    )
    return list(Envoi.objects.filter(dedupe_key__in=keys))


def send_all() -> None:
    while actions.send_due().go_on:
        pass


def message_of(envoi: Envoi) -> bytes:
    return sending._message(envoi, "").message(policy=SMTP).as_bytes()  # noqa: SLF001 (the very same)


def loop(port: int, messages: Iterable[bytes]) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as server:
        for one, message in enumerate(messages):
            server.sendmail("ne-pas-repondre@localhost", [f"p{one}@example.org"], message)


def timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
