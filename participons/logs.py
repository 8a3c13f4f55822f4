"""One event, one line: what people type cannot forge another; what opens something or names somebody is left out."""

import logging
import re
import traceback
from typing import Any

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
OPENERS = r"code|state|nonce|\w*token\w*|\w*secret\w*|password\w*|sessionid|csrf\w*|cookie|authorization|[\w-]*key"
# In order. What a line is about stays readable: only what opens, or names, goes.
HIDDEN = [
    (re.compile(pattern, re.IGNORECASE), put)
    for pattern, put in (
        # A follow-up number, a confirmation or a reset link opens what it names. Typed with spaces it is a number
        # still: what comes before the next slash goes.
        (r"(/(?:suivi|signalements|recu|confirmer|reset|compte|table|lettre)/)(?:[^/?\"']+(?=/)|[^\s/?\"']+)", r"\1…"),
        (r"(://)[^\s/@]+@", r"\1…@"),  # the password of a service's address
        (r"[^\s/<>\"'=&?,;:()\[\]]+(?:@|%40)[^\s/<>\"'=&?,;:()\[\]]+", "…@…"),
        (r"\b[2-9A-Z]{4}(?:-|\s|%20)[2-9A-Z]{4}(?:-|\s|%20)[2-9A-Z]{4}\b", "…"),  # a numéro de suivi
        (
            rf"\b((?:{OPENERS})[\"']?\s*[=:]\s*[\"']?)(?:Bearer\s+)?[^\s&\"',;]+",
            r"\1…",
        ),
        (r"(?:\+33|\b0)\s?[1-9](?:[\s.-]?\d{2}){4}\b", "…"),  # a telephone number
        # A signed or random token, a session’s key: long, with figures among its letters. The slug of a page and the
        # dotted name of a module are neither.
        (r"(?-i:(?<![\w:=-])(?=[\w:=-]*\d)(?=[\w:=-]*[a-z])(?=[\w:=-]*[A-Z])[\w:=-]{20,})", "…"),
        (r"(?<![\w:=-])(?=[a-z]*\d)[0-9a-z]{20,}(?![\w:=-])", "…"),
    )
]


def scrubbed(text: str) -> str:
    for pattern, put in HIDDEN:
        text = pattern.sub(put, text)
    return text


class OneLineFormatter(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's own name)
        text = CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), super().formatMessage(record))
        return scrubbed(text)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Where it broke and the kind of error; its text is left out, it may hold what somebody wrote."""
        kind, _, trace = ei
        lines = [*"".join(traceback.format_tb(trace)).splitlines(), kind.__name__ if kind else "no error"]
        return "\n".join(f"  | {line}" for line in lines)
