"""What a process number stands for today: numbers are given again, so a number alone proves nothing."""

import os
import subprocess
from pathlib import Path


def is_postgres_of(pid: int, data: Path) -> bool | None:
    """Whether this process is the server of this data folder; None when it is gone, or nothing can be said of it."""
    folder = Path(f"/proc/{pid}")
    if Path("/proc/self").exists():
        try:
            program = (folder / "cmdline").read_bytes().split(b"\0", 1)[0]
            if not program:
                return None  # a zombie
            return Path(os.fsdecode(program)).name == "postgres" and (folder / "cwd").samefile(data)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            return None
    command = described(pid)
    if command is None:
        return None
    if "postgres" in command.split(" ", 1)[0]:
        return True if str(data) in command else None
    return False


def described(pid: int) -> str | None:
    """The command of a living process."""
    command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]  # whole, however narrow COLUMNS says a line is
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout.strip() or None


def started_at(pid: int) -> str | None:
    """When this process began, in words that differ between two processes that had the same number; None if gone."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self").exists():
            return None
        result = subprocess.run(
            ["ps", "-o", "lstart=,state=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        words = result.stdout.split()
        return None if not words or words[-1].startswith("Z") else " ".join(words[:-1])
    return None if after_name[0] == "Z" else after_name[19]


def is_unburied(pid: int) -> bool:
    """It is dead, and the system has not given its number back yet (a zombie)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return started_at(pid) is None
