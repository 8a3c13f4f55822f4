"""Many productions kept in one gesture: what was posted, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterable

from ateliers.actions.devenirs import Kept
from socle.text import whole_number

NAMED = 20  # of those that were left, as many are said one by one
NOTHING_TICKED = "Rien n’est gardé : aucune production n’était cochée."


def as_read(posted: Iterable[str]) -> dict[int, int]:
    """{production: the version that was on the page}, out of `Production.as_read`; 0 for what anyone forged."""
    pairs = (one.partition(":") for one in posted)
    return {whole_number(production): whole_number(version) for production, _, version in pairs}


def kept_words(kept: Kept) -> str:
    return f"{kept.count} productions sont gardées." if kept.count > 1 else "Une production est gardée."


def left_words(kept: Kept) -> str:
    """Empty where nothing was left."""
    if not kept.left:
        return ""
    named = ", ".join(f"{reference} ({why})" for reference, why in kept.left[:NAMED])
    others = len(kept.left) - NAMED
    more = f", et {others} autres" if others > 1 else ", et une autre" if others == 1 else ""
    return f"À relire, puis à décider : {named}{more}. Rien n’y est changé."
