"""What an answer tells, without what differs from one visitor to the next: tokens, and the address that was typed."""

from __future__ import annotations

import re
from http.cookies import Morsel
from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests.entering import BY_PASSWORD, CODE

TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]+')


def told(answer: HttpResponse, email: str) -> tuple[Any, ...]:
    """Status, headers, cookies (their values but in length), bytes."""
    headers = sorted((name, value) for name, value in answer.headers.items() if name != "Content-Length")
    cookies = [cookie(one) for _, one in sorted(answer.cookies.items())]
    body = TOKEN.sub(r"\1", answer.text).replace(email, "…")
    return answer.status_code, headers, cookies, body


def cookie(morsel: Morsel[str]) -> tuple[str, int, str]:
    """Its name, the length of its value, what it says but for its day."""
    attributes = morsel.OutputString().partition(";")[2]
    return morsel.key, len(morsel.value), re.sub(r"expires=[^;]+", "", attributes)


def attempt(door: str, email: str) -> list[tuple[Any, ...]]:
    """Everything a stranger can see of an address there: the page, the answer, what comes after, a wrong try."""
    client = Client()
    form = {"email": email} | ({"password": "pas le bon"} if door == BY_PASSWORD else {})
    seen = [client.get(door), client.post(door, form)]
    if door != BY_PASSWORD:
        seen += [client.get(CODE), client.post(CODE, {"code": "12345678"})]
    return [told(one, email) for one in seen]
