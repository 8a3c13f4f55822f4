"""The limiter, and the log-in of the team that it protects."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.db import connection, transaction
from django.test import Client

from socle.limiter.actions import Limit, purge, refund, remaining, take, take_all
from socle.limiter.models import Hit

LIMIT = Limit("test", 3, timedelta(minutes=10))
AT = datetime(2026, 3, 7, 12, 1, tzinfo=UTC)
LOGIN = "/admin/login/"
PASSWORD = "le-bon-mot-de-passe"


@pytest.fixture(autouse=True)
def small_map(settings):
    settings.ROOT_URLCONF = "tests.urls_pagecache"


@pytest.fixture
def member(transactional_db):
    return get_user_model().objects.create_superuser("alice@example.org", PASSWORD)


def test_take_until_exhausted(db):
    assert [take(LIMIT, "a", AT) for _ in range(5)] == [True, True, True, False, False]
    assert take(LIMIT, "b", AT)


def test_each_window_has_its_own_counter(db):
    for _ in range(4):
        take(LIMIT, "a", AT)
    closing = datetime(2026, 3, 7, 12, 10, tzinfo=UTC)
    assert not take(LIMIT, "a", closing - timedelta(microseconds=1))
    assert take(LIMIT, "a", closing)
    assert remaining(LIMIT, "a", closing) == 2


def test_refund_and_remaining(db):
    for _ in range(3):
        take(LIMIT, "a", AT)
    assert remaining(LIMIT, "a", AT) == 0
    refund(LIMIT, "a", AT)
    assert remaining(LIMIT, "a", AT) == 1
    refund(LIMIT, "never used", AT)
    assert remaining(LIMIT, "never used", AT) == 3


def test_several_limits_at_once_name_the_longest_wait(db):
    day = Limit("test-day", 4, timedelta(days=1))
    verdicts = [take_all([(LIMIT, "a"), (day, "a"), (day, "a")], AT) for _ in range(5)]
    assert [verdict.allowed for verdict in verdicts] == [True, True, True, False, False]
    assert verdicts[3].wait == timedelta(minutes=9)
    assert verdicts[4].wait == datetime(2026, 3, 8, tzinfo=UTC) - AT


def test_no_key_is_kept_in_clear(db):
    take(LIMIT, "198.51.100.7", AT)
    hit = Hit.objects.get()
    assert "198.51" not in hit.key
    assert len(hit.key) == 64


@pytest.mark.parametrize("key", ["", "\0", "\ud800", "é" * 10_000])
def test_any_key_is_counted(db, key):
    take(LIMIT, key, AT)
    assert remaining(LIMIT, key, AT) == 2


def test_purge_takes_ended_windows_only(db):
    take(LIMIT, "a", AT)
    take(LIMIT, "a", AT + timedelta(minutes=10))
    assert purge(AT + timedelta(minutes=9)) == 1
    assert Hit.objects.get().ends_at == datetime(2026, 3, 7, 12, 20, tzinfo=UTC)


def test_inside_a_transaction_it_refuses(transactional_db):
    with transaction.atomic(), pytest.raises(RuntimeError):
        take(LIMIT, "a", AT)


def together(count, work):
    def alone(number):
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        return list(pool.map(alone, range(count)))


def test_exact_under_concurrency(transactional_db):
    other = Limit("test-other", 1000, timedelta(minutes=10))
    # The two orders would dead-lock each other if the statement did not sort its rows.
    orders = ([(LIMIT, "a"), (other, "a")], [(other, "a"), (LIMIT, "a")])
    verdicts = together(100, lambda number: take_all(orders[number % 2], AT).allowed)
    assert verdicts.count(True) == 3


def log_in(client, email="alice@example.org", password="faux", **headers):
    return client.post(LOGIN, {"username": email, "password": password}, **headers)


def test_admin_login_six_wrong_passwords_are_limited(member, client):
    statuses = [log_in(client).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    refused = log_in(client, password=PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 300
    page = refused.content.decode()
    assert "Trop d’essais" in page
    assert "Rien n’est perdu" in page
    assert "alice" not in page
    assert "no-store" in refused["Cache-Control"]


def test_admin_login_spelling_does_not_open_another_counter(member, client):
    for email in ("alice@example.org", "ALICE@example.org", " alice@example.org ", "Alice@Example.org"):
        log_in(client, email)
    log_in(client)
    assert log_in(client, "aLice@example.org").status_code == 429


def test_admin_login_known_and_unknown_accounts_get_the_same_answers(member, settings):
    settings.LOGIN_TRIES_PER_ADDRESS = 1000
    known, unknown = Client(), Client()
    for _ in range(7):
        first, second = log_in(known), log_in(unknown, "nobody@example.org")
        assert first.status_code == second.status_code
    assert first.content == second.content


def test_admin_login_one_address_is_limited_over_many_accounts(member, client, settings):
    settings.LOGIN_TRIES_PER_ADDRESS = 4
    statuses = [log_in(client, f"someone{n}@example.org").status_code for n in range(6)]
    assert statuses == [200] * 4 + [429] * 2


def test_admin_login_forged_addresses_do_not_help(member, client, settings):
    settings.LOGIN_TRIES_PER_ADDRESS = 4
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    statuses = [
        log_in(client, f"x{n}@example.org", HTTP_X_FORWARDED_FOR=f"203.0.113.{n}, 198.51.100.7").status_code
        for n in range(6)
    ]
    assert statuses == [200] * 4 + [429] * 2
    assert log_in(client, "y@example.org", HTTP_X_FORWARDED_FOR="198.51.100.8").status_code == 200


def test_admin_login_right_passwords_cost_nothing(member, settings):
    settings.LOGIN_TRIES_PER_ACCOUNT = 2
    statuses = [log_in(Client(), password=PASSWORD).status_code for _ in range(5)]
    assert statuses == [302] * 5


def test_admin_login_a_hundred_at_once_are_no_better_than_five(member, settings, monkeypatch):
    settings.LOGIN_TRIES_PER_ADDRESS = 1000
    tried = []

    def counted(*args, **kwargs):
        tried.append(1)
        return authenticate(*args, **kwargs)

    monkeypatch.setattr("django.contrib.auth.forms.authenticate", counted)
    statuses = together(100, lambda number: log_in(Client(), password=f"faux{number}").status_code)
    assert len(tried) == 5
    assert statuses.count(429) == 95


def test_admin_login_odd_input_is_no_error(member, client):
    for email in ("\0", "a" * 5000, "\ufffd", ""):
        assert log_in(client, email).status_code == 200
