"""Crowds over HTTP, and everything at once: the history of the inscriptions, read again, gives the list that stands."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection
from django.test import Client

from consultation.actions import inscriptions as actions
from consultation.actions.inscriptions import TooFewPlacesError
from consultation.choices import InscriptionEventKind as Kind
from consultation.choices import InscriptionState
from consultation.inscription_links import Wish, wish_path
from consultation.models import Inscription, InscriptionEvent
from socle.courriels.models import Envoi
from tests.factories import make_atelier, make_demarche, make_personne, make_rencontre, make_seance, make_user
from tests.histories import check

THREADS = 16
OPERATIONS = 400


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


def in_threads(work, items):
    def run(item):
        try:
            return work(item)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, items))


@pytest.mark.django_db(transaction=True)
def test_two_hundred_people_at_once_by_http_for_thirty_places():
    rencontre = make_rencontre(capacity=30)
    links = [wish_path(Wish((rencontre.pk,), personne_pk=make_personne().pk)) for _ in range(200)]
    answers = in_threads(lambda link: Client().post(link).status_code, links * 2)
    assert answers == [303] * 400
    rows = Inscription.objects.filter(rencontre=rencontre)
    assert (rows.confirmed().count(), rows.waiting().count()) == (30, 170)
    assert Envoi.objects.filter(dedupe_key__endswith=":recue").count() == 200
    check(rencontre.pk)


@pytest.mark.django_db(transaction=True)
def test_three_seances_asked_for_in_any_order_never_wait_for_each_other():
    seances = [make_seance(make_atelier(demarche=make_demarche()), capacity=5).pk for _ in range(3)]
    people = [make_personne() for _ in range(40)]
    random.seed(2011)
    orders = [random.sample(seances, 3) for _ in people]
    found = in_threads(lambda each: actions.register_all(*each), list(zip(people, orders, strict=True)))
    assert [len(rows) for rows in found] == [3] * 40
    for pk in seances:
        assert Inscription.objects.filter(rencontre=pk).confirmed().count() == 5
        check(pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens_at_once_the_history_tells_the_list(seed):
    rencontres = [make_rencontre(capacity=capacity).pk for capacity in (3, 12, None)]
    people, by = [make_personne() for _ in range(40)], make_user(is_staff=True)
    dice = random.Random(seed)
    wanted = [
        (dice.choice(("come", "come", "come", "all", "go", "go", "release", "places")), dice.random(), dice.random())
        for _ in range(OPERATIONS)
    ]

    def one(what):
        verb, who, where = what
        personne = people[int(who * len(people))]
        pk = rencontres[int(where * len(rencontres))]
        mine = list(Inscription.objects.filter(personne=personne))
        try:
            if verb == "come":
                actions.register(personne, pk)
            elif verb == "all":
                actions.register_all(personne, rencontres)
            elif verb == "go":
                actions.cancel_all(mine)
            elif verb == "release" and mine:
                actions.cancel(mine[0], by=by)
            elif verb == "places":
                actions.change_capacity(pk, dice.choice((None, 0, 2, 5, 9, 15)), by)
        except TooFewPlacesError:
            return "refused"
        except OperationalError as error:  # a deadlock would be one
            return error
        return "done"

    answers = in_threads(one, wanted)
    assert {answer for answer in answers if answer != "refused"} == {"done"}
    for pk in rencontres:
        check(pk)
    assert InscriptionEvent.objects.filter(kind=Kind.PROMOTED).exists(), "places were given"


@pytest.mark.django_db(transaction=True)
def test_the_checker_sees_a_promotion_out_of_order():
    rencontre = make_rencontre(capacity=1)
    rows = [actions.register(make_personne(), rencontre.pk) for _ in range(3)]
    check(rencontre.pk)
    for row, state, kind in (
        (rows[0], InscriptionState.CANCELLED, Kind.CANCELLED),
        (rows[2], InscriptionState.CONFIRMED, Kind.PROMOTED),
    ):
        Inscription.objects.filter(pk=row.pk).update(state=state)
        InscriptionEvent.objects.create(inscription=row, kind=kind)
    with pytest.raises(AssertionError, match="first in line"):
        check(rencontre.pk)
