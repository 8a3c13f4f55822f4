"""What others have already said about the same thing, from the title of a contribution being written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

from consultation.models import Contribution, Demarche
from consultation.models.contribution import ContributionQuerySet
from consultation.search import look_up
from socle.fulltext import Query

SHOWN = 3
PATIENCE = 400  # milliseconds: words that are common apart and rare together may have the whole list read


def similar(demarche: Demarche, title: str, *, besides: Contribution | None = None) -> list[Contribution]:
    """The published contributions closest to `title`, best first; none where finding them would make anyone wait.

    Two words in common make one close. As for the search, only the newest matches are ranked (consultation.search).
    """
    query = Query.close_to(title)
    if not query:
        return []
    rows = Contribution.objects.published().without_reactions().filter(demarche=demarche)
    if besides:
        rows = rows.exclude(pk=besides.pk)
    best = closest(rows, query)
    found = Contribution.objects.published().in_bulk(best)
    for contribution in found.values():
        contribution.demarche = demarche
    return [found[pk] for pk in best if pk in found]


def closest(rows: ContributionQuerySet, query: Query) -> list[int]:
    try:
        with patience():
            matches = look_up(rows, query).matches
    except OperationalError:  # cancelled by the server
        return []
    return [match.pk for match in sorted(matches, key=lambda match: match.key)[:SHOWN]]


@contextmanager
def patience(milliseconds: int = PATIENCE) -> Iterator[None]:
    """What takes longer is cancelled by the server: OperationalError."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])
        yield
        # Inside of a longer transaction it would outlive this one.
        cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
