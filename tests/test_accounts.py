"""Getting an account and getting in: a code by mail, and nothing that tells a known address from another."""

import time

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from socle.comptes.actions import forget_sessions
from socle.comptes.models import Personne, User
from socle.courriels.models import Envoi
from tests.entering import BY_PASSWORD, CODE, DOORS, LOGIN, SIGNUP, ask_code, code_for, enter, type_code, who
from tests.factories import PASSWORD, make_contribution, make_demarche, make_personne, make_superuser, make_user
from tests.writing import text_of

pytestmark = pytest.mark.django_db
ALICE = "alice@example.org"


@pytest.fixture(autouse=True)
def demarche(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    return make_demarche()


def test_an_account_takes_an_address_and_a_code(client):
    assert "Il n’en faut pas pour contribuer" in text_of(client.get(SIGNUP))
    asked = ask_code(client, "Alice@Example.org", SIGNUP)
    assert (asked.status_code, asked["Location"]) == (302, CODE)
    assert (User.objects.count(), Personne.objects.count()) == (0, 0), "nobody is known before the address is proved"
    assert type_code(client, code_for(ALICE)).status_code == 302
    user = User.objects.get()
    assert who(client) == str(user.pk)
    assert (user.email, user.has_usable_password(), user.personne.is_confirmed) == (ALICE, False, True)


def test_the_code_is_known_to_whoever_reads_the_mail_only(client):
    """Staff see subjects and sessions may be read in the database: neither holds it."""
    make_user(email=ALICE)
    ask_code(client, ALICE)
    [envoi], code = Envoi.objects.all(), code_for(ALICE)
    assert code not in envoi.subject
    assert envoi.not_after is not None
    kept = str(dict(client.session.items()))
    assert code not in kept and code.replace(" ", "") not in kept


def test_what_was_done_without_an_account_is_there(client):
    personne = make_personne(email="Alice@example.org")
    contribution = make_contribution(personne=personne)
    enter(client, ALICE, SIGNUP)
    user = User.objects.get()
    assert user.personne == personne
    assert contribution.title in text_of(client.get("/suivi/")) or not contribution.tracking_hash


@pytest.mark.parametrize("door", DOORS)
def test_a_known_address_enters_by_any_door(client, door):
    user = make_user(email=ALICE)
    assert enter(client, ALICE, door).status_code == 302
    assert who(client) == str(user.pk)
    assert User.objects.count() == 1


def test_an_unknown_address_learns_it_once_proved_and_makes_an_account_at_a_button(client):
    answer = enter(client, ALICE)
    assert answer["Location"] == "/compte/aucun/"
    assert "Aucun compte à cette adresse" in text_of(client.get("/compte/aucun/"))
    assert User.objects.count() == 0
    client.post("/compte/aucun/")
    assert who(client) == str(User.objects.get().pk)
    assert Client().post("/compte/aucun/")["Location"] == LOGIN, "only whoever proved it"


def test_a_code_serves_once_and_in_the_browser_that_asked_for_it(client):
    make_user(email=ALICE)
    ask_code(client, ALICE)
    code, elsewhere = code_for(ALICE), Client()
    assert type_code(elsewhere, code)["Location"] == LOGIN
    ask_code(elsewhere, ALICE)
    assert type_code(elsewhere, code).status_code == 422
    assert type_code(client, code.replace(" ", "-")).status_code == 302
    client.logout()
    assert type_code(client, code)["Location"] == LOGIN


def test_a_code_that_is_too_old_opens_nothing(client, monkeypatch):
    make_user(email=ALICE)
    ask_code(client, ALICE)
    later = time.time() + 15 * 60
    monkeypatch.setattr("socle.comptes.codes.time.time", lambda: later)
    assert type_code(client, code_for(ALICE)).status_code == 422
    assert who(client) is None


def test_an_account_that_was_closed_does_not_open(client):
    make_user(email=ALICE, is_active=False)
    answer = enter(client, ALICE)
    assert answer["Location"] == "/compte/desactive/"
    assert who(client) is None
    assert client.post(BY_PASSWORD, {"email": ALICE, "password": PASSWORD}).status_code == 422


def test_a_password_enters_too(client):
    user = make_user(email=ALICE)
    assert client.post(BY_PASSWORD, {"email": "Alice@example.org", "password": "faux"}).status_code == 422
    assert client.post(BY_PASSWORD, {"email": "Alice@example.org", "password": PASSWORD}).status_code == 302
    assert who(client) == str(user.pk)
    user.refresh_from_db()
    assert user.personne is None, "a password proves no address"


def test_the_open_sessions_are_listed_and_the_others_closed(client):
    make_user(email=ALICE)
    elsewhere = Client(headers={"user-agent": "Un autre navigateur"})
    for browser in (elsewhere, client):
        enter(browser, ALICE)
    page = text_of(client.get("/compte/sessions/"))
    assert "Un autre navigateur" in page and "Celle-ci" in page
    client.post("/compte/sessions/")
    assert who(elsewhere) is None and who(client) is not None
    assert "Il n’y en a pas d’autre" in text_of(client.get("/compte/sessions/"))


def test_what_is_kept_of_a_session_ends_with_it(client):
    make_user(email=ALICE)
    enter(client, ALICE)
    forget_sessions()
    assert UserSession.objects.count() == 1
    Session.objects.update(expire_date=timezone.now())
    forget_sessions()
    assert (UserSession.objects.count(), Session.objects.count()) == (0, 0)


def test_a_proved_address_is_not_changed_by_the_team(client):
    """Whoever changes an account's address could become that person."""
    enter(client, ALICE, SIGNUP)
    user = User.objects.get()
    chief = Client()
    chief.force_login(make_superuser())
    chief.post(f"/admin/comptes/user/{user.pk}/change/", {"email": "chief@example.org", "is_active": "on"})
    user.refresh_from_db()
    assert user.email == ALICE
