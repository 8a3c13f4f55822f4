"""One supervised process, in a session of its own so that a Ctrl-C reaches the supervisor alone."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from participons.embedded.folders import BASE_DIR
from participons.supervisor.commands import COMMANDS, PATIENCE

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
STEADY_SECONDS = 60.0
PR_SET_PDEATHSIG = 1


def end_with_parent() -> Callable[[], None] | None:
    """What the child does before it becomes its program: be told when the supervisor dies, even by kill -9.

    Linux only; elsewhere the next start recognises and ends what was left.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # looked up here: after the fork is too late to load anything
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    def __init__(self, name: str, env: dict[str, str]) -> None:
        self.name = name
        self.command = [sys.executable if part == "python" else part for part in COMMANDS[name]]
        self.env = env
        self.process: subprocess.Popen[bytes] | None = None
        self.delay = FIRST_DELAY
        self.started = 0.0
        self.due = 0.0

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            cwd=BASE_DIR,
            env=self.env,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent(),  # noqa: PLW1509 (the supervisor has one thread)
        )

    def look_after(self) -> str | None:
        """Start it again where it has died, later each time it dies young; what happened, for the log."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start()
                return f"{self.name} starts again"
            return None
        code = self.process.poll()
        if code is None:
            return None
        self.end_group()
        self.process = None
        self.delay = FIRST_DELAY if now - self.started > STEADY_SECONDS else min(self.delay * 2, LONGEST_DELAY)
        self.due = now + self.delay
        return f"{self.name} ended with {code}, it starts again in {self.delay:g} s"

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(PATIENCE[self.name])
        self.end_group()
        self.process.wait()
        self.process = None

    def end_group(self) -> None:
        """It and all that it has started. Its number is still ours: nobody else has waited for it."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
