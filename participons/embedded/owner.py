"""The account that runs the embedded PostgreSQL: ourselves, or an unprivileged one when we are root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# PostgreSQL looks its account up by name, so a number of our own choosing would not do.
UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Owner:
    uid: int
    gid: int

    @classmethod
    def of(cls, home: Path) -> "Owner":
        """Who made the folder keeps it: root runs the server as that account, never as itself."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid())
        if home.exists() and home.stat().st_uid != 0:
            return cls(home.stat().st_uid, home.stat().st_gid)
        for name in UNPRIVILEGED:
            try:
                account = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(account.pw_uid, account.pw_gid)
        raise RuntimeError(f"PostgreSQL does not run as root, and there is none of the accounts {UNPRIVILEGED}")

    @property
    def is_another(self) -> bool:
        return self.uid != os.geteuid()

    def run(self, *command: str | Path, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """In a session of its own: a Ctrl-C meant for us does not reach it. In / because it may not see our folder."""
        identity: dict[str, Any] = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_another else {}
        return subprocess.run(
            [str(part) for part in command],
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            umask=0o077,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            start_new_session=True,
            timeout=timeout,
            check=False,
            **identity,
        )

    def can_enter(self, folder: Path) -> bool:
        return not self.is_another or self.run("/bin/sh", "-c", 'cd -- "$1"', "sh", folder).returncode == 0

    def can_run(self, program: Path) -> bool:
        if not self.is_another:
            return True
        try:
            return self.run(program, "--version").returncode == 0
        except OSError:
            return False

    def make_folder(self, folder: Path) -> Path:
        """A folder that nobody else enters. Only this folder's mode is set: its parents are left as they are."""
        folder.mkdir(mode=0o700, exist_ok=True)
        return self.keep_private(folder)

    def keep_private(self, folder: Path) -> Path:
        if self.is_another:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)
        return folder

    def make_file(self, path: Path, content: str) -> Path:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(content)
        if self.is_another:
            os.chown(path, self.uid, self.gid)
        return path

    def remove(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
