"""What the session holds while somebody goes to FranceConnect and comes back."""

from __future__ import annotations

import secrets
import time
from dataclasses import asdict, dataclass
from hmac import compare_digest

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse

from socle.franceconnect import protocol
from socle.franceconnect.problems import Problem, ProblemError

AGE = 15 * 60  # seconds
GONE, WAITING, ID_TOKEN = "franceconnect.parti", "franceconnect.attente", "franceconnect.id_token"
OUT = "socle.franceconnect.sortie"


@dataclass(frozen=True)
class Waiting:
    """FranceConnect said who they are; no account has said yes."""

    sub: str
    email: str
    onward: str
    ends_at: float  # seconds since 1970


def leave(session: SessionBase, onward: str) -> tuple[str, str]:
    """The state and the nonce of one passage, in this browser."""
    state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    session[GONE] = {"state": state, "nonce": nonce, "onward": onward, "ends_at": time.time() + AGE}
    return state, nonce


def come_back(session: SessionBase, state: str) -> tuple[str, str]:
    """The nonce, and where they were going: once, with the state that left, before it is too old."""
    kept = session.pop(GONE, None)
    if not kept or not compare_digest(kept["state"].encode(), state.encode("utf-8", "replace")):
        raise ProblemError(Problem.STALE, "a state that is not this browser's")
    if time.time() > kept["ends_at"]:
        raise ProblemError(Problem.STALE, "too old")
    return kept["nonce"], kept["onward"]


def wait(session: SessionBase, sub: str, email: str, onward: str) -> None:
    session[WAITING] = asdict(Waiting(sub, email, onward, time.time() + AGE))


def waiting_in(session: SessionBase) -> Waiting | None:
    kept = session.get(WAITING)
    found = Waiting(**kept) if kept else None
    return found if found and time.time() < found.ends_at else None


def way_out(request: HttpRequest) -> str | None:
    """Where to end the session of FranceConnect too, for whoever came in by it; None when it cannot be said."""
    id_token = request.session.get(ID_TOKEN)
    if not (settings.FRANCECONNECT and id_token):
        return None
    try:
        back = settings.SITE_URL + reverse("franceconnect_out")
        return protocol.end_session_url(id_token, signing.dumps(secrets.token_urlsafe(16), salt=OUT), back)
    except ProblemError:
        return None
