"""« Mon espace »: what one did here, with or without an account; what one is told, and how often."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consultation import numero
from consultation.actions import digests, news
from consultation.choices import ContributionState, Origine
from consultation.models import Abonnement, Contribution, Soutien
from socle.comptes.actions import open_account
from socle.comptes.models import Personne, Rhythm, User
from socle.courriels.models import Envoi
from tests.entering import SIGNUP, ask_code, code_for, enter, type_code, who
from tests.factories import (
    local,
    make_abonnement,
    make_actualite,
    make_atelier,
    make_contribution,
    make_demarche,
    make_identity,
    make_inscription,
    make_personne,
    make_rencontre,
    make_user,
)
from tests.writing import contribute, send, text_of

pytestmark = pytest.mark.django_db
ALICE, HOME, NEWS, PAPER = "alice@example.org", "/mon-espace/", "/mon-espace/nouvelles/", "/mon-espace/papier/"
MONDAY = local(-7 - timezone.localdate().weekday(), 7, 30)  # of last week


@pytest.fixture(autouse=True)
def demarche(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    make_identity()
    return make_demarche()


@pytest.fixture
def alice(client):
    user = open_account(ALICE)
    client.force_login(user)
    return user.personne


def fill(personne, count):
    for number in range(count):
        make_contribution(personne=personne, title=f"Des bus {number}")
        make_inscription(personne=personne, rencontre=make_rencontre(starts_at=local(5 + number)))
        Soutien.objects.create(personne=personne, contribution=make_contribution(title=f"Des trains {number}"))
        make_abonnement(personne=personne, topic=f"atelier:{number}" if number else "")


@pytest.mark.parametrize("path", [HOME, "/mon-espace/soutiens/", NEWS])
def test_it_reads_as_much_whatever_there_is(client, alice, path):
    counts = []
    for count in (1, 3):
        fill(make_personne(), 2)
        Contribution.objects.filter(personne=alice).update(personne=None)
        alice.inscriptions.all().delete()
        alice.abonnements.all().delete()
        fill(alice, count)
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(path)
        assert page.status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8, [one["sql"][:90] for one in queries]


def test_what_was_done_without_an_account_is_there_and_nobody_elses(client):
    contribution = contribute(client, email=ALICE)
    stranger = make_contribution(title="D’une autre personne", personne=make_personne())
    personne = contribution.personne or make_personne(email="Alice@Example.org")
    inscription = make_inscription(personne=personne, rencontre=make_rencontre(starts_at=local(5)))
    Contribution.objects.filter(pk=contribution.pk).update(personne=personne)
    enter(client, ALICE, SIGNUP)
    page = text_of(client.get(HOME))
    assert inscription.rencontre.title in page and "Votre place est confirmée" in page
    assert contribution.title in page and stranger.title not in page


def test_it_is_for_who_is_in(client):
    for path in (HOME, "/mon-espace/soutiens/", NEWS, PAPER):
        assert client.get(path)["Location"] == f"/compte/connexion/?next={path}"


def test_an_account_whose_address_is_not_proved_sees_nothing_of_it(client):
    """The team made it, with a password; the address may be anybody's (T22)."""
    real = make_personne(email=ALICE, confirmed_at=timezone.now())
    hers = make_contribution(personne=real, title="De la vraie Alice")
    client.force_login(make_user(email=ALICE))
    page = text_of(client.get(HOME))
    assert hers.title not in page and "n’a pas encore été confirmée" in page
    sent = send(client, email=ALICE)
    assert sent.status_code == 303
    assert Contribution.objects.get(title="Des bus le soir").state == ContributionState.TO_CONFIRM
    client.post("/compte/confirmer/code/", {"next": HOME})
    assert type_code(client, code_for(ALICE))["Location"] == HOME
    assert hers.title in text_of(client.get(HOME))


def test_who_is_in_writes_without_proving_their_address_again(client, alice):
    assert f'value="{ALICE}"' in client.get("/contributions/nouvelle/").text
    Envoi.objects.all().delete()
    assert send(client, email=ALICE).status_code == 303
    assert Contribution.objects.get().state == ContributionState.WAITING
    assert not Envoi.objects.exists()
    assert f'value="{ALICE}"' not in Client().get("/contributions/nouvelle/").text


