"""SMTP servers for the tests, that do what they are told: refuse, close, hang up, stay silent."""

import asyncio
import socket
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.policy import default

from aiosmtpd.controller import Controller


class Sink:
    """`accepted` holds each mail the server answered 250 for, and each one cut right after it was taken."""

    def __init__(self):
        self.accepted = []
        self.connections = 0
        self.recipient_answers = {}  # address → what is said to its RCPT
        self.cut_after_data = set()  # addresses whose mail is taken, and the line cut before the answer
        self.data_answers = {}  # address → what is said to its DATA
        self.silent_at_recipient = set()  # addresses whose RCPT is never answered
        self.silent_after_data = set()  # addresses whose mail is taken, and nothing said
        self.closing_at = None  # 421 at this many mails of a connection
        self.on_data = lambda envelope: None

    @property
    def addresses(self):
        return Counter(str(mail["To"]) for mail in self.accepted)

    @property
    def ids(self):
        return Counter(str(mail["Message-ID"]) for mail in self.accepted)

    async def handle_HELO(self, server, session, envelope, hostname):
        self.connections += 1
        session.host_name = hostname
        session.mails = 0
        return "250 ok"

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        session.mails = 0
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.silent_at_recipient:
            await asyncio.Event().wait()
        if answer := self.recipient_answers.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        address = envelope.rcpt_tos[0]
        if self.closing_at is not None and session.mails >= self.closing_at:
            return "421 4.7.0 closing"
        if answer := self.data_answers.get(address):
            return answer
        session.mails += 1
        self.accepted.append(message_from_bytes(envelope.content, policy=default))
        self.on_data(envelope)
        if address in self.silent_after_data:
            self.silent_after_data.discard(address)
            await asyncio.Event().wait()
        if address in self.cut_after_data:
            self.cut_after_data.discard(address)
            server.transport.abort()
        return "250 taken"


def start(sink):
    """Start it on a free port; returns its controller, to be stopped, and the port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    return controller, port


@contextmanager
def running(settings, *, timeout=5):
    """A sink that takes all the mails of the portal; `port` is where."""
    sink = Sink()
    controller, sink.port = start(sink)
    mailer_at(settings, sink.port, timeout=timeout)
    try:
        yield sink
    finally:
        controller.stop()


def mailer_at(settings, port, *, timeout=5, **options):
    options = {"host": "127.0.0.1", "port": port, "timeout": timeout} | options
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}


@contextmanager
def scripted(*answers):
    """A server that gives these answers, one for each line it hears, then hangs up; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_play, args=(listening, answers), daemon=True).start()
        yield listening.getsockname()[1]


def _play(listening, answers):
    with suppress(OSError):
        while True:
            line, _ = listening.accept()
            with line, line.makefile("rb") as heard, suppress(OSError):
                for answer in answers:
                    line.sendall(answer)
                    heard.readline()
