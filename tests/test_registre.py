"""The public register: what enters it, with its act or not at all, and how it is sealed."""

import json
import re
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from participons.celery import app
from socle.registre.actions import forget_text, record, seal
from socle.registre.models import Entree, EntreeKey
from socle.registre.sealing import ORIGIN, fingerprint_of
from tests.registering import chain_of, enter, lines
from tests.test_places import at_once

pytestmark = pytest.mark.django_db


# What enters


def test_an_act_is_written_with_its_facts_and_waits_for_its_seal():
    entree = record(
        "contribution.refusee",
        subject="DP11-42",
        role="modérateur",
        facts={"motif": "Hors du sujet"},
        demarche="dp-2011",
    )
    entree.refresh_from_db()
    assert (entree.subject, entree.role, entree.facts) == ("DP11-42", "modérateur", {"motif": "Hors du sujet"})
    assert (entree.number, entree.hash, entree.fingerprint) == (None, "", "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "contribution.inventee"},
        {"role": "Camille Martin"},
        {"subject": "Camille Martin"},
        {"subject": "camille@example.org"},
        {"subject": "DP11-42\n"},
        {"facts": {"nom": "Camille Martin"}},
        {"facts": {"motif": ["une", "liste"]}},
        {"facts": {"motif": 1.5}},
        {"facts": {"motif": "a" * 2001}},
    ],
)
def test_what_the_vocabulary_does_not_hold_is_refused(wrong):
    right = {"kind": "contribution.refusee", "subject": "DP11-42", "role": "modérateur"}
    with pytest.raises(ValueError, match=r"register|public reference|fact of|short text"):
        record(**right | wrong)
    assert not Entree.objects.exists()


def test_a_text_leaves_a_fingerprint_that_its_erasure_makes_mute():
    first, second = (enter("contribution.publiee", text="Le canari chante.") for _ in range(2))
    assert re.fullmatch("[0-9a-f]{64}", first.fingerprint)
    assert first.fingerprint != second.fingerprint, "the same words twice must not be recognised"
    secret = EntreeKey.objects.get(entree=first).secret
    assert fingerprint_of("Le canari chante.", bytes(secret)) == first.fingerprint
    other = enter("contribution.publiee", subject="DP11-43", text="Un autre texte.")
    seal()
    assert forget_text("DP11-42") == 2
    assert list(EntreeKey.objects.values_list("entree", flat=True)) == [other.pk]
    first.refresh_from_db()
    assert first.number == 1, "the entry stays"


@pytest.mark.django_db(transaction=True)
def test_an_act_that_is_rolled_back_leaves_nothing():
    def act_that_fails():
        with transaction.atomic():
            enter("contribution.publiee", text="Un texte")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act_that_fails()
    assert not Entree.objects.exists()
    assert not EntreeKey.objects.exists()
    enter("contribution.publiee", atomic=True)
    assert seal() == 1
    assert chain_of() == [1], "the number that a rolled back act would have had is nobody's"


@pytest.mark.django_db(transaction=True)
def test_an_act_without_a_transaction_is_refused():
    with pytest.raises(TransactionManagementError):
        record("contribution.publiee", subject="DP11-42", role="modérateur")


# How it is sealed


def test_the_chain_starts_from_nothing_and_each_seal_holds_the_one_before():
    for number in (1, 2, 3):
        enter("contribution.publiee", subject=f"DP11-{number}")
    assert seal() == 3
    assert seal() == 0
    enter("contribution.retiree", subject="DP11-1", role="auteur")
    assert seal() == 1
    assert chain_of() == [1, 2, 3, 4]
    first, second = (json.loads(line) for line in lines()[:2])
    assert first["sceau_precedent"] == ORIGIN
    assert second["sceau_precedent"] == first["sceau"]


def test_beat_rings_the_sealer_each_minute():
    assert app.conf.beat_schedule["socle.registre.tasks.seal"]["schedule"] == 60
    enter("contribution.publiee")
    app.autodiscover_tasks(force=True)
    app.tasks["socle.registre.tasks.seal"].apply(throw=True)
    assert chain_of() == [1]


def test_more_than_a_batch_is_sealed_in_one_go(monkeypatch):
    monkeypatch.setattr("socle.registre.actions.BATCH", 2)
    for number in range(5):
        enter("contribution.publiee", subject=f"DP11-{number}")
    assert seal() == 5
    assert chain_of() == [1, 2, 3, 4, 5]


@pytest.mark.django_db(transaction=True)
def test_an_act_that_commits_late_is_sealed_late_and_never_left_out():
    """Its row has the lower pk; a sealer that looked beyond the last pk would miss it."""
    opened, sealed = Barrier(2, timeout=20), Barrier(2, timeout=20)

    def slow_act():
        with transaction.atomic():
            enter("contribution.publiee", subject="DP11-1")
            opened.wait()
            sealed.wait()

    def quick_act():
        opened.wait()
        enter("contribution.publiee", subject="DP11-2", atomic=True)
        done = seal()
        sealed.wait()
        return done

    assert at_once([slow_act, quick_act])[1] == 1
    assert seal() == 1
    assert [json.loads(line)["objet"] for line in lines()] == ["DP11-2", "DP11-1"]
    assert Entree.objects.get(subject="DP11-1").pk < Entree.objects.get(subject="DP11-2").pk
    assert chain_of() == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_sealers_and_acts_at_once_make_one_chain_without_a_gap(monkeypatch):
    monkeypatch.setattr("socle.registre.actions.BATCH", 3)

    def act(number):
        enter("contribution.publiee", subject=f"DP11-{number}", atomic=True)
        return seal()

    results = at_once([lambda number=number: act(number) for number in range(12)])
    assert [one for one in results if isinstance(one, Exception)] == []
    seal()
    assert chain_of() == list(range(1, 13))


def test_sealing_makes_the_public_pages_new(monkeypatch):
    bumps = []
    monkeypatch.setattr("socle.registre.actions.bump", lambda: bumps.append(connection.in_atomic_block))
    assert (seal(), bumps) == (0, [])
    enter("contribution.publiee")
    assert (seal(), bumps) == (1, [True])
