"""Read, check and write a file in one transaction: all of it, its sound rows, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from consultation.actions.entries import enter_import
from consultation.choices import ContributionState
from consultation.imports.layout import Context
from consultation.imports.mappings import layout_for
from consultation.imports.readers import MAX_BYTES, Table, read_table
from consultation.imports.rows import BadRowError, Draft, Lookup, Report
from consultation.models import Demarche
from socle.comptes.models import User
from socle.pagecache.actions import bump

_TEMPORARY = """
DROP TABLE IF EXISTS pg_temp.import_rows, pg_temp.import_added;
CREATE TEMP TABLE import_rows (
    line integer, source text, key text, title text, body text, submitted_at timestamptz, nature text, theme_id bigint,
    college_id bigint, stance text, display text, author_name text, speaks_as text, organisation text,
    people_count smallint, function text, commune_name text, commune_id text, origine text, place_label text,
    example boolean, enjeux bigint[], reference text, own_id bigint, parent text
) ON COMMIT DROP;
CREATE TEMP TABLE import_added (id bigint, source text, key text) ON COMMIT DROP;
"""
_DUPLICATES = """
WITH doubled AS (
    SELECT line, key, first_value(line) OVER (PARTITION BY source, key ORDER BY line) AS first FROM import_rows
), gone AS (
    DELETE FROM import_rows r USING doubled d WHERE r.line = d.line AND d.line > d.first
    RETURNING d.line, d.key, d.first
) SELECT line, key, first FROM gone ORDER BY line
"""
_INSERT = """
WITH added AS (
    INSERT INTO consultation_contribution (demarche_id, theme_id, stance, nature, title, body, display, author_name,
        speaks_as, organisation, people_count, function, college_id, commune_name, commune_id, origine, place_label,
        state, submitted_at, published_at, submission_key, import_source, import_key, example)
    SELECT %(demarche)s, theme_id, stance, nature, title, body, display, author_name, speaks_as, organisation,
        people_count, function, college_id, commune_name, commune_id, origine, place_label, %(state)s, submitted_at,
        CASE WHEN %(state)s = 'publiee' THEN now() END, gen_random_uuid(), source, key, example
    FROM import_rows r
    WHERE own_id IS NULL
        OR NOT EXISTS (SELECT 1 FROM consultation_contribution c WHERE c.id = own_id AND c.demarche_id = %(demarche)s)
    ORDER BY line
    ON CONFLICT (demarche_id, import_source, import_key) WHERE NOT (import_key = '') DO NOTHING
    RETURNING id, import_source, import_key
)
INSERT INTO import_added SELECT id, import_source, import_key FROM added
"""
_CHANGED = """
SELECT count(*) FROM import_rows r JOIN consultation_contribution c ON c.demarche_id = %(demarche)s
    AND (c.id = r.own_id OR (c.import_source = r.source AND c.import_key = r.key AND c.import_key <> ''))
WHERE (c.title, c.body) IS DISTINCT FROM (r.title, r.body)
"""
_ENJEUX = """
INSERT INTO consultation_contribution_enjeux (contribution_id, enjeu_id)
SELECT a.id, e FROM import_added a JOIN import_rows r ON r.source = a.source AND r.key = a.key, unnest(r.enjeux) AS e
ON CONFLICT DO NOTHING
"""
_PARENTS = """
UPDATE consultation_contribution c SET parent_id = p.id
FROM import_added a
JOIN import_rows r ON r.source = a.source AND r.key = a.key
JOIN import_rows pr ON pr.reference = r.parent AND pr.line <> r.line
JOIN consultation_contribution p ON p.demarche_id = %(demarche)s
    AND (p.id = pr.own_id OR (p.import_source = pr.source AND p.import_key = pr.key AND p.import_key <> ''))
WHERE c.id = a.id AND r.parent <> '' AND r.stance <> ''
    -- One level: what answers a réaction is kept, and answers nothing.
    AND (pr.parent = '' OR pr.stance = '') AND p.parent_id IS NULL
