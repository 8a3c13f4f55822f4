"""The numéro de suivi: what lets someone follow a contribution without an account.

It is computed from the form's submission_key and SECRET_KEY: a second POST of the same form gives the same number,
and no table holds it. The row keeps its HMAC, which a copy of the database cannot be tried against without the key.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from uuid import UUID

from django.conf import settings

# 31 signs, a prime: neither O nor 0, neither I nor 1, and no L, which is read as 1 once in lower case.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 12
GROUP = 4
BASE = len(ALPHABET)
SEPARATORS = str.maketrans("", "", " \t\n\r\u00a0\u202f\u2009-\u2010\u2011\u2012\u2013\u2014\u2212._")


def keys() -> list[str]:
    """The key in use, then those it replaced: numbers on paper outlive a key."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def numero_of(submission_key: UUID, key: str = "") -> str:
    """The number of this form, written with its dashes; about 54 bits that nobody guesses."""
    rest = int.from_bytes(_digest("numero", submission_key.bytes, key or settings.SECRET_KEY)[:16])
    signs = []
    for _ in range(LENGTH - 1):
        rest, sign = divmod(rest, BASE)
        signs.append(ALPHABET[sign])
    return dashed("".join(signs) + check_sign("".join(signs)))


def check_sign(signs: str) -> str:
    """Weights that differ, modulo a prime: one wrong sign, or two that changed places, never pass."""
    total = sum(weight * ALPHABET.index(sign) for weight, sign in enumerate(signs, start=1))
    # The last sign has the weight 12: it brings the whole sum to zero.
    return ALPHABET[-total * pow(LENGTH, -1, BASE) % BASE]


def read(typed: str) -> str | None:
    """« abcd efgh jklm » as « ABCD-EFGH-JKLM »; None where it cannot be one of our numbers."""
    signs = typed[:100].translate(SEPARATORS).upper()
    if len(signs) != LENGTH or any(sign not in ALPHABET for sign in signs):
        return None
    return dashed(signs) if check_sign(signs[:-1]) == signs[-1] else None


def dashed(signs: str) -> str:
    return "-".join(signs[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def tracking_hash(numero: str, key: str = "") -> bytes:
    """What the row keeps of a number that `read` gave."""
    return _digest("suivi", numero.encode(), key or settings.SECRET_KEY)


def tracking_hashes(numero: str) -> list[bytes]:
    return [tracking_hash(numero, key) for key in keys()]


def numero_shown(submission_key: UUID, stored_hash: bytes) -> str:
    """The number given at the time, whatever the key has become since; empty once no key gives it any more."""
    for key in keys():
        numero = numero_of(submission_key, key)
        if hmac.compare_digest(tracking_hash(numero, key), bytes(stored_hash)):
            return numero
    return ""


def _digest(purpose: str, message: bytes, key: str) -> bytes:
    return hmac.new(f"consultation.numero.{purpose}:{key}".encode(), message, sha256).digest()
