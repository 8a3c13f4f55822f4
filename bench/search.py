"""Searching the rarest and the commonest words, against the same page without a search."""

from collections.abc import Iterator

from django.db import connection
from django.urls import reverse
from django.utils.http import urlencode

from bench.result import Result
from bench.volume import LARGE, compare, ensure
from consultation.models import Contribution
from socle.fulltext import Query

AIM = 3
SAMPLE = 20_000

# As they were typed: a lexeme is no word, but a word of the text that has it is.
WORDS = """
WITH newest AS (SELECT title, body FROM consultation_contribution
    WHERE demarche_id = %(demarche)s AND state = 'publiee' ORDER BY published_at DESC, id DESC LIMIT %(sample)s),
words AS (SELECT w, count(*) AS n FROM newest, LATERAL (
    SELECT DISTINCT lower(w) AS w FROM regexp_split_to_table(title || ' ' || body, '[^[:alpha:]]+') w) x
    WHERE length(w) > 3 GROUP BY w)
SELECT w FROM words ORDER BY n {order}, w LIMIT 30
"""


def measure() -> Iterator[Result]:
    demarche = ensure(LARGE)
    plain = f"{reverse('contributions')}?demarche={demarche.slug}"
    counts = {word: _count(demarche.pk, word) for order in ("DESC", "ASC") for word in _words(demarche.pk, order)}
    counts = {word: count for word, count in counts.items() if count}
    ranked = sorted(counts, key=lambda word: (counts[word], word))
    middle = min(counts, key=lambda word: abs(counts[word] - LARGE // 50))
    two = " ".join(ranked[-2:])
    for name, words in (("rarest", ranked[0]), ("commonest", ranked[-1]), ("two common", two), ("in between", middle)):
        for order in ("pertinence", "recentes"):
            searched = f"{plain}&{urlencode({'q': words, 'tri': order})}"
            without, found = compare(plain, searched)
            detail = f"« {words} » {counts.get(words, '')}: {without * 1000:.1f} → {found * 1000:.1f} ms"
            yield Result(f"search, {name}, {order}, {LARGE}", found / without, AIM, at_least=False, detail=detail)


def _words(demarche: int, order: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(WORDS.format(order=order), {"demarche": demarche, "sample": SAMPLE})
        return [row[0] for row in cursor]


def _count(demarche: int, word: str) -> int:
    query = Query.read(word)
    return Contribution.objects.published().filter(demarche=demarche).matching(query).count() if query else 0
