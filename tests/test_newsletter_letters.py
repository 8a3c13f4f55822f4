"""The letters themselves: to whom, once, and how they stop."""

import re

import pytest
from django.test import Client

from consultation.actions import news
from consultation.models import Abonnement
from consultation.tasks import announce_due
from socle.comptes.models import Personne, Rhythm
from socle.courriels.actions import enqueue, record_bounce, send_due
from socle.courriels.models import Envoi, State
from tests.factories import (
    make_abonnement,
    make_actualite,
    make_atelier,
    make_contribution,
    make_demarche,
    make_identity,
    make_personne,
    make_seance,
)
from tests.subscribing import ALICE, active, reader_of, subscribe
from tests.test_bounces import report
from tests.writing import contribute, mails, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _demarche(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    make_identity()
    make_demarche(title="Écrire ensemble")


def letter_to(*subscribers, **fields):
    for subscriber in subscribers or [make_personne(email=ALICE)]:
        make_abonnement(personne=subscriber)
    actualite = make_actualite(title="Le forum est avancé", **fields)
    announce_due()
    return actualite


def test_letter_has_both_one_click_headers_and_the_post_works_alone(client, settings):
    """T59, RFC 8058: no cookie, no token, no log-in, no page to confirm; GET does nothing."""
    settings.SITE_URL = "https://participons.example.fr"
    letter_to()
    [message] = mails()
    headers = message.extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<actualites\.[\w-]+\.participons\.example\.fr>", headers["List-Id"])
    url = re.fullmatch(r"<https://participons\.example\.fr(/lettre/arret/\S+)>", headers["List-Unsubscribe"])[1]
    bare = Client(enforce_csrf_checks=True)
    assert "Ne plus recevoir" in text_of(bare.get(url))
    assert active() == [(ALICE, "")]
    for _ in range(2):
        answer = bare.post(url, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 200
        assert not answer.cookies
        assert active() == []
    assert "C’est arrêté" in text_of(bare.get(url))


def test_transactional_mails_have_no_way_out_and_enroll_nobody(client):
    """Contributing, supporting, coming to a rencontre is not asking for the letter."""
    contribute(client, email=ALICE)
    [message] = mails()
    assert not [name for name in message.extra_headers if name.startswith("List-")]
    client.post(re.search(r"https?://[^/]+(/contributions/confirmer/\S+)", message.body)[1])
    make_seance()
    make_contribution(personne=Personne.objects.get())
    assert Abonnement.objects.count() == 0
    make_actualite()
    announce_due()
    assert mails() == []


@pytest.mark.parametrize(
    ("topic", "heard"), [("", {"tout"}), ("atelier:1", {"tout", "un"}), ("atelier:2", {"tout", "deux"})]
)
def test_each_hears_of_what_they_asked_for_once(topic, heard):
    for name, topics in (("tout", ["", "atelier:1"]), ("un", ["atelier:1"]), ("deux", ["atelier:2"])):
        personne = make_personne(email=f"{name}@example.org")
        for one in topics:
            make_abonnement(personne=personne, topic=one)
    make_actualite(topic=topic)
    announce_due()
    assert sorted(message.to[0] for message in mails()) == sorted(f"{name}@example.org" for name in heard)


def test_letters_that_wait_are_called_back_when_their_reader_stops(client):
    subscribe(client)
    subscribe(client, email="bob@example.org")
    make_actualite()
    announce_due()
    news.stop(reader_of(ALICE))
    assert [message.to for message in mails()] == [["bob@example.org"]]
    assert Envoi.objects.get(to=ALICE, subject_key__startswith="lettre:").state == State.CANCELLED


def test_who_stopped_hears_of_nothing_more(client):
    subscribe(client)
    subscribe(client, email="bob@example.org")
    news.stop(reader_of(ALICE))
    make_actualite()
    announce_due()
    assert [message.to for message in mails()] == [["bob@example.org"]]


def test_who_stops_while_the_letters_are_written_has_theirs_called_back(client, monkeypatch):
    """Their own call found nothing to call back: the letter was not there yet."""
    subscribe(client)
    subscribe(client, email="bob@example.org")
    write = news.enqueue_many

    def stopped_meanwhile(letters):
        letters = list(letters)
        news.stop(reader_of(ALICE))
        write(letters)

    monkeypatch.setattr(news, "enqueue_many", stopped_meanwhile)
    make_actualite()
    announce_due()
    assert [message.to for message in mails()] == [["bob@example.org"]]
    assert Envoi.objects.get(to=ALICE, subject_key__startswith="lettre:").state == State.CANCELLED


def test_narrower_choice_calls_back_only_what_is_no_longer_followed(client):
    make_atelier()
    reader = subscribe(client)
    make_actualite(topic="", title="Toute la démarche")
    make_actualite(topic="atelier:1", title="L’atelier")
    announce_due()
    news.choose(reader, {"atelier:1": Rhythm.AT_ONCE})
    assert [message.subject for message in mails()] == ["L’atelier"]


def test_dead_address_ends_its_abonnement_and_no_other(client):
    letter_to(
        make_personne(email=ALICE), make_personne(email="bob@example.org"), make_personne(email="eve@example.org")
    )
    mails()
    Envoi.objects.filter(to=ALICE).update(to="Alice@Example.org")  # as it was typed that day
    record_bounce(report(Envoi.objects.get(to__iexact=ALICE)))
    record_bounce(report(Envoi.objects.get(to="bob@example.org"), status="5.2.2", diagnostic="full"))
    announce_due()
    assert active() == [("bob@example.org", ""), ("eve@example.org", "")]
    ended = Abonnement.objects.get(ended_at__isnull=False)
    assert ended.end_reason == "adresse_refusee"


def test_address_that_is_confirmed_again_is_written_to_again(client):
    old = enqueue(to=ALICE.upper(), subject="s", text="t", dedupe_key="old")
    send_due(limit=5)
    record_bounce(report(old))
    subscribe(client)
    assert news.end_dead() == 0
    assert active() == [(ALICE, "")]
