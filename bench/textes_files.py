"""The files of a large texte: 400 passages that cite 60,000 of 298,569 contributions, every other one answered.

Each format, the annex and the working book, in a process of its own: its seconds, and its memory with that of what it
starts (Typst, pandoc), at their highest.
"""

import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connection
from django.utils import timezone

from bench.result import Result
from bench.volume import ensure
from consultation.models import Demarche, Texte, TexteVersion

ON_DEMAND = True
COUNT = int(os.environ.get("BENCH_TEXTE_N", "298569"))
PASSAGES = int(os.environ.get("BENCH_PASSAGES", "400"))
CITATIONS = int(os.environ.get("BENCH_CITATIONS", "60000"))
SECONDS, ANNEX_SECONDS, MEGABYTES = 60, 300, 400
TITLE = "Synthèse de mesure"
FILL = """
INSERT INTO consultation_passage (version_id, key, number, title, text, liaison)
SELECT %(version)s, n, n, 'Le passage ' || n, repeat('Il est demandé des trains plus fréquents, le soir aussi. ', 12),
    false FROM generate_series(1, %(passages)s) n;
CREATE TEMP TABLE chosen AS SELECT id, body, row_number() OVER (ORDER BY id) AS n FROM consultation_contribution
WHERE demarche_id = %(demarche)s AND state = 'publiee' AND parent_id IS NULL AND nature <> 'question'
ORDER BY id LIMIT %(citations)s;
INSERT INTO consultation_citation (citing_passage_id, cited_id, how, quote, created_at)
SELECT p.id, c.id, 'reprend', left(c.body, 90), now() FROM chosen c
JOIN consultation_passage p ON p.version_id = %(version)s AND p.number = 1 + c.n %% %(passages)s;
INSERT INTO consultation_reponse (texte_id, contribution_id, kind, reason, passed_to, since, given_at)
SELECT %(texte)s, t.contribution_id, 'non_retenue', 'Ce n’est pas retenu à cette étape.', '', 1, now()
FROM consultation_treatments(%(version)s) t WHERE t.outcome = 'reste';
DROP TABLE chosen
"""
BUILD = """
import sys
from pathlib import Path
import django
django.setup()
from consultation.models import TexteVersion
from consultation.texte_files.build import READ_WITH, write
from participons.cahier import write_book
version = TexteVersion.objects.select_related(*READ_WITH).get(pk=int(sys.argv[1]))
what, path = sys.argv[2], Path(sys.argv[3])
count = write_book(version, path, lambda _: None) if what == "xlsx" else write(version, what, path, lambda _: None)
print(count)
"""
FORMATS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "zip": "application/zip",
    "xlsx": "xlsx",
}


def ensure_texte() -> TexteVersion:
    """Written row by row in SQL: a rédacteur would take years."""
    demarche = ensure(COUNT)
    if found := TexteVersion.objects.filter(texte__demarche=demarche, texte__title=TITLE).first():
        return found
    texte = Texte.objects.create(demarche=demarche, kind="synthese", title=TITLE)
    version = TexteVersion.objects.create(texte=texte, number=1, received_before=timezone.now())
    _fill(demarche, version)
    return version


def _fill(demarche: Demarche, version: TexteVersion) -> None:
    params = {"version": version.pk, "texte": version.texte_id, "demarche": demarche.pk}
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            cursor.execute(statement, params | {"passages": PASSAGES, "citations": CITATIONS})
        cursor.execute("ANALYZE")
        cursor.execute("SELECT consultation_texte_figures(%s)::text", [version.pk])
        cursor.execute(
            "UPDATE consultation_texteversion SET figures = %s::jsonb WHERE id = %s", [cursor.fetchone()[0], version.pk]
        )


def measure() -> Iterator[Result]:
    version = ensure_texte()
    with tempfile.TemporaryDirectory() as folder:
        for name, what in FORMATS.items():
            path = Path(folder) / f"texte.{name}"
            seconds, worked, megabytes, rows = _built(version.pk, what, path)
            detail = f"{worked:.0f} s of work; {rows} things told; {path.stat().st_size / 1e6:.1f} MB"
            most = ANNEX_SECONDS if name == "zip" else SECONDS
            yield Result(f"texte, {name}, seconds", seconds, most, at_least=False, detail=detail)
            yield Result(f"texte, {name}, MB at the most", megabytes, MEGABYTES, at_least=False)


def _built(version: int, what: str, path: Path) -> tuple[float, float, float, int]:
    """Seconds on the wall and of the processor (without the database's), megabytes, and what the file tells."""
    start, before = time.perf_counter(), _worked()
    command = [sys.executable, "-c", BUILD, str(version), what, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watch = _Watch(process.pid)
        watch.start()
        told, _ = process.communicate()
        watch.stop()
    if process.returncode:
        raise RuntimeError(f"{what} was not built")
    return time.perf_counter() - start, _worked() - before, watch.most / 1024, int(told)


def _worked() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Watch(threading.Thread):
    """The memory of a process and of its children, at its highest; in kB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.most, self.ended = pid, 0, threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.05):
            self.most = max(self.most, sum(map(_resident, _family(self.pid))))

    def stop(self) -> None:
        self.ended.set()
        self.join()


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in _family(int(child)))]


def _resident(pid: int) -> int:
    try:
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0
