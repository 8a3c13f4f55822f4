"""What the files of a texte say, read from the database: of one instant where the caller holds a snapshot.

The base is what a version treats; of one that appeared, what it treated then, for what came later is another's.
Contributions that were taken down since are told nowhere: where numbers were frozen, the difference is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from consultation.choices import How, Origine, ReponseKind, TexteState
from consultation.coverage import SAID, Coverage
from consultation.models import Passage, Rencontre, TexteVersion
from consultation.presence import presences
from consultation.templatetags.prose import day, typo
from socle.dates import local_midnight
from socle.smallnumbers import FEWEST
from socle.written import Counts

UNSAID = "Non indiqué"
OTHER = "Autre sujet"
GONE = "Retirées depuis la publication"
FEW = f"moins de {FEWEST}"
DRAWN = 12  # rows of a table that are drawn too
BATCH = 2000  # rows read at a time

# `treated`: owed by this version; the others are cited by it, and owed by an earlier texte or by none.
_SAID = f"""
WITH each AS MATERIALIZED (SELECT * FROM consultation_treatments(%(version)s)), said AS (
    SELECT s.contribution_id AS id, s.outcome, s.kind, true AS treated FROM each s
    JOIN consultation_contribution c ON c.id = s.contribution_id
    JOIN consultation_texteversion v ON v.id = %(version)s
    WHERE v.state = '{TexteState.DRAFT}' OR s.outcome <> 'reste'
        OR (v.state = '{TexteState.PROVISIONAL}' AND c.published_at <= v.published_at)
    UNION ALL
    SELECT c.id, 'reprise', NULL, false FROM consultation_cited_by(%(version)s) cited
    JOIN consultation_contribution c ON c.id = cited.contribution_id AND c.state = 'publiee'
    WHERE NOT EXISTS (SELECT FROM each s WHERE s.contribution_id = c.id)
)
"""  # noqa: S608 (constants of the code)
_COUNTED = f"""{_SAID}, labelled AS (
    SELECT c.origine, coalesce(t.rank, 32767) AS theme_rank, coalesce(t.rank || '. ' || t.question, '{OTHER}') AS theme,
        coalesce(g.rank, 32767) AS college_rank, coalesce(g.label, '{UNSAID}') AS college,
        coalesce(nullif(m.epci_name, ''), m.departement, '{UNSAID}') AS territory
    FROM said JOIN consultation_contribution c ON c.id = said.id
    LEFT JOIN consultation_theme t ON t.id = c.theme_id
    LEFT JOIN consultation_college g ON g.id = c.college_id
    LEFT JOIN consultation_commune m ON m.insee_code = c.commune_id
    WHERE said.treated = %(treats)s
)
SELECT CASE 0 WHEN grouping(theme) THEN 'theme' WHEN grouping(college) THEN 'college' ELSE 'territory' END,
    coalesce(theme, college, territory), origine, count(*), coalesce(theme_rank, college_rank, 0)
