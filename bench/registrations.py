"""The opening of the inscriptions: 500 people for 30 places, against the same transaction bare, in a psycopg loop.

The bare one writes the same rows with the same content under the same lock: what is measured beside it is all that
we add. Both are run by as many threads; both must end with thirty confirmed, whatever happens.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import psycopg
from django.db import connection
from django.utils import timezone

from bench.result import Result
from consultation.actions import inscriptions
from consultation.actions.inscriptions import Asked
from consultation.choices import RencontreKind, RencontreState
from consultation.models import Demarche, Inscription, Lieu, Rencontre
from socle import doorbell
from socle.comptes.models import Personne, User
from socle.courriels.models import Envoi

AIM = 0.5
PEOPLE = int(os.environ.get("BENCH_PEOPLE", "500"))
PLACES, THREADS, ROUNDS = 30, 8, 3
PHONE = "06 12 34 56 78"
LOCK = "SELECT capacity, state FROM consultation_rencontre WHERE id = %s FOR UPDATE"
MINE = "SELECT id FROM consultation_inscription WHERE rencontre_id = %s AND personne_id = %s"
COUNT = """SELECT count(*) FILTER (WHERE state = 'confirmee' AND NOT sur_place),
    count(*) FILTER (WHERE state = 'en_attente') FROM consultation_inscription WHERE rencontre_id = %s"""
INSERT = """INSERT INTO consultation_inscription
    (rencontre_id, personne_id, state, sur_place, presence, phone, created_at)
    VALUES (%s, %s, %s, false, 'salle', %s, statement_timestamp()) RETURNING id"""
EVENT = "INSERT INTO consultation_inscriptionevent (inscription_id, kind, note) VALUES (%s, %s, '')"
MAIL = """INSERT INTO courriels_envoi ("to", subject, body_text, body_html, headers, attachments, writer, facts,
    dedupe_key, message_id, subject_key, state, attempts, last_error, bounce_status)
    VALUES (%s, %s, %s, %s, '{}', %s, %s, %s, %s, %s, '', 'en_attente', 0, '', '')"""


def measure() -> Iterator[Result]:
    opening = _Opening()
    # Nobody hears the bell here, and the embedded broker would fill up.
    doorbell.ring = lambda task_name: None  # noqa: ARG005
    bare, ours = [], []
    for _ in range(ROUNDS):
        bare.append(_timed(opening.bare(), opening.people))
        ours.append(_timed(opening.ours(), opening.people))
    detail = f"{PEOPLE / min(ours):.0f}/s against {PEOPLE / min(bare):.0f}/s, {THREADS} at once"
    yield Result("registrations at opening, 500 for 30", min(bare) / min(ours), AIM, detail=detail)


def _timed(register: Callable[[Personne], None], people: list[Personne]) -> float:
    with ThreadPoolExecutor(THREADS) as pool:
        start = time.perf_counter()
        list(pool.map(register, people))
        taken = time.perf_counter() - start
        list(pool.map(lambda _: connection.close(), range(THREADS)))
    newest = Inscription.objects.filter(rencontre=Rencontre.objects.latest("pk"))
    if (newest.confirmed().count(), newest.waiting().count()) != (PLACES, PEOPLE - PLACES):
        raise RuntimeError("places were sold twice, or lost")
    return taken


class _Opening:
    def __init__(self) -> None:
        name = uuid4().hex[:6]
        self.demarche = Demarche.objects.create(title="Banc d’essai", slug=name, code=f"I{name.upper()}")
        self.lieu = Lieu.objects.create(name="Kursaal", street="place du Casino", postcode="59140", town="Dunkerque")
        self.by = User.objects.create_user(f"{name}@example.org", is_staff=True)
        people = [Personne(email=f"{uuid4().hex}@example.org") for _ in range(PEOPLE)]
        self.people = list(Personne.objects.bulk_create(people))
        # The bare loop writes the same bytes: those of a mail of ours.
        inscriptions.register(self.people[0], self._rencontre().pk, by=self.by)
        self.mail = Envoi.objects.get(to=self.people[0].email)

    def _rencontre(self) -> Rencontre:
        return Rencontre.objects.create(
            demarche=self.demarche,
            lieu=self.lieu,
            kind=RencontreKind.REUNION,
            title="Réunion publique",
            starts_at=timezone.now() + timedelta(days=30),
            capacity=PLACES,
            state=RencontreState.PUBLISHED,
        )

    def ours(self) -> Callable[[Personne], None]:
        pk = self._rencontre().pk

        def register(personne: Personne) -> None:
            inscriptions.register_all(personne, [pk], Asked(phone=PHONE), by=self.by)

        return register

    def bare(self) -> Callable[[Personne], None]:
        pk, kept, mail = self._rencontre().pk, threading.local(), self.mail
        parameters = connection.get_connection_params()
        parameters.pop("cursor_factory", None), parameters.pop("context", None)

        def register(personne: Personne) -> None:
            if not hasattr(kept, "connection"):
                kept.connection = psycopg.connect(**parameters)
            with kept.connection.transaction(), kept.connection.cursor() as cursor:
                _transaction(cursor, pk, personne, mail)

        return register


def _transaction(cursor: psycopg.Cursor, rencontre_pk: int, personne: Personne, mail: Envoi) -> None:
    cursor.execute(LOCK, [rencontre_pk])
    cursor.execute(MINE, [rencontre_pk, personne.pk])
    cursor.execute(COUNT, [rencontre_pk])
    taken, waiting = cursor.fetchone() or (0, 0)
    state = "confirmee" if taken < PLACES and not waiting else "en_attente"
    cursor.execute(INSERT, [rencontre_pk, personne.pk, state, PHONE])
    [pk] = cursor.fetchone() or [0]
    cursor.execute(EVENT, [pk, state])
    said = [personne.email, mail.subject, mail.body_text, mail.body_html, json.dumps(mail.attachments)]
    facts = json.dumps({"personne": personne.pk, "places": [[pk, state, waiting + 1]]})
    cursor.execute(MAIL, [*said, mail.writer, facts, f"banc:{pk}", f"<{uuid4().hex}@example.org>"])
