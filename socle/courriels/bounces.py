"""A mail that came back, read as what it is: a message from anybody, that may hold anything.

A report (RFC 3464) is believed only when it names one of our Message-IDs, which its recipient alone has seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from email.policy import compat32  # the modern policy raises on some hostile headers; this one keeps them as they are

from socle.text import clean_text

SIZE_MAX = 512 * 1024  # bytes; what matters stands before the copy of the mail that some servers send back whole
_VAGUE = "5.0.0"
_ID = re.compile(r"<[!-;=?-~]{3,198}>")
_STATUS = re.compile(r"(?<![0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")
_ADDRESS = re.compile(r"[^\s<>()\"',;:]+@[^\s<>()\"',;:]+")
_RETURNED = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")


class NotABounce(Exception):  # noqa: N818 (nothing went wrong: most of what comes to this address is not a bounce)
    """Nothing to write down; the sentence says why."""


@dataclass(frozen=True)
class Bounce:
    message_ids: tuple[str, ...]
    status: str  # RFC 3463: « 5.1.1 »
    reason: str


def read(raw: bytes) -> Bounce:
    """Raises NotABounce, and nothing else, whatever the bytes."""
    try:
        message = message_from_bytes(raw[:SIZE_MAX], policy=compat32)
        return _report(message)
    except NotABounce:
        raise
    except Exception as error:  # a parser given hostile bytes: RecursionError, LookupError…
        raise NotABounce("Ce message est illisible : rien n’est noté.") from error


def status_in(words: str) -> str:
    """The enhanced code (RFC 3463) that a server gives with its refusal, if it gives one."""
    found = _STATUS.search(words)
    return found[1] if found else ""


def without_address(reason: str) -> str:
    return clean_text(_ADDRESS.sub("…", reason), multiline=False)[:300]


def _report(message: Message) -> Bounce:
    parts = list(message.walk())
    if _field(message, "Auto-Submitted").lower().startswith("auto-replied"):
        raise NotABounce("C’est une réponse automatique (absence, accusé de réception) : rien n’est noté.")
    recipients = [block for part in parts for block in _blocks(part)]
    if not recipients:
        raise NotABounce("Ce n’est pas un avis de non-remise : rien n’est noté.")
    failed = next((block for block in recipients if _field(block, "Action").lower() == "failed"), None)
    if failed is None:
        raise NotABounce("Cet avis n’annonce pas d’échec définitif : rien n’est noté.")
    ids = tuple(dict.fromkeys([*_returned_ids(parts), *_answered_ids(message)]))[:10]
    if not ids:
        raise NotABounce("Cet avis ne dit pas de quel courriel il parle : rien n’est noté.")
    return Bounce(ids, *_why(failed))


def _blocks(part: Message) -> list[Message]:
    """The fields of each recipient of a delivery report; the first block is about the report itself."""
    if part.get_content_type() not in ("message/delivery-status", "message/global-delivery-status"):
        return []
    payload = part.get_payload()
    return [block for block in payload[1:] if isinstance(block, Message)] if isinstance(payload, list) else []


def _why(block: Message) -> tuple[str, str]:
    said = _field(block, "Diagnostic-Code")
    status = status_in(_field(block, "Status"))
    if status in ("", _VAGUE):  # Exim says 5.0.0 of everything, and the truth in its diagnostic
        status = status_in(said) or _VAGUE
    return status, without_address(said or f"Avis de non-remise {status}")


def _returned_ids(parts: list[Message]) -> Iterator[str]:
    for part in parts:
        if part.get_content_type() in _RETURNED:
            payload = part.get_payload()
            inside = payload[0] if isinstance(payload, list) and payload else None
            headers = inside if isinstance(inside, Message) else _headers_in(part)
            yield from _ID.findall(str(headers.get("Message-ID", "")))


def _headers_in(part: Message) -> Message:
    payload = part.get_payload(decode=True)
    return message_from_string(payload.decode("utf-8", "replace") if isinstance(payload, bytes) else "")


def _answered_ids(message: Message) -> Iterator[str]:
    """Exchange sends no copy back: it answers the mail."""
    for name in ("In-Reply-To", "References"):
        yield from _ID.findall(str(message.get(name, "")))


def _field(block: Message, name: str) -> str:
    return str(block.get(name, "")).strip()
