"""The letter by e-mail alone: asked for, confirmed, changed, stopped, and never to who did not ask."""

import re
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone

from consultation.actions import news
from consultation.letter_links import CONFIRM_AGE, Reader, read_confirmation, sign_reader
from consultation.models import Abonnement
from socle.comptes.models import Personne
from socle.courriels.actions import forget
from socle.courriels.models import Envoi, State
from tests.factories import (
    make_abonnement,
    make_actualite,
    make_atelier,
    make_demarche,
    make_identity,
    make_personne,
    make_theme,
)
from tests.subscribing import ALICE, FORM, active, ask, link, subscribe
from tests.writing import mails, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demarche(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    make_identity()
    return make_demarche(title="Écrire ensemble")


def test_it_takes_two_steps_and_the_second_one_is_dated(client):
    page = ask(client)
    assert page.status_code == 200
    assert "Il reste une chose à faire" in text_of(page)
    assert (Abonnement.objects.count(), Personne.objects.count()) == (0, 0), "nobody is known before they confirm"
    [message] = mails()
    assert message.to == [ALICE]
    before = timezone.now()
    assert "dernière confirmation" in text_of(client.get(link(message)))
    assert Abonnement.objects.count() == 0, "reading the link changes nothing"
    assert "Vous êtes abonné" in text_of(client.post(link(message)))
    abonnement = Abonnement.objects.get()
    assert abonnement.confirmed_at >= before
    assert abonnement.personne.is_confirmed
    assert active() == [(ALICE, "")]


def test_consent_is_nobodys_tick_but_the_readers(client):
    page = client.get(FORM).text
    assert "checked" in re.search(r'<input[^>]*value="tout"[^>]*>', page)[0], "the test can see a tick"
    assert "checked" not in re.search(r'<input[^>]*name="consent"[^>]*>', page)[0]
    assert "15 ans ou plus" in page and "ne t’est pas proposée" in page
    refused = ask(client, consent="")
    assert refused.status_code == 422
    assert "sans votre accord" in text_of(refused)
    assert ALICE in refused.text, "what was typed is there"
    assert mails() == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"email": "alice"}, "incomplète ou mal écrite"),
        ({"email": ""}, "Indiquez une adresse"),
        ({"topics": []}, "Cochez au moins une case"),
        ({"topics": ["atelier:99"]}, "Choisissez parmi les sujets"),
        ({"topics": ["\x00"]}, "Choisissez parmi les sujets"),
        ({"precisions": "robot"}, "vide"),
    ],
)
def test_mistakes_are_said_and_send_nothing(client, fields, said):
    page = ask(client, **fields)
    assert page.status_code == 422
    assert said in text_of(page)
    assert mails() == []


def test_answer_is_the_same_for_a_known_address(client):
    """T14: the form tells nobody who is a subscriber."""
    unknown = text_of(ask(client, email="inconnu@example.org")).replace("inconnu@example.org", "")
    make_abonnement(personne=make_personne(email=ALICE))
    known = text_of(ask(client)).replace(ALICE, "")
    assert known == unknown
    assert len(mails()) == 2


def test_same_form_twice_is_one_mail_and_a_fourth_is_refused(client):
    key = "0b6d2c1e-2c3d-4f00-9d1c-1234567890ab"
    for _ in range(2):
        ask(client, submission_key=key)
    assert len(mails()) == 1
    assert [ask(client).status_code for _ in range(3)] == [200, 200, 429]


def test_link_serves_once(client):
    """T21: stopping is for good, whatever old link is followed afterwards."""
    ask(client)
    [message] = mails()
    client.post(link(message))
    assert "déjà servi" in text_of(client.post(link(message)))
    news.stop(Reader(Personne.objects.get().pk, Abonnement.objects.get().demarche_id))
    assert "déjà servi" in text_of(client.post(link(message)))
    assert active() == []


def test_expired_link_offers_a_new_one(client, monkeypatch):
    ask(client)
    [message] = mails()
    later = timezone.now() + CONFIRM_AGE + timedelta(hours=1)
    monkeypatch.setattr("django.core.signing.time.time", later.timestamp)
    page = client.get(link(message))
    assert page.status_code == 410
    assert "plus de 7 jours" in text_of(page)
    assert "part" in text_of(client.post(link(message)))
    [again] = mails()
    assert again.to == [ALICE]
    client.post(link(again))
    assert active() == [(ALICE, "")]


@pytest.mark.parametrize("path", ["confirmer/forged", "forged", "arret/forged"])
def test_forged_links_open_nothing(client, path):
    for answer in (client.get(f"/lettre/{path}/"), client.post(f"/lettre/{path}/")):
        assert answer.status_code == 404
        assert "pas complet" in text_of(answer)


