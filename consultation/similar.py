"""What others have already said about the same thing, from the title of a contribution being written."""

from __future__ import annotations

from consultation.models import Contribution, Demarche
from consultation.search import look_up
from socle.fulltext import Query

SHOWN = 3


def similar(demarche: Demarche, title: str, *, besides: Contribution | None = None) -> list[Contribution]:
    """The published contributions closest to `title`, best first; at most three queries, whatever their number.

    Two words in common make one close. As for the search, only the newest matches are ranked (consultation.search).
    """
    query = Query.close_to(title)
    if not query:
        return []
    rows = Contribution.objects.published().filter(demarche=demarche, parent=None)
    if besides:
        rows = rows.exclude(pk=besides.pk)
    best = sorted(look_up(rows, query).matches, key=lambda match: match.key)[:SHOWN]
    found = Contribution.objects.published().in_bulk([match.pk for match in best])
    for contribution in found.values():
        contribution.demarche = demarche
    return [found[match.pk] for match in best if match.pk in found]
