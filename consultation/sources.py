"""Where a contribution comes from and who takes it up: what both sides of a citation may show."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from consultation.models import Citation, Contribution

MOST = 50  # of one page, newest last


@dataclass(frozen=True)
class Sources:
    cited: list[Citation]
    citing: list[Citation]


def sources(contribution: Contribution) -> Sources:
    """Both ways, in one query; the démarche must be loaded with the row."""
    rows = Citation.objects.of_published().filter(Q(citing=contribution) | Q(cited=contribution)).order_by("pk")
    rows = rows.select_related("citing", "cited").defer(
        "citing__body", "cited__body", "citing__tracking_hash", "cited__tracking_hash"
    )
    found = list(rows[:MOST])
    for one in found:
        one.citing.demarche = one.cited.demarche = contribution.demarche
    return Sources(
        [one for one in found if one.citing_id == contribution.pk],
        [one for one in found if one.cited_id == contribution.pk],
    )
