"""Two members of the team and a crowd at the same moment: no member twice, no place oversold, no one left without."""

from threading import Barrier

import pytest
from django.db import IntegrityError

from ateliers.actions import composition, seances, tirages
from ateliers.actions.composition import CompositionError
from ateliers.models import Candidature, Membre, Tirage
from consultation.actions import inscriptions
from consultation.models import Inscription
from socle.courriels.models import Envoi
from tests.composing import make_group, people, put_in
from tests.factories import local, make_candidature, make_personne, make_user
from tests.test_places import at_once

pytestmark = pytest.mark.django_db(transaction=True)

PLACES = 6


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


def confirmed(atelier):
    pks = [seance.pk for seance in atelier.seances.all()]
    return [Inscription.objects.filter(rencontre=pk).confirmed().count() for pk in pks]


def no_error(results):
    assert [one for one in results if isinstance(one, Exception)] == []


def test_the_same_list_by_two_of_the_team_in_two_orders(transactional_db):
    group, staff = make_group(capacity=PLACES), make_user(is_staff=True)
    there, back = people(10), people(10)[::-1]
    results = at_once([lambda found=found: put_in(group, found, staff) for found in (there, back, there, back)])
    no_error(results)
    assert sum(one.joined for one in results) == 10
    assert Membre.objects.count() == 10
    assert confirmed(group) == [PLACES] * 3
    assert Envoi.objects.filter(subject__startswith="Vous composez").count() == 10


def test_two_groups_from_one_list_in_two_orders(transactional_db):
    one, other, staff = make_group(), make_group(), make_user(is_staff=True)
    no_error(at_once([lambda: put_in(one, people(12), staff), lambda: put_in(other, people(12)[::-1], staff)]))
    assert Membre.objects.count() == 24


def test_composing_while_people_register_never_oversells(transactional_db):
    group, staff = make_group(capacity=PLACES), make_user(is_staff=True)
    pks, crowd = [seance.pk for seance in group.seances.all()], [make_personne() for _ in range(8)]
    tries = [lambda p=p: inscriptions.register_all(p, pks) for p in crowd]
    tries += [lambda n=n: put_in(group, people(3, start=3 * n), staff) for n in range(3)]
    tries += [lambda: composition.open_rest(group, opened=True)]
    no_error(at_once(tries))
    assert confirmed(group) == [PLACES] * 3
    assert Inscription.objects.count() == 3 * (8 + 9)
    assert Membre.objects.count() == 9


def test_leaving_while_people_register_gives_each_place_once(transactional_db):
    group, staff = make_group(capacity=PLACES), make_user(is_staff=True)
    put_in(group, people(PLACES), staff)
    pks, crowd = [seance.pk for seance in group.seances.all()], [make_personne() for _ in range(6)]
    tries = [lambda m=m: composition.leave(m, staff) for m in Membre.objects.select_related("atelier", "personne")]
    tries += [lambda p=p: inscriptions.register_all(p, pks) for p in crowd]
    no_error(at_once(tries))
    assert confirmed(group) == [PLACES] * 3
    assert not Inscription.objects.waiting().exists()


def test_a_seance_planned_while_members_come_in_is_everybody_s(transactional_db):
    group, staff = make_group(seances=1), make_user(is_staff=True)
    tries = [lambda n=n: put_in(group, people(3, start=3 * n), staff) for n in range(3)]
    tries += [lambda: seances.plan_seance(group, 2, local(40, 18), by=staff)]
    no_error(at_once(tries))
    assert confirmed(group) == [9, 9]


def test_one_number_each_whoever_enlists(transactional_db):
    group = make_group()
    no_error(at_once([lambda n=n: tirages.enlist(group, people(5, start=2 * n)) for n in range(4)]))
    numbers = list(Candidature.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, 12))


def test_one_draw_is_done_once(transactional_db):
    group, staff = make_group(), make_user(is_staff=True)
    for _ in range(6):
        make_candidature(atelier=group)
    tirage = tirages.announce(group, 2, "Le Loto.", staff)
    results = at_once(
        [lambda s=s: tirages.draw(Tirage.objects.select_related("atelier__demarche").get(), s, staff) for s in "1234"]
    )
    assert sum(isinstance(one, CompositionError) for one in results) == 3
    assert Membre.objects.count() == 2
    tirage.refresh_from_db()
    assert tirage.drawn_at


def test_without_the_lock_of_the_group_the_same_list_is_refused_by_the_database(transactional_db, monkeypatch):
    """The harness can fail: the lock is what lets the second see the first."""
    group, staff, found = make_group(seances=0), make_user(is_staff=True), people(5)
    for someone in found:
        make_personne(email=someone.email)
    all_have_looked, look = Barrier(4, timeout=20), composition.seances_to_come

    def slow_look(atelier):
        all_have_looked.wait()
        return look(atelier)

    monkeypatch.setattr(composition, "seances_to_come", slow_look)
    monkeypatch.setattr(composition, "lock_group", lambda atelier: atelier)
    results = at_once([lambda: put_in(group, found, staff) for _ in range(4)])
    assert sum(isinstance(one, IntegrityError) for one in results) == 3
    assert Membre.objects.count() == 5
