"""/sante/ tells what runs and what does not, and never fails itself."""

import threading
from datetime import timedelta

import psycopg
import pytest
from django.test import Client
from django.utils import timezone

from participons import health
from participons.models import Heartbeat
from socle.courriels.models import Envoi


@pytest.fixture(autouse=True)
def small_map(settings):
    settings.ROOT_URLCONF = "tests.urls_pagecache"


@pytest.fixture
def alive(transactional_db, settings, tmp_path):
    settings.REDIS_URL = ""
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"folder": str(tmp_path / "broker")}
    for name in ("worker", "beat"):
        Heartbeat.beat(name)


def ask():
    response = Client(raise_request_exception=False).get("/sante/")
    return response.status_code, response.json()


def test_all_well(alive):
    status, body = ask()
    assert (status, body["status"], body["down"]) == (200, "ok", [])
    assert set(body["checks"]) == {"database", "broker", "worker", "beat", "backlog"}
    assert body["checks"]["backlog"]["mails"] == 0


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_silence_is_told(alive, name):
    Heartbeat.objects.filter(name=name).update(at=timezone.now() - timedelta(minutes=4))
    status, body = ask()
    assert (status, body["down"]) == (503, [name])
    Heartbeat.objects.filter(name=name).delete()
    assert ask()[1]["down"] == [name]
    Heartbeat.beat(name)
    assert ask()[0] == 200


def test_waiting_mails_are_counted_without_their_words(alive):
    Envoi.objects.create(to="habitante@example.org", subject="Bonjour", dedupe_key="k", message_id="<1@x>")
    response = Client().get("/sante/")
    assert response.status_code == 200
    assert response.json()["checks"]["backlog"]["mails"] == 1
    assert "habitante" not in response.content.decode()


def test_redis_away_is_told(alive, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    status, body = ask()
    assert (status, body["down"]) == (503, ["broker"])


def test_broker_folder_not_writable_is_told(alive, settings, tmp_path):
    (tmp_path / "file").touch()
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"folder": str(tmp_path / "file" / "broker")}
    assert ask()[1]["down"] == ["broker"]


def refuse(*args, **kwargs):
    raise psycopg.OperationalError("connection refused")


def test_database_away_turns_red_then_green(alive, monkeypatch):
    monkeypatch.setattr("django.db.backends.postgresql.base.DatabaseWrapper.get_new_connection", refuse)
    status, body = ask()
    assert status == 503
    assert {"database", "worker", "beat"} <= set(body["down"])
    assert body["checks"]["broker"]["state"] == "ok"
    monkeypatch.undo()
    assert ask()[0] == 200


def test_database_that_hangs_does_not_hold_the_page(alive, monkeypatch):
    release, ended = threading.Event(), []

    def hang():
        release.wait(20)
        ended.append(1)
        return {}

    monkeypatch.setattr(health, "_database", hang)
    monkeypatch.setattr(health, "PATIENCE", 0.01)
    try:
        assert [ask()[0] for _ in range(6)] == [503] * 6
        waiting = [thread for thread in threading.enumerate() if thread.name.startswith("sante")]
        assert len(waiting) == 4
    finally:
        release.set()
        for thread in waiting:
            thread.join(20)
    monkeypatch.undo()
    assert ask()[0] == 200


def test_no_cookie_no_cache_and_read_only(alive):
    response = Client().get("/sante/")
    assert not response.cookies
    assert response["Cache-Control"] == "private, no-store"
    assert Client().post("/sante/").status_code == 405
