"""Reading the generation: one SELECT per request, in one round trip, on connections kept for nothing else.

Django's own connection is opened (or checked) at each request, which costs more than the page. These few are
autocommit, shared by the threads of the process, and replaced when they break.
"""

from __future__ import annotations

import logging
import time
from queue import Empty, SimpleQueue
from threading import Lock

import psycopg
from django.db import connections
from psycopg.pq import ExecStatus

logger = logging.getLogger(__name__)

CONNECTIONS = 4
WAIT = 2.0  # seconds a request waits for one of them
PAUSE = 1.0  # seconds without a new attempt after a failure, so that an outage costs nothing to readers
# The row's xmin tells apart two transactions that wrote the same number (a restored copy, a rolled back test).
SELECT = b"SELECT number::text || ':' || xmin::text FROM pagecache_generation WHERE id = 1"
NAME = b"generation"

type Token = bytes


class UnreadableError(Exception):
    """The database does not answer."""


class Reader:
    """Reads the generation; `read` gives None where there is none, and raises UnreadableError."""

    def __init__(self) -> None:
        self._slots: SimpleQueue[psycopg.Connection | None] = SimpleQueue()
        for _ in range(CONNECTIONS):
            self._slots.put(None)
        self._lock = Lock()
        self._down_until = 0.0
        self._down = False

    def read(self) -> Token | None:
        if self._down and time.monotonic() < self._down_until:
            raise UnreadableError
        try:
            kept = self._slots.get(timeout=WAIT)
        except Empty:
            self._fell()
            raise UnreadableError from None
        used = None
        try:
            token, used = self._ask(kept)
        except psycopg.Error as error:
            self._fell()
            raise UnreadableError from error
        finally:
            self._slots.put(used)
        if self._down:
            self._rose()
        return token

    def _ask(self, kept: psycopg.Connection | None) -> tuple[Token | None, psycopg.Connection]:
        if kept is not None:
            try:
                return _select(kept), kept
            except psycopg.Error:  # the server restarted, perhaps: a new connection decides
                kept.close()
        used = _connect()
        try:
            return _select(used), used
        except BaseException:
            used.close()
            raise

    def _fell(self) -> None:
        with self._lock:
            if not self._down:
                logger.warning("The generation of the public pages cannot be read: the last known pages are served.")
            self._down, self._down_until = True, time.monotonic() + PAUSE

    def _rose(self) -> None:
        with self._lock:
            if self._down:
                logger.warning("The generation of the public pages can be read again.")
            self._down = False

    def close(self) -> None:
        """Close the connections that wait; those in use close when they break."""
        for _ in range(CONNECTIONS):
            try:
                kept = self._slots.get_nowait()
            except Empty:
                return
            if kept is not None:
                kept.close()
            self._slots.put(None)


def _connect() -> psycopg.Connection:
    params = connections["default"].get_connection_params()
    for name in ("context", "cursor_factory", "prepare_threshold"):
        params.pop(name, None)
    # A server that hangs is a server that is down: nothing here waits longer than two seconds.
    params |= {"autocommit": True, "connect_timeout": 2, "tcp_user_timeout": 2000}
    connection = psycopg.connect(**params)
    connection.execute("SET statement_timeout = '2s'")
    connection.pgconn.prepare(NAME, SELECT)
    return connection


def _select(connection: psycopg.Connection) -> Token | None:
    # Straight to libpq: psycopg's own cursor costs as much again as the round trip.
    result = connection.pgconn.exec_prepared(NAME, [])
    if result.status != ExecStatus.TUPLES_OK:
        raise psycopg.OperationalError(connection.pgconn.get_error_message())
    return result.get_value(0, 0) if result.ntuples else None


reader = Reader()