def test_link_of_an_erased_person_says_so(client):
    ask(client)
    [message] = mails()
    Envoi.objects.update(to="", state=State.CANCELLED)
    assert client.post(link(message)).status_code == 410
    assert not Personne.objects.exists()


def test_two_confirmations_at_once_are_one_abonnement(client, transactional_db):
    ask(client)
    [message] = mails()
    start = threading.Barrier(2)

    def confirm():
        start.wait()
        Client().post(link(message))
        connection.close()

    threads = [threading.Thread(target=confirm) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert active() == [(ALICE, "")]


def test_second_confirmation_waits_for_the_first(client, transactional_db, monkeypatch):
    """Without the lock of the mail, both would be told that the link served now."""
    make_personne(email=ALICE)  # known: nothing else makes the second one wait
    ask(client)
    [message] = mails()
    wish = read_confirmation(link(message).split("/")[-2])
    subscribe, met = news._subscribe, []

    def meanwhile(*args):
        monkeypatch.setattr(news, "_subscribe", subscribe)

        def run():
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '50ms'")
                    met.append(news.confirm_wish(wish))
            except OperationalError as refusal:
                met.append(refusal)
            finally:
                connection.close()

        other = threading.Thread(target=run)
        other.start()
        other.join()
        subscribe(*args)

    monkeypatch.setattr(news, "_subscribe", meanwhile)
    assert news.confirm_wish(wish)[0] == news.Confirmed.NOW
    assert [type(one) for one in met] == [OperationalError]
    assert news.confirm_wish(wish)[0] == news.Confirmed.BEFORE


def test_address_erased_while_it_is_confirmed_is_nobodys(client, monkeypatch):
    ask(client)
    [message] = mails()
    asked = news.emails.asked

    def erased_meanwhile(key):
        found = asked(key)
        forget(ALICE)
        return found

    monkeypatch.setattr(news.emails, "asked", erased_meanwhile)
    assert client.post(link(message)).status_code == 410
    assert not Personne.objects.exists()


def test_topics_are_the_ateliers_the_themes_and_the_page_ticks_the_one_it_comes_from(client):
    make_atelier(town="Lens")
    make_theme(question="Comment circuler ?")
    for topic, page in (("atelier:1", "ateliers/1/"), ("theme:1", "themes/1/")):
        shown = client.get(f"{FORM}?sujet={topic}").text
        assert re.search(rf'value="{topic}"[^>]*checked', shown) and shown.count("checked") == 1
        subscribe(client, topics=[topic])
        assert f"?sujet={topic}" in client.get(f"/demarches/{Abonnement.objects.first().demarche.slug}/{page}").text
    assert active() == [(ALICE, "atelier:1"), (ALICE, "theme:1")]
    make_actualite(title="Des cars", topic="theme:1")
    make_actualite(title="De tout", topic="")
    news.announce_due()
    assert [one.subject for one in mails() if "confirm" not in one.subject.lower()] == ["Des cars"]
    assert "Thème 1 – Comment circuler" in text_of(client.get("/actualites/"))


def test_choices_page_changes_topics_and_stops_everything(client):
    make_atelier()
    reader = subscribe(client)
    other = make_abonnement(personne=Personne.objects.get(), demarche=make_demarche())
    url = f"/lettre/{sign_reader(reader)}/"
    page = client.get(url).text
    assert re.search(r'value="aussitot" selected', page.split('name="tout"')[1].split("</select>")[0])
    assert "a…@example.org" in page and ALICE not in page, "a letter may have been passed on"
    assert "C’est noté" in text_of(client.post(url, {"tout": "jamais", "atelier:1": "semaine"}))
    assert (ALICE, "atelier:1") in active() and Abonnement.objects.filter(topic="", ended_at=None).get() == other
    assert Abonnement.objects.active().get(topic="atelier:1").rhythm == "semaine"
    assert client.post(url, {"tout": "aussitot"}).status_code == 422
    assert "C’est arrêté" in text_of(client.post(url, {"arreter": "oui"}))
    assert active() == []
    assert set(Abonnement.objects.values_list("end_reason", flat=True)) == {"desinscription"}
    assert Abonnement.objects.count() == 3, "the rows stay, as proof"


def test_end_without_its_reason_is_refused():
    abonnement = make_abonnement()
    abonnement.ended_at = timezone.now()
    with pytest.raises(ValidationError, match="a une raison"):
        abonnement.validate_constraints()


def test_limit_of_a_network_keeps_what_was_typed(client, monkeypatch):
    from consultation import limits
    from socle.limiter.actions import Limit

    monkeypatch.setattr(limits, "LETTERS", Limit("lettre", 1, timedelta(hours=1)))
    assert ask(client).status_code == 200
    refused = ask(client, email="bob@example.org")
    assert refused.status_code == 429
    assert "bob@example.org" in refused.text
    assert [message.to for message in mails()] == [[ALICE]]
    assert mail.outbox
