"""Getting into an account as people do: an address, the code of the mail, and what the pages say."""

from __future__ import annotations

import re
import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from socle.courriels.models import Envoi

LOGIN, SIGNUP, FORGOTTEN, CODE = "/compte/connexion/", "/compte/creer/", "/compte/mot-de-passe/oublie/", "/compte/code/"
BY_PASSWORD = "/compte/connexion/mot-de-passe/"
DOORS = (LOGIN, SIGNUP, FORGOTTEN)


def code_for(email: str) -> str:
    """The last that was written to this address."""
    sent = Envoi.objects.filter(to__iexact=email, subject="Votre code")
    body = sent.order_by("-pk").values_list("body_text", flat=True)[0]
    return re.search(r"\b\d{4} \d{4}\b", body)[0]


def ask_code(client: Client, email: str, door: str = LOGIN, **headers: Any) -> Any:
    return client.post(door, {"email": email}, **headers)


def type_code(client: Client, code: str, **headers: Any) -> Any:
    return client.post(CODE, {"code": code}, **headers)


def enter(client: Client, email: str, door: str = LOGIN, *, onward: str = "") -> Any:
    """The answer to the right code."""
    client.post(door, {"email": email} | ({"next": onward} if onward else {}))
    return type_code(client, code_for(email))


def who(client: Client) -> str | None:
    """The key of whoever is logged in."""
    return client.session.get("_auth_user_id")


def application_code(secret: str, later: int = 0) -> str:
    """What an application of codes shows now, or so many half-minutes later."""
    counter = int(time.time()) // 30 + later
    return format_hotp_value(hotp_value(secret, counter))


def set_up_application(client: Client) -> str:
    """By the page, as its owner does; the secret that the application keeps."""
    page = client.get("/compte/securite/application/").text
    secret = re.search(r"<code[^>]*>([A-Z2-7]+)</code>", page)[1]
    answer = client.post("/compte/securite/application/", {"code": application_code(secret)})
    assert answer.status_code == 302, answer.text
    return secret
