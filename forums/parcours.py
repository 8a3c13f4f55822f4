"""What the forums did with a contribution (settings.PARCOURS): given back, contested, discussed, crossed."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from django.db import connection
from django.urls import reverse

from consultation.models import Contribution
from consultation.parcours import UP
from consultation.parcours_steps import NBSP, Public
from consultation.templatetags.prose import typo
from consultation.tram import Stage
from forums.models import CroisementKind
from socle.written import grouped

# Of the contribution itself where a group made it, and of the published productions that take it up; what was said of
# the passages too.
_STEPS = f"""{UP}, made AS (
    SELECT p.contribution_id AS id, p.contribution_id = %(pk)s AS own
    FROM up JOIN ateliers_production p ON p.contribution_id = up.contribution_id
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
-- An objection is public once it has appeared, or once it is answered.
SELECT act.what, bool_or(made.own OR c.id = %(pk)s), act.at, c.id, o.droit_id, '', '', 'heure'
FROM forums_objection o JOIN consultation_contribution c ON c.id = o.contribution_id
LEFT JOIN made ON made.id = c.parent_id
CROSS JOIN LATERAL (VALUES
    ('contestee', CASE c.state WHEN 'publiee' THEN c.published_at END), ('repondue', o.answered_at)
) act(what, at)
WHERE (made.id IS NOT NULL OR c.id = %(pk)s AND act.what = 'repondue') AND act.at IS NOT NULL
GROUP BY act.what, act.at, c.id, o.contribution_id
UNION ALL
-- What was said at a forum of one of those productions, or of a passage, since the first word of it.
SELECT 'remarques', bool_or(about.own), min(about.at), i.forum_id, i.forum_id, r.title, count(*)::text, 'heure'
FROM (
    SELECT c.id, c.published_at AS at, made.own FROM made CROSS JOIN LATERAL (
        SELECT id, published_at FROM consultation_contribution WHERE parent_id = made.id AND state = 'publiee' OFFSET 0
    ) c
    UNION
    SELECT c.id, c.published_at, false FROM reached JOIN forums_intervention i ON i.passage_id = reached.id
    CROSS JOIN LATERAL (
        SELECT id, published_at FROM consultation_contribution
        WHERE id = i.contribution_id AND state = 'publiee' OFFSET 0
    ) c
) about
JOIN forums_intervention i ON i.contribution_id = about.id
JOIN consultation_rencontre r ON r.id = i.forum_id AND r.state = 'publiee'
GROUP BY i.forum_id, r.title
ORDER BY 3, 4
"""  # noqa: S608 (constants of this file and of the trunk)


def of(contribution: Contribution) -> list[Public]:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, {"pk": contribution.pk})
        names = [column.name for column in cursor.description or ()]
        rows = [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
    return [_TOLD.get(row.what, _crossed)(row) for row in rows]


def _given_back(row: Any) -> Public:
    url = reverse("forum_moment", args=[row.forum, row.place])
    label = _through(row, "elle est restituée au forum")
    return Public(label, row.at, typo(row.said), url, Stage.FORUM, precision=row.precision)


def _contested(row: Any) -> Public:
    whose = "d’elle" if row.own else "de cette production"
    return Public(f"Un membre du groupe conteste ce qu’un texte fait {whose}", row.at, "", _objection(row))


def _answered(row: Any) -> Public:
    return Public("Cette objection a sa réponse", row.at, "", _objection(row))


def _objection(row: Any) -> str:
    return f"{reverse('regard', args=[row.forum])}#objection-{row.place}"


def _discussed(row: Any) -> Public:
    number = int(row.others)
    what = f"{grouped(number)} remarques au forum" if number > 1 else "une remarque au forum"
    label = f"Elle reçoit {what}" if row.own else f"Ce qui vient d’elle reçoit {what}"
    return Public(label, row.at, typo(row.said), reverse("forum_remarques", args=[row.forum]), Stage.FORUM)


def _crossed(row: Any) -> Public:
    with_others = f" avec {row.others}" if row.others else ""
    label = f"{_through(row, f'elle est croisée{with_others}')}{NBSP}: {CroisementKind(row.what).label}"
    return Public(label, row.at, typo(row.said), reverse("croisement", args=[row.place]), Stage.FORUM)


_TOLD: dict[str, Callable[[Any], Public]] = {
    "restituee": _given_back,
    "contestee": _contested,
    "repondue": _answered,
    "remarques": _discussed,
}


def _through(row: Any, sentence: str) -> str:
    return sentence[0].upper() + sentence[1:] if row.own else f"Par là, {sentence}"
