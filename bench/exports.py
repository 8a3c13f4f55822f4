"""The CSV export, against psql's COPY of the very same expressions; and the memory it takes."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from django.db import connection

from bench.result import Result
from bench.volume import LARGE, ensure
from consultation.exporting import all_query, write
from socle.exports.formats import CSV

AIM = 0.7
MEMORY_AIM = 60  # megabytes above idle
ROUNDS = 3
MEASURE = """
import re, sys
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
from consultation.models import Contribution
def peak():  # in kB; getrusage() would count what the parent held before
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
Contribution.objects.first()
idle = peak()
call_command("export_contributions", sys.argv[1], verbosity=0)
print((peak() - idle) / 1024)
"""


def measure() -> Iterator[Result]:
    demarche = ensure(LARGE)
    query = all_query(demarche)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bare, ours = [], []
        for _ in range(ROUNDS):  # in turns: a neighbour's load weighs on both alike
            bare.append(_psql(query.sql % demarche.pk, folder / "bare.csv"))
            start = time.perf_counter()
            write(query, CSV, folder / "ours.csv")
            ours.append(time.perf_counter() - start)
        detail = f"{min(ours):.2f} s against {min(bare):.2f} s for {LARGE} contributions"
        yield Result("export, CSV", min(bare) / min(ours), AIM, detail=detail)
        for extension in ("csv", "xlsx", "jsonl"):
            used = _memory(folder / f"memory.{extension}")
            yield Result(f"export, {extension}, MB above idle", used, MEMORY_AIM, at_least=False)


def _psql(select: str, path: Path) -> float:
    """Seconds for psql, its own start included."""
    settings = connection.get_connection_params()
    keys = ("host", "port", "user", "password", "dbname")
    address = psycopg.conninfo.make_conninfo(**{key: settings[key] for key in keys if settings.get(key)})
    flat = " ".join(select.split())
    start = time.perf_counter()
    command = ["psql", address, "-qc", f"COPY ({flat}) TO STDOUT (FORMAT csv, DELIMITER ';')", "-o", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def _memory(path: Path) -> float:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "participons.settings"}
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], env=environment, capture_output=True, text=True, check=True
    )
    return float(done.stdout)
