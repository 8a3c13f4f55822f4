"""Getting into an account as people do: an address, the code of the mail, and what the pages say."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from socle.courriels.models import Envoi

LOGIN, SIGNUP, FORGOTTEN, CODE = "/compte/connexion/", "/compte/creer/", "/compte/mot-de-passe/oublie/", "/compte/code/"
BY_PASSWORD = "/compte/connexion/mot-de-passe/"
DOORS = (LOGIN, SIGNUP, FORGOTTEN)


def code_for(email: str) -> str:
    """That of the last mail written to this address."""
    body = Envoi.objects.filter(to__iexact=email).order_by("-pk").values_list("body_text", flat=True)[0]
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
