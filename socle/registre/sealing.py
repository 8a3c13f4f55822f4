"""The rule of the chain, without a database: how an entry is written on a line, and what its seal is.

A line is a JSON object on one line of UTF-8, without spaces between its parts, its keys in the order of LINE_KEYS, the
facts in the order of their keys, ended by a line feed. The seal is the SHA-256, in hexadecimal, of the line without
`,"sceau":"…"` and without its line feed. `sceau_precedent` is the seal of the entry before; ORIGIN for the first one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from socle.registre.models import Entree

ORIGIN = "0" * 64
SEAL = "sceau"
LINE_KEYS = (
    "numero",
    "date",
    "acte",
    "objet",
    "role",
    "demarche",
    "faits",
    "empreinte",
    "sceau_precedent",
    SEAL,
)


def canonical(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def content_of(entree: Entree) -> dict[str, Any]:
    """All that the seal covers."""
    moment = entree.recorded_at.astimezone(UTC)
    return {
        "numero": entree.number,
        "date": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "acte": entree.kind,
        "objet": entree.subject,
        "role": entree.role,
        "demarche": entree.demarche,
        "faits": dict(sorted(entree.facts.items())),
        "empreinte": entree.fingerprint,
        "sceau_precedent": entree.previous_hash,
    }


def seal_of(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def line_of(entree: Entree) -> bytes:
    """A sealed entry as the public file has it, line feed included."""
    return (canonical(content_of(entree) | {SEAL: entree.hash}) + "\n").encode()


def fingerprint_of(text: str, secret: bytes) -> str:
    """HMAC-SHA256 in hexadecimal: whoever lacks the secret cannot even try likely texts."""
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
