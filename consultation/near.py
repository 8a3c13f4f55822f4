"""Contributions that say nearly the same thing as another: copies, and copies with a few words of one's own.

Two are near where they share most of their lexemes. Copies to the letter (accents, order, small words apart) are also
found by an index of their own, so that every row of a list says how many there are. Those that have copies are noted as
they are published (`Repeated`): the few of a long list are found without reading it.
"""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Case, Exists, F, Func, IntegerField, OuterRef, Subquery, When
from django.db.models.expressions import RawSQL

from consultation.models import Contribution, Repeated
from consultation.models.contribution import ContributionQuerySet
from socle.fulltext import Query, Rarest, SearchColumn

SHARED = 0.7  # of the lexemes that either has
MOST = 500  # in one group
COMPARED = 2000  # of those that hold most of its rarest words, and so may be near
COUNTED = 2000  # copies; beyond, there are « plus de 2 000 »

# The words that either has are those of the two vectors put end to end: the server merges what is the same.
_NEAR = f"""
SELECT near.id FROM consultation_contribution one, (
    SELECT c.id, c.search FROM consultation_contribution c
    WHERE c.demarche_id = %s AND c.state = 'publiee' AND c.parent_id IS NULL AND c.search @@ %s::tsquery
    LIMIT {COMPARED}
) near
WHERE one.id = %s AND length(near.search) + length(one.search)
    >= (1 + {SHARED}) * length(near.search || one.search)
UNION
SELECT id FROM (
    SELECT c.id FROM consultation_contribution one JOIN consultation_contribution c ON c.demarche_id = one.demarche_id
        AND hash_array_extended(tsvector_to_array(c.search), 0) = hash_array_extended(tsvector_to_array(one.search), 0)
    WHERE one.id = %s AND c.state = 'publiee' AND c.parent_id IS NULL ORDER BY c.id LIMIT {MOST}
) copies
ORDER BY 1 LIMIT {MOST}
"""  # noqa: S608 (constants of this file)


def with_rarest(rows: ContributionQuerySet) -> ContributionQuerySet:
    """What `near` looks for others by, in the query that reads the rows."""
    return rows.annotate(rarest=Rarest(Contribution._meta.db_table))


def near(contribution: Contribution) -> RawSQL:
    """The published ones of its démarche that say nearly the same, itself among them: a part of a query.

    Of a row read `with_rarest`."""
    words = Query.most_of(contribution.rarest).tsquery  # type: ignore[attr-defined]  # annotated
    return RawSQL(_NEAR, [contribution.demarche_id, words, contribution.pk, contribution.pk])  # noqa: S611 (its own)


class Likeness(Func):
    """The same number for all that have the same lexemes; as the index `contribution_likeness` has it."""

    template = "hash_array_extended(tsvector_to_array(%(expressions)s), 0)"
    output_field = BigIntegerField()

    def __init__(self, pk: str = "pk") -> None:
        super().__init__(SearchColumn(pk))


def with_copies(rows: ContributionQuerySet) -> ContributionQuerySet:
    """`copies`: how many others have the same words, COUNTED + 1 at most; in the query that reads the rows."""
    same = ArraySubquery(_copies().values("pk")[: COUNTED + 1])
    return rows.annotate(likeness=Likeness(), copies=Func(same, function="cardinality", output_field=IntegerField()))


def one_of_each(rows: ContributionQuerySet, demarche_pk: int) -> ContributionQuerySet:
    """Of `rows`, those that have copies, among them or not: of each group, the first that is among them.

    What `rows` leave out looks for nothing, and each of the others for the one before it, backwards along the index
    until it is found: together they read their group once, however much of it is left out."""
    noted = Repeated.objects.filter(demarche=demarche_pk).values("contribution")
    rows = rows.annotate(likeness=Likeness()).filter(pk__in=noted)
    before = rows.filter(likeness=OuterRef("likeness"), pk__lt=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    among = Exists(rows.filter(pk=OuterRef("pk")))  # asked first: the server may look at a row before its other filters
    heads = rows.filter(Exists(_copies())).alias(before=Case(When(among, then=Subquery(before)), default=F("pk")))
    return heads.filter(before__isnull=True)


def _copies() -> ContributionQuerySet:
    others = Contribution.objects.published().without_reactions().filter(demarche=OuterRef("demarche"))
    same = others.annotate(likeness_of=Likeness()).filter(likeness_of=OuterRef("likeness"))
    return same.exclude(pk=OuterRef("pk")).order_by()
