"""The broker in a folder: whole messages or none, and nothing in it ends the worker (reliability T65)."""

import json
import logging
import stat
import threading
from datetime import UTC, datetime, timedelta

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from kombu import Connection

from participons.embedded import broker


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "broker"


@pytest.fixture
def connection(folder):
    with Connection("folder://here", transport_options={"folder": str(folder), "polling_interval": 0.01}) as opened:
        yield opened


def message_files(folder):
    return sorted(folder.glob("*.msg"))


def put(connection, payload, **headers):
    with connection.SimpleQueue("bells") as queue:
        queue.put(payload, headers=headers)


def received(connection):
    """All that is waiting, in the order in which it is given."""
    found = []
    with connection.SimpleQueue("bells") as queue:
        while True:
            try:
                message = queue.get(block=False)
            except queue.Empty:
                return found
            found.append(message.payload)
            message.ack()


def test_messages_come_in_order_from_files_that_only_we_read(connection, folder):
    for number in range(3):
        put(connection, {"number": number})
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in message_files(folder)} == {0o600}
    assert received(connection) == [{"number": 0}, {"number": 1}, {"number": 2}]
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda whole: whole[: len(whole) // 2],
        lambda _: b"\x00" * 50,
        lambda _: b"\xff\xfe",
        lambda _: b"[]",
        lambda _: b"{}",
        lambda _: b"[" * 100_000,
        lambda whole: json.dumps(json.loads(whole) | {"body": "not base64!"}).encode(),
        lambda whole: json.dumps(json.loads(whole) | {"headers": None}).encode(),
        lambda whole: json.dumps(json.loads(whole) | {"properties": {}}).encode(),
    ],
)
def test_file_that_is_no_message_is_dropped_and_told(connection, folder, damage, caplog):
    put(connection, "broken")
    (path,) = message_files(folder)
    path.write_bytes(damage(path.read_bytes()))
    put(connection, "whole")
    with caplog.at_level(logging.WARNING, logger=broker.__name__):
        assert received(connection) == ["whole"]
    assert "is no message" in caplog.text
    assert list(folder.iterdir()) == []


def test_half_written_file_is_not_seen(connection, folder):
    put(connection, "whole")
    (folder / "00000000000000000001_x.draft").write_text('{"bod')
    assert received(connection) == ["whole"]


def test_folder_that_cannot_be_read_as_a_file_is_left_alone(connection, folder):
    put(connection, "whole")
    (folder / "0.bells.msg").mkdir()
    assert received(connection) == ["whole"]


def test_bell_that_nobody_heard_in_time_is_dropped(connection):
    now = datetime.now(UTC)
    put(connection, "late", expires=(now - timedelta(seconds=1)).isoformat())
    put(connection, "in time", expires=(now + timedelta(hours=1)).isoformat())
    assert received(connection) == ["in time"]


def test_broker_is_bounded_and_forgets_the_past_first(connection, folder, monkeypatch):
    monkeypatch.setattr(broker, "MAX_WAITING", 3)
    put(connection, "late", expires=(datetime.now(UTC) - timedelta(seconds=1)).isoformat())
    for number in range(5):
        put(connection, number)
    assert received(connection) == [0, 1, 2]


def test_two_readers_never_take_the_same_message(connection, folder):
    for number in range(60):
        put(connection, number)
    found = []

    def read():
        with Connection("folder://here", transport_options={"folder": str(folder)}) as own:
            found.extend(received(own))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(60))


def test_worker_goes_on_after_files_that_are_no_message(folder):
    app = Celery("broker-test", broker="folder://here", set_as_current=False)
    app.conf.broker_transport_options = {"folder": str(folder), "polling_interval": 0.01}
    app.conf.update(task_acks_late=True, worker_enable_remote_control=False)
    rung = threading.Event()

    @app.task(name="ring")
    def ring():
        rung.set()

    app.send_task("ring")
    (whole,) = message_files(folder)
    content = whole.read_bytes()
    whole.unlink()
    (folder / "0.celery.msg").write_bytes(b"")
    (folder / "1.celery.msg").write_bytes(content[:100])
    unknown = json.loads(content)
    unknown["headers"]["task"] = "nobody.knows"
    (folder / "2.celery.msg").write_text(json.dumps(unknown))
    pickled = json.loads(content) | {"content-type": "application/x-python-serialize"}
    (folder / "3.celery.msg").write_text(json.dumps(pickled))
    (folder / "4.celery.msg").write_bytes(content)
    with start_worker(app, perform_ping_check=False, pool="solo"):
        assert rung.wait(30)
    assert list(folder.iterdir()) == []
