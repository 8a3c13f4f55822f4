"""The words of a mail, cleaned: written with its row, or when it leaves, by whom the row names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from socle.courriels.models import Envoi
from socle.text import clean_text

ATTACHMENT = {"name", "mimetype", "content"}
# The only image a mail may hold: its content is what the code says, and it is drawn as the mail leaves.
QR_CODE = "image/png"
ATTACHMENTS_MAX = 100_000  # characters of one mail's attachments: a calendar file, never a document

type Words = dict[str, Any]  # columns of an Envoi
type Writer = Callable[[dict[str, Any]], Words]


class NothingToSayError(Exception):
    """What the mail was about is no longer so: it does not leave, and the row says why."""


def words(subject: str, text: str, html: str = "", attachments: Sequence[Mapping[str, str]] = ()) -> Words:
    return {
        "subject": clean_text(subject, multiline=False)[:200].strip(),
        "body_text": clean_text(text, multiline=True),
        "body_html": clean_text(html, multiline=True),
        "attachments": _attachments(attachments),
    }


def write(envoi: Envoi) -> None:
    """Give a mail its words where it has none yet, and keep them: a second try sends the same.

    Raises NothingToSayError; and whatever its writer raises, which is a problem of this mail alone.
    """
    if not envoi.writer or envoi.body_text:
        return
    writer: Writer = import_string(settings.MAIL_WRITERS[envoi.writer])
    written = writer(envoi.facts)
    for name, value in written.items():
        setattr(envoi, name, value)
    Envoi.objects.filter(pk=envoi.pk).exclude(to="").update(**written)  # erased meanwhile: nothing is kept of it


def _attachments(attachments: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    if any(set(one) != ATTACHMENT for one in attachments):
        raise ValueError(f"an attachment has {sorted(ATTACHMENT)}")
    if sum(len(one["content"]) for one in attachments) > ATTACHMENTS_MAX:
        raise ValueError("attachments are small texts only")
    return [{key: _kept(key, value) for key, value in one.items()} for one in attachments]


def _kept(key: str, value: str) -> str:
    """Of a file every octet counts: a folded line of a calendar may end with the space between two words."""
    if key == "content":
        return value.replace("\0", "").encode("utf-8", "ignore").decode()
    return clean_text(value, multiline=False)
