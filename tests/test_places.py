"""Never more people confirmed than places: the lock, the trigger behind it, and the proof that the harness can fail."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from consultation import desk
from consultation.actions import inscriptions
from consultation.choices import InscriptionState
from consultation.models import Inscription
from consultation.places import Filling
from socle.comptes.actions import personne_for
from socle.comptes.models import Personne
from tests.factories import make_forum, make_inscription, make_personne, make_rencontre, make_seance

PEOPLE, PLACES = 24, 5


def at_once(tries):
    """Run the callables on as many threads, started together; what each returned or raised."""
    barrier = Barrier(len(tries))

    def run(one):
        try:
            barrier.wait()
            return one()
        except Exception as error:  # noqa: BLE001 (handed to the test)
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tries)) as pool:
        return list(pool.map(run, tries))


@contextmanager
def without_the_trigger():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE consultation_inscription DISABLE TRIGGER inscription_places")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE consultation_inscription ENABLE TRIGGER inscription_places")


def register_at_once(rencontre_pks, people):
    return at_once(
        [lambda p=p, pk=pk: inscriptions.register(p, pk) for p, pk in zip(people, rencontre_pks, strict=True)]
    )


@pytest.fixture
def crowd(transactional_db):
    return [make_personne() for _ in range(PEOPLE)]


def confirmed(rencontre_pk):
    return Inscription.objects.filter(rencontre=rencontre_pk).confirmed().count()


def test_a_crowd_at_once_never_takes_more_than_the_places(crowd):
    rencontre = make_rencontre(capacity=PLACES)
    results = register_at_once([rencontre.pk] * PEOPLE, crowd)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert confirmed(rencontre.pk) == PLACES
    assert Inscription.objects.filter(rencontre=rencontre).waiting().count() == PEOPLE - PLACES


def test_the_same_row_reached_as_a_seance_and_as_a_forum_never_oversells(crowd):
    seance = make_seance(capacity=PLACES)
    forum = make_forum(rencontre=seance.rencontre)
    register_at_once([seance.pk, forum.pk] * (PEOPLE // 2), crowd)
    assert confirmed(seance.rencontre_id) == PLACES


def test_without_the_lock_and_the_trigger_the_crowd_oversells(crowd, monkeypatch):
    """The harness can fail: what it proves above is the lock."""
    rencontre = make_rencontre(capacity=PLACES)
    everyone_counted = Barrier(PEOPLE, timeout=20)
    look = desk.look

    def slow_look(*who):
        answer = look(*who)
        everyone_counted.wait()
        return answer

    monkeypatch.setattr(desk, "LOCK", desk.LOCK.removesuffix("FOR UPDATE OF rencontre"))
    monkeypatch.setattr(desk, "look", slow_look)
    with without_the_trigger():
        register_at_once([rencontre.pk] * PEOPLE, crowd)
    assert confirmed(rencontre.pk) == PEOPLE


def test_without_the_lock_the_trigger_still_refuses(crowd, monkeypatch):
    rencontre = make_rencontre(capacity=PLACES)
    monkeypatch.setattr(desk, "look", lambda *_who: (Filling(None), None))
    results = register_at_once([rencontre.pk] * PEOPLE, crowd)
    refused = [result for result in results if isinstance(result, IntegrityError)]
    assert len(refused) == PEOPLE - PLACES
    assert "complète" in str(refused[0])
    assert confirmed(rencontre.pk) == PLACES


def test_one_person_twice_at_once_gets_one_row(transactional_db):
    rencontre, personne = make_rencontre(capacity=1), make_personne()
    results = register_at_once([rencontre.pk] * 8, [personne] * 8)
    assert {result.pk for result in results} == {Inscription.objects.get().pk}


def test_raw_sql_cannot_lower_the_capacity_below_the_confirmed(db):
    inscription = make_inscription(rencontre=make_rencontre(capacity=2))
    with pytest.raises(IntegrityError, match="déjà confirmées"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE consultation_rencontre SET capacity = 0 WHERE id = %s", [inscription.rencontre_id])


def test_raw_sql_cannot_promote_beyond_the_places(db):
    rencontre = make_rencontre(capacity=1)
    make_inscription(rencontre=rencontre)
    waiting = make_inscription(rencontre=rencontre, state=InscriptionState.WAITING)
    with pytest.raises(IntegrityError, match="complète"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE consultation_inscription SET state = 'confirmee' WHERE id = %s", [waiting.pk])


def test_someone_who_walks_in_is_counted_apart(db):
    rencontre = make_rencontre(capacity=1)
    make_inscription(rencontre=rencontre)
    assert make_inscription(rencontre=rencontre, sur_place=True).state == InscriptionState.CONFIRMED


def test_who_cancelled_comes_again_at_the_end_of_the_line(db):
    rencontre = make_rencontre(capacity=1)
    gone = make_inscription(rencontre=rencontre, state=InscriptionState.CANCELLED)
    make_inscription(rencontre=rencontre)
    assert inscriptions.register(gone.personne, rencontre.pk).state == InscriptionState.WAITING


def test_two_spellings_of_one_address_at_once_are_one_personne(transactional_db):
    spellings = ["Alice@Example.org", "alice@example.org", " ALICE@EXAMPLE.ORG ", "alice@Example.ORG"] * 3
    results = at_once([lambda s=s: personne_for(s) for s in spellings])
    assert {result.pk for result in results} == {Personne.objects.get().pk}
