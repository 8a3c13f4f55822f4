"""What leaves this server for FranceConnect: short waits, small answers, no redirection."""

from __future__ import annotations

import json
import time
from typing import Any

import requests

from socle.franceconnect.problems import Problem, ProblemError

WAITS = (4, 8)  # seconds: to connect, between two pieces of an answer
WHOLE = 12  # seconds for a whole answer
LARGEST = 256 * 1024  # bytes


def ask(method: str, url: str, what: str, **kwargs: Any) -> bytes:
    """The body of a 200; ProblemError for anything else. `what` is said in the log."""
    deadline = time.monotonic() + WHOLE
    try:
        with requests.request(method, url, timeout=WAITS, allow_redirects=False, stream=True, **kwargs) as answer:
            body = b""
            for piece in answer.iter_content(16 * 1024):
                body += piece
                if len(body) > LARGEST or time.monotonic() > deadline:
                    raise ProblemError(Problem.AWAY, f"{what}: too long an answer")
            status = answer.status_code
    except requests.RequestException as error:
        raise ProblemError(Problem.AWAY, f"{what}: {type(error).__name__}") from None
    if status != requests.codes.ok:
        raise ProblemError(Problem.AWAY if status >= 500 else Problem.REFUSED, f"{what}: status {status}")
    return body


def ask_json(method: str, url: str, what: str, **kwargs: Any) -> dict[str, Any]:
    try:
        found = json.loads(ask(method, url, what, **kwargs))
    except ValueError:
        raise ProblemError(Problem.UNSURE, f"{what}: no JSON") from None
    if not isinstance(found, dict):
        raise ProblemError(Problem.UNSURE, f"{what}: no object")
    return found
