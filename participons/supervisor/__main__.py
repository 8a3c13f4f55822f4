"""`python -m participons.supervisor [--demo]`: the whole portal in one command.

HOST and PORT say where it answers. With DATABASE_URL or REDIS_URL the same processes work on those services.
"""

import argparse
import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from participons.embedded import folders, postgres
from participons.supervisor import leftovers
from participons.supervisor.child import Child
from participons.supervisor.commands import COMMANDS, DATABASE_POOL

logger = logging.getLogger("participons.supervisor")

HERE = ("localhost", "127.0.0.1", "::1")
WEB_PATIENCE = 60.0  # seconds; beyond, the others start all the same


class Refusal(Exception):  # noqa: N818
    """A sentence for the person who typed the command."""


class Stopped(BaseException):
    """Ctrl-C or SIGTERM."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m participons.supervisor", description=__doc__)
    parser.add_argument("--demo", action="store_true", help="prepare the démarche of demonstration first")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        Supervisor(demo=arguments.demo).run()
    except (Refusal, postgres.ServerError) as refusal:
        print(refusal, file=sys.stderr)  # noqa: T201
        return 1
    except Stopped:
        pass
    return 0


def interrupt(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


class Supervisor:
    def __init__(self, *, demo: bool) -> None:
        self.demo = demo
        self.host = os.environ.get("HOST") or "127.0.0.1"
        self.port = read_port(os.environ.get("PORT") or "8000")
        self.address = os.environ.get("SITE_URL") or f"http://localhost:{self.port}"
        self.var_dir = folders.var_dir()
        self.record = self.var_dir / "supervisor.json"
        self.children: list[Child] = []

    def run(self) -> None:
        self.var_dir.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            lock = stack.enter_context(folders.private_file(self.var_dir / "supervisor.lock"))
            take(lock.fileno(), self.var_dir)
            self.refuse_unsafe()
            leftovers.end(self.var_dir, self.record)
            check_port(self.host, self.port)
            server = None
            env = self.environment()
            if not env.get("DATABASE_URL"):
                server = stack.enter_context(postgres.shared())
                env["DATABASE_URL"] = server.url
            stack.callback(self.stop)
            if self.demo:
                self.prepare(env)
            for name in COMMANDS:
                self.start(name, env)
                self.remember()
                if name == "web":
                    self.announce()  # the others load after it, so that the first page comes sooner
            self.watch(server)

    def refuse_unsafe(self) -> None:
        """A portal that people reach does not start with settings of a desk (participons.safety says which)."""
        if urlsplit(self.address).hostname in HERE:
            return
        command = [sys.executable, str(folders.BASE_DIR / "manage.py"), "check", "--tag", "security"]
        env = {"DATABASE_URL": "postgresql:///participons"} | self.environment()  # not asked: any will do
        if subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=False).returncode:
            raise Refusal("Le portail ne démarre pas\u00a0: voyez les réglages nommés ci-dessus.")

    def environment(self) -> dict[str, str]:
        return os.environ | {leftovers.MARK: str(self.var_dir), "SITE_URL": self.address, "PYTHONUNBUFFERED": "1"}

    def prepare(self, env: dict[str, str]) -> None:
        command = [sys.executable, str(folders.BASE_DIR / "manage.py"), "prepare_demo"]
        if subprocess.run(command, env=env, start_new_session=True, check=False).returncode:
            raise Refusal("La préparation de la démonstration a échoué\u00a0: voir les lignes ci-dessus.")

    def start(self, name: str, env: dict[str, str]) -> None:
        web = {
            "GRANIAN_HOST": self.host,
            "GRANIAN_PORT": str(self.port),
            "DATABASE_POOL": env.get("DATABASE_POOL") or str(DATABASE_POOL),
        }
        # Only the web server's threads share connections; a worker's process keeps one at a time.
        child = Child(name, env | (web if name == "web" else {"DATABASE_POOL": "0"}))
        self.children.append(child)
        child.start()

    def remember(self) -> None:
        leftovers.remember(self.record, [child.pid for child in self.children if child.pid])

    def announce(self) -> None:
        deadline = time.monotonic() + WEB_PATIENCE
        while not answers(self.host, self.port):
            if time.monotonic() > deadline:
                logger.error("the web does not answer yet")
                return
            self.look_after_children()
            time.sleep(0.1)
        print(f"\nLe portail répond\u00a0: {self.address}/ (Ctrl-C pour l’arrêter)\n", flush=True)  # noqa: T201

    def watch(self, server: "postgres.Server | None") -> None:
        while True:
            self.look_after_children()
            if server:
                try:
                    server.revive()
                except postgres.ServerError as error:
                    logger.error("%s", error)  # noqa: TRY400 (the sentence says it all)
            time.sleep(0.5)

    def look_after_children(self) -> None:
        for child in self.children:
            event = child.look_after()
            if event:
                logger.warning(event)
                self.remember()

    def stop(self) -> None:
        """Beat, then the worker, then the web; PostgreSQL after them. A second Ctrl-C does not cut it short."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for child in reversed(self.children):
            child.stop()
        self.record.unlink(missing_ok=True)


def read_port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise Refusal(f"«\u00a0{text}\u00a0» n’est pas un numéro de port\u00a0: PORT doit être un nombre de 1 à 65535.")


def take(lock: int, var_dir: Path) -> None:
    """The lock is the supervisor's alone: it is not inherited, so it goes when the supervisor goes."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refusal(
            f"Le portail tourne déjà dans {var_dir}. Arrêtez-le d’abord (Ctrl-C dans son terminal)."
        ) from None


def check_port(host: str, port: int) -> None:
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen()
        except OSError as error:
            raise Refusal(
                f"Le port {port} n’est pas libre ({error.strerror}). "
                f"Choisissez-en un autre\u00a0: PORT={port % 65535 + 1} make demo"
            ) from None


def answers(host: str, port: int) -> bool:
    """A whole page, not a socket: the first processes may still be loading behind it."""
    try:
        with socket.create_connection((host if host != "0.0.0.0" else "127.0.0.1", port), timeout=10) as connection:  # noqa: S104
            connection.sendall(b"GET /robots.txt HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return connection.recv(5) == b"HTTP/"
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
