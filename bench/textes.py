"""Textes beside many contributions: what the rédacteurs work on, and what anyone climbs through, at any size.

A démarche of 298,569 contributions (the answers to one question of the Grand débat) and one of 1,000; in each a texte
of 400 passages, published and in writing again. The large one cites 60,000, the small one 200; a tenth of the rest is
answered. Pages are held against their own time beside the small one, and ask the same queries.
"""

import os
import re
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.result import Result
from bench.volume import SMALL, compare, ensure
from consultation.actions.textes import begin, frame, keep_count
from consultation.actions.textes_publish import next_version, publish
from consultation.choices import TexteKind
from consultation.models import Contribution, Demarche, Texte
from socle.dates import local_midnight
from socle.pagecache.store import store
from tests.factories import make_superuser

ON_DEMAND = True
LARGE = int(os.environ.get("BENCH_TEXTES", "298569"))
CITED = int(os.environ.get("BENCH_CITED", "60000"))
PASSAGES = 400
ROUNDS = 15
AIM = 1.3
QUERIES = 8

_PASSAGES = """
INSERT INTO consultation_passage (version_id, key, number, title, text, liaison)
SELECT %(version)s, n, n, 'Passage ' || n || ' sur les transports', repeat(
    'Il est demandé des trains plus fréquents, et des places pour les vélos. ', 5 + n %% 7), false
FROM generate_series(1, %(passages)s) n
"""
# Each passage takes up as many, spread over the whole list.
_CITATIONS = """
INSERT INTO consultation_citation (citing_passage_id, cited_id, how, quote, by_id, created_at)
SELECT p.id, c.id, 'reprend', '', %(by)s, now() FROM (
    SELECT id, row_number() OVER (ORDER BY hashint8(id)) AS n FROM consultation_contribution
    WHERE demarche_id = %(demarche)s AND state = 'publiee' AND nature <> 'question'
    ORDER BY hashint8(id) LIMIT %(cited)s
) c JOIN consultation_passage p ON p.version_id = %(version)s AND p.number = 1 + c.n %% %(passages)s
"""
# The passage that is measured has as many sources in both.
_MEASURED = """
INSERT INTO consultation_citation (citing_passage_id, cited_id, how, quote, by_id, created_at)
SELECT p.id, c.id, 'reprend', '', %(by)s, now() FROM (
    SELECT id FROM consultation_contribution
    WHERE demarche_id = %(demarche)s AND state = 'publiee' AND nature <> 'question' ORDER BY hashint8(id) DESC LIMIT 150
) c JOIN consultation_passage p ON p.version_id = %(version)s AND p.number = 200
ON CONFLICT DO NOTHING
"""
_ANSWERS = """
INSERT INTO consultation_reponse (texte_id, contribution_id, kind, reason, passed_to, since, by_id, given_at)
SELECT %(texte)s, c.id, 'non_retenue', 'La Région n’en a pas la compétence.', '', 1, %(by)s, now()
FROM consultation_contribution c
WHERE c.demarche_id = %(demarche)s AND c.state = 'publiee' AND c.nature <> 'question' AND hashint8(c.id) %% 10 = 0
    AND NOT EXISTS (SELECT FROM consultation_citation ci WHERE ci.cited_id = c.id)
"""


def measure() -> Iterator[Result]:
    boss = make_superuser()
    small, large = (texte_of(ensure(size), cited, boss) for size, cited in ((SMALL, 200), (LARGE, CITED)))
    with connection.cursor() as cursor:
        tables = ("citation", "contribution", "passage", "repeated", "reponse")
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(f'consultation_{table}' for table in tables)}")
    client = Client(SERVER_NAME="localhost")
    client.force_login(boss)
    for pages, visitor in ((public(small, large), Client(SERVER_NAME="localhost")), (staff(small, large), client)):
        for name, (few, many) in pages.items():
            yield from held(name, few, many, visitor)


def held(name: str, few: str, many: str, visitor: Client) -> Iterator[Result]:
    first, second = compare(few, many, ROUNDS, visitor)
    asked = queries(visitor, few), queries(visitor, many)
    detail = f"{first * 1000:.1f} ms at {SMALL}, {second * 1000:.1f} ms at {LARGE}"
    yield Result(f"{name}, {LARGE} / {SMALL}", second / first, AIM, at_least=False, detail=detail)
    same = asked[0] == asked[1] <= QUERIES
    yield Result(f"{name}, queries (same, ≤ {QUERIES})", float(same), 1, detail=f"{asked[0]}, {asked[1]}")


def public(small: Texte, large: Texte) -> dict[str, tuple[str, str]]:
    cited = [first_cited(texte) for texte in (small, large)]
    return {
        "texte": (small.get_absolute_url(), large.get_absolute_url()),
        "passage": (f"{small.get_absolute_url()}passages/200/", f"{large.get_absolute_url()}passages/200/"),
        "parcours": (cited[0].get_absolute_url(), cited[1].get_absolute_url()),
    }


def staff(small: Texte, large: Texte) -> dict[str, tuple[str, str]]:
    ends = {
        "table": "change/",
        "table, a passage": "passages/200/",
        "table, a passage, what is left": "passages/200/?reste=1",
        "table, a passage, words searched": "passages/200/?q=trains&reste=1",
        "table, a passage, copies": "passages/200/?copies=1",
        "answers": "reponses/",
        "second reader": "relectures/",
    }
    base = "/admin/consultation/texte/"
    found = {name: (f"{base}{small.pk}/{end}", f"{base}{large.pk}/{end}") for name, end in ends.items()}
    around = [f"{base}{one.pk}/passages/200/?proches={first_cited(one).pk}" for one in (small, large)]
    return found | {"table, what says nearly the same": (around[0], around[1])}


def first_cited(texte: Texte) -> Contribution:
    rows = Contribution.objects.filter(cited_by__citing_passage__version=texte.current_id)
    return rows.select_related("demarche").order_by("pk")[0]


def texte_of(demarche: Demarche, cited: int, boss: Any) -> Texte:
    """Published, provisional; and the next version begun, as long."""
    texte = begin(Texte(demarche=demarche, kind=TexteKind.SYNTHESE, title="Synthèse de mesure"))
    draft = texte.draft
    frame(draft, introduction="", received_before=local_midnight(timezone.localdate()), seal=draft.seal)
    asked = {"version": draft.pk, "texte": texte.pk, "demarche": demarche.pk, "by": boss.pk, "cited": cited}
    with transaction.atomic(), connection.cursor() as cursor:
        for sql in (_PASSAGES, _CITATIONS, _MEASURED, _ANSWERS):
            cursor.execute(sql, asked | {"passages": PASSAGES})
    publish(draft, final=False, by=boss)
    keep_count(next_version(Texte.objects.get(pk=texte.pk)))
    return Texte.objects.get(pk=texte.pk)


def queries(visitor: Client, url: str) -> int:
    store.clear()
    with CaptureQueriesContext(connection) as asked:
        visitor.get(url)
    return len([one for one in asked.captured_queries if not re.match("BEGIN|COMMIT|(RELEASE )?SAVEPOINT", one["sql"])])
