"""Soutiens given and taken back by many at the same moment: one each, and a counter that is their number."""

import threading

import pytest
from django.contrib import admin
from django.db import IntegrityError, connection, transaction
from django.test import Client

from consultation import links
from consultation.actions import answers as actions
from consultation.actions.answers import Support
from consultation.models import Contribution, Soutien
from socle.comptes.actions import personne_for
from socle.comptes.models import Personne
from tests.factories import make_contribution, make_demarche, make_personne, make_superuser

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def contribution():
    return make_contribution(demarche=make_demarche(), personne=make_personne())


def count(contribution):
    """The counter, which must be the number of rows."""
    contribution.refresh_from_db(fields=["support_count"])
    assert contribution.support_count == Soutien.objects.filter(contribution=contribution).count()
    return contribution.support_count


def parallel(works):
    """Each work in a thread with its own connection, all let go at one moment; what they raised."""
    barrier, wrong = threading.Barrier(len(works)), []

    def run(work):
        try:
            barrier.wait()
            work()
        except Exception as error:  # noqa: BLE001 (told by the test)
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


# An address proved before is no lock: all of the fifty see that there is no soutien yet.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("proved", [True, False])
def test_fifty_clicks_on_one_link_are_one_soutien(contribution, proved):
    personne = make_personne() if proved else make_personne(confirmed_at=None)
    link = links.soutien_path(contribution, personne)
    assert parallel([lambda: Client().post(link) for _ in range(50)]) == []
    assert count(contribution) == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_people_at_once_are_fifty_soutiens_and_those_who_leave_are_not(contribution):
    people = [make_personne() for _ in range(50)]
    leaving = people[:10]
    for personne in leaving:
        actions.support(personne, contribution)
    works = [lambda one=one: actions.support(one, contribution) for one in people[10:]]
    works += [lambda one=one: actions.withdraw_support(one, contribution) for one in leaving]
    assert parallel(works) == []
    assert count(contribution) == 40


def test_the_database_refuses_a_second_one(contribution):
    personne = make_personne()
    assert actions.support(personne, contribution) == Support.GIVEN
    with pytest.raises(IntegrityError, match="soutien_once"), transaction.atomic():
        Soutien.objects.create(contribution=contribution, personne=personne)


@pytest.mark.django_db(transaction=True)
def test_two_spellings_of_one_address_at_once_are_one_personne(contribution):
    spellings = ["Alice@Example.org", "alice@example.org "] * 5
    works = [
        lambda typed=typed: Client().post(f"{contribution.get_absolute_url()}soutenir/", {"email": typed})
        for typed in spellings
    ]
    works += [lambda typed=typed: personne_for(typed) for typed in spellings]
    assert parallel(works) == []
    assert Personne.objects.with_email("alice@example.org").count() == 1


def test_a_title_edited_meanwhile_moves_no_counter_back(rf, contribution):
    """A page of the admin opened before the soutiens, saved after them."""
    opened = Contribution.objects.get(pk=contribution.pk)
    actions.support(make_personne(), contribution)
    opened.title = "Un autre titre"
    form = type("Form", (), {"changed_data": ["title"]})
    request = rf.post("/")
    request.user = make_superuser()
    admin.site.get_model_admin(Contribution).save_model(request, opened, form, change=True)
    contribution.refresh_from_db()
    assert (contribution.title, count(contribution)) == ("Un autre titre", 1)
