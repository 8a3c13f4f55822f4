"""Short runs, on real processes, of what `make bench` proves at length: the opening, the churn, the deaths."""

import random
from collections.abc import Iterator

import pytest

from bench import churn, crowds, kills, opening
from consultation.models import Inscription
from tests.conftest import address_of_database

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def port(django_db_setup) -> Iterator[int]:
    """The portal's web processes, for all the crowds."""
    with crowds.portal(address_of_database()) as port:
        yield port


def test_a_crowd_at_the_door_takes_the_places_in_order_and_nobody_is_turned_away(port):
    opening.once(port, people=120, places=12)


def test_whatever_people_and_the_team_do_at_once_the_history_tells_the_list(port, monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    done = churn.churn(port, seconds=6, seed=2011)
    assert done["posts of people"] >= churn.CROWD


def test_what_checks_the_opening_sees_an_order_that_is_not_that_of_the_answers(port, monkeypatch):
    """The harness can fail: somebody is put before those who wait."""
    checked = opening.check

    def cheat(rencontre_pk):
        last = Inscription.objects.filter(rencontre=rencontre_pk).waiting().last()
        first = Inscription.objects.filter(rencontre=rencontre_pk).order_by("created_at").first()
        Inscription.objects.filter(pk=last.pk).update(created_at=first.created_at)
        checked(rencontre_pk)

    monkeypatch.setattr(opening, "check", cheat)
    with pytest.raises(AssertionError, match="the order of the confirming POST"):
        opening.once(port, people=10, places=2)


def test_a_worker_killed_in_the_middle_forgets_nobody(database_url):
    kills.killed(database_url, people=40, kills=1, dice=random.Random(2011))


def test_every_task_delivered_twice_to_two_workers_writes_once(database_url):
    kills.beaten(database_url, people=20, beats=0)
