"""Put a mail in the outbox, take it out, send it again. The sending itself is in `sending`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, CharField, F, Value, When
from django.db.models.functions import Cast, Concat, Now

from socle import doorbell
from socle.courriels import bounces, kept, maildir
from socle.courriels.bounces import NotABounce
from socle.courriels.models import UNFINISHED, Envoi, EnvoiQuerySet, State, new_message_id
from socle.courriels.sending import Counts, send_batch
from socle.courriels.words import words
from socle.privacy.retention import kept_for
from socle.text import clean_text

HEADERS = frozenset({"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"})
BATCH = 500  # mails written by one statement
SENT_TOGETHER = 100  # mails claimed at once: as many share a connection, and wait if the worker vanishes
SEND_DUE = "socle.courriels.tasks.send_due"
_EMPTY = {"subject": "", "body_text": "", "body_html": "", "headers": {}, "attachments": [], "writer": "", "facts": {}}

_UNWRITTEN = """INSERT INTO courriels_envoi ("to", subject, body_text, body_html, headers, attachments, writer, facts,
    dedupe_key, message_id, subject_key, state, attempts, last_error, bounce_status)
    VALUES (%s, '', '', '', '{}', '[]', %s, %s, %s, %s, '', 'en_attente', 0, '', '') ON CONFLICT DO NOTHING"""


@transaction.atomic
def enqueue(*, dedupe_key: str, **mail: Any) -> Envoi:
    """Write the mail with what causes it, in the caller's transaction; a worker sends it after the commit.

    The fields are those of `envoi`. A second call with the same `dedupe_key` changes nothing and returns the first
    mail, whatever became of it: a mail that must leave again has a key of its own.
    """
    enqueue_many([envoi(dedupe_key=dedupe_key, **mail)])
    return Envoi.objects.get(dedupe_key=dedupe_key)


@transaction.atomic
def enqueue_many(envois: Iterable[Envoi]) -> None:
    """The same for many mails of `envoi`, a batch at a time: they need not fit in memory."""
    for batch in batched(envois, BATCH, strict=False):
        Envoi.objects.bulk_create(batch, ignore_conflicts=True)
    doorbell.ring(SEND_DUE)


def enqueue_unwritten(*, to: str, writer: str, facts: Mapping[str, Any], dedupe_key: str) -> None:
    """The same for a mail that gets its words when it leaves, from `writer` (settings.MAIL_WRITERS) and these facts.

    For what happens while others wait for a lock: no template is drawn, and one statement is all that is done.
    """
    address = clean_text(to, multiline=False)
    with connection.cursor() as cursor:
        cursor.execute(_UNWRITTEN, [address, writer, json.dumps(facts), dedupe_key, new_message_id(site_domain())])
    doorbell.ring(SEND_DUE)


def envoi(
    *,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    dedupe_key: str,
    subject_key: str = "",
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    headers: Mapping[str, str] | None = None,
    attachments: Sequence[Mapping[str, str]] = (),
) -> Envoi:
    """A mail that is not written yet, cleaned."""
    made = Envoi(
        to=clean_text(to, multiline=False),
        **words(subject, text, html, attachments),
        headers=_headers(headers or {}),
        dedupe_key=dedupe_key,
        message_id=new_message_id(site_domain()),
        subject_key=subject_key,
        not_after=not_after,
    )
    if not_before is not None:
        made.not_before = made.next_attempt_at = not_before
    return made


def cancel(subject_key: str, reason: str) -> int:
    """Call back every mail about this subject that has not left, in the caller's transaction; return how many.

    One that a worker holds at this very moment may still leave: it is then shown as sent, which is the truth.
    """
    if not subject_key:
        raise ValueError("an empty subject_key would cancel mails that have nothing in common")
    return Envoi.objects.unfinished().filter(subject_key=subject_key).update(**_cancelled(reason))


def cancel_one(envoi: Envoi, reason: str) -> bool:
    return bool(Envoi.objects.unfinished().filter(pk=envoi.pk).update(**_cancelled(reason)))


@transaction.atomic
def resend(envoi: Envoi) -> bool:
    """Put a finished mail back in the queue; False while it is still on its way, or once its text is forgotten.

    One that had left gets a new Message-ID, since many servers drop a second copy of the first.
    """
    envoi = Envoi.objects.select_for_update().get(pk=envoi.pk)
    if envoi.state in UNFINISHED or not envoi.to or not (envoi.body_text or envoi.writer):
        return False
    message_id = new_message_id(site_domain()) if envoi.sent_at else envoi.message_id
    Envoi.objects.filter(pk=envoi.pk).update(
        state=State.WAITING,
        message_id=message_id,
        attempts=0,
        interrupted=0,
        next_attempt_at=Now(),
        not_after=None,
        sent_at=None,
        claimed_at=None,
        last_error="",
        bounced_at=None,
        bounce_status="",
    )
    doorbell.ring(SEND_DUE)
    return True


@transaction.atomic
def forget(address: str) -> int:
    """Erase someone: cancel what waits for this address, empty what was sent to it; return how many mails."""
    return _forget(Envoi.objects.filter(to__iexact=address))


def forget_one(dedupe_key: str) -> int:
    """The same of one mail, where others to that address stay."""
    return _forget(Envoi.objects.filter(dedupe_key=dedupe_key))


@transaction.atomic
def _forget(mails: EnvoiQuerySet) -> int:
    message_ids = list(mails.values_list("message_id", flat=True))
    rows = Envoi.objects.filter(message_id__in=message_ids)
    rows.unfinished().update(**_cancelled("Adresse effacée."))
    no_key = Concat(Value("efface:"), Cast("pk", CharField()), output_field=CharField())
    forgotten = rows.update(**_EMPTY, to="", last_error="", dedupe_key=no_key)
    transaction.on_commit(lambda: kept.delete(message_ids), robust=True)
    return forgotten


def forget_old() -> int:
    """Empty the finished mails of their text, which may name people or hold a link; the rows stay, and are counted."""
    old = Envoi.objects.exclude(state__in=UNFINISHED).filter(created_at__lt=Now() - kept_for("courriels"))
    return old.exclude(body_text="", writer="").update(**_EMPTY)


def record_bounce(raw: bytes) -> Envoi:
    """Write down that a mail came back, once; raises NotABounce, with the reason, for whatever changes nothing.

    Nothing is ever answered: two machines that answer each other never stop.
    """
    bounce = bounces.read(raw)
    envoi = Envoi.objects.filter(message_id__in=bounce.message_ids).first()
    if envoi is None:
        raise NotABounce("Ce courriel n’est pas des nôtres : rien n’est noté.")
    facts = {"bounced_at": Now(), "bounce_status": bounce.status, "last_error": bounce.reason, "claimed_at": None}
    # One that waits for another attempt had left once, whatever the server answered then: it will not leave again.
    state = Case(When(state__in=UNFINISHED, then=Value(State.FAILED)), default=F("state"))
    if not Envoi.objects.filter(pk=envoi.pk, bounced_at__isnull=True).update(state=state, **facts):
        raise NotABounce("Ce retour est déjà noté.")
    envoi.refresh_from_db()
    return envoi


def read_bounces() -> int:
    """Write down what waits in the folder BOUNCE_MAILDIR; return how many mails came back."""
    recorded = 0
    for path, raw in maildir.waiting():
        try:
            record_bounce(raw)
        except NotABounce:
            maildir.put_aside(path)
        else:
            maildir.done(path)
            recorded += 1
    return recorded


def send_due(limit: int = SENT_TOGETHER) -> Counts:
    """Send at most `limit` mails that are due, on one connection; safe anywhere, at any time, several at once."""
    return send_batch(limit)


def site_domain() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def _cancelled(reason: str) -> dict[str, Any]:
    return {"state": State.CANCELLED, "claimed_at": None, "last_error": clean_text(reason, multiline=False)[:300]}


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    if unknown := set(headers) - HEADERS:
        raise ValueError(f"headers that a mail may not set: {sorted(unknown)}")
    return {name: clean_text(value, multiline=False) for name, value in headers.items()}
