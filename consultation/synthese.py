"""« Synthèse des contributions par thème »: one CSV, each thème with its counts, then what was said, in order.

Counted are the contributions of `for_synthese`; questions and réactions have a count of their own, and their lines,
so that nothing that was published is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.utils import timezone

from consultation.choices import ContributionState, Nature, Origine, Stance
from consultation.exporting import write
from consultation.models import Contribution, Demarche
from consultation.permissions import can_export
from consultation.traces import scope_of
from socle.comptes.models import User
from socle.exports.builders import Builder, BuildRefusedError
from socle.exports.columns import Column, Kind, cells
from socle.exports.formats import CSV, Progress, Query
from socle.personaldata import STAFF


def _column(name: str, header: str, kind: Kind = Kind.TEXT) -> Column:
    return Column(name, header, STAFF, kind, f"s.{name}", header, ())


COLUMNS = (
    _column("theme_rank", "thème (rang)", Kind.INTEGER),
    _column("theme", "thème"),
    _column("part", "partie", Kind.CODE),
    _column("label", "intitulé"),
    _column("number", "nombre", Kind.INTEGER),
    _column("reference", "référence", Kind.CODE),
    _column("title", "titre"),
    _column("body", "texte"),
    _column("nature", "nature", Kind.CODE),
    _column("origine", "origine", Kind.CODE),
    _column("college", "collège"),
    _column("published_at", "publiée le", Kind.MOMENT),
    _column("parent", "en réaction à", Kind.CODE),
    _column("stance", "position", Kind.CODE),
)


def _labels(column: str, choices: Iterable[tuple[str, str]]) -> str:
    """The words shown for stored values; they are ours, and hold no quote but ’."""
    whens = " ".join(f"WHEN '{value}' THEN '{label}'" for value, label in choices)
    return f"CASE {column} {whens} END"


def _count(rank: int, part: str, label: str) -> str:
    return f"""SELECT theme_rank, theme, {rank} AS rank, '{part}' AS part, {label} AS label, count(*) AS number,
    NULL::bigint AS id FROM said WHERE kind = 'contribution' GROUP BY theme_rank, theme, 5"""  # noqa: S608 (constants of the code)


_SQL = f"""
WITH said AS (
    SELECT c.id, t.rank AS theme_rank, coalesce(t.question, 'Autre sujet') AS theme,
        {_labels("c.nature", Nature.choices)} AS nature, {_labels("c.origine", Origine.choices)} AS origine,
        coalesce(g.label, 'non indiqué') AS college,
        CASE WHEN c.id IN ({{counted}}) THEN 'contribution' WHEN c.parent_id IS NULL THEN 'question'
            ELSE 'réaction' END AS kind
    FROM consultation_contribution c
    LEFT JOIN consultation_theme t ON t.id = c.theme_id
    LEFT JOIN consultation_college g ON g.id = c.college_id
    WHERE c.demarche_id = %s AND c.state = '{ContributionState.PUBLISHED}'
), lines AS (
    SELECT rank::int AS theme_rank, question AS theme, 0 AS rank, 'thème' AS part, question AS label,
        NULL::bigint AS number, NULL::bigint AS id FROM consultation_theme WHERE demarche_id = %s
    UNION ALL {_count(1, "origine", "origine")}
    UNION ALL {_count(2, "nature", "nature")}
    UNION ALL {_count(3, "collège", "college")}
    UNION ALL SELECT theme_rank, theme, 4, 'à part', kind || 's', count(*), NULL FROM said
        WHERE kind <> 'contribution' GROUP BY theme_rank, theme, kind
    UNION ALL SELECT theme_rank, theme, array_position(ARRAY['contribution', 'question', 'réaction'], kind) + 4, kind,
        NULL, NULL, id FROM said
)
SELECT {cells(COLUMNS)} FROM (
    SELECT l.theme_rank, l.theme, l.rank, l.part, l.label, l.number, l.id, d.code || '-' || c.id AS reference,
        c.title, c.body, said.nature, said.origine, said.college, c.published_at,
        d.code || '-' || c.parent_id AS parent, {_labels("c.stance", Stance.choices)} AS stance
    FROM lines l
    LEFT JOIN consultation_contribution c ON c.id = l.id
    LEFT JOIN said ON said.id = l.id
    LEFT JOIN consultation_demarche d ON d.id = c.demarche_id
) s ORDER BY s.theme_rank NULLS LAST, s.rank, s.number DESC NULLS LAST, s.label, s.published_at, s.id
"""  # noqa: S608


def _demarche(params: Mapping[str, Any]) -> Demarche | None:
    return Demarche.objects.filter(pk=params["demarche"]).first()


def _label(params: Mapping[str, Any]) -> str:
    demarche = _demarche(params)
    return f"Synthèse des contributions par thème : {demarche or 'démarche disparue'}"[:200]


def _download_name(params: Mapping[str, Any]) -> str:
    demarche = _demarche(params)
    return f"synthese-{demarche.slug if demarche else 'demarche'}-{timezone.localdate():%Y-%m-%d}.csv"


def _may(user: User, params: Mapping[str, Any]) -> bool:
    demarche = _demarche(params)
    return demarche is not None and can_export(user, demarche)


def build(_owner: User, params: Mapping[str, Any], path: Path, progress: Progress) -> int:
    demarche = _demarche(params)
    if demarche is None:
        raise BuildRefusedError("Cette démarche n’existe plus.")
    return write(query_of(demarche), CSV, path, progress)


def query_of(demarche: Demarche) -> Query:
    rows = Contribution.objects.for_synthese().filter(demarche=demarche)
    counted, params = rows.order_by().values("pk").query.sql_with_params()
    return Query(_SQL.format(counted=counted), (*params, demarche.pk, demarche.pk), COLUMNS)


def _scopes(params: Mapping[str, Any]) -> list[str]:
    return [scope_of(params["demarche"])]


BUILDER = Builder(_label, _download_name, _may, build, _scopes)