def test_what_came_on_paper_joins_by_its_number_once(client, alice):
    paper = make_contribution(title="Sur papier", origine=Origine.PAPER)
    digits = numero.numero_of(paper.submission_key)
    Contribution.objects.filter(pk=paper.pk).update(tracking_hash=numero.tracking_hash(digits))
    assert client.post(PAPER, {"numero": "2222-2222-2222"}).status_code == 422
    assert client.post(PAPER, {"numero": digits.lower().replace("-", " ")}).status_code == 302
    assert "Sur papier" in text_of(client.get(HOME))
    thief = Client()
    thief.force_login(open_account("thief@example.org"))
    assert thief.post(PAPER, {"numero": digits}).status_code == 422
    paper.refresh_from_db()
    assert paper.personne == alice


def test_numbers_are_not_guessed(client, alice):
    typed = [numero.numero_of(make_contribution().submission_key) for _ in range(32)]
    assert [client.post(PAPER, {"numero": one}).status_code for one in typed] == [422] * 30 + [429] * 2


def test_an_address_that_changes_takes_its_history_along_and_the_old_one_is_told(client, alice):
    contribution = make_contribution(personne=alice)
    session = client.session
    session["account_authentication_methods"] = [{"method": "code", "at": 9e9, "reauthenticated": True}]
    session["account_authentication_methods_user"] = who(client)
    session.save()
    assert client.post("/compte/adresse/", {"email": "Nouvelle@Example.org"}).status_code == 302
    assert type_code(client, code_for("nouvelle@example.org"))["Location"] == "/compte/"
    contribution.refresh_from_db()
    assert contribution.personne.email == "nouvelle@example.org"
    assert User.objects.get().email == "nouvelle@example.org"
    told = Envoi.objects.get(to=ALICE, subject="Votre compte a changé")
    assert "n…@example.org" in told.body_text and "nouvelle@" not in told.body_text
    make_personne(email="taken@example.org")
    client.post("/compte/adresse/", {"email": "taken@example.org"})
    answer = type_code(client, code_for("taken@example.org"))
    assert answer.status_code == 409 and "a déjà servi" in text_of(answer)
    assert User.objects.get().email == "nouvelle@example.org"


# The digest


def published(at, **fields):
    return make_actualite(published_at=at, announced_at=at, **fields)


def test_a_digest_says_once_what_appeared_since_the_last_and_letters_do_not_say_it_again(client, alice):
    follower = make_abonnement(personne=alice, confirmed_at=MONDAY - timedelta(days=30))
    at_once = make_abonnement(confirmed_at=MONDAY - timedelta(days=30)).personne
    Abonnement.objects.filter(pk=follower.pk).update(rhythm=Rhythm.DAILY)
    first = make_actualite(published_at=MONDAY - timedelta(hours=5), title="La salle change")
    published(MONDAY - timedelta(days=40), title="Une vieille nouvelle")
    news.announce_due()
    assert list(Envoi.objects.values_list("to", flat=True)) == [at_once.email], "a letter for who wants each"
    assert [digests.send_due(MONDAY) for _ in range(3)] == [1, 0, 0]
    mail = Envoi.objects.get(to=ALICE)
    assert "La salle change" in mail.body_text and "vieille" not in mail.body_text
    assert mail.subject.startswith("1 nouvelle")
    published(MONDAY + timedelta(hours=1), title="Plus tard")
    assert digests.send_due(MONDAY + timedelta(hours=12)) == 0
    assert digests.send_due(MONDAY + timedelta(days=1)) == 1
    assert first.pk and follower.pk


