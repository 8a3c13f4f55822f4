"""The folder where a mail server puts what comes back (`new/`, `cur/`), where BOUNCE_MAILDIR names one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from socle.courriels.bounces import SIZE_MAX

AT_ONCE = 500  # files of one call; the next minute takes the others


def waiting() -> Iterator[tuple[Path, bytes]]:
    """The messages that nobody has read; a file that another reader takes meanwhile is passed over."""
    if not settings.BOUNCE_MAILDIR:
        return
    folder = Path(settings.BOUNCE_MAILDIR) / "new"
    names = sorted(os.listdir(folder))[:AT_ONCE] if folder.is_dir() else []  # noqa: PTH208 (names, to be sorted)
    for name in names:
        path = folder / name
        with suppress(OSError):
            if not path.is_symlink() and path.is_file():
                with path.open("rb") as file:
                    yield path, file.read(SIZE_MAX)


def done(path: Path) -> None:
    """Written down in the outbox: the message, which holds somebody's address, is of no more use."""
    path.unlink(missing_ok=True)


def put_aside(path: Path) -> None:
    """Not ours to judge: left among the messages that have been read, for whoever looks after the mailbox."""
    read = path.parent.parent / "cur"
    with suppress(OSError):
        read.mkdir(mode=0o700, exist_ok=True)
        path.rename(read / f"{path.name}:2,S")
