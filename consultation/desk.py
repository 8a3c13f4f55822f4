"""The three statements by which a place is taken. Everyone else who registers waits while they run.

The ORM says the same at ten times the cost in our own processor, and at an opening that cost is the queue.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from consultation.choices import InscriptionEventKind
from consultation.models import Demarche, Inscription, Rencontre
from consultation.places import Filling
from socle.comptes.models import Personne, User

LOCK = """SELECT rencontre.*, demarche.state AS demarche_state FROM consultation_rencontre AS rencontre
    JOIN consultation_demarche AS demarche ON demarche.id = demarche_id
    WHERE rencontre.id = ANY(%s) ORDER BY rencontre.id FOR UPDATE OF rencontre"""
# A statement of its own: one that also waited for the lock would count what stood before it waited.
LOOK = """SELECT count(*) FILTER (WHERE state = 'confirmee' AND NOT sur_place),
    count(*) FILTER (WHERE state = 'en_attente'), max(id) FILTER (WHERE personne_id = %s)
    FROM consultation_inscription WHERE rencontre_id = %s"""
# The clock of the database: those of two web servers would not give the order in which the row was locked.
ENTER = """WITH entered AS (
        INSERT INTO consultation_inscription
            (rencontre_id, personne_id, state, sur_place, presence, phone, name, created_at)
        VALUES (%s, %s, %s, false, %s, %s, %s, statement_timestamp()) RETURNING id, created_at
    ), told AS (
        INSERT INTO consultation_inscriptionevent (inscription_id, kind, by_id, note)
        SELECT id, %s, %s, '' FROM entered
    ) SELECT id, created_at FROM entered"""


def lock(rencontre_pks: Iterable[int]) -> list[Rencontre]:
    """The one lock for places, of several in pk order. Of their démarche the state is known; the rest is read late."""
    rencontres = list(Rencontre.objects.raw(LOCK, [list(rencontre_pks)]))
    for one in rencontres:
        known = (one.demarche_id, one.demarche_state)  # type: ignore[attr-defined]  # read by the join
        one.demarche = Demarche.from_db(connection.alias, ("id", "state"), known)
    return rencontres


def look(rencontre: Rencontre, personne: Personne) -> tuple[Filling, int | None]:
    """How full it is, and the inscription this person has already; the rencontre's row must be locked."""
    with connection.cursor() as cursor:
        cursor.execute(LOOK, [personne.pk, rencontre.pk])
        taken, waiting, mine = cursor.fetchone()
    return Filling(rencontre.capacity, taken, waiting), mine


def enter(inscription: Inscription, kind: InscriptionEventKind, by: User | None) -> None:
    """Write a new inscription and its first event."""
    who = [inscription.rencontre_id, inscription.personne_id]
    how = [inscription.state, inscription.presence, inscription.phone, inscription.name]
    with connection.cursor() as cursor:
        cursor.execute(ENTER, [*who, *how, kind, by.pk if by else None])
        inscription.pk, inscription.created_at = cursor.fetchone()
    inscription._state.adding = False  # noqa: SLF001 (what `save` would have said)
