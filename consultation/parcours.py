"""What became of a contribution: who takes it up, in the trunk by one recursive query; each floor above tells its own
steps (settings.PARCOURS)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils.module_loading import import_string

from consultation.choices import ReponseKind, TexteKind, TexteState
from consultation.choices_adoption import AmendementState, ArticleOutcome, SuiteState
from consultation.figures import grouped
from consultation.models import Contribution
from consultation.textes import REGLES
from consultation.tram import Stage
from socle.dates import Precision

NBSP = "\u00a0"
STAGES: dict[str, Stage] = {
    TexteKind.SYNTHESE: Stage.SYNTHESE,
    TexteKind.INTERMEDIAIRE: Stage.INTERMEDIAIRE,
    TexteKind.RAPPORT: Stage.RAPPORT,
    TexteKind.POLITIQUE: Stage.POLITIQUE,
    TexteKind.BILAN: Stage.BILAN,
}


@dataclass(frozen=True)
class Public:
    """One thing that anyone may know; `url` is where it is read whole. No name, ever."""

    label: str
    at: datetime
    note: str = ""
    url: str = ""
    stage: str = ""  # where the drawing stops for it (consultation.tram)
    precision: str = Precision.HOUR  # of `at`


def parcours(contribution: Contribution) -> list[Public]:
    """One query for the trunk, one for each floor above; its démarche is loaded with the row."""
    told = [step for path in settings.PARCOURS for step in import_string(path)(contribution)]
    return taken_up(contribution) + told


# From the contribution, upwards: the published productions that take it up, the passages of the textes as the public
# reads them, what takes these up in turn; a passage is followed by its key, whatever the version that was cited.
_UP = """
WITH RECURSIVE up(contribution_id, passage_id) AS (
    SELECT %(pk)s::bigint, NULL::bigint
    UNION
    SELECT ci.citing_id, ci.citing_passage_id FROM up
    CROSS JOIN LATERAL (
        SELECT citing_id, citing_passage_id FROM consultation_citation WHERE cited_id = up.contribution_id
        UNION ALL
        SELECT ci.citing_id, ci.citing_passage_id FROM consultation_passage p
        JOIN consultation_texteversion v ON v.id = p.version_id
        JOIN consultation_texteversion w ON w.texte_id = v.texte_id AND w.state <> 'brouillon'
        JOIN consultation_passage q ON q.version_id = w.id AND q.key = p.key
        JOIN consultation_citation ci ON ci.cited_passage_id = q.id
        WHERE p.id = up.passage_id
    ) ci
    LEFT JOIN consultation_contribution c ON c.id = ci.citing_id AND c.state = 'publiee'
    LEFT JOIN consultation_passage p ON p.id = ci.citing_passage_id
    LEFT JOIN consultation_texte t ON t.current_id = p.version_id
    WHERE c.id IS NOT NULL OR t.id IS NOT NULL
), reached AS (
    -- What is voted or carried out is about one version: the passages are followed by their keys.
    SELECT DISTINCT q.id, q.version_id, q.title, q.key, q.number
    FROM up JOIN consultation_passage p ON p.id = up.passage_id
    JOIN consultation_texteversion v ON v.id = p.version_id
    JOIN consultation_texteversion w ON w.texte_id = v.texte_id AND w.state <> 'brouillon'
    JOIN consultation_passage q ON q.version_id = w.id AND q.key = p.key
)
SELECT 'production' AS what, c.published_at AS at, c.title, c.organisation AS said_of, d.code || '-' || c.id AS place,
    NULL::bigint AS texte, '' AS kind, '' AS state,
    (SELECT count(*) FROM consultation_citation x WHERE x.citing_id = c.id) AS sources,
    EXISTS (SELECT FROM consultation_citation x WHERE x.citing_id = c.id AND x.cited_id = %(pk)s) AS direct, 0 AS number
FROM up JOIN consultation_contribution c ON c.id = up.contribution_id
JOIN consultation_demarche d ON d.id = c.demarche_id WHERE c.id <> %(pk)s
UNION ALL
SELECT 'passage', v.published_at, p.title, t.title, p.key::text, t.id, t.kind, v.state,
    (SELECT count(*) FROM consultation_citation x WHERE x.citing_passage_id = p.id),
    EXISTS (SELECT FROM consultation_citation x WHERE x.citing_passage_id = p.id AND x.cited_id = %(pk)s), p.number
FROM up JOIN consultation_passage p ON p.id = up.passage_id
JOIN consultation_texteversion v ON v.id = p.version_id JOIN consultation_texte t ON t.id = v.texte_id
UNION ALL
SELECT 'reponse', since.published_at, r.reason, t.title, r.passed_to, t.id, r.kind, now_is.state, 0, true, 0
FROM consultation_reponse r JOIN consultation_texte t ON t.id = r.texte_id
JOIN consultation_texteversion now_is ON now_is.id = t.current_id
JOIN consultation_texteversion since ON since.texte_id = t.id AND since.number = r.since
WHERE r.contribution_id = %(pk)s AND r.since <= now_is.number AND (r.until IS NULL OR r.until > now_is.number)
UNION ALL
-- How a report that takes it up was voted: each amendment to that passage, then what was decided of it. Days have no
-- hour: they come after the report that they are about.
SELECT 'amendement', greatest(am.filed_on::timestamp AT TIME ZONE %(zone)s, v.published_at + interval '1 ms'),
    p.title, am.author, p.key::text, t.id, t.kind, am.state, 1, false, am.number
