"""OpenID Connect as FranceConnect v2 wants it: where to send people, what to believe of what comes back.

Of whoever comes back the portal keeps two things: the `sub`, which says that it is the same person, and an address to
write to. The civil identity is not asked for (scope `openid email`), and would not be kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode

import jwt
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from socle.franceconnect.keys import ALGORITHMS, addresses, key_of
from socle.franceconnect.outgoing import ask, ask_json
from socle.franceconnect.problems import Problem, ProblemError

LEVELS = ("eidas1", "eidas2", "eidas3")  # the one asked for, and those that are worth more
LEEWAY = 60  # seconds between two clocks
LONGEST_SUB, LONGEST_EMAIL = 191, 254  # signs that the tables keep


@dataclass(frozen=True)
class Identity:
    sub: str
    email: str
    id_token: str


def authorize_url(callback: str, state: str, nonce: str) -> str:
    asked = {
        "response_type": "code",
        "client_id": settings.FRANCECONNECT_CLIENT_ID,
        "redirect_uri": callback,
        "scope": "openid email",
        "acr_values": LEVELS[0],
        "state": state,
        "nonce": nonce,
    }
    return f"{addresses().authorize}?{urlencode(asked)}"


def end_session_url(id_token: str, state: str, back: str) -> str:
    asked = {"id_token_hint": id_token, "state": state, "post_logout_redirect_uri": back}
    return f"{addresses().end_session}?{urlencode(asked)}"


def identify(code: str, callback: str, nonce: str) -> Identity:
    """Whoever the code is of; ProblemError when anything in the two answers is not as it should be."""
    found = addresses()
    said = ask_json("POST", found.token, "token", data=_exchange(code, callback))
    id_token, access = said.get("id_token"), said.get("access_token")
    if not (isinstance(id_token, str) and isinstance(access, str)):
        raise ProblemError(Problem.UNSURE, "token: not whole")
    claims = _read(id_token, found.keys, found.issuer, ("exp", "iat"))
    if not compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise ProblemError(Problem.UNSURE, "id_token: of another request")
    if claims.get("acr") not in LEVELS:
        raise ProblemError(Problem.UNSURE, "id_token: a level that was not asked for")
    signed = ask("GET", found.userinfo, "userinfo", headers={"Authorization": f"Bearer {access}"})
    person = _read(signed.decode("ascii", "replace").strip(), found.keys, found.issuer, ())
    if person["sub"] != claims["sub"]:
        raise ProblemError(Problem.UNSURE, "userinfo: of somebody else")
    return Identity(claims["sub"], _address(person.get("email")), id_token)


def _exchange(code: str, callback: str) -> Mapping[str, str]:
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback,
        "client_id": settings.FRANCECONNECT_CLIENT_ID,
        "client_secret": settings.FRANCECONNECT_CLIENT_SECRET,
    }


def _read(token: str, keys: str, issuer: str, required: tuple[str, ...]) -> dict[str, Any]:
    """The claims of a token signed by FranceConnect, for this site, now."""
    key = key_of(token, keys)
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            audience=settings.FRANCECONNECT_CLIENT_ID,
            issuer=issuer,
            leeway=LEEWAY,
            options={"require": ["iss", "aud", "sub", *required]},
        )
    except jwt.PyJWTError as error:
        raise ProblemError(Problem.UNSURE, f"token: {type(error).__name__}") from None
    sub = claims["sub"]
    if not (isinstance(sub, str) and 0 < len(sub) <= LONGEST_SUB and sub.isprintable()):
        raise ProblemError(Problem.UNSURE, "token: no sub that can be kept")
    return claims


def _address(said: object) -> str:
    """Empty where there is none to write to. It is not proved by anything: a code is sent to it."""
    email = said if isinstance(said, str) and len(said) <= LONGEST_EMAIL else ""
    try:
        validate_email(email)
    except ValidationError:
        return ""
    return email.lower()
