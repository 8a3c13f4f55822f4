"""What a supervisor killed with kill -9 has left running, recognised and ended before the next one starts.

A process is ours when its environment names our folder (Linux), or when the number and the hour of its start are
those that were written down (elsewhere). Any other process is left alone, whatever its number.
"""

import contextlib
import json
import os
import signal
import time
from pathlib import Path

from participons.embedded.folders import write_atomically
from participons.embedded.processes import started_at

MARK = "PARTICIPONS_SUPERVISED"
PATIENCE = 8.0


def remember(record: Path, pids: list[int]) -> None:
    write_atomically(record, json.dumps({str(pid): started_at(pid) for pid in pids}))


def find(var_dir: Path, record: Path) -> list[int]:
    if Path("/proc/self/environ").exists():
        mark = os.fsencode(f"{MARK}={var_dir}")
        numbers = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return [pid for pid in numbers if pid != os.getpid() and is_marked(pid, mark) and started_at(pid)]
    try:
        remembered = json.loads(record.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return []
    return [int(pid) for pid, start in remembered.items() if start and started_at(int(pid)) == start]


def is_marked(pid: int, mark: bytes) -> bool:
    try:
        return mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False


def end(var_dir: Path, record: Path) -> None:
    """Asked first, then killed."""
    for wanted in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + PATIENCE
        for pid in find(var_dir, record):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, wanted)
        while find(var_dir, record) and time.monotonic() < deadline:
            time.sleep(0.1)
