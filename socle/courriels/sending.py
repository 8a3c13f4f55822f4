"""From the rows that are due to the SMTP server: claim, send outside of any transaction, write what happened.

A mail leaves at least once. It leaves twice, under the same Message-ID, only if the process dies between
the server's acceptance and the row that says so.
"""

from __future__ import annotations

import logging
import smtplib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from socle import qr
from socle.courriels.bounces import status_in, without_address
from socle.courriels.models import Envoi, State
from socle.courriels.words import QR_CODE, NothingToSayError, write
from socle.identity.models import SiteIdentity

logger = logging.getLogger(__name__)

CLAIM = timedelta(minutes=5)  # after which the mails of a worker that vanished are taken back
TIME_TO_SEND = CLAIM.total_seconds() / 3  # a slow server: what is left of the batch goes back before its claim runs out
NO_SERVER = timedelta(minutes=1)  # a server that cannot be reached is no mail's fault: tried again at the next beat
BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240, 480)]
ATTEMPTS = len(BACK_OFF) + 1
ALONE = 3  # times that a mail was in the hands of a process that died, before it is taken by itself
TOO_OFTEN = 8  # of these times: the last ones by itself, so that it is this mail that kills
# RFC 3834, and Exchange's own word for the same. No « Precedence »: that RFC asks that it be given up.
NO_ANSWERING_MACHINE = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}
# Written by hand: the ORM would make this sentence again for each mail, at four times its cost.
SENT = """
    UPDATE courriels_envoi SET state = %s, sent_at = statement_timestamp(), claimed_at = NULL, last_error = ''
    WHERE id = %s
"""
CLOSING = 421  # « service not available, closing transmission channel »


@dataclass
class Counts:
    """What one call did. `go_on`: more may be due, and trying now makes sense."""

    sent: int = 0
    refused: int = 0  # for good
    postponed: int = 0
    put_back: int = 0  # claimed, and given back untried
    go_on: bool = False


@dataclass
class Problem:
    reason: str
    status: str = ""  # RFC 3463, where the recipient is what was refused
    for_good: bool = False  # this mail will never be accepted
    cut: bool = False  # the connection is of no more use
    moot: bool = False  # nobody is to read it any more


def send_batch(limit: int) -> Counts:
    counts = Counts()
    envois = _claim(limit)
    if not envois:
        return counts
    mailer = mailers.default
    try:
        mailer.open()
    except OSError as error:  # SMTP's own errors are OSErrors too
        _put_back(envois, NO_SERVER, _words(error))
        logger.warning("The mail server cannot be reached (%s)", type(error).__name__)
        with suppress(OSError):
            mailer.close()
        counts.put_back = len(envois)
        return counts
    try:
        with _quick_commits():
            rest = _send_all(mailer, envois, counts)
    finally:
        with suppress(OSError):
            mailer.close()
    counts.put_back = len(rest)
    counts.go_on = counts.sent + counts.refused > 0
    _put_back(rest, timedelta(0) if counts.go_on else NO_SERVER, "")
    logger.info("Mails: %s sent, %s refused, %s postponed", counts.sent, counts.refused, counts.postponed)
    return counts


