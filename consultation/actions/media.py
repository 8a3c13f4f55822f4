"""Photographs and recordings of a rencontre: put in, published once their rights are checked, taken down at once."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from consultation.choices import MediaKind
from consultation.models import Media, Rencontre
from socle.comptes.models import User
from socle.documents.actions import forget
from socle.documents.models import Document
from socle.pagecache.actions import bump


@transaction.atomic
def add_photo(rencontre: Rencontre, drawn: tuple[Document, Document], *, alternative: str, credit: str) -> Media:
    """`drawn`: the photograph and its thumbnail. Nobody sees it before it is published."""
    return _add(
        rencontre, MediaKind.PHOTO, document=drawn[0], thumbnail=drawn[1], alternative=alternative, credit=credit
    )


@transaction.atomic
def add_recording(rencontre: Rencontre, url: str, *, alternative: str, credit: str) -> Media:
    return _add(rencontre, MediaKind.RECORDING, url=url, alternative=alternative, credit=credit)


def _add(rencontre: Rencontre, kind: MediaKind, **said: object) -> Media:
    """Behind the others."""
    last = Media.objects.filter(rencontre=rencontre).aggregate(last=Max("rank"))["last"] or 0
    return Media.objects.create(rencontre=rencontre, kind=kind, rank=last + 1, **said)


@transaction.atomic
def reword(media: Media, *, alternative: str, credit: str, rank: int) -> None:
    """What is said of it may always be said better; what it is does not change."""
    Media.objects.filter(pk=media.pk).update(alternative=alternative, credit=credit, rank=rank)
    bump()


@transaction.atomic
def publish(media: Media, by: User) -> None:
    """Whoever publishes says that they have checked the rights, now."""
    now = timezone.now()
    Media.objects.filter(pk=media.pk).update(rights_checked_by=by, rights_checked_at=now, published_at=now)
    bump()


@transaction.atomic
def take_down(media: Media) -> None:
    """Nobody sees it any more; to show it again its rights are checked again."""
    Media.objects.filter(pk=media.pk).update(rights_checked_by=None, rights_checked_at=None, published_at=None)
    bump()


@transaction.atomic
def erase(media: Media) -> None:
    """The row and its files, for good."""
    drawn = [document for document in (media.document, media.thumbnail) if document]
    media.delete()
    for document in drawn:
        forget(document)
    bump()
