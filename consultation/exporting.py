"""The rows of the exports, as SQL that COPY can read: the same for the command, the admin and the worker."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.db.models import QuerySet

from consultation.choices import ContributionState, DemarcheState
from consultation.columns import FEWEST_PEOPLE, OPEN_COLUMNS, STAFF_COLUMNS
from consultation.models import Contribution, Demarche
from socle.exports.columns import Column, cells
from socle.exports.files import snapshot
from socle.exports.formats import Format, Progress, Query, nothing

_JOINS = """
FROM consultation_contribution c
JOIN consultation_demarche d ON d.id = c.demarche_id
LEFT JOIN consultation_theme t ON t.id = c.theme_id
LEFT JOIN consultation_college g ON g.id = c.college_id
LEFT JOIN consultation_commune m ON m.insee_code = c.commune_id
LEFT JOIN consultation_contribution p ON p.id = c.parent_id
LEFT JOIN consultation_serviceanswer a ON a.contribution_id = c.id
"""
_PUBLIC = f"c.state = '{ContributionState.PUBLISHED}' AND d.state <> '{DemarcheState.DRAFT}'"
# Someone known counts once however often they wrote; rows without a person are counted one by one.
_PAIRS = f"""
LEFT JOIN (
    SELECT c.demarche_id, c.college_id, c.commune_id
    FROM consultation_contribution c JOIN consultation_demarche d ON d.id = c.demarche_id
    WHERE {_PUBLIC} AND c.commune_id IS NOT NULL
    GROUP BY 1, 2, 3
    HAVING count(DISTINCT c.personne_id) + count(*) FILTER (WHERE c.personne_id IS NULL) >= {FEWEST_PEOPLE}
) k ON k.demarche_id = c.demarche_id AND k.commune_id = c.commune_id AND k.college_id IS NOT DISTINCT FROM c.college_id
"""  # noqa: S608 (constants of the code)


def open_query(demarche: Demarche | None = None) -> Query:
    """What anyone may take: published rows, open columns."""
    own, params = (" AND c.demarche_id = %s", (demarche.pk,)) if demarche else ("", ())
    sql = f"SELECT {cells(OPEN_COLUMNS)} {_JOINS} {_PAIRS} WHERE {_PUBLIC}{own} ORDER BY c.id"
    return Query(sql, params, OPEN_COLUMNS)


def staff_query(rows: QuerySet[Contribution], columns: Sequence[Column] = STAFF_COLUMNS) -> Query:
    """The rows of a queryset that the caller has already narrowed to what its reader may see."""
    wanted, params = rows.order_by().values("pk").query.sql_with_params()
    sql = f"SELECT {cells(columns)} {_JOINS} WHERE c.id IN ({wanted}) ORDER BY c.id"
    return Query(sql, params, tuple(columns))


def all_query(demarche: Demarche | None = None, columns: Sequence[Column] = STAFF_COLUMNS) -> Query:
    """Every row, or every row of one démarche, without the detour of a list of rows."""
    own, params = ("WHERE c.demarche_id = %s", (demarche.pk,)) if demarche else ("", ())
    return Query(f"SELECT {cells(columns)} {_JOINS} {own} ORDER BY c.id", params, tuple(columns))


def write(query: Query, output: Format, path: Path, progress: Progress = nothing) -> int:
    """Write the rows of one instant to `path`; return how many."""
    with snapshot() as cursor:
        return output.write(cursor, query, path, progress)
