"""« Prendre mes données »: one file with all that is declared of a person, for them alone, gone after a week."""

from __future__ import annotations

import csv
import io
import json
import logging
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils import timezone

from socle import doorbell
from socle.comptes.models import Personne
from socle.documents.files import storage as documents
from socle.documents.models import Document
from socle.exports.files import complete_or_absent, snapshot, storage
from socle.exports.formulas import neutralise
from socle.identity.models import SiteIdentity
from socle.personaldata import Held
from socle.privacy import emails
from socle.privacy.declared import declared, model_of, rows_of
from socle.privacy.models import COPIE_KEPT, Copie, CopieState
from socle.text import sort_key

logger = logging.getLogger(__name__)

COPY_DUE = "socle.privacy.tasks.copy_due"
CLAIM = timedelta(minutes=10)
ATTEMPTS = 5


@dataclass(frozen=True)
class Table:
    """What is given of one declaration: `name` is that of its file, `headers` the words of its columns."""

    name: str
    title: str
    headers: list[str]
    fields: list[str]
    rows: list[list[Any]]
    withheld: list[tuple[str, str]]  # what is not given, and why


@transaction.atomic
def ask(personne: Personne) -> Copie:
    """The copy a worker will make; asked again while it waits, it is the same one."""
    Personne.objects.select_for_update(no_key=True).get(pk=personne.pk)
    waiting = Copie.objects.filter(personne=personne, state=CopieState.WAITING).first()
    copie = waiting or Copie.objects.create(personne=personne)
    doorbell.ring(COPY_DUE)
    return copie


def folder() -> Path:
    path = storage() / "copies"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def file_of(copie: Copie) -> Path:
    return folder() / copie.file


def build_next() -> bool:
    """Make one copy that is due; False when there is none."""
    copie = _claim()
    if copie is None:
        return False
    name = secrets.token_urlsafe(24)
    try:
        with complete_or_absent(folder() / name) as path:
            _write(copie.personne, path)
            size = path.stat().st_size
        if not _keep(copie, name, size):
            (folder() / name).unlink(missing_ok=True)
    except Exception:
        logger.exception("Copy %s failed (attempt %s)", copie.pk, copie.attempts)
        if copie.attempts >= ATTEMPTS:
            Copie.objects.filter(pk=copie.pk, state=CopieState.WAITING).update(state=CopieState.FAILED)
    return True


@transaction.atomic
def _claim() -> Copie | None:
    copie = Copie.objects.due().select_for_update(skip_locked=True).first()
    if copie is None:
        return None
    copie.attempts += 1
    Copie.objects.filter(pk=copie.pk).update(attempts=copie.attempts, next_attempt_at=Now() + CLAIM)
    return copie


@transaction.atomic
def _keep(copie: Copie, name: str, size: int) -> bool:
    """Only for who still holds it; False where the person has left meanwhile, or another worker took over."""
    held = Copie.objects.filter(pk=copie.pk, state=CopieState.WAITING, attempts=copie.attempts)
    if not held.update(state=CopieState.READY, file=name, size=size, ready_at=Now(), expires_at=Now() + COPIE_KEPT):
        return False
    emails.copy_ready(copie)
    return True


def purge() -> int:
    """The files whose week is over."""
    over = list(Copie.objects.over())
    for copie in over:
        file_of(copie).unlink(missing_ok=True)
        Copie.objects.filter(pk=copie.pk).update(state=CopieState.EXPIRED, file="")
    return len(over)


@transaction.atomic
def forget(personne: Personne) -> None:
    rows = Copie.objects.filter(personne=personne)
    names = list(rows.exclude(file="").values_list("file", flat=True))
    rows.delete()
    transaction.on_commit(lambda: _unlink(names), robust=True)


def _unlink(names: list[str]) -> None:
    for name in names:
        (folder() / name).unlink(missing_ok=True)


def _write(personne: Personne, path: Path) -> None:
    """Rows of one instant: a page that explains, all in JSON, and a table for each sort of row."""
    with snapshot(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        tables = list(tables_of(personne))
        archive.writestr("lisez-moi.html", _page(personne, tables))
        archive.writestr("donnees.json", _json(tables))
        for table in tables:
            archive.writestr(f"tables/{table.name}.csv", _csv(table))
        for document in _documents(personne):
            with (
                (documents() / document.path).open("rb") as source,
                archive.open(f"documents/{document.pk}.{document.extension}", "w") as target,
            ):
                shutil.copyfileobj(source, target)


def tables_of(personne: Personne) -> Iterator[Table]:
    """What is given, in the order of the declarations; what holds nothing is left out."""
    for held in declared():
        found, followed = rows_of(held, personne), _followed(held)
        rows = [_row(held, one) for one in (found.select_related(*followed) if followed else found)]
        if rows:
            yield Table(_file_name(held), held.title, _headers(held), held.given(), rows, _withheld(held))


def _followed(held: Held) -> list[str]:
    given = (model_of(held)._meta.get_field(name) for name in held.given())
    return [field.name for field in given if isinstance(field, models.ForeignKey)]


def _file_name(held: Held) -> str:
    return sort_key(held.title).replace(" ", "-")


def _headers(held: Held) -> list[str]:
    return [str(getattr(model_of(held)._meta.get_field(name), "verbose_name", name)) for name in held.given()]


def _withheld(held: Held) -> list[tuple[str, str]]:
    fields = model_of(held)._meta
    found = ((fields.get_field(name), rule.withheld) for name, rule in held.rules.items() if rule.withheld)
    return [(str(getattr(field, "verbose_name", field.name)), why) for field, why in found]


def _row(held: Held, one: models.Model) -> list[Any]:
    return [_value(one, name) for name in held.given()]


def _value(one: models.Model, name: str) -> Any:
    field = one._meta.get_field(name)
    if field.many_to_many:
        return [str(other) for other in getattr(one, name).all()]
    if getattr(field, "choices", None):
        return getattr(one, f"get_{name}_display")()
    value = getattr(one, name)
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if value is None or isinstance(value, str | int | float | bool | list | dict):
        return value
    return str(value)


def _documents(personne: Personne) -> Iterator[Document]:
    """The images of their papers, and what they sent with a contribution."""
    for held in declared():
        given = (model_of(held)._meta.get_field(name) for name in held.given())
        for field in (one for one in given if one.related_model is Document):
            pks = rows_of(held, personne).exclude(**{field.name: None}).values(field.name)
            yield from Document.objects.filter(pk__in=pks).order_by("pk")


def _json(tables: list[Table]) -> str:
    said = {table.name: [dict(zip(table.fields, row, strict=True)) for row in table.rows] for table in tables}
    return json.dumps(said, ensure_ascii=False, indent=2)


def _csv(table: Table) -> str:
    """That opens right in a French Excel, and runs nothing there."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(table.headers)
    writer.writerows([_cell(value) for value in row] for row in table.rows)
    return "\ufeff" + out.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        value = ", ".join(str(one) for one in value)
    return neutralise("" if value is None else str(value))


def _page(personne: Personne, tables: list[Table]) -> str:
    context = {
        "tables": tables,
        "email": personne.email,
        "at": timezone.now(),
        "identity": SiteIdentity.current(),
        "site_url": settings.SITE_URL,
    }
    return render_to_string("privacy/copie.html", context)
