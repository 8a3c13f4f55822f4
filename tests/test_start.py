"""What starts the portal: the set-up of the Makefile, the supervisor's refusals, and the order in which it stops."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from participons.embedded import postgres
from participons.supervisor import leftovers
from participons.supervisor.child import Child
from participons.supervisor.commands import COMMANDS, DATABASE_POOL, WEB_PROCESSES, WORKER_PROCESSES
from tests.running import environment_of, portal, soon

ROOT = Path(__file__).resolve().parent.parent


def supervise(var_dir, **env):
    return subprocess.run(
        [sys.executable, "-m", "participons.supervisor"],
        cwd=ROOT,
        env=environment_of(var_dir) | env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_port_taken_is_told_before_anything_starts(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = supervise(tmp_path, PORT=str(port))
    assert done.returncode == 1
    assert f"Le port {port} n’est pas libre" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("postgres*"))


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "8000 ", "٨"])
def test_port_that_is_no_number_is_told(tmp_path, port):
    done = supervise(tmp_path, PORT=port)
    assert done.returncode == 1
    assert "n’est pas un numéro de port" in done.stderr
    assert "Traceback" not in done.stderr


def test_portal_starts_from_nothing_alone_in_its_folder_shows_its_accounts_and_stops_whole(tmp_path):
    with portal(tmp_path, bare=True) as running:
        done = supervise(tmp_path)
        assert done.returncode == 1
        assert "Le portail tourne déjà" in done.stderr
        assert running.supervisor.poll() is None
        assert running.pid_of("granian")
        record = tmp_path / "supervisor.json"
        soon(lambda: len(json.loads(record.read_text())) == len(COMMANDS), "not all was started")
        running.supervisor.send_signal(signal.SIGINT)
        assert running.supervisor.wait(timeout=120) == 0
    assert not leftovers.find(tmp_path, tmp_path / "supervisor.json")
    out = (tmp_path / "supervisor.out").read_text()
    accounts = re.findall(r"^ +(\w+@participons\.example) +(\S{12})$", out, re.MULTILINE)
    assert len(accounts) == 3
    for kept in (tmp_path / "comptes").iterdir():
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert kept.read_text() in dict(accounts).values()


def test_connections_of_all_processes_fit_the_server():
    held_by_web = WEB_PROCESSES * (DATABASE_POOL + 1)  # the page cache keeps one of its own
    assert held_by_web + WORKER_PROCESSES + 1 + 20 <= postgres.MAX_CONNECTIONS


def test_leftover_is_ended_and_a_stranger_is_not(tmp_path):
    mark = {leftovers.MARK: str(tmp_path)}
    ours = subprocess.Popen(["sleep", "600"], env=os.environ | mark)
    stranger = subprocess.Popen(["sleep", "600"], env=os.environ | {leftovers.MARK: str(tmp_path / "other")})
    record = tmp_path / "supervisor.json"
    leftovers.remember(record, [ours.pid])
    # A number written down by an earlier supervisor, given since to a process that is not ours.
    record.write_text(json.dumps(json.loads(record.read_text()) | {str(stranger.pid): "another hour"}))
    try:
        leftovers.end(tmp_path, record)
        assert ours.wait(timeout=10) == -signal.SIGTERM
        assert stranger.poll() is None
    finally:
        for process in (ours, stranger):
            process.kill()
            process.wait()


def test_child_that_dies_young_starts_again_later_each_time(monkeypatch):
    monkeypatch.setitem(COMMANDS, "beat", ["python", "-c", "raise SystemExit(3)"])
    child = Child("beat", dict(os.environ))
    child.start()
    delays = []
    for _ in range(3):
        event = soon(child.look_after, "the death was not seen")
        assert event.startswith("beat ended with 3")
        delays.append(child.delay)
        child.due = time.monotonic()
        assert child.look_after() == "beat starts again"
    assert delays == sorted(set(delays))
    child.stop()


def test_child_is_stopped_with_all_that_it_has_started(monkeypatch, tmp_path):
    """A program that ignores being asked, and its own child, both end."""
    program = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        "open(sys.argv[1], 'w').write(str(child.pid))\n"
        "time.sleep(600)\n"
    )
    monkeypatch.setitem(COMMANDS, "beat", ["python", "-c", program, str(tmp_path / "pid")])
    monkeypatch.setattr("participons.supervisor.child.PATIENCE", {"beat": 0.2})
    child = Child("beat", os.environ | {leftovers.MARK: str(tmp_path)})
    child.start()
    soon(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), "it did not start")
    child.stop()
    soon(lambda: not leftovers.find(tmp_path, tmp_path / "none"), "a grandchild lives on")


@pytest.fixture
def checkout(tmp_path):
    """The set-up script alone, with nothing to install, and a PATH that the test fills."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "requirements").mkdir()
    (tmp_path / "path").mkdir()
    (tmp_path / "bin" / "setup").write_text((ROOT / "bin" / "setup").read_text())
    (tmp_path / "bin" / "setup").chmod(0o755)
    for what in ("demo", "test"):
        (tmp_path / "requirements" / f"{what}.txt").write_text("")
    return tmp_path


