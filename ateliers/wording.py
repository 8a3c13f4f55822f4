"""The words of productions: what of them may be shown, how two of their versions differ, why one does not appear."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from ateliers.models import Production
from consultation.choices import ContributionState, VersionCause
from consultation.models import Contribution, Decision, Version

_WORDS = re.compile(r"\n+|[^\s]+[^\S\n]*")
SAME, REMOVED, ADDED = "same", "removed", "added"


@dataclass(frozen=True)
class Piece:
    """Some words in a row that the two versions share, or that one of them alone has."""

    kind: str
    text: str


@dataclass(frozen=True)
class Difference:
    """Two versions, whole, side by side: on the left what was removed, on the right what was added."""

    before: list[Piece]
    after: list[Piece]


def difference(before: str, after: str) -> Difference:
    """Word by word; time grows with the length of the texts (words that come back often start no comparison)."""
    left, right = _WORDS.findall(before), _WORDS.findall(after)
    # A word at the end of a text is the word that it is in the middle of another.
    matcher = SequenceMatcher(None, [one.rstrip(" ") for one in left], [one.rstrip(" ") for one in right])
    codes = matcher.get_opcodes()
    return Difference(
        list(_pieces(left, [(code, start, end) for code, start, end, _, _ in codes], REMOVED)),
        list(_pieces(right, [(code, start, end) for code, _, _, start, end in codes], ADDED)),
    )


def _pieces(words: list[str], codes: list[tuple[str, int, int]], kind: str) -> Iterator[Piece]:
    for code, start, end in codes:
        if start < end:
            yield Piece(SAME if code == "equal" else kind, "".join(words[start:end]))


def was_masked(contribution: Contribution) -> bool:
    """A passage of its earlier words is hidden for good: they are shown to nobody any more."""
    return Version.objects.filter(contribution=contribution, cause=VersionCause.MASKING).exists()


def with_refusals(rows: Iterable[Production]) -> None:
    """Gives each of those that were refused its `refusal`, the decision: one query."""
    refused = {row.pk: row for row in rows if row.contribution.state == ContributionState.REFUSED}
    decisions = Decision.objects.filter(contribution__in=refused, to_state=ContributionState.REFUSED)
    for decision in decisions.select_related("reason").order_by("pk"):
        refused[decision.contribution_id].refusal = decision