def test_one_click_stops_a_digest_without_logging_in(client, alice):
    make_abonnement(personne=alice, confirmed_at=MONDAY - timedelta(days=30))
    Abonnement.objects.update(rhythm=Rhythm.WEEKLY)
    published(MONDAY - timedelta(days=2))
    assert digests.send_due(MONDAY) == 1
    headers = Envoi.objects.get(to=ALICE).headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = re.search(r"<https?://[^/]+(/\S+)>", headers["List-Unsubscribe"])[1]
    assert Client().post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not alice.abonnements.active().exists()
    assert Envoi.objects.get(to=ALICE).state == "annule"


def test_a_morning_that_was_slept_through_is_made_up_for(alice):
    make_abonnement(personne=alice, confirmed_at=MONDAY - timedelta(days=30))
    Abonnement.objects.update(rhythm=Rhythm.DAILY)
    published(MONDAY - timedelta(days=2))
    assert digests.send_due(MONDAY) == 1


def test_subjects_are_followed_one_by_one(alice):
    make_abonnement(personne=alice, topic="atelier:1", confirmed_at=MONDAY - timedelta(days=30))
    Abonnement.objects.update(rhythm=Rhythm.DAILY)
    published(MONDAY - timedelta(hours=3), topic="atelier:1", title="De mon atelier")
    published(MONDAY - timedelta(hours=3), topic="atelier:2", title="D’un autre")
    published(MONDAY - timedelta(hours=3), title="De la démarche")
    assert digests.send_due(MONDAY) == 1
    body = Envoi.objects.get(to=ALICE).body_text
    assert "De mon atelier" in body and "D’un autre" not in body and "De la démarche" not in body


def test_each_subject_has_its_rhythm_and_what_is_about_two_is_told_once_the_sooner(client, alice, demarche):
    atelier = make_atelier(demarche=demarche)
    page = client.get(NEWS).text
    assert page.count("<select") == 2 and "ateliers et thèmes compris" in page, (
        "the current démarche, and nothing of it yet"
    )
    assert not alice.abonnements.exists()
    assert client.post(NEWS, {"demarche": "courante", "tout": "souvent"}).status_code == 422
    choice = {"demarche": "courante", "tout": Rhythm.WEEKLY, atelier.topic: Rhythm.DAILY}
    assert client.post(NEWS, choice).status_code == 302
    Abonnement.objects.update(confirmed_at=MONDAY - timedelta(days=30))
    published(MONDAY - timedelta(days=2), title="De la démarche")
    published(MONDAY - timedelta(hours=3), topic=atelier.topic, title="De mon atelier")
    assert digests.send_due(MONDAY) == 2
    daily, weekly = Envoi.objects.order_by("pk")
    assert "De mon atelier" in daily.body_text and "De la démarche" not in daily.body_text
    assert "De la démarche" in weekly.body_text and "De mon atelier" not in weekly.body_text
    first = alice.abonnements.active().get(topic="").confirmed_at
    client.post(NEWS, choice | {"tout": Rhythm.AT_ONCE, atelier.topic: Rhythm.NEVER})
    kept = alice.abonnements.active().get()
    assert (kept.topic, kept.rhythm, kept.confirmed_at) == ("", Rhythm.AT_ONCE, first), "the proof keeps its date"
    assert client.post(NEWS, {"rhythm": Rhythm.NEVER}).status_code == 302
    assert Personne.objects.get(pk=alice.pk).rhythm == Rhythm.NEVER and alice.abonnements.active().exists()


@pytest.mark.django_db(transaction=True)
def test_two_spellings_of_one_address_at_the_same_moment_make_one_account():
    browsers, answers = [Client(), Client()], []
    for browser, spelling in zip(browsers, (ALICE, "ALICE@Example.org"), strict=True):
        ask_code(browser, spelling, SIGNUP)
    codes = [re.search(r"\d{4} \d{4}", one.body_text)[0] for one in Envoi.objects.order_by("pk")]
    barrier = threading.Barrier(2)

    def go(browser, code):
        barrier.wait()
        answers.append(type_code(browser, code).status_code)
        connection.close()

    threads = [threading.Thread(target=go, args=pair) for pair in zip(browsers, codes, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [302, 302]
    assert (User.objects.count(), Personne.objects.count()) == (1, 1)
