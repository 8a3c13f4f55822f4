import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
import uuid
from urllib.parse import urlsplit

import pytest
import redis
from celery import Celery, current_app
from django.db import transaction

from socle import doorbell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def broker(monkeypatch):
    """Make a broker's address the current application's, with a publisher that knows nothing yet."""
    before = current_app._get_current_object()
    monkeypatch.setattr(doorbell, "_publisher", doorbell._Publisher())

    def use(url, **transport_options):
        app = Celery("bell", broker=url, set_as_current=False)
        app.conf.broker_transport_options = transport_options
        app.set_current()
        return app

    yield use
    before.set_current()


@pytest.fixture
def folder(broker, tmp_path):
    """A broker of files: one file per message."""
    for name in ("in", "control"):
        (tmp_path / name).mkdir()
    paths = {"data_folder_in": tmp_path / "in", "data_folder_out": tmp_path / "in"}
    broker("filesystem://", **{k: str(v) for k, v in paths.items()}, control_folder=str(tmp_path / "control"))
    return tmp_path / "in"


@pytest.fixture
def hanging_port():
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def wait_until(condition, seconds=10):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it never happened"
        time.sleep(0.01)


def names_in(folder):
    return sorted(json.loads(path.read_text())["headers"]["task"] for path in folder.iterdir())


def test_bell_rings_on_commit_only_and_expires(folder):
    with transaction.atomic():
        doorbell.ring("courriels.send_due")
        assert names_in(folder) == []
    wait_until(lambda: names_in(folder) == ["courriels.send_due"])
    message = json.loads(next(folder.iterdir()).read_text())
    assert message["headers"]["expires"]
    assert message["content-type"] == "application/json"


def test_bell_of_a_rolled_back_transaction_stays_silent(folder):
    with transaction.atomic():
        doorbell.ring("one")
        transaction.set_rollback(True)
    doorbell.ring("two")
    wait_until(lambda: names_in(folder) == ["two"])


def test_several_rings_in_one_transaction_are_one(folder):
    with transaction.atomic():
        for _ in range(5):
            doorbell.ring("one")
        doorbell.ring("two")
    wait_until(lambda: names_in(folder) == ["one", "two"])


def test_ring_after_a_rolled_back_savepoint_is_heard(folder):
    with transaction.atomic():
        with transaction.atomic():
            doorbell.ring("one")
            transaction.set_rollback(True)
        doorbell.ring("one")
    wait_until(lambda: names_in(folder) == ["one"])


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_hanging_broker_holds_no_caller(broker, hanging_port, scheme, monkeypatch):
    waited = []
    wait = threading.Event.wait

    def counted(self, seconds=None):
        if seconds is not None and threading.current_thread() is threading.main_thread():
            waited.append(seconds)
        return wait(self, seconds)

    broker(f"{scheme}://127.0.0.1:{hanging_port}//")
    monkeypatch.setattr(threading.Event, "wait", counted)
    for number in range(300):
        doorbell.ring(f"bell {number}")
    assert doorbell._publisher._thread.is_alive()
    assert waited == [0.3]  # the first caller; the others know that the broker is silent
    assert len(doorbell._publisher._waiting) <= doorbell.WAITING


def test_absent_broker_is_logged_once_and_heard_again_when_back(broker, folder, hanging_port, caplog):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    present = current_app._get_current_object()
    caplog.set_level(logging.WARNING, logger="socle.doorbell")
    broker(f"redis://:secret@127.0.0.1:{port}/0")
    for _ in range(3):
        doorbell.ring("lost")
        wait_until(lambda: not doorbell._publisher._answers and not doorbell._publisher._waiting)
    wait_until(lambda: caplog.messages)
    assert len(caplog.messages) == 1
    assert "secret" not in caplog.text
    present.set_current()
    doorbell.ring("heard")
    wait_until(lambda: names_in(folder) == ["heard"], 30)
    assert doorbell._publisher._answers


def test_a_command_that_ends_at_once_has_rung(folder, tmp_path, database_url):
    code = (
        "import django; django.setup()\n"
        "from celery import Celery\n"
        "app = Celery('bell', broker='filesystem://')\n"
        f"app.conf.broker_transport_options = {{'data_folder_in': {str(folder)!r}, 'data_folder_out': {str(folder)!r},"
        f" 'control_folder': {str(tmp_path / 'control')!r}}}\n"
        "from socle import doorbell\n"
        "doorbell.PATIENCE = 20\n"  # a loaded machine is not what is tested
        "doorbell.ring('last words')\n"
    )
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "participons.settings", "DATABASE_URL": database_url}
    subprocess.run([sys.executable, "-c", code], check=True, env=env, timeout=60)
    assert names_in(folder) == ["last words"]


def test_a_thread_of_the_web_server_rings_the_portal_s_broker():
    found = []
    thread = threading.Thread(target=lambda: found.append(current_app.main))
    thread.start()
    thread.join()
    assert found == ["participons"]


def test_child_of_a_fork_rings_by_itself(folder):
    doorbell.ring("parent")
    wait_until(lambda: names_in(folder) == ["parent"])
    assert doorbell._publisher._thread
    doorbell._start_afresh()  # what the fork's hook does in the child
    assert doorbell._publisher._thread is None
    doorbell.ring("child")
    wait_until(lambda: names_in(folder) == ["child", "parent"])


@pytest.mark.skipif(not os.environ.get("REDIS_URL"), reason="needs a Redis server (REDIS_URL)")
def test_bell_reaches_redis(broker):
    url, queue = os.environ["REDIS_URL"], f"doorbell-{uuid.uuid4()}"
    broker(url).conf.task_default_queue = queue
    doorbell.ring("heard")
    with redis.Redis.from_url(url) as client:
        wait_until(lambda: client.llen(queue) == 1)
        assert json.loads(client.lpop(queue))["headers"]["task"] == "heard"
    assert urlsplit(url).scheme.startswith("redis")
