"""What the forums did with a contribution (settings.PARCOURS): given back, crossed with others, contested."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.db import connection
from django.urls import reverse

from consultation.models import Contribution
from consultation.parcours import Public
from consultation.templatetags.prose import typo
from consultation.tram import Stage
from forums.models import CroisementKind

# Of the contribution itself where a group made it, and of the published productions that take it up.
_STEPS = """
WITH made AS (
    SELECT p.contribution_id AS id, true AS own FROM ateliers_production p WHERE p.contribution_id = %(pk)s
    UNION ALL
    SELECT c.id, false FROM consultation_citation ci
    JOIN consultation_contribution c ON c.id = ci.citing_id AND c.state = 'publiee' WHERE ci.cited_id = %(pk)s
)
SELECT 'restituee' AS what, bool_or(made.own) AS own, r.starts_at AS at, m.id AS place, m.forum_id AS forum,
    r.title AS said, '' AS others, r.precision
FROM made JOIN forums_moment_productions b ON b.production_id = made.id
JOIN forums_moment m ON m.id = b.moment_id
JOIN consultation_rencontre r ON r.id = m.forum_id AND r.state = 'publiee' AND r.starts_at <= statement_timestamp()
GROUP BY m.id, r.id
UNION ALL
SELECT x.kind, bool_or(made.own), x.published_at, x.id, x.forum_id, x.sentence, (
    SELECT string_agg(d.code || '-' || o.production_id, ', ' ORDER BY o.production_id)
    FROM forums_croisement_productions o JOIN consultation_contribution oc ON oc.id = o.production_id
    JOIN consultation_demarche d ON d.id = oc.demarche_id
    WHERE o.croisement_id = x.id AND o.production_id NOT IN (SELECT id FROM made)
), 'heure'
FROM made JOIN forums_croisement_productions b ON b.production_id = made.id
JOIN forums_croisement x ON x.id = b.croisement_id AND x.published_at IS NOT NULL AND x.withdrawn_at IS NULL
GROUP BY x.id
UNION ALL
SELECT 'contestee', true, o.answered_at, o.contribution_id, o.droit_id, '', '', 'heure'
FROM forums_objection o JOIN consultation_contribution c ON c.id = o.contribution_id
WHERE (c.parent_id = %(pk)s OR c.id = %(pk)s) AND o.answered_at IS NOT NULL
ORDER BY 3, 4
"""


def of(contribution: Contribution) -> list[Public]:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, {"pk": contribution.pk})
        names = [column.name for column in cursor.description or ()]
        return [_told(SimpleNamespace(**dict(zip(names, row, strict=True)))) for row in cursor.fetchall()]


def _told(row: Any) -> Public:
    if row.what == "restituee":
        label = "Restituée au forum" if row.own else "Par là, restituée au forum"
        url = reverse("forum_moment", args=[row.forum, row.place])
        return Public(label, row.at, typo(row.said), url, Stage.FORUM, precision=row.precision)
    if row.what == "contestee":
        label = "Sa reprise a été contestée par un membre du groupe, qui a sa réponse"
        return Public(label, row.at, "", reverse("regard", args=[row.forum]))
    others, kind = row.others or "", CroisementKind(row.what).label
    joined = f"Croisée avec {others}" if others else "Croisée"
    label = joined if row.own else f"Par là, {joined[0].lower()}{joined[1:]}"
    label = f"{label}\N{NO-BREAK SPACE}: {kind}"
    return Public(label, row.at, typo(row.said), reverse("croisement", args=[row.place]), Stage.FORUM)
