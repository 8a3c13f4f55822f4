"""What is tried at the log-in is counted before it is looked at: passwords, codes, second factors, and codes asked."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from socle.comptes.codes import Pending
from socle.comptes.limits import HOUR
from socle.courriels.models import Envoi
from socle.limiter.actions import Limit
from tests.entering import BY_PASSWORD, CODE, DOORS, LOGIN, ask_code, code_for, enter, set_up_application, type_code
from tests.factories import PASSWORD, make_user
from tests.writing import text_of

ALICE = "alice@example.org"
STEP = "/compte/connexion/second-facteur/"


@pytest.fixture(autouse=True)
def quiet(monkeypatch, settings):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    settings.LOGIN_TRIES_PER_ADDRESS = 1000


@pytest.fixture
def alice(db):
    return make_user(email=ALICE)


def password(client, email=ALICE, typed="faux", **headers):
    return client.post(BY_PASSWORD, {"email": email, "password": typed}, **headers).status_code


def codes(client, count):
    ask_code(client, ALICE)
    return [type_code(client, "0000 0000").status_code for _ in range(count)]


def test_six_wrong_passwords_are_limited_and_the_right_one_waits_too(alice, client):
    assert [password(client) for _ in range(6)] == [422] * 5 + [429]
    assert password(client, typed=PASSWORD) == 429
    page = client.post(BY_PASSWORD, {"email": ALICE, "password": PASSWORD})
    assert "Trop d’essais en peu de temps" in text_of(page)


def test_six_wrong_codes_are_limited_from_session_to_session_and_passwords_have_their_own_counter(alice, client):
    assert codes(client, 3) == [422] * 3
    other = Client()
    assert codes(other, 3) == [422] * 2 + [429], "a new session is no new chance"
    assert type_code(other, code_for(ALICE)).status_code == 429
    assert password(client) == 422


def test_a_day_has_a_limit_of_its_own(alice, client, settings):
    settings.LOGIN_TRIES_PER_ACCOUNT = 1000
    assert codes(client, 52) == [422] * 50 + [429] * 2


def test_spelling_does_not_open_another_counter(alice, client):
    for email in ("ALICE@example.org", " alice@example.org ", "Alice@Example.org", "alicE@example.org", ALICE):
        password(client, email)
    assert password(client, "aLice@example.org") == 429


def test_one_network_is_limited_over_many_accounts_whatever_it_writes_in_its_headers(db, client, settings):
    settings.LOGIN_TRIES_PER_ADDRESS = 4
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    statuses = [
        password(client, f"x{n}@example.org", HTTP_X_FORWARDED_FOR=f"203.0.113.{n}, 198.51.100.7") for n in range(6)
    ]
    assert statuses == [422] * 4 + [429] * 2
    assert password(client, "y@example.org", HTTP_X_FORWARDED_FOR="198.51.100.8") == 422


def test_honest_tries_cost_nothing(alice, settings):
    settings.LOGIN_TRIES_PER_ACCOUNT = 2
    assert [password(Client(), typed=PASSWORD) for _ in range(4)] == [302] * 4
    assert [enter(Client(), ALICE).status_code for _ in range(4)] == [302] * 4


def test_codes_are_asked_so_often_whatever_the_door_and_the_session(alice, client):
    """An address that nobody knows here gets as many, and no more."""
    for email in (ALICE, "nobody@example.org"):
        statuses = [ask_code(Client(), email, door).status_code for door in (*DOORS, LOGIN, *DOORS)]
        assert statuses == [302] * 4 + [429] * 3
        assert Envoi.objects.filter(to=email).count() == 4
    page = ask_code(client, ALICE)
    assert "Un code déjà reçu reste bon" in text_of(page)


def test_one_network_asks_for_so_many_codes(db, settings, monkeypatch):
    monkeypatch.setattr("socle.comptes.limits.MAILS_FROM", Limit("compte-courriels-de", 6, HOUR))
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    statuses = [
        ask_code(Client(), f"x{n}@example.org", HTTP_X_FORWARDED_FOR=f"203.0.113.{n}, 198.51.100.7").status_code
        for n in range(8)
    ]
    assert statuses == [302] * 6 + [429] * 2


def test_second_factors_are_counted(alice, client):
    enter(client, ALICE)
    set_up_application(client)
    client.logout()
    enter(client, ALICE)
    pages = [text_of(client.post(STEP, {"code": "000000"})) for _ in range(6)]
    assert ["Trop d’essais" in page for page in pages] == [False] * 5 + [True]


def test_a_hundred_wrong_codes_at_once_are_no_better_than_five(transactional_db, monkeypatch):
    """Of one session, and of others that asked for the same address; with addresses of their own invention."""
    make_user(email=ALICE)
    browsers = [Client() for _ in range(4)]
    for browser in browsers:
        ask_code(browser, ALICE)
    looked_at, real = [], Pending.is_opened_by
    monkeypatch.setattr(Pending, "is_opened_by", lambda self, typed: looked_at.append(typed) or real(self, typed))

    def attempt(number):
        browser = Client()
        browser.cookies = browsers[number % 4].cookies.copy()
        try:
            forged = f"203.0.113.{number}"
            return browser.post(CODE, {"code": f"{number:08}"}, HTTP_X_FORWARDED_FOR=forged).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(attempt, range(100)))
    assert len(looked_at) == 5
    assert statuses.count(429) == 95
