"""An act entered in the register and what the chain holds: what the tests of the register share."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import pairwise

from django.db import connection, transaction

from socle.registre.actions import record
from socle.registre.models import Entree
from socle.registre.sealing import ORIGIN, content_of, line_of, seal_of


def enter(kind: str, *, atomic: bool = False, **said) -> Entree:
    """An act of a moderator on DP11-42, in a transaction of its own where it is asked for."""
    with transaction.atomic() if atomic else nullcontext():
        return record(kind, **{"subject": "DP11-42", "role": "modérateur", "demarche": "dp-2011"} | said)


def lines() -> list[bytes]:
    """The public file, line by line, as the table gives it."""
    return [line_of(entree) for entree in Entree.objects.oldest_first()]


def chain_of() -> list[int]:
    """The numbers of the chain, each seal recomputed and held against the one before."""
    sealed = list(Entree.objects.oldest_first())
    assert all(entree.hash == seal_of(content_of(entree)) for entree in sealed)
    assert all(after.previous_hash == before.hash for before, after in pairwise(sealed))
    assert [entree.previous_hash for entree in sealed[:1]] in ([], [ORIGIN])
    return [entree.number for entree in sealed]


@contextmanager
def guards(state: str) -> Iterator[None]:
    """With the triggers of the register put to sleep (« DISABLE »), or all of them awake (« ENABLE »)."""
    alter = "ALTER TABLE registre_entree {} TRIGGER USER"
    with connection.cursor() as cursor:
        cursor.execute(alter.format(state))
        try:
            yield
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks to come cannot be altered
        finally:
            cursor.execute(alter.format("ENABLE"))
            cursor.execute("ALTER TABLE registre_entree DISABLE TRIGGER registre_guard_truncate")
