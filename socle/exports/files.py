"""Files that are complete or absent, and rows of one instant."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction


def storage() -> Path:
    """The folder of the built files, that nobody else on the machine may open."""
    folder = Path(settings.EXPORT_STORAGE)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


@contextmanager
def complete_or_absent(target: Path, partial: Path | None = None) -> Iterator[Path]:
    """A path to write to; it becomes `target` when all went well, and disappears when something raised."""
    if partial is None:
        number, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        os.close(number)
        partial = Path(name)
    try:
        yield partial
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def snapshot() -> Iterator[Any]:
    """A cursor that sees the rows of one instant, however many questions it is asked.

    Inside a transaction that is already open, that transaction's own isolation holds.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield cursor
