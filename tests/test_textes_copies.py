"""Those that are said several times: found at any moment, whoever published them, and forgotten with their words."""

from __future__ import annotations

from threading import Event

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from consultation.actions.contributions import change_state
from consultation.choices import ContributionState
from consultation.models import Contribution, Repeated
from consultation.near import one_of_each, with_copies
from tests.factories import make_demarche, make_superuser
from tests.test_places import at_once
from tests.textes import answered, make_texte, passage, said, withdrawn

pytestmark = pytest.mark.django_db
WORDS = "Il faut un train toutes les heures entre Lille et Dunkerque."


def repeated(demarche):
    """The first of each group, and how many others say the same."""
    rows = Contribution.objects.published().without_reactions().filter(demarche=demarche)
    return {row.pk: row.copies for row in with_copies(one_of_each(rows, demarche.pk))}


def copy(**fields):
    return said(**({"title": "Des trains", "body": WORDS} | fields))


def test_a_group_is_there_while_two_of_its_copies_are_online():
    demarche = make_demarche()
    first, second, waiting = copy(), copy(body=WORDS.upper()), copy(state=ContributionState.REFUSED)
    copy(parent=first, stance="pour")
    copy(demarche=make_demarche(courante=False))
    assert repeated(demarche) == {first.pk: 1}
    republished(waiting)
    assert repeated(demarche) == {first.pk: 2}
    withdrawn(first)
    assert repeated(demarche) == {second.pk: 1}
    Contribution.objects.filter(pk=waiting.pk).update(body="D’autres mots.")
    assert repeated(demarche) == {}
    assert not Repeated.objects.filter(contribution__in=(first, waiting)).exists()
    Contribution.objects.filter(pk=waiting.pk).update(body=WORDS)
    assert repeated(demarche) == {second.pk: 1}


def test_of_a_group_the_first_that_the_search_shows_stands_for_the_rest():
    """Answered by lots, a large group is treated from its head on: what is left of it is not hidden with it."""
    demarche, rows = make_demarche(), [copy(title="Des trains") for _ in range(4)]
    other = copy(body="Des cars, le dimanche aussi.", origine="papier"), copy(body="Des cars, le dimanche aussi.")
    texte = make_texte(demarche=demarche)
    one = passage(texte)
    heads = [rows[0], other[0]]
    assert searched(one, "copies=1") == searched(one, "copies=1&reste=1") == heads
    answered(texte, rows[0], rows[2], other[0])
    assert searched(one, "copies=1") == heads
    assert searched(one, "copies=1&reste=1") == [rows[1], other[1]]
    assert searched(one, "copies=1&origine=papier") == [other[0]]
    answered(texte, rows[1], rows[3])
    assert searched(one, "copies=1&reste=1") == [other[1]]


def searched(one, asked):
    client = Client()
    client.force_login(make_superuser())
    page = reverse("admin:consultation_texte_passage", args=[one.version.texte_id, one.key])
    return client.get(f"{page}?{asked}").context["found"].rows


def test_words_erased_at_the_demand_of_their_author_are_noted_nowhere():
    demarche, (first, second) = make_demarche(), (copy(), copy())
    withdrawn(first, by_author=True)
    Contribution.objects.filter(pk=first.pk).update(title="Texte effacé", body="Texte effacé")
    assert list(Repeated.objects.values_list("contribution", flat=True)) == [second.pk]
    assert repeated(demarche) == {}


def test_many_written_by_one_statement_and_those_of_before_are_found_too():
    demarche = make_demarche()
    model = copy()
    said(title="Une autre", body="Tout autre chose.")
    Contribution.objects.bulk_create(
        Contribution(
            **{name: getattr(model, name) for name in ("demarche", "nature", "title", "body", "state", "published_at")}
        )
        for _ in range(3)
    )
    assert repeated(demarche) == {model.pk: 3}
    Repeated.objects.all().delete()
    find_copies()
    assert repeated(demarche) == {model.pk: 3}


def find_copies():
    with connection.cursor() as cursor:
        cursor.execute("SELECT consultation_find_copies()")


def republished(contribution):
    found = Contribution.objects.select_related("demarche").get(pk=contribution.pk)
    change_state(found, ContributionState.PUBLISHED, by=make_superuser(), cause="reexamen")


@pytest.mark.parametrize("guarded", [True, False])
def test_two_that_appear_at_the_same_moment_are_a_group_and_nobody_waits(transactional_db, monkeypatch, guarded):
    """Neither sees the other; without the lock that the second does not get, none would be noted."""
    monkeypatch.setattr("consultation.actions.contributions.bump", lambda: None)  # where all that appears waits
    demarche, rows = make_demarche(), [copy(state=ContributionState.REFUSED) for _ in range(2)]
    first_is_in, second_is_in = Event(), Event()
    if not guarded:
        untried()

    def first():
        with transaction.atomic():
            republished(rows[0])
            first_is_in.set()
            return second_is_in.wait(5)

    def second():
        first_is_in.wait(5)
        republished(rows[1])
        second_is_in.set()

    assert at_once([first, second]) == [True, None]
    assert repeated(demarche) == ({rows[1].pk: 1} if guarded else {})


def untried():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('consultation_note_copies'::regproc)")
        (source,) = cursor.fetchone()
        cursor.execute(source.replace("NOT pg_try_advisory_xact_lock(20110629, bucket)", "false"))
