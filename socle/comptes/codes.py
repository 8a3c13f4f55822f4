"""The code sent by mail that proves an address. It waits in the session of whoever asked for it, as a fingerprint."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum

from django.contrib.sessions.backends.base import SessionBase
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

DIGITS = 8
AGE = timedelta(minutes=15)
KEY = "compte.code"
PROVED = "compte.adresse"


class Purpose(StrEnum):
    """What a code was asked for. For each, an address known or unknown gets the same mail."""

    ENTER = "entrer"
    CREATE = "creer"
    FORGOTTEN = "mot-de-passe"
    CHANGE = "changer"  # of somebody who is in: the address they want
    AGAIN = "confirmer"  # of somebody who is in: that it is still them


@dataclass(frozen=True)
class Pending:
    """A code that was sent and is not proved yet."""

    email: str
    purpose: Purpose
    seal: str
    ends_at: float  # seconds since 1970
    onward: str = ""

    @property
    def alive(self) -> bool:
        return time.time() < self.ends_at

    def is_opened_by(self, typed: str) -> bool:
        return self.alive and constant_time_compare(self.seal, _seal(self.email, digits(typed)))


def new_code() -> str:
    return get_random_string(DIGITS, "0123456789")


def shown(code: str) -> str:
    """« 4821 9037 »: read aloud and typed in two goes."""
    return f"{code[:4]} {code[4:]}"


def digits(typed: str) -> str:
    """As people copy it: with spaces, a dash, a full stop."""
    return "".join(sign for sign in typed if sign in "0123456789")


def keep(session: SessionBase, email: str, purpose: Purpose, code: str, onward: str) -> Pending:
    """One at a time: what was asked before in this browser is forgotten."""
    pending = Pending(email, purpose, _seal(email, code), time.time() + AGE.total_seconds(), onward)
    session[KEY] = asdict(pending)
    return pending


def pending_in(session: SessionBase) -> Pending | None:
    kept = session.get(KEY)
    return Pending(**(kept | {"purpose": Purpose(kept["purpose"])})) if kept else None


def forget(session: SessionBase) -> None:
    session.pop(KEY, None)


def keep_proved(session: SessionBase, pending: Pending) -> None:
    """The address is proved and opens no account: its owner may make one in the quarter of an hour that follows."""
    forget(session)
    session[PROVED] = {"email": pending.email, "onward": pending.onward, "ends_at": time.time() + AGE.total_seconds()}


def proved_in(session: SessionBase) -> tuple[str, str] | None:
    """The address, and where its owner was going."""
    kept = session.get(PROVED)
    return (kept["email"], kept["onward"]) if kept and time.time() < kept["ends_at"] else None


def _seal(email: str, code: str) -> str:
    """The table of sessions may be read by whoever keeps the database: it opens nothing."""
    return salted_hmac("socle.comptes.code", f"{email}\n{code}", algorithm="sha256").hexdigest()
