"""Mails kept in files, where no mail server is set: one file per Message-ID, for the eyes of staff only."""

from __future__ import annotations

import email
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import parseaddr
from pathlib import Path

from django.conf import settings

COPIES = "X-Participons-Copies"
_NAME = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9A-Za-z]{1,64}\.eml")
_PLAIN_ID = re.compile(r"<([0-9A-Za-z]{1,64})@[^>]*>")


@dataclass(frozen=True)
class KeptMail:
    name: str
    date: datetime
    to: str
    subject: str
    copies: int
    text: str = ""


def in_use() -> bool:
    """No mail server is set: what is sent stays here."""
    return settings.MAILERS["default"]["BACKEND"] == "socle.courriels.backends.KeptMailBackend"


def folder() -> Path:
    path = Path(settings.VAR_DIR) / "courriels"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def keep(message: EmailMessage) -> Path:
    """Write the mail, whole or not at all; a mail of the same Message-ID is replaced, and the copies are counted."""
    where = folder()
    ending = f"-{_file_id(str(message['Message-ID']))}.eml"
    path = next(where.glob(f"*{ending}"), where / f"{datetime.now(UTC):%Y%m%d-%H%M%S}{ending}")
    message[COPIES] = str(_copies(_parse(path)) + 1 if path.exists() else 1)
    handle, temporary = tempfile.mkstemp(dir=where, prefix=".", suffix=".tmp")  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(message.as_bytes(policy=SMTP))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def newest(limit: int = 200) -> list[KeptMail]:
    names = sorted((path.name for path in folder().glob("*.eml") if _NAME.fullmatch(path.name)), reverse=True)
    return [mail for name in names[:limit] if (mail := read(name))]


def read(name: str) -> KeptMail | None:
    """None for a name that is not one of ours, whatever it tries to reach."""
    if not _NAME.fullmatch(name):
        return None
    try:
        message = _parse(folder() / name)
    except FileNotFoundError:
        return None
    body = message.get_body(("plain",))
    return KeptMail(
        name=name,
        date=datetime.strptime(name[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        copies=_copies(message),
        text=body.get_content() if body else "",
    )


def delete(message_ids: Iterable[str]) -> None:
    for message_id in message_ids:
        for path in folder().glob(f"*-{_file_id(message_id)}.eml"):
            path.unlink(missing_ok=True)


def delete_of(address: str) -> int:
    """The files of one recipient, that of a mail written as its row was being erased included; how many."""
    wanted, gone = address.strip().casefold(), 0
    for path in folder().glob("*.eml"):
        try:
            to = str(_parse(path)["To"])
        except FileNotFoundError:
            continue
        if parseaddr(to)[1].casefold() == wanted:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _parse(path: Path) -> EmailMessage:
    with path.open("rb") as file:
        return email.message_from_binary_file(file, policy=default)


def _copies(message: EmailMessage) -> int:
    return int(str(message[COPIES] or "0"))


def _file_id(message_id: str) -> str:
    """Part of a file's name: a Message-ID of another's making is reduced to its fingerprint."""
    plain = _PLAIN_ID.fullmatch(message_id.strip())
    return plain[1] if plain else hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()