FROM labelled
GROUP BY GROUPING SETS ((theme_rank, theme, origine), (college_rank, college, origine), (territory, origine))
ORDER BY 5, 2
"""  # noqa: S608 (constants of the code)
_CONTRIBUTIONS = f"""{_SAID}, direct AS (
    SELECT ci.cited_id, array_agg(p.number ORDER BY p.number) AS passages FROM consultation_passage p
    JOIN consultation_citation ci ON ci.citing_passage_id = p.id AND ci.cited_id IS NOT NULL
    WHERE p.version_id = %(version)s GROUP BY ci.cited_id
)
SELECT c.id, c.title, %(body)s::text, c.origine, g.label, t.rank, t.question, said.outcome, said.kind, direct.passages
FROM said JOIN consultation_contribution c ON c.id = said.id
LEFT JOIN consultation_theme t ON t.id = c.theme_id
LEFT JOIN consultation_college g ON g.id = c.college_id
LEFT JOIN direct ON direct.cited_id = c.id
ORDER BY t.rank NULLS LAST, c.id
"""  # noqa: S608
_SOURCES = """
SELECT p.number, p.title, ci.cited_id, c.state = 'publiee', ci.quote, ci.how, q.number, q.key, qt.id, qt.title
FROM consultation_passage p
JOIN consultation_citation ci ON ci.citing_passage_id = p.id
LEFT JOIN consultation_contribution c ON c.id = ci.cited_id
LEFT JOIN consultation_passage q ON q.id = ci.cited_passage_id
LEFT JOIN consultation_texteversion qv ON qv.id = q.version_id
LEFT JOIN consultation_texte qt ON qt.id = qv.texte_id
WHERE p.version_id = %(version)s ORDER BY p.number, ci.id
"""


@dataclass(frozen=True)
class Source:
    """What a passage cites: a contribution, or a passage of an earlier texte where `earlier` says which."""

    number: int  # of the passage that cites
    title: str
    pk: int | None
    is_public: bool
    quote: str
    how: str  # empty where it is simply taken up
    earlier: str = ""
    path: str = ""


@dataclass(frozen=True)
class Said:
    """A contribution of the annex."""

    pk: int
    title: str
    body: str
    about: str  # « en ligne, Habitant »
    theme: str
    became: str


def sources(version: TexteVersion) -> Iterator[Source]:
    """In the order of the passages, then as they were cited; read by BATCH."""
    for row in _rows(_SOURCES, {"version": version.pk}):
        yield _source(row, version.texte.regle.passage)


def _rows(sql: str, params: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(BATCH):
            yield from rows


def _source(row: tuple[Any, ...], word: str) -> Source:
    number, title, pk, is_public, quote, how, earlier, key, texte, texte_title = row
    said = "" if how == How.TAKES_UP else str(How(how).label)
    if pk is not None:
        return Source(number, title, pk, bool(is_public), quote if is_public else "", said)
    return Source(
        number, title, None, True, quote, said, f"{texte_title}, {word} {earlier}", f"/textes/{texte}/passages/{key}/"
    )


def contributions(version: TexteVersion, *, bodies: bool) -> Iterator[Said]:
    """By thème; read by BATCH, with their words only where they are asked for."""
    sql = _CONTRIBUTIONS.replace("%(body)s::text", "c.body" if bodies else "''::text")
    word = version.texte.regle
    for pk, title, body, origine, college, rank, question, outcome, kind, passages in _rows(
        sql, {"version": version.pk}
    ):
        about = ", ".join(filter(None, [str(Origine(origine).label), college]))
        theme = f"{rank}. {question}" if rank else OTHER
        yield Said(pk, title, body, about, theme, _became(outcome, kind, passages, word.passage, word.passages))


def _became(outcome: str, kind: str | None, passages: list[int] | None, one: str, several: str) -> str:
    if passages:
        return f"reprise : {several if passages[1:] else one} {', '.join(map(str, passages))}"
    if outcome == "reprise":
        return "reprise par une production que le texte cite"
    if kind:
        by_lot = ", donnée à plusieurs ensemble" if outcome == "lot" else ""
        return f"réponse : {ReponseKind(kind).label}{by_lot}"
    return "pas encore traitée"


def how_many(version: TexteVersion) -> tuple[int, int]:
    """Of its sources, and of the contributions of its annex."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_SAID} SELECT (SELECT count(*) FROM consultation_citation ci JOIN consultation_passage p "  # noqa: S608
            "ON p.id = ci.citing_passage_id AND p.version_id = %(version)s), (SELECT count(*) FROM said)",
            {"version": version.pk},
        )
        notes, annex = cursor.fetchone()
    return notes, annex


