"""/sante/: what runs and what does not, for whoever watches the portal. No word of anybody in it.

200 when all runs, 503 otherwise, with the name of what is down. The pages do not wait for the broker, the worker or
beat: when one of these alone is down the portal still answers, and mails wait; the watcher must know all the same.
Long backlogs are told, never an alarm: after a publication they are normal.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from participons.models import Heartbeat
from socle.courriels.outbox import Backlog

logger = logging.getLogger(__name__)

PATIENCE = 1.5  # seconds for the database to answer
BROKER_PATIENCE = 0.3
AT_ONCE = threading.BoundedSemaphore(4)  # a database that hangs must not gather threads

type Check = dict[str, Any]

DOWN: Check = {"state": "down"}


def _state(ok: bool, **facts: Any) -> Check:
    return {"state": "ok" if ok else "down", **facts}


def _database() -> dict[str, Check]:
    start = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    milliseconds = round((time.perf_counter() - start) * 1000, 1)
    signs = dict(Heartbeat.objects.values_list("name", "at"))
    now = timezone.now()
    lives = {name: _life(signs.get(name), now) for name in ("worker", "beat")}
    return {"database": _state(True, milliseconds=milliseconds), **lives, "backlog": _backlog(now)}


def _life(at: Any, now: Any) -> Check:
    if at is None:
        return _state(False, seconds=None)
    return _state(now - at < Heartbeat.FRESH, seconds=max(0, round((now - at).total_seconds())))


def _backlog(now: Any) -> Check:
    backlog = Backlog.read(now)
    return {"state": "ok", "mails": backlog.mails, "oldest_seconds": round(backlog.age(now).total_seconds())}


def _broker() -> Check:
    try:
        if settings.REDIS_URL:
            wait = {"socket_connect_timeout": BROKER_PATIENCE, "socket_timeout": BROKER_PATIENCE}
            with redis.Redis.from_url(settings.REDIS_URL, **wait) as client:
                return _state(bool(client.ping()))
        return _state(_writable(Path(settings.CELERY_BROKER_TRANSPORT_OPTIONS["folder"])))
    except Exception as error:  # noqa: BLE001 (whatever happens, the page tells it and does not fail)
        logger.warning("The broker does not answer: %s", type(error).__name__)
        return DOWN


def _writable(folder: Path) -> bool:
    """The folder is made by the first message: until then its parent must let it be made."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _within(seconds: float, check: Callable[[], dict[str, Check]]) -> dict[str, Check]:
    """What the check says, or nothing when it fails or takes longer; it runs on a connection of its own."""
    found: dict[str, Check] = {}

    def run() -> None:
        try:
            found.update(check())
        except Exception as error:  # noqa: BLE001
            logger.warning("The database does not answer: %s", type(error).__name__)
        finally:
            connection.close()
            AT_ONCE.release()

    if AT_ONCE.acquire(blocking=False):
        thread = threading.Thread(target=run, name="sante", daemon=True)
        thread.start()
        thread.join(seconds)
    return dict(found)


@require_safe
def sante(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    found = _within(PATIENCE, _database)
    checks = {name: found.get(name, DOWN) for name in ("database", "worker", "beat", "backlog")}
    checks["broker"] = _broker()
    down = sorted(name for name, check in checks.items() if check["state"] != "ok")
    body = {"status": "down" if down else "ok", "down": down, "checks": checks}
    return JsonResponse(body, status=503 if down else 200)
