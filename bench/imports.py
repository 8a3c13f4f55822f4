"""The import of a Decidim export, validation included, against COPY FROM of the same rows into the same table."""

import csv
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from django.db import connection, transaction

from bench.result import Result
from bench.volume import ensure
from consultation.imports.run import import_contributions
from consultation.models import Contribution, Demarche

AIM = 0.25
ROWS = int(os.environ.get("BENCH_IMPORT", "50000"))
ROUNDS = 3
COLUMNS = (
    "demarche_id, nature, title, body, display, author_name, speaks_as, organisation, function, commune_name, origine,"
    " place_label, state, submitted_at, submission_key, import_source, import_key, example, stance"
)


def measure() -> Iterator[Result]:
    demarche = ensure(ROWS)
    bare, ours = [], []
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "decidim.csv"
        rows = _write(demarche, path)
        for _ in range(ROUNDS):
            bare.append(_bare(demarche, path))
            ours.append(_ours(demarche, path, rows))
    detail = f"{min(ours):.2f} s against {min(bare):.2f} s for {rows} rows"
    yield Result("import, Decidim CSV", min(bare) / min(ours), AIM, detail=detail)


def _write(demarche: Demarche, path: Path) -> int:
    said = Contribution.objects.filter(demarche=demarche).values_list("pk", "title", "body", "submitted_at")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["id", "title", "body", "created_at"])
        writer.writerows([pk, title, body, f"{at:%Y-%m-%d %H:%M:%S %z}"] for pk, title, body, at in said.iterator())
    return said.count()


def _bare(demarche: Demarche, path: Path) -> float:
    """Rows made ready beforehand: only COPY, and the indexes it fills, are timed."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            (demarche.pk, "proposition", row["title"], row["body"], "anonyme", "", "personnel", "", "", "", "import",
             "", "en_attente", row["created_at"], uuid4(), "bare", row["id"], False, "")
            for row in csv.DictReader(file, delimiter=";")
        ]  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        start = time.perf_counter()
        with cursor.copy(f"COPY consultation_contribution ({COLUMNS}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        taken = time.perf_counter() - start
        transaction.set_rollback(True)
    return taken


def _ours(demarche: Demarche, path: Path, rows: int) -> float:
    with transaction.atomic():
        start = time.perf_counter()
        report = import_contributions(path, demarche)
        taken = time.perf_counter() - start
        transaction.set_rollback(True)
    if report.added != rows:
        raise RuntimeError(f"{report.added} rows of {rows}: {report.problems[:3]}")
    return taken
