"""The link of one who was there: reading the minutes, saying what is wrong, until the last day."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from ateliers.actions import comptes_rendus as actions
from ateliers.links import present_path
from ateliers.models import CompteRendu, Remarque
from consultation.inscription_links import holder_path
from tests.minutes import adopted, animator, came, held, opened, relecture_over, written

pytestmark = pytest.mark.django_db
HOSTILE = '<script>alert(1)</script> "><svg onload=alert(1)> {{ site_url }} https://evil.example/'


@pytest.fixture
def seance():
    return held()


@pytest.fixture
def inscription(seance):
    return came(seance)


@pytest.fixture
def link(inscription):
    return present_path(inscription)


def body(response):
    return response.content.decode()


def remark(words="Il manque le train.", **fields):
    return {"words": words, "submission_key": str(uuid4())} | fields


def test_a_draft_opens_to_nobody(client, seance, link):
    assert client.get(link).status_code == 404
    written(seance)
    answered = client.get(link)
    assert answered.status_code == 404 and "Les bus" not in body(answered)


def test_it_is_read_and_remarked_without_an_account(client, seance, link):
    opened(seance)
    shown = client.get(link)
    assert shown["Cache-Control"] == "private, no-store"
    assert "Les bus" in body(shown) and "inclus" in body(shown)
    answered = client.post(link, remark(HOSTILE))
    assert answered.status_code == 303
    assert Remarque.objects.get().words == HOSTILE
    again = body(client.get(link))
    assert "<script>alert" not in again and "&lt;script&gt;alert(1)" in again
    assert 'href="https://evil' not in again


def test_the_same_form_sent_twice_is_one_remark(client, seance, link):
    opened(seance)
    sent = remark()
    assert [client.post(link, sent).status_code for _ in range(2)] == [303, 303]
    assert Remarque.objects.count() == 1


@pytest.mark.parametrize("words", ["", "   ", "x" * 4001])
def test_what_is_wrong_is_told_and_kept(client, seance, link, words):
    opened(seance)
    answered = client.post(link, remark(words))
    assert answered.status_code == 422 and "corriger" in body(answered)
    assert words.strip() in body(answered)
    assert not Remarque.objects.exists()


def test_the_last_day_is_included_and_then_it_is_closed_with_what_was_typed(client, seance, link):
    opened(seance)
    assert client.post(link, remark("Le dernier jour")).status_code == 303
    relecture_over(seance)
    shown = body(client.get(link))
    assert "Le délai pour faire une remarque a fini" in shown and "Envoyer cette remarque" not in shown
    late = client.post(link, remark("Trop tard"))
    assert late.status_code == 409
    assert "Trop tard" in body(late) and "le délai est fini" in body(late)
    assert [one.words for one in Remarque.objects.all()] == ["Le dernier jour"]


def test_the_last_day_ends_at_midnight_on_the_clock_of_the_portal(seance):
    compte_rendu = opened(seance)
    until = compte_rendu.remarks_until
    assert compte_rendu.takes_remarks(until)
    assert not compte_rendu.takes_remarks(until + timedelta(days=1))


def test_once_adopted_it_leads_to_the_public_page_and_shows_the_answer(client, seance, inscription, link):
    opened(seance)
    client.post(link, remark())
    made = Remarque.objects.get()
    actions.answer(seance, made.pk, words="C’est ajouté.", taken_up=True, by=animator(seance))
    relecture_over(seance)
    actions.adopt(seance, animator(seance), CompteRendu.objects.get().seal)
    shown = body(client.get(link))
    assert "Il est adopté et publié" in shown and "C’est ajouté." in shown and "Envoyer" not in shown


def test_others_remarks_are_not_shown(client, seance, link):
    other = came(seance)
    opened(seance)
    client.post(present_path(other), remark("Dit par une autre"))
    assert "Dit par une autre" not in body(client.get(link))


def test_links_of_something_else_of_somebody_absent_and_cut_ones_open_nothing(client, seance, inscription, link):
    opened(seance)
    absent = came(seance)
    absent.attended_at = None
    absent.save()
    holder = re.sub("/inscriptions/", "/compte-rendu/", holder_path(inscription.pk))
    for wrong in (present_path(absent), holder, link[:-3] + "/", "/compte-rendu/abc/"):
        assert client.get(wrong).status_code == 404
        assert client.post(wrong, remark()).status_code == 404
    assert not Remarque.objects.exists()


def test_a_form_without_its_token_keeps_what_was_typed(seance, link):
    opened(seance)
    answered = Client(enforce_csrf_checks=True).post(link, remark("Gardée"))
    assert answered.status_code == 403 and "Gardée" in body(answered)
    assert not Remarque.objects.exists()


def test_too_many_in_an_hour_wait_and_are_kept(client, seance, link):
    opened(seance)
    for _ in range(20):
        assert client.post(link, remark()).status_code == 303
    answered = client.post(link, remark("La vingt et unième"))
    assert answered.status_code == 429 and "La vingt et unième" in body(answered)


def test_reading_changes_nothing(client, seance, link):
    adopted(seance)
    before = CompteRendu.objects.values().get()
    client.get(link)
    assert CompteRendu.objects.values().get() == before
    assert timezone.localdate() > before["remarks_until"]
