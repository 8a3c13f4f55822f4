"""An act enters the register in its own transaction; beat seals what has been committed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from socle.pagecache.actions import bump
from socle.registre.models import Entree, EntreeKey
from socle.registre.sealing import ORIGIN, content_of, fingerprint_of, seal_of
from socle.registre.vocabulary import vocabulary

LOCK = 20110127_07  # the advisory lock of the one who seals
BATCH = 1000  # entries sealed in one transaction


def record(
    kind: str,
    *,
    subject: str,
    role: str,
    facts: Mapping[str, str | int | None] = {},
    text: str | None = None,
    demarche: str = "",
) -> Entree:
    """Write a public act down, in the transaction of the act: rolled back together, committed together.

    `subject` is a public reference (« DP11-42 », « etape:3 »), `role` one of the roles, never a name, `demarche` its
    slug. A fact that is None or empty is left out; of `text` only a fingerprint is kept.
    Raises ValueError for what the vocabulary does not hold.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("record() belongs to the transaction of the act: open one first.")
    vocabulary().check(kind, subject, role, facts)
    known = {key: value for key, value in facts.items() if value not in (None, "")}
    entree = Entree(kind=kind, subject=subject, role=role, facts=known, demarche=demarche)
    if text is None:
        entree.save()
        return entree
    secret = secrets.token_bytes(32)
    entree.fingerprint = fingerprint_of(text, secret)
    entree.save()
    EntreeKey.objects.create(entree=entree, secret=secret)
    return entree


def forget_text(subject: str) -> int:
    """The text of `subject` is erased: no text can be compared with its fingerprints any more. How many keys went."""
    return EntreeKey.objects.filter(entree__subject=subject).delete()[0]


def seal() -> int:
    """Seal all that has been committed; the number of entries. Outside of any transaction."""
    total = 0
    while sealed := _seal_batch():
        total += sealed
    return total


@transaction.atomic(durable=True)
def _seal_batch() -> int:
    """0 when nothing waits, or when another one is sealing."""
    if not _take_the_lock():
        return 0
    # Asked after the lock, in a statement of its own: it sees what the sealer before has committed.
    last = Entree.objects.newest_first().first()
    number, previous = (last.number or 0, last.hash) if last else (0, ORIGIN)
    waiting = list(Entree.objects.to_seal()[:BATCH])
    for entree in waiting:
        number += 1
        entree.number, entree.previous_hash = number, previous
        entree.hash = previous = seal_of(content_of(entree))
        entree.save(update_fields=["number", "previous_hash", "hash"])
    if waiting:
        bump()
    return len(waiting)


def _take_the_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return cursor.fetchone()[0]
