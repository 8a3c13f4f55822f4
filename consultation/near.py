"""Contributions that say nearly the same thing as another: copies, and copies with a few words of one's own.

Two are near where they share most of their lexemes. Copies to the letter (accents, order, small words apart) are also
found by an index of their own, so that every row of a list says how many there are.
"""

from __future__ import annotations

from django.db import OperationalError, connection
from django.db.models import BigIntegerField, Count, Exists, Func, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from consultation.models import Contribution
from consultation.models.contribution import ContributionQuerySet
from consultation.similar import patience
from socle.fulltext import Query, SearchColumn

SHARED = 0.7  # of the lexemes that either has
MOST = 500  # in one group

# Those that hold most of its longest words; of these, what shares enough of all its lexemes.
_NEAR = f"""
SELECT near.id FROM consultation_contribution one
JOIN consultation_contribution near ON near.demarche_id = one.demarche_id AND near.state = 'publiee'
    AND near.parent_id IS NULL AND near.search @@ %(words)s::tsquery
CROSS JOIN LATERAL (
    SELECT count(*) AS both FROM unnest(tsvector_to_array(near.search)) word
    WHERE word = ANY (tsvector_to_array(one.search))
) shared
WHERE one.id = %(pk)s AND (near.id = one.id
    OR shared.both >= {SHARED} * (length(near.search) + length(one.search) - shared.both))
ORDER BY near.id LIMIT {MOST}
"""  # noqa: S608 (constants of this file)


def near(contribution: Contribution) -> list[int]:
    """The published ones of its démarche that say nearly the same, itself among them; itself alone where finding
    the others would make anyone wait."""
    query = Query.most_of(f"{contribution.title} {contribution.body}")
    try:
        with patience(), connection.cursor() as cursor:
            cursor.execute(_NEAR, {"words": query.tsquery, "pk": contribution.pk})
            return [pk for (pk,) in cursor.fetchall()] or [contribution.pk]
    except OperationalError:  # cancelled by the server
        return [contribution.pk]


class Likeness(Func):
    """The same number for all that have the same lexemes; as the index `contribution_likeness` has it."""

    template = "hash_array_extended(tsvector_to_array(%(expressions)s), 0)"
    output_field = BigIntegerField()

    def __init__(self, pk: str = "pk") -> None:
        super().__init__(SearchColumn(pk))


def with_copies(rows: ContributionQuerySet) -> ContributionQuerySet:
    """`copies`: how many others have the same words; in the query that reads the rows."""
    same = _copies().values("demarche").annotate(number=Count("pk")).values("number")
    return rows.annotate(likeness=Likeness(), copies=Coalesce(Subquery(same), Value(0)))


def one_of_each(rows: ContributionQuerySet) -> ContributionQuerySet:
    """Of those that have copies, the first of each group."""
    rows = rows.annotate(likeness=Likeness())
    return rows.filter(Exists(_copies())).exclude(Exists(_copies().filter(pk__lt=OuterRef("pk"))))


def _copies() -> ContributionQuerySet:
    others = Contribution.objects.published().without_reactions().filter(demarche=OuterRef("demarche"))
    same = others.annotate(likeness_of=Likeness()).filter(likeness_of=OuterRef("likeness"))
    return same.exclude(pk=OuterRef("pk")).order_by()
