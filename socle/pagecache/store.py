"""Where the rendered public pages of one process wait: compressed once, the least read leave first."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from django.http import HttpResponse

ROOM = 64 * 1024 * 1024  # bytes
OVERHEAD = 2048  # what an entry weighs beside its body, roughly
LEVEL = 6
PATIENCE = 2.0  # seconds a request waits for another that renders the same page

type Key = tuple[str, str, str, str]  # scheme, host, path, allowed query


@dataclass(frozen=True, slots=True)
class Entry:
    """One page, as every visitor receives it until `ends_at` while the generation is `token`."""

    token: bytes | None
    ends_at: datetime
    etag: str
    headers: dict[str, str]
    packed: bytes
    length: int  # of the body once unpacked

    @classmethod
    def of(cls, response: HttpResponse, token: bytes | None, ends_at: datetime) -> Entry:
        body = response.content
        headers = {name: value for name, value in response.items() if name not in ("Content-Length", "Vary", "ETag")}
        # Weak: the same page is sent packed to some and plain to others.
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
        packed = gzip.compress(body, LEVEL, mtime=0)
        return cls(token, ends_at, etag, headers, packed, len(body))

    @property
    def weight(self) -> int:
        return len(self.packed) + OVERHEAD

    def plain(self) -> bytes:
        return gzip.decompress(self.packed)


class Store:
    def __init__(self, room: int = ROOM) -> None:
        self.room = room
        self.weight = 0
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Entry | None:
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
            return entry

    def put(self, key: Key, entry: Entry) -> None:
        with self._lock:
            self._drop(key)
            if entry.weight > self.room:
                return
            self._entries[key] = entry
            self.weight += entry.weight
            while self.weight > self.room:
                self._drop(next(iter(self._entries)))

    def forget(self, key: Key) -> None:
        with self._lock:
            self._drop(key)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self.weight = 0

    def _drop(self, key: Key) -> None:
        if entry := self._entries.pop(key, None):
            self.weight -= entry.weight


@dataclass
class _Turn:
    lock: Lock = field(default_factory=Lock)
    users: int = 0


class Turns:
    """One renderer per page and process; the others wait for it a little, then render too."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._turns: dict[Key, _Turn] = {}
        self._lock = Lock()

    @contextmanager
    def take(self, key: Key) -> Iterator[bool]:
        """Gives True to who had to wait: the page may be there by now."""
        with self._lock:
            turn = self._turns.setdefault(key, _Turn())
            turn.users += 1
        at_once = turn.lock.acquire(blocking=False)
        held = at_once or turn.lock.acquire(timeout=self.patience)
        try:
            yield not at_once
        finally:
            if held:
                turn.lock.release()
            with self._lock:
                turn.users -= 1
                if not turn.users:
                    self._turns.pop(key, None)


store = Store()
turns = Turns()
