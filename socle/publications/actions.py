"""Ask for public files in the transaction that publishes, make them outside of any, replace them when words must go."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from typing import Self

from django.db import connection, transaction
from django.db.models.functions import Now

from socle import doorbell
from socle.comptes.models import User
from socle.documents.actions import being_made, forget, keep_made
from socle.pagecache.actions import bump
from socle.publications.builders import builder_of, changes_of
from socle.publications.models import Publication

logger = logging.getLogger(__name__)

BUILD_DUE = "socle.publications.tasks.build_due"
# Longer than a builder is silent: before it, nobody takes the place of a worker that is alive.
FIRST_AGAIN, LATEST_AGAIN = timedelta(minutes=2), timedelta(hours=1)
SIGN = 20  # seconds between two words of a worker that takes long


@transaction.atomic
def publish(kind: str, key: str, media_types: Collection[str], by: User | None) -> None:
    """These files are to be made once; asking again for one that is there, or on its way, changes nothing."""
    wanted = [Publication(kind=kind, key=key, media_type=media_type, by=by) for media_type in media_types]
    Publication.objects.bulk_create(wanted, ignore_conflicts=True)
    doorbell.ring(BUILD_DUE)


@transaction.atomic
def renew(kind: str, key: str) -> None:
    """What was made says words that are no longer public: it goes at once, and another is made."""
    rows = Publication.objects.of(kind, key).select_related("document").select_for_update(of=("self",)).order_by("pk")
    former = [row.document for row in rows if row.document]
    Publication.objects.of(kind, key).update(document=None, attempts=0, asked_at=Now(), next_attempt_at=Now())
    for document in former:
        forget(document)
    doorbell.ring(BUILD_DUE)


def renew_stale(kind: str) -> int:
    """Of how many keys; what says words that have changed since is no longer given, from now on."""
    now = changes_of(kind)(None)
    made = Publication.objects.filter(kind=kind).ready().values_list("key", "pk", "seen")
    stale = {key for key, pk, seen in made if pk in now and now[pk] != seen}
    for key in sorted(stale):
        renew(kind, key)
    return len(stale)


@transaction.atomic
def drop(kind: str, key: str, media_types: Collection[str]) -> None:
    """These files are made no more, and what there is of them goes."""
    rows = Publication.objects.of(kind, key).filter(media_type__in=media_types).select_related("document")
    former = [row.document for row in rows.select_for_update(of=("self",)).order_by("pk") if row.document]
    rows.delete()
    for document in former:
        forget(document)


def build_next() -> bool:
    """Make one file that is due; False when there is none. Whatever breaks, it is tried again later, for ever."""
    claimed = _claim()
    if claimed is None:
        return False
    try:
        with being_made() as made, _Alive(claimed) as alive:
            seen = changes_of(claimed.kind)(claimed.pk).get(claimed.pk)  # before the file reads anything
            builder_of(claimed.kind)(claimed.key, claimed.media_type, made, alive.told)
            _keep(claimed, made, seen)
    except Exception:
        logger.exception("Publication %s failed (attempt %s)", claimed.pk, claimed.attempts)
    return True


class _Alive:
    """While a builder tells that it goes on, its claim does not run out: said by a connection beside its own, which
    may be reading the rows of one instant."""

    def __init__(self, claimed: Publication) -> None:
        self.claimed, self.connection = claimed, connection.copy()
        self.last = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def told(self, _how_much: int) -> None:
        if time.monotonic() - self.last < SIGN:
            return
        self.last = time.monotonic()
        with self.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE publications_publication"
                " SET next_attempt_at = greatest(next_attempt_at, now() + make_interval(secs => %s))"
                " WHERE id = %s AND attempts = %s AND asked_at = %s",
                [FIRST_AGAIN.total_seconds(), self.claimed.pk, self.claimed.attempts, self.claimed.asked_at],
            )


@transaction.atomic
def _claim() -> Publication | None:
    row = Publication.objects.due().select_for_update(skip_locked=True).first()
    if row is None:
        return None
    wait = min(FIRST_AGAIN * 2 ** min(row.attempts, 10), LATEST_AGAIN)
    row.attempts += 1
    Publication.objects.filter(pk=row.pk).update(attempts=row.attempts, next_attempt_at=Now() + wait)
    return row


@transaction.atomic
def _keep(claimed: Publication, made: Path, seen: int | None) -> None:
    """Only for who still holds it: asked for anew meanwhile, or taken by another, this one is let go."""
    row = Publication.objects.select_for_update().get(pk=claimed.pk)
    if row.document_id or (row.attempts, row.asked_at) != (claimed.attempts, claimed.asked_at):
        return
    row.document, row.seen = keep_made(made, claimed.media_type, claimed.by), seen
    row.save(update_fields=["document", "seen"])
    bump()