def counted_last(version: TexteVersion) -> tuple[int, int]:
    """The same as they were when the version was counted: nothing that it treats is read again, for this is asked while
    a texte appears, and moderators wait."""
    then = Coverage.of(version)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM consultation_citation ci JOIN consultation_passage p"
            " ON p.id = ci.citing_passage_id AND p.version_id = %(version)s),"
            " (SELECT count(*) FROM consultation_cited_by(%(version)s) cited JOIN consultation_contribution c"
            " ON c.id = cited.contribution_id AND c.state = 'publiee')",
            {"version": version.pk},
        )
        notes, cited = cursor.fetchone()
    return notes, then.total + max(0, cited - then.taken_up)


def passages(version: TexteVersion) -> list[Passage]:
    return list(version.passages.select_related("added_by__adoption", "added_by__passage").order_by("number"))


def counted(version: TexteVersion) -> list[Counts]:
    """By thème, collège and territory: a column for each origin, since they are never added together."""
    treats = version.texte.regle.treats
    found: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, {"version": version.pk, "treats": treats})
        for by_what, label, origine, number, _ in cursor.fetchall():
            found[by_what][label][origine] = number
    what = "Contributions traitées" if treats else "Contributions reprises"
    then = Coverage.of(version).origines if treats and not version.is_draft else {}
    headings = {"theme": "Thème", "college": "Collège", "territory": "Territoire"}
    return [
        _table(f"{what}, par {heading.lower()} et par origine", heading, found[by_what], then)
        for by_what, heading in headings.items()
        if set(found[by_what]) - {UNSAID}
    ]


def _table(caption: str, heading: str, found: dict[str, dict[str, int]], then: dict[str, int]) -> Counts:
    now = {origine: sum(row.get(origine, 0) for row in found.values()) for origine in SAID}
    shown = [origine for origine in SAID if now[origine] or then.get(origine)]
    rows = [(typo(label), tuple(row.get(one, 0) for one in shown)) for label, row in found.items()]
    if heading == "Territoire":  # the most numerous first; what is not known last
        rows.sort(key=lambda row: (row[0] == UNSAID, -max(row[1]), row[0]))
    gone = tuple(max(0, then.get(one, now[one]) - now[one]) for one in shown)
    if any(gone):
        rows.append((GONE, gone))
    columns = tuple(SAID[one][1] for one in shown)
    return Counts(caption, heading, columns, tuple(rows), drawn=min(DRAWN, len(rows)))


def attendance(version: TexteVersion) -> Counts | None:
    """Of the rencontres held before it appeared, on days that are over; a small number could point at someone."""
    until = min(version.published_at or timezone.now(), local_midnight(timezone.localdate()))
    held = Rencontre.objects.published().filter(demarche=version.texte.demarche_id, starts_at__lt=until)
    rows = list(held.exclude(state="annulee").order_by("starts_at", "pk"))
    came = presences(rows)
    told = [
        (typo(f"{row.title}, {day(row.starts_at)}"), tuple(map(_few, (one.room, one.remote, one.sur_place))))
        for row in rows
        if (one := came[row.pk]).total
    ]
    columns = ("inscrites, dans la salle", "inscrites, à distance", "sans inscription")
    caption = "Personnes venues aux rendez-vous"
    return Counts(caption, "Rendez-vous", columns, tuple(told), min(DRAWN, len(told)), FEW) if told else None


def _few(number: int) -> int | None:
    return None if 0 < number < FEWEST else number


def coverage(version: TexteVersion) -> Counts:
    """What became of the contributions that it treats."""
    said = Coverage.of(version)
    kinds = [(f"Réponse : {ReponseKind(kind).label}", said.reponses.get(kind, 0)) for kind in ReponseKind.values]
    rows = [("Reprises", said.taken_up), *kinds, ("Pas encore traitées", said.left)]
    told = tuple((typo(label), (number,)) for label, number in rows if number)
    return Counts("Ce que sont devenues les contributions", "Devenir", ("contributions",), told, drawn=len(told))