@contextmanager
def _quick_commits() -> Iterator[None]:
    """What became of each mail is committed at once, seen by all and safe from the death of this process, without
    waiting for the disk: a machine that loses its power may send again the mails of its last second, under the same
    Message-ID. Waiting would make the disk, not the mail server, the measure of how fast mails leave.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")


@transaction.atomic
def _claim(limit: int) -> list[Envoi]:
    _close(Envoi.objects.too_late(), State.ABANDONED, "Le moment de l’envoyer est passé.")
    _take_back()
    worn_out = Envoi.objects.due().filter(interrupted__gte=TOO_OFTEN)
    _close(worn_out, State.FAILED, "L’envoi a été interrompu trop souvent.")
    due = Envoi.objects.due().order_by("next_attempt_at", "id")
    pks = _take(due.filter(interrupted__gte=ALONE), 1) or _take(due.filter(interrupted__lt=ALONE), limit)
    if not pks:
        return []
    Envoi.objects.filter(pk__in=pks).update(
        state=State.SENDING, attempts=F("attempts") + 1, claimed_at=Now(), next_attempt_at=Now() + CLAIM
    )
    return list(Envoi.objects.filter(pk__in=pks).order_by("not_before", "id"))


def _take_back() -> None:
    """The mails of a process that vanished. Which of them it was at, nobody knows: it counts as an attempt of none,
    and one that was often there leaves by itself, so that a mail that kills its worker takes no other with it.
    """
    if pks := _take(Envoi.objects.vanished(), 1000):
        Envoi.objects.filter(pk__in=pks).update(
            state=State.WAITING, attempts=F("attempts") - 1, interrupted=F("interrupted") + 1, claimed_at=None
        )


def _take(envois: Any, limit: int) -> list[int]:
    """Locked before they are written, so that two workers never wait for each other in a ring."""
    return list(envois.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])


def _close(envois: Any, state: State, reason: str) -> None:
    if pks := _take(envois, 1000):
        Envoi.objects.filter(pk__in=pks).update(state=state, claimed_at=None, last_error=reason)


def _send_all(mailer: Any, envois: list[Envoi], counts: Counts) -> list[Envoi]:
    """Send one after the other on one connection; return those that were not tried."""
    started = time.monotonic()
    reply_to = SiteIdentity.current().contact_email
    for position, envoi in enumerate(envois):
        if time.monotonic() - started > TIME_TO_SEND:
            return envois[position:]
        problem = _wordless(envoi) or _send(mailer, envoi, reply_to)
        if problem is None:
            _write_sent(envoi)
            counts.sent += 1
            continue
        if _write_problem(envoi, problem):
            counts.refused += 1
        else:
            counts.postponed += 1
        if problem.cut:
            return envois[position + 1 :]
    return []


def _wordless(envoi: Envoi) -> Problem | None:
    """Why a mail that gets its words now has none; nothing where it has them."""
    try:
        write(envoi)
    except NothingToSayError as said:
        return Problem(str(said), for_good=True, moot=True)
    except Exception as error:
        logger.exception("A mail could not be written (%s)", envoi)
        return Problem(_words(error))
    return None


def _send(mailer: Any, envoi: Envoi, reply_to: str) -> Problem | None:
    try:
        mailer.send_messages([_message(envoi, reply_to)])
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        problem = _refusal(code, text)
        problem.status = status_in(problem.reason) if problem.for_good else ""
        return problem
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        problem = _refusal(error.smtp_code, error.smtp_error)
        # A refused sender is the site's fault, which staff can put right: the mail keeps its chances.
        problem.for_good &= not isinstance(error, smtplib.SMTPSenderRefused)
        return problem
    except (smtplib.SMTPNotSupportedError, ValueError) as error:
        return Problem(_words(error), for_good=True)
    except OSError as error:
        return Problem(_words(error), cut=True)
    except Exception as error:
        logger.exception("A mail could not be written (%s)", envoi)
        return Problem(_words(error))
    return None


def _message(envoi: Envoi, reply_to: str) -> EmailMultiAlternatives:
    headers = {"Message-ID": envoi.message_id, "From": settings.DEFAULT_FROM_EMAIL, **NO_ANSWERING_MACHINE}
    message = EmailMultiAlternatives(
        envoi.subject,
        envoi.body_text,
        # The envelope's sender: a server that gives up writes there, never to a person.
        from_email=settings.BOUNCE_ADDRESS or settings.DEFAULT_FROM_EMAIL,
        to=[envoi.to],
        reply_to=[reply_to] if reply_to else None,
        headers=headers | envoi.headers,
    )
    if envoi.body_html:
        message.attach_alternative(envoi.body_html, "text/html")
    for one in envoi.attachments:
        message.attach(one["name"], _file(one), one["mimetype"])
    return message


def _file(attachment: dict[str, str]) -> str | bytes:
    """A QR code is kept as what it says: nobody waits, at a rencontre that fills, for one to be drawn."""
    drawn = attachment["mimetype"] == QR_CODE
    return qr.png(attachment["content"]) if drawn else attachment["content"]


def _refusal(code: int, text: bytes | str) -> Problem:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Problem(without_address(f"{code} {words}"), for_good=code >= 500, cut=code == CLOSING)


def _words(error: Exception) -> str:
    return without_address(f"{type(error).__name__} : {error}")


def _write_sent(envoi: Envoi) -> None:
    """Whatever became of the row meanwhile (cancelled, taken back): the mail has left, and that is what is written.

    Before the next one leaves, and alone: written down together, the mails of a process that dies would leave twice.
    """
    with connection.cursor() as cursor:
        cursor.execute(SENT, [State.SENT, envoi.pk])


def _write_problem(envoi: Envoi, problem: Problem) -> bool:
    """True when it was the last attempt."""
    last = problem.for_good or envoi.attempts >= ATTEMPTS
    if last:
        refused = {"bounced_at": Now(), "bounce_status": problem.status} if problem.status else {}
        change: dict[str, Any] = {"state": State.CANCELLED if problem.moot else State.FAILED, **refused}
    else:
        change = {"state": State.WAITING, "next_attempt_at": Now() + BACK_OFF[envoi.attempts - 1]}
    _still_ours([envoi.pk], envoi.claimed_at).update(**change, claimed_at=None, last_error=problem.reason)
    return last


def _put_back(envois: list[Envoi], wait: timedelta, reason: str) -> None:
    """Not tried, so not counted. They are of one claim, and share its instant."""
    if not envois:
        return
    change = {"last_error": reason} if reason else {}
    _still_ours([envoi.pk for envoi in envois], envois[0].claimed_at).update(
        state=State.WAITING, attempts=F("attempts") - 1, next_attempt_at=Now() + wait, claimed_at=None, **change
    )


def _still_ours(pks: list[int], claimed_at: datetime | None) -> Any:
    return Envoi.objects.filter(pk__in=pks, state=State.SENDING, claimed_at=claimed_at)
