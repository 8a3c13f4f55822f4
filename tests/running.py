"""The whole portal as `make demo` starts it, on the embedded parts, for the tests that need its real processes."""

from __future__ import annotations

import atexit
import email
import email.policy
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

from participons.embedded import postgres

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 300  # seconds before something that must happen is given up: a machine may have other things to do


def soon[T](what: Callable[[], T | None], why: str) -> T:
    """Ask until there is an answer; the processes under test are alive and have no other way to say it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if answer := what():
            return answer
        time.sleep(0.2)
    raise AssertionError(why)


def fetch(url: str) -> bytes | None:
    """The body, whatever the status; None where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read()
    except urllib.error.HTTPError as answer:
        return answer.read()
    except OSError:
        return None


@dataclass
class Running:
    var_dir: Path
    url: str
    environment: dict[str, str]
    supervisor: subprocess.Popen[str]

    def restart(self) -> None:
        """By the command that started it, in the same folder; its supervisor has ended."""
        self.supervisor.wait(timeout=PATIENCE)
        self.supervisor = supervise(self.var_dir, self.environment)
        soon(lambda: fetch(f"{self.url}/sante/"), "the portal did not start again")

    def pid_of(self, words: str) -> int | None:
        """The supervised process whose command holds these words."""
        for pid in json.loads((self.var_dir / "supervisor.json").read_text()):
            command = ["ps", "-ww", "-o", "command=", "-p", pid]
            listed = subprocess.run(command, capture_output=True, text=True, check=False)
            if words in listed.stdout:
                return int(pid)
        return None

    def state_of(self, part: str) -> str:
        body = fetch(f"{self.url}/sante/")
        return json.loads(body)["checks"][part]["state"] if body else "no answer"

    def mails(self) -> list[EmailMessage]:
        files = sorted((self.var_dir / "courriels").glob("**/*.eml"))
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]

    def mail(self, address: str, words: str) -> str | None:
        """The text of a mail sent to this address, where its subject holds these words."""
        for message in self.mails():
            if address in message["To"] and words in message["Subject"]:
                body = message.get_body(("plain",))
                return body.get_content() if body else None
        return None

    def contribute(self, address: str) -> str:
        """By the form alone, as any browser sends it; the text of the receipt."""
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        with opener.open(f"{self.url}/contributions/nouvelle/", timeout=30) as page:
            hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.read().decode()))
        said = {"theme": "autre", "nature": "reflexion", "title": "Un titre", "body": "Un texte.", "display": "anonyme"}
        said |= {"speaks_as": "personnel", "email": address}
        with opener.open(
            f"{self.url}/contributions/nouvelle/", urlencode(hidden | said).encode(), timeout=30
        ) as receipt:
            return receipt.read().decode()

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        return done.stdout


def environment_of(var_dir: Path) -> dict[str, str]:
    """That of a bare machine: no service is given."""
    # Root's server keeps its data outside of a folder that only root may enter.
    atexit.register(shutil.rmtree, postgres.home_elsewhere(var_dir / "postgres"), ignore_errors=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    return env | {"VAR_DIR": str(var_dir), "PORT": str(port)}


def supervise(var_dir: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "participons.supervisor", "--demo"]
    with (var_dir / "supervisor.out").open("a") as out:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT, text=True)


def migrate(var_dir: Path) -> None:
    """What the migrations give, copied from the database that the suite keeps: running them takes twenty seconds.

    A suite that was given its server keeps none: the portal then runs them itself.
    """
    if template := os.environ.get("TEST_TEMPLATE"):
        copied = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{template}"))
        with postgres.shared(var_dir=var_dir) as server:
            dump = [server.programs / "pg_dump", "--no-owner", f"--dbname={copied}"]
            load = [
                server.programs / "psql",
                "--quiet",
                "--no-psqlrc",
                "--set=ON_ERROR_STOP=1",
                f"--dbname={server.url}",
            ]
            with subprocess.Popen(dump, stdout=subprocess.PIPE) as source:
                subprocess.run(load, stdin=source.stdout, stdout=subprocess.DEVNULL, check=True)
        assert source.returncode == 0


@contextmanager
def portal(var_dir: Path, *, bare: bool = False) -> Iterator[Running]:
    """A `bare` one is started in an empty folder, as on a new machine."""
    env = environment_of(var_dir)
    if not bare:
        migrate(var_dir)
    running = Running(var_dir, f"http://localhost:{env['PORT']}", env, supervise(var_dir, env))
    try:
        soon(lambda: fetch(f"{running.url}/sante/"), "the portal did not start")
        yield running
    finally:
        if running.supervisor.poll() is None:
            running.supervisor.send_signal(signal.SIGTERM)
        running.supervisor.wait(timeout=PATIENCE)
