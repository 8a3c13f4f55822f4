"""A broker in a folder, for a machine without Redis: one file per message.

kombu's own filesystem transport writes in place, so that a reader takes half a message, and one empty file ends the
worker. Here a message appears whole or not at all, and a file that is no message is dropped with a line in the log.
Losing messages loses nothing: they are bells, and the work is rows in PostgreSQL.
"""

import contextlib
import json
import logging
import os
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from queue import Empty
from typing import Any

from kombu import transport
from kombu.transport import filesystem, virtual

logger = logging.getLogger(__name__)

SCHEME = "folder"
MAX_WAITING = 1000  # messages; beyond, nobody is listening and one more bell says nothing new
ABANDONED_SECONDS = 3600
SUFFIX = ".msg"


class Channel(virtual.Channel):
    supports_fanout = False

    @cached_property
    def folder(self) -> Path:
        folder = Path(self.connection.client.transport_options["folder"])  # type: ignore[union-attr,index]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        return folder

    def waiting(self, queue: str) -> list[Path]:
        """Oldest first."""
        return sorted(path for path in self.folder.glob(f"*{SUFFIX}") if queue_of(path) == queue)

    def _put(self, queue: str, message: dict[str, Any], **_: Any) -> None:
        waiting = self.waiting(queue)
        if len(waiting) >= MAX_WAITING:
            self._forget_the_past(waiting)
            if len(self.waiting(queue)) >= MAX_WAITING:
                logger.warning("%d messages are waiting already: one more is dropped", MAX_WAITING)
                return
        draft = self.folder / f"{time.time_ns():020}_{uuid.uuid4()}.draft"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(message, file)
        draft.replace(draft.with_suffix(f".{queue}{SUFFIX}"))

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:  # noqa: ARG002 (kombu's signature)
        for path in self.waiting(queue):
            message = self._take(path)
            if message is not None:
                return message
        raise Empty

    def _take(self, path: Path) -> dict[str, Any] | None:
        taken = path.with_suffix(".taken")
        try:
            path.rename(taken)  # one of two readers wins
            content = taken.read_bytes()
            taken.unlink()
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                logger.warning("A message cannot be taken from the broker: %s", type(error).__name__)
            return None
        message = readable(content)
        if message is None:
            logger.warning("A file of %d bytes in the broker is no message: dropped", len(content))
        elif has_expired(message):
            return None
        return message

    def _size(self, queue: str) -> int:
        return len(self.waiting(queue))

    def _purge(self, queue: str) -> int:
        waiting = self.waiting(queue)
        for path in waiting:
            path.unlink(missing_ok=True)
        return len(waiting)

    def _forget_the_past(self, waiting: list[Path]) -> None:
        for path in waiting:
            try:
                message = readable(path.read_bytes())
            except OSError:
                continue
            if message is None or has_expired(message):
                with contextlib.suppress(OSError):
                    path.unlink()
        for path in self._abandoned():
            with contextlib.suppress(OSError):
                path.unlink()

    def _abandoned(self) -> Iterator[Path]:
        """What a process killed between two steps has left."""
        limit = time.time() - ABANDONED_SECONDS
        for path in (*self.folder.glob("*.draft"), *self.folder.glob("*.taken")):
            try:
                if path.stat().st_mtime < limit:
                    yield path
            except FileNotFoundError:
                continue


class Transport(filesystem.Transport):
    Channel = Channel  # type: ignore[assignment]
    driver_name = SCHEME
    global_state = virtual.BrokerState()


def queue_of(path: Path) -> str:
    return path.name.removesuffix(SUFFIX).partition(".")[2]


def readable(content: bytes) -> dict[str, Any] | None:
    """The message, when it has all that the worker reads before it decides what to do of it."""
    try:
        message = json.loads(content)
        properties = message["properties"]
        delivery = properties["delivery_info"]
        body = virtual.Base64().decode(message["body"]) if properties["body_encoding"] == "base64" else None
        complete = (
            isinstance(message["headers"], dict)
            and isinstance(properties["delivery_tag"], str)
            and isinstance(delivery["exchange"], str)
            and isinstance(delivery["routing_key"], str)
            and isinstance(message["content-type"], str)
            and isinstance(message["content-encoding"], str)
            and body is not None
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return message if complete else None


def has_expired(message: dict[str, Any]) -> bool:
    expires = message["headers"].get("expires")
    try:
        return bool(expires) and datetime.fromisoformat(expires) <= datetime.now(UTC)
    except (TypeError, ValueError):
        return False


def register() -> None:
    """Teaches kombu the address "folder://"."""
    transport.TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
