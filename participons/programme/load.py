"""A programme from a file becomes a démarche, in one transaction; the same file again changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.apps import apps
from django.db import DataError, IntegrityError, connection, transaction

from consultation.actions.entries import enter_demarche
from consultation.models import Demarche, Rencontre
from participons.models import ProgrammeLoad
from participons.programme.exemple import Exemple, read_exemple
from participons.programme.reading import ProgrammeError
from participons.programme.rows import Rows
from participons.programme.schema import Programme, read_programme
from participons.programme.shift import weeks_to
from participons.programme.when import When
from participons.programme.write import ProgrammeWriter
from participons.programme.write_exemple import ExempleWriter
from socle.pagecache.actions import bump

LOCK = 0x70726F67  # one load at a time, whatever the démarche


@dataclass(frozen=True)
class Report:
    demarche: Demarche
    weeks: int
    created: int
    changed: int
    kept: int


def load_programme(content: Any, *, today: date | None = None) -> Report:
    """Write the programme, at its own dates or, when `today` is given, moved so that it runs that day.

    An example loaded before stays and follows. Raises ProgrammeError, and then nothing was written.
    """
    programme = read_programme(content)
    weeks = weeks_to(today, main_period(programme), days_of(programme)) if today else 0
    with _writing():
        load = ProgrammeLoad.objects.filter(slug=programme.slug).first()
        if load is None:
            _refuse_what_another_hand_made(programme)
        exemple = read_exemple(load.exemple, programme) if load and load.exemple else None
        return _write(load or ProgrammeLoad(slug=programme.slug), content, programme, exemple, weeks)


def load_exemple(content: Any) -> Report:
    """Add the example to the programme it names, at the dates that one has; raises ProgrammeError."""
    name = content.get("demarche") if isinstance(content, dict) else None
    with _writing():
        load = ProgrammeLoad.objects.filter(slug=name).first() if isinstance(name, str) else None
        if load is None:
            raise ProgrammeError("demarche : aucun programme n’a été chargé sous ce nom ; chargez-le d’abord.")
        programme = read_programme(load.programme)
        exemple = read_exemple(content, programme)
        load.exemple = content
        return _write(load, load.programme, programme, exemple, load.weeks)


def _refuse_what_another_hand_made(programme: Programme) -> None:
    for name in ("slug", "code"):
        if Demarche.objects.filter(**{name: programme.demarche[name]}).exists():
            raise ProgrammeError(
                f"demarche.{name} : une autre démarche porte déjà « {programme.demarche[name]} », et elle ne vient "
                "pas de ce fichier."
            )


def main_period(programme: Programme) -> When:
    """The étape that a demonstration shows running: the ateliers', else the first one."""
    ranks = Counter(group.etape for group in programme.ateliers if group.etape)
    periods = {etape.rank: etape.when for etape in programme.etapes if etape.when}
    if not periods:
        raise ProgrammeError("etapes : sans étape, il n’y a pas de date à décaler.")
    return periods[ranks.most_common(1)[0][0] if ranks else min(periods)]


def days_of(programme: Programme) -> list[list[date]]:
    return [[when.start for when in group.seances] for group in programme.ateliers]


@contextmanager
def _writing() -> Iterator[None]:
    """One transaction, one load at a time; what the database refuses is said as the file's other errors are."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            yield
    except (IntegrityError, DataError) as error:
        raise ProgrammeError(f"la base de données refuse ce programme : {_sentence(error)}") from None


def _sentence(error: Exception) -> str:
    """The constraint's sentence for staff, the trigger's own, or what the database says."""
    detail = getattr(error.__cause__, "diag", None)
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if detail and constraint.name == detail.constraint_name:
                return str(constraint.violation_error_message)
    return detail.message_primary if detail and detail.message_primary else str(error)


def _write(load: ProgrammeLoad, content: Any, programme: Programme, exemple: Exemple | None, weeks: int) -> Report:
    rows = Rows(load.memory, weeks - load.weeks)
    if load.pk:
        # Places have one lock, taken in the order of the primary keys.
        list(Rencontre.objects.select_for_update().filter(demarche=load.demarche_id).order_by("pk").values("pk"))
    writer = ProgrammeWriter(rows, programme, exemple, weeks)
    demarche = writer.write()
    if exemple:
        ExempleWriter(writer, exemple).write()
    if not load.pk:
        enter_demarche("demarche.ouverte", demarche, by=None)
    load.demarche, load.programme, load.weeks, load.memory = demarche, content, weeks, rows.memory
    load.save()
    if rows.created or rows.changed:
        bump()
    return Report(demarche, weeks, rows.created, rows.changed, rows.kept)
