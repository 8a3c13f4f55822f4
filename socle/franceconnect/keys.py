"""What FranceConnect says of itself: its addresses and its keys, which turn. Kept a while in the process."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import jwt
from django.conf import settings

from socle.franceconnect.outgoing import ask_json
from socle.franceconnect.problems import Problem, ProblemError

ADDRESSES_AGE, KEYS_AGE = 3600, 600  # seconds
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint")
ALGORITHMS = ["ES256", "RS256"]

_kept: dict[str, tuple[float, dict[str, Any]]] = {}


@dataclass(frozen=True)
class Addresses:
    issuer: str
    authorize: str
    token: str
    userinfo: str
    keys: str
    end_session: str


def addresses() -> Addresses:
    """By discovery. It must speak of the issuer we were given, and of addresses as safe as its own."""
    base = settings.FRANCECONNECT_URL
    said = _fresh(f"{base}/.well-known/openid-configuration", ADDRESSES_AGE, "discovery")
    found = [said.get(name) for name in ENDPOINTS]
    schemes = {urlsplit(one).scheme for one in found if isinstance(one, str)}
    if said.get("issuer") != base or not all(isinstance(one, str) for one in found):
        raise ProblemError(Problem.UNSURE, "discovery: of another issuer, or not whole")
    if schemes != {urlsplit(base).scheme}:
        raise ProblemError(Problem.UNSURE, "discovery: an address that is not as safe")
    return Addresses(base, *found)  # type: ignore[arg-type]  # all are texts


def key_of(token: str, uri: str) -> jwt.PyJWK:
    """The key that signed it, by its name; the list is asked for again, once, when the name is new."""
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise ProblemError(Problem.UNSURE, "token: not one") from None
    if header.get("alg") not in ALGORITHMS:
        raise ProblemError(Problem.UNSURE, "token: signed by no algorithm of ours")
    name = header.get("kid")
    for age in (KEYS_AGE, 0):
        keys = _fresh(uri, age, "keys").get("keys")
        for one in keys if isinstance(keys, list) else ():
            if isinstance(one, dict) and one.get("kid") == name and one.get("use") != "enc":
                return _key(one)
    raise ProblemError(Problem.UNSURE, "token: signed by a key that is not listed")


def forget() -> None:
    _kept.clear()


def _key(said: dict[str, Any]) -> jwt.PyJWK:
    try:
        return jwt.PyJWK(said)
    except jwt.PyJWTError:
        raise ProblemError(Problem.UNSURE, "keys: one that cannot be read") from None


def _fresh(url: str, age: float, what: str) -> dict[str, Any]:
    at, found = _kept.get(url, (0.0, {}))
    if not at or time.monotonic() - at >= age:
        found = ask_json("GET", url, what)
        _kept[url] = (time.monotonic(), found)
    return found
