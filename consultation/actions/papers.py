"""What comes on paper, by post or by telephone is typed in, then read again by another; its scan ends one day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from consultation import numero
from consultation.actions.contributions import REWORDED, StaleState
from consultation.actions.words import replace_words
from consultation.choices import ContributionState, VersionCause
from consultation.emails import papers as emails
from consultation.limits import mail_allowed
from consultation.models import CahierActeur, Contribution, Demarche, Enjeu, Transcription
from socle.comptes.actions import personne_for
from socle.comptes.models import User
from socle.documents.actions import forget
from socle.documents.models import Document

READ = "Rien n’a été changé : cette saisie a déjà été relue."
OWN = "Rien n’a été changé : la seconde lecture est celle de quelqu’un d’autre que la personne qui a saisi."


def enter(
    *, demarche: Demarche, submission_key: UUID, by: User, received_on: date, scan: Document | None = None, **said: Any
) -> Contribution:
    """Keep what was typed from a paper or a call, once for each submission_key: it waits for its second reader."""

    def beside(contribution: Contribution) -> None:
        Transcription.objects.create(contribution=contribution, received_on=received_on, scan=scan, transcriber=by)

    return _keep(demarche, submission_key, received_on, beside, **said)


def enter_cahier(
    *, demarche: Demarche, submission_key: UUID, by: User, received_on: date, document: Document, **said: Any
) -> Contribution:
    """Keep the position of an organisation, its summary as text and its document: it waits for a moderator."""

    def beside(contribution: Contribution) -> None:
        CahierActeur.objects.create(
            contribution=contribution, document=document, received_on=received_on, checked_by=by
        )

    return _keep(demarche, submission_key, received_on, beside, **said)


def _keep(
    demarche: Demarche,
    submission_key: UUID,
    received_on: date,
    beside: Any,
    *,
    email: str = "",
    enjeux: Iterable[Enjeu] = (),
    **said: Any,
) -> Contribution:
    """The row, waiting, and what stands beside it; outside of any transaction: the mails to one address are counted.

    Staff hold the paper: it is received, and waits for no link. An address copied from it is proved by nobody yet (one
    letter misread is a stranger's): it joins the contribution once its reader has followed the link of the mail, which
    holds neither the text nor the numéro de suivi.
    """
    if known := Contribution.objects.filter(submission_key=submission_key).first():
        return known
    with_mail = bool(email) and mail_allowed(email)
    try:
        with transaction.atomic():
            contribution = Contribution.objects.create(
                demarche=demarche,
                submission_key=submission_key,
                tracking_hash=numero.tracking_hash(numero.numero_of(submission_key)),
                state=ContributionState.WAITING,
                submitted_at=_received_at(received_on),
                **said,
            )
            contribution.enjeux.set(enjeux)
            beside(contribution)
            if with_mail:
                emails.received(contribution, personne_for(email), uuid4().hex)
    except IntegrityError:
        # The same form, sent twice at the same moment: the other one was first.
        if known := Contribution.objects.filter(submission_key=submission_key).first():
            return known
        raise
    return contribution


def _received_at(day: date) -> datetime:
    """It has waited since it arrived, not since it was typed."""
    now = timezone.now()
    return now if day >= timezone.localdate(now) else timezone.make_aware(datetime.combine(day, time(12)))


@transaction.atomic
def read_again(
    transcription: Transcription,
    reader: User,
    *,
    title: str,
    body: str,
    enjeux: Iterable[Enjeu] = (),
    seen: str = "",
    **author: Any,
) -> Transcription:
    """Sign the second reading, and correct what was misread; the words before it stay in a `Version`.

    `seen` is the `words_seal` of the page that was read: a passage masked since is not brought back.
    Raises StaleState where it was read, corrected or decided meanwhile, or typed by the same person.
    """
    locked = Transcription.objects.select_for_update(of=("self",)).get(pk=transcription.pk)
    if locked.read_at:
        raise StaleState(READ)
    if locked.transcriber_id == reader.pk:
        raise StaleState(OWN)
    contribution = transcription.contribution
    if seen and seen != contribution.words_seal:
        raise StaleState(REWORDED)
    if (title, body) != (contribution.title, contribution.body):
        replace_words(contribution, title=title, body=body, cause=VersionCause.READING, by=reader)
    if author:
        Contribution.objects.filter(pk=contribution.pk).update(**author)
        contribution.enjeux.set(enjeux)
    locked.reader, locked.read_at = reader, timezone.now()
    locked.save(update_fields=["reader", "read_at"])
    return locked


@transaction.atomic
def replace_document(cahier: CahierActeur, document: Document, by: User) -> None:
    """Another version of the document, before it is public; what was public does not change without a trace."""
    waiting = Contribution.objects.filter(pk=cahier.pk, state=ContributionState.WAITING).select_for_update()
    if not waiting.exists():
        raise StaleState("Rien n’a été changé : ce cahier n’attend plus de décision, son document est arrêté.")
    before = CahierActeur.objects.select_related("document").get(pk=cahier.pk).document
    CahierActeur.objects.filter(pk=cahier.pk).update(document=document, checked_by=by, checked_at=timezone.now())
    forget(before)


def forget_scans(at: datetime | None = None) -> int:
    """Erase the scans whose time is over; how many. The text and who typed it stay."""
    over = Transcription.objects.scan_over(at).select_related("scan")
    scans = [transcription.scan for transcription in over if transcription.scan]
    for scan in scans:
        forget(scan)
    return len(scans)