FROM reached p JOIN consultation_amendement am ON am.passage_id = p.id AND am.kind = 'modifie'
JOIN consultation_texteversion v ON v.id = p.version_id JOIN consultation_texte t ON t.id = v.texte_id
UNION ALL
SELECT 'article', greatest(a.deliberation_on::timestamp AT TIME ZONE %(zone)s, v.published_at + interval '2 ms'),
    p.title, a.deliberation_number, p.key::text, t.id, t.kind, ar.outcome, 1, false, p.number
FROM reached p JOIN consultation_article ar ON ar.passage_id = p.id
JOIN consultation_adoption a ON a.id = ar.adoption_id
JOIN consultation_texteversion v ON v.id = p.version_id JOIN consultation_texte t ON t.id = v.texte_id
UNION ALL
-- What is said first of a suite is what the drawing counts; the rest is how far the same one went.
SELECT 'suite', ch.at, s.title, s.in_charge, s.id::text, t.id, t.kind, ch.state, 1,
    NOT EXISTS (SELECT FROM consultation_suitechange b WHERE b.suite_id = s.id AND b.id < ch.id), p.number
FROM reached p JOIN consultation_suite s ON s.passage_id = p.id JOIN consultation_suitechange ch ON ch.suite_id = s.id
JOIN consultation_texteversion v ON v.id = p.version_id JOIN consultation_texte t ON t.id = v.texte_id
ORDER BY 2, 5
"""


def taken_up(contribution: Contribution) -> list[Public]:
    """In the order in which it happened."""
    with connection.cursor() as cursor:
        cursor.execute(_UP, {"pk": contribution.pk, "zone": settings.TIME_ZONE})
        names = [column.name for column in cursor.description or ()]
        rows = [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
    return [_TOLD[row.what](row) for row in rows]


def _production(row: Any) -> Public:
    label = f"{_with_others(row, 'Reprise')} par une production d’atelier"
    note = f"{row.said_of or row.place}{NBSP}: «{NBSP}{row.title}{NBSP}»"
    return Public(label, row.at, note, reverse("contribution", args=[row.place]), Stage.ATELIER)


def _passage(row: Any) -> Public:
    word, of = REGLES[row.kind].passage, TexteKind(row.kind).label
    where = f"{'à l’' if word[0] in 'ao' else 'au '}{word} {row.number}"
    whose = "de la" if of.startswith(("synthèse", "politique")) else "du"
    label = f"{_with_others(row, 'Reprise')} {where} {whose} {of}"
    note = f"«{NBSP}{row.title}{NBSP}»" + (", version provisoire" if row.state == TexteState.PROVISIONAL else "")
    return Public(label, row.at, note, reverse("passage", args=[row.texte, row.place]), STAGES[row.kind])


def _reponse(row: Any) -> Public:
    passed_to = f", transmise à {row.place}" if row.place else ""
    label = f"Réponse{NBSP}: {ReponseKind(row.kind).label}{passed_to}"
    return Public(label, row.at, f"{row.title} ({row.said_of})", reverse("texte", args=[row.texte]), Stage.ANSWER)


def _amendement(row: Any) -> Public:
    state = AmendementState(row.state).label
    label = f"Amendement n°{NBSP}{row.number} à l’orientation qui la reprend, {state}"
    url = reverse("adoption_article", args=[row.texte, row.place])
    return Public(label, row.at, f"déposé par {row.said_of}", url, precision=Precision.DAY)


def _article(row: Any) -> Public:
    outcome = ArticleOutcome(row.state).label
    label = f"Délibération du Conseil régional{NBSP}: orientation {row.number}, qui la reprend, {outcome}"
    note = f"délibération n°{NBSP}{row.said_of}"
    stage = Stage.DROPPED if row.state == ArticleOutcome.NOT_KEPT else Stage.VOTE
    return Public(
        label, row.at, note, reverse("adoption_article", args=[row.texte, row.place]), stage, precision=Precision.DAY
    )


def _suite(row: Any) -> Public:
    label = f"Suite {SuiteState(row.state).label}{NBSP}: «{NBSP}{row.title}{NBSP}»"
    note = f"article {row.number}, {row.said_of}"
    return Public(label, row.at, note, reverse("suite", args=[row.place]), Stage.SUITE if row.direct else "")


_TOLD = {
    "production": _production,
    "passage": _passage,
    "reponse": _reponse,
    "amendement": _amendement,
    "article": _article,
    "suite": _suite,
}


def _with_others(row: Any, verb: str) -> str:
    """« Avec 41 autres, reprise… », where it is cited itself; through another, simply what happened."""
    others = row.sources - 1
    if not row.direct:
        return "Par là, reprise"
    if others < 1:
        return verb
    return f"Avec {grouped(others) if others > 1 else 'une'} autre{'s' if others > 1 else ''}, {verb.lower()}"
