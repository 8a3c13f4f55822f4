"""The réactions to one contribution as its page shows them: by stance, each with its count, none put forward."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models.functions import Left
from django.http import QueryDict

from consultation import figures
from consultation.cards import EXCERPT
from consultation.choices import Stance
from consultation.models import Contribution, Demarche
from consultation.models.contribution import ContributionQuerySet
from consultation.templatetags.prose import typo
from socle.fulltext import excerpt
from socle.keyset import Keyset

POSITION = "position"
PAGE = 20
FIRST = 6  # of each stance, where they are more than a page together


@dataclass(frozen=True)
class Line:
    """One réaction in short."""

    contribution: Contribution
    excerpt: str
    cut: bool


@dataclass(frozen=True)
class Group:
    """Those of one stance; `more`: others are read on the page of this stance alone."""

    stance: str
    label: str
    count: str
    lines: list[Line] = field(default_factory=list)
    more: bool = False


@dataclass(frozen=True)
class Reactions:
    """`alone` is the stance the address asks for; `previous` and `following` are the places around its page."""

    groups: list[Group] = field(default_factory=list)
    alone: str = ""
    previous: str = ""
    following: str = ""

    @property
    def counts(self) -> str:
        """« 12 pour, 3 contre »: never one number for all."""
        return ", ".join(f"{group.count} {group.label}" for group in self.groups)

    @property
    def shown(self) -> list[Group]:
        return [group for group in self.groups if group.lines]


def read(parent: Contribution, query: QueryDict) -> Reactions:
    """One query where there is none, two or three otherwise, whatever their number."""
    rows = Contribution.objects.published().filter(parent=parent)
    counts = _counts(rows, parent)
    if not counts:
        return Reactions()
    asked = query.get(POSITION, "")
    if asked in counts:
        page = Keyset("published_at", f"reactions:{parent.pk}:{asked}", PAGE).page(_short(rows, asked), query)
        return Reactions(_groups(counts, {asked: page.rows}, parent), asked, page.previous, page.following)
    return Reactions(_groups(counts, _first(rows, counts), parent))


def _counts(rows: ContributionQuerySet, parent: Contribution) -> dict[str, int]:
    """By stance, those that have any; counted up to a limit, as every figure."""
    asked = {f"n_{stance}": figures.capped_count(rows.filter(stance=stance)) for stance in Stance.values}
    found = Demarche.objects.filter(pk=parent.demarche_id).annotate(**asked).values_list(*asked).get()
    return {stance: number for stance, number in zip(Stance.values, found, strict=True) if number}


def _first(rows: ContributionQuerySet, counts: dict[str, int]) -> dict[str, list[Contribution]]:
    """All of them where they fit on a page; else as many of each stance: nobody speaks for longer than the others."""
    size = PAGE if sum(counts.values()) <= PAGE else FIRST
    first, *others = (_short(rows, stance).newest()[:size] for stance in counts)
    found: dict[str, list[Contribution]] = {stance: [] for stance in counts}
    for row in first.union(*others, all=True) if others else first:
        found[row.stance].append(row)
    return {stance: sorted(those, key=_newest_first, reverse=True) for stance, those in found.items()}


def _newest_first(row: Contribution) -> tuple:
    return (row.published_at, row.pk)


def _short(rows: ContributionQuerySet, stance: str) -> ContributionQuerySet:
    short = rows.filter(stance=stance).annotate(beginning=Left("body", EXCERPT + 1))
    return short.defer("body", "tracking_hash")


def _groups(counts: dict[str, int], shown: dict[str, list[Contribution]], parent: Contribution) -> list[Group]:
    return [
        Group(
            stance,
            str(Stance(stance).label),
            figures.capped(count),
            lines=[_line(row, parent) for row in shown.get(stance, [])],
            more=count > len(shown.get(stance, [])),
        )
        for stance, count in counts.items()
    ]


def _line(row: Contribution, parent: Contribution) -> Line:
    row.demarche = parent.demarche
    beginning: str = row.beginning  # type: ignore[attr-defined]
    return Line(row, typo(excerpt(beginning, EXCERPT)), len(beginning) > EXCERPT)