"""
_DECISIONS = """
INSERT INTO consultation_decision (contribution_id, cause, from_state, to_state, by_id, message, decided_at)
SELECT id, CASE WHEN %(by)s::bigint IS NULL THEN 'regle' ELSE 'moderation' END,
    'en_attente', 'publiee', %(by)s, '', now()
FROM import_added
"""


def import_contributions(
    path: Path,
    demarche: Demarche,
    *,
    layout: str | None = None,
    state: str = ContributionState.WAITING,
    dry_run: bool = False,
    keep_good: bool = False,
    by: User | None = None,
    max_bytes: int = MAX_BYTES,
) -> Report:
    """RefusedFileError when the file cannot be read at all. Otherwise a report; `written` says what became of it.

    A row already imported is left as it is. One bad row and nothing is written, unless `keep_good`.
    """
    table = read_table(path, max_bytes=max_bytes)
    chosen = layout_for(table, layout)
    report = Report(mapping=chosen.label, description=table.description)
    context = Context(Lookup(demarche), report)
    values = {"demarche": demarche.pk, "state": state, "by": by.pk if by else None}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TEMPORARY)
        linked = _copy(cursor, _drafts(table, chosen.reader(table.header), context))
        _refuse_duplicates(cursor, report)
        report.written = not dry_run and (keep_good or not report.bad)
        _insert(cursor, values, report, linked=linked)
        if report.written and report.added and state == ContributionState.PUBLISHED:
            enter_import(demarche, report.added, by)
            bump()
        if not report.written:
            transaction.set_rollback(True)
    return report


def _drafts(table: Table, read: Any, context: Context) -> Iterator[tuple[int, Draft]]:
    for line in table.lines:
        context.report.read += 1
        context.line = line.number
        try:
            draft = read(line.cells, context)
        except BadRowError as error:
            context.report.refuse(line.number, error)
            continue
        if draft is not None:
            yield line.number, draft


def _copy(cursor: Any, drafts: Iterator[tuple[int, Draft]]) -> bool:
    """Whether some draft has enjeux or answers another."""
    linked = False
    with cursor.copy("COPY import_rows FROM STDIN") as copy:
        for line, d in drafts:
            linked = linked or bool(d.enjeux or d.parent)
            copy.write_row(
                (
                    line,
                    d.source,
                    d.key,
                    d.title,
                    d.body,
                    d.submitted_at,
                    d.nature,
                    d.theme_id,
                    d.college_id,
                    d.stance,
                    d.display,
                    d.author_name,
                    d.speaks_as,
                    d.organisation,
                    d.people_count,
                    d.function,
                    d.commune_name,
                    d.commune_id,
                    d.origine,
                    d.place_label,
                    d.example,
                    list(d.enjeux),
                    d.reference,
                    d.own_id,
                    d.parent,
                )
            )
    return linked


def _refuse_duplicates(cursor: Any, report: Report) -> None:
    cursor.execute(_DUPLICATES)
    for line, key, first in cursor.fetchall():
        what = f"l’identifiant « {key[:60]} » est déjà celui de la ligne {first}."
        report.refuse(line, BadRowError("identifiant", what, "Retirez l’une des deux lignes."))
    report.problems.sort(key=lambda problem: problem.line)


def _insert(cursor: Any, values: dict[str, Any], report: Report, *, linked: bool) -> None:
    cursor.execute("SELECT count(*) FROM import_rows")
    report.good = cursor.fetchone()[0]
    cursor.execute("ANALYZE import_rows")
    cursor.execute(_CHANGED, values)
    report.changed = cursor.fetchone()[0]
    cursor.execute(_INSERT, values)
    report.added = cursor.rowcount
    report.existing = report.good - report.added
    if linked:
        cursor.execute(_ENJEUX)
        cursor.execute(_PARENTS, values)
    if values["state"] == ContributionState.PUBLISHED:
        cursor.execute(_DECISIONS, values)