def set_up(checkout, what="demo"):
    env = {"PATH": f"{checkout / 'path'}:/usr/bin:/bin", "HOME": str(checkout / "home")}
    for tool in ("python3.14", "python3.13", "python3.12", "python3", "pyenv"):
        if not (checkout / "path" / tool).exists():
            command(checkout, tool, "exit 127")  # hides the machine's own
    return subprocess.run(
        ["bin/setup", what], cwd=checkout, env=env, capture_output=True, text=True, timeout=120, check=False
    )


def command(checkout, name, script, folder="path"):
    path = checkout / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_set_up_says_what_is_missing_where_no_python_will_do(checkout):
    command(checkout, "python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    done = set_up(checkout)
    assert done.returncode == 1
    assert "needs Python 3.12 or newer" in done.stderr
    assert not (checkout / ".venv").exists()


def test_set_up_passes_by_commands_that_only_fail_and_old_ones(checkout):
    command(checkout, "python3.14", "exit 127")
    command(checkout, "python3.13", "exit 1")  # too old, or without venv
    command(checkout, "python3", f'exec {sys.executable} "$@"')
    assert set_up(checkout).returncode == 0
    assert (checkout / ".venv" / "bin" / "python").exists()


def test_set_up_finds_what_pyenv_has_the_newest_first(checkout):
    for version, working in (("3.12.9", True), ("3.13.2", True), ("3.13.10", True), ("3.14.0", False)):
        script = f'echo {version} >> "{checkout}/used"; exec {sys.executable} "$@"' if working else "exit 1"
        command(checkout, "python3", script, folder=f"home/.pyenv/versions/{version}/bin")
    assert set_up(checkout).returncode == 0
    assert set((checkout / "used").read_text().split()) == {"3.13.10"}


def test_set_up_is_done_once_until_the_requirements_change(checkout):
    command(checkout, "python3", f'exec {sys.executable} "$@"')
    assert set_up(checkout, "test").returncode == 0
    # From here pip would fail: that it is not called is what the test sees.
    (checkout / ".venv" / "bin" / "pip").unlink(missing_ok=True)
    python = checkout / ".venv" / "bin" / "python"
    python.unlink()
    command(
        checkout, "python", f'case "$*" in "-m pip"*) exit 9;; esac; exec {sys.executable} "$@"', folder=".venv/bin"
    )
    assert set_up(checkout, "test").returncode == 0
    assert set_up(checkout, "demo").returncode == 0, "the tests have all that the demo needs"
    (checkout / "requirements" / "test.txt").write_text("# changed\n")
    assert set_up(checkout, "test").returncode == 9


def test_what_the_demo_needs_is_in_what_the_tests_need():
    def pins(name):
        lines = (ROOT / "requirements" / name).read_text().splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line}

    assert pins("demo.txt") <= pins("test.txt")
