"""Tells a worker that there is work. The work is rows in PostgreSQL: a lost ring loses nothing, beat rings again."""

import logging
import os
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from celery import Celery
from celery.app import app_or_default
from django.db import connection, transaction

logger = logging.getLogger(__name__)

PATIENCE = 0.3  # seconds that a caller gives to its ring, at most
EXPIRES = 60  # seconds after which a bell that nobody heard is dropped
QUIET = 60  # seconds between two log lines about a broker that does not answer
WAITING = 100  # different bells kept while the broker does not answer
# What the Redis transport understands; the file system's reads none of it.
FAIL_FAST = {"socket_timeout": 2, "socket_connect_timeout": 2, "max_retries": 1, "interval_start": 0, "interval_max": 0}


def ring(task_name: str) -> None:
    """Once the current transaction is committed, wake a worker for this task; never slow, never raises.

    Several rings of one name in one transaction are one. Outside of a transaction it rings at once.
    """
    bell = _Bell(task_name)
    # What a savepoint took back is no longer in the list, so a bell in it is one that this commit will ring.
    if not any(waiting[1] == bell for waiting in connection.run_on_commit):
        transaction.on_commit(bell, robust=True)


@dataclass(frozen=True)
class _Bell:
    task_name: str

    def __call__(self) -> None:
        _publisher.publish(self.task_name, app_or_default())


class _Publisher:
    """One daemon thread talks to the broker, so that a broker that hangs holds nobody else."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: OrderedDict[str, tuple[Celery, threading.Event]] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._answers = True
        self._logged_at = float("-inf")
        self._producer: Any = None
        self._app: Celery | None = None

    def publish(self, task_name: str, app: Celery) -> None:
        with self._changed:
            if len(self._waiting) >= WAITING:
                return
            _, heard = self._waiting.setdefault(task_name, (app, threading.Event()))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
                self._thread.start()
            self._changed.notify()
        # A process about to end gives its ring a chance to leave; nobody waits for a broker known to be silent.
        if self._answers and not heard.wait(PATIENCE):
            self._answers = False

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                task_name, (app, heard) = self._waiting.popitem(last=False)
            try:
                self._send(task_name, app)
                self._answers = True
            except Exception as error:  # noqa: BLE001 (whatever the broker does, the site goes on)
                self._answers = False
                self._forget_connection()
                self._log(error)
            heard.set()

    def _send(self, task_name: str, app: Celery) -> None:
        if self._producer is None or self._app is not app:
            self._forget_connection()
            connection = app.connection_for_write(transport_options=FAIL_FAST, connect_timeout=2)
            self._app, self._producer = app, app.amqp.Producer(connection, auto_declare=False)
        app.send_task(task_name, expires=EXPIRES, retry=False, ignore_result=True, producer=self._producer)

    def _forget_connection(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                producer.connection.close()
            except Exception:  # noqa: BLE001 (it is being thrown away)
                logger.debug("The broker's connection did not close cleanly")

    def _log(self, error: Exception) -> None:
        """The kind of error only: its text may hold the broker's password."""
        if time.monotonic() - self._logged_at >= QUIET:
            self._logged_at = time.monotonic()
            logger.warning("The broker does not answer (%s); the next beat will ring", type(error).__name__)


_publisher = _Publisher()


def _start_afresh() -> None:
    """After a fork the child has neither the thread nor a right to its parent's socket."""
    global _publisher  # noqa: PLW0603
    _publisher = _Publisher()


os.register_at_fork(after_in_child=_start_afresh)
