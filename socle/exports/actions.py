"""Ask for a file, build it, let it expire. A worker that dies leaves nothing half written."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, Self

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from socle import doorbell
from socle.comptes.models import Personne, User
from socle.exports.builders import BuildRefusedError, builder_of
from socle.exports.files import complete_or_absent, storage
from socle.exports.formats import TooManyRowsError
from socle.exports.models import Export, State
from socle.privacy.retention import kept_for

logger = logging.getLogger(__name__)

BUILD_DUE = "socle.exports.tasks.build_due"
ATTEMPTS = 3
KEPT = kept_for("exports")
LOCK_CLASS = 20110127  # the family of our advisory locks: one lock per file being built
ORPHAN_AGE = 3600  # seconds


@transaction.atomic
def request_export(owner: User, kind: str, params: Mapping[str, Any]) -> Export:
    """The row that a worker will build; asking again while the same one waits gives that one."""
    builder = builder_of(kind)
    User.objects.select_for_update().get(pk=owner.pk)  # two clicks at once ask for one file
    waiting = Export.objects.owned_by(owner).filter(state=State.WAITING, kind=kind, params=params).first()
    export = waiting or Export.objects.create(
        owner=owner,
        kind=kind,
        params=dict(params),
        label=builder.label(params),
        download_name=builder.download_name(params),
    )
    doorbell.ring(BUILD_DUE)
    return export


class Leaver(Protocol):
    personne: Personne


class Ledger:
    """A connection beside the one that reads: it tells the progress, and holds the lock that says « alive ».

    PostgreSQL drops the lock with the connection: a file « en_cours » whose lock is free has lost its worker.
    """

    def __enter__(self) -> Self:
        self.connection = connection.copy()
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def hold(self, export: Export) -> bool:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, export.pk])
            return cursor.fetchone()[0]

    def release(self, export: Export) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_CLASS, export.pk])

    def progress(self, export: Export, rows: int) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE exports_export SET rows = %s WHERE id = %s AND attempts = %s",
                [rows, export.pk, export.attempts],
            )

    def expect(self, export: Export, total: int) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE exports_export SET total = %s WHERE id = %s AND attempts = %s",
                [total, export.pk, export.attempts],
            )


def build_next() -> bool:
    """Build one file that waits, or that a dead worker left; False when there is none."""
    with Ledger() as ledger:
        export = _claim(ledger)
        if export is None:
            return False
        try:
            rows = _write(export, ledger)
        except (BuildRefusedError, TooManyRowsError) as refused:
            _end(export, state=State.FAILED, error=str(refused)[:300], ended_at=Now())
        except Exception:
            logger.exception("Export %s failed", export.pk)
            _give_back(export)
        else:
            _end(export, state=State.READY, rows=rows, error="", ended_at=Now(), expires_at=Now() + KEPT)
        return True


@transaction.atomic
def _claim(ledger: Ledger) -> Export | None:
    for export in Export.objects.unfinished().order_by("created_at", "pk").select_for_update(skip_locked=True):
        if not ledger.hold(export):
            continue  # its worker is alive
        if export.state == State.BUILDING:
            _partial(export).unlink(missing_ok=True)
            export.error = f"Échec : la préparation a été interrompue ; relancée (essai {export.attempts + 1})."
        if export.attempts >= ATTEMPTS:
            export.state, export.ended_at = State.FAILED, timezone.now()
            export.error = f"Échec : la préparation a été interrompue {ATTEMPTS} fois. Vous pouvez la redemander."
            export.save(update_fields=["state", "ended_at", "error"])
            ledger.release(export)
            continue
        export.state, export.rows, export.started_at = State.BUILDING, 0, timezone.now()
        export.attempts += 1
        export.file = secrets.token_urlsafe(24)
        export.save(update_fields=["state", "rows", "started_at", "attempts", "file", "error"])
        return export
    return None


def _partial(export: Export) -> Any:
    return storage() / f"{export.file}.part"


def _write(export: Export, ledger: Ledger) -> int:
    builder = builder_of(export.kind)
    if not builder.may(export.owner, export.params):
        raise BuildRefusedError("Vous n’avez plus le droit de prendre ces données.")
    ledger.expect(export, builder.total(export.params))
    with complete_or_absent(storage() / export.file, _partial(export)) as path:
        return builder.write(export.owner, export.params, path, lambda rows: ledger.progress(export, rows))


def _end(export: Export, **changes: Any) -> None:
    """Only for who still holds it: the number of the attempt says so."""
    held = Export.objects.filter(pk=export.pk, state=State.BUILDING, attempts=export.attempts)
    if not held.update(**changes):
        (storage() / export.file).unlink(missing_ok=True)


def _give_back(export: Export) -> None:
    if export.attempts >= ATTEMPTS:
        error = "Échec : ce fichier n’a pas pu être préparé. L’équipe technique en trouve la raison dans le journal."
        _end(export, state=State.FAILED, error=error, ended_at=Now())
    else:
        _end(export, state=State.WAITING, error=f"Échec de l’essai {export.attempts} ; relancé.")


@transaction.atomic
def rebuild_all(leaving: Leaver) -> None:
    """Somebody leaves (settings.ERASERS): the files in which they may be are made again, and theirs go.

    A worker that is writing one at this moment no longer holds it: it lets go of what it wrote.
    """
    rows = Export.objects.exclude(file="").exclude(state=State.FAILED).select_for_update(of=("self",))
    files = list(rows.values_list("file", flat=True))
    Export.objects.filter(file__in=files).update(
        state=State.WAITING, file="", rows=0, attempts=0, expires_at=None, ended_at=None, created_at=Now()
    )
    Export.objects.filter(owner__personne=leaving.personne).delete()
    transaction.on_commit(lambda: _unlink(files), robust=True)
    doorbell.ring(BUILD_DUE)


def _unlink(names: Iterable[str]) -> None:
    """And the open data, which is made again when somebody asks for it."""
    for path in [*(storage() / name for name in names), *storage().glob("open-*")]:
        path.unlink(missing_ok=True)


def purge() -> int:
    """Delete the files past their date, how many, and those that no row names any more."""
    expired = Export.objects.filter(state=State.READY, expires_at__lte=timezone.now())
    over = len(expired)
    for export in expired:
        (storage() / export.file).unlink(missing_ok=True)
        Export.objects.filter(pk=export.pk).update(state=State.EXPIRED, file="")
    named = set(Export.objects.exclude(file="").exclude(state=State.FAILED).values_list("file", flat=True))
    for path in storage().iterdir():
        old = path.is_file() and path.stat().st_mtime < time.time() - ORPHAN_AGE
        if old and path.name.removesuffix(".part") not in named:
            path.unlink(missing_ok=True)
    return over
