"""What the page says of the rows of one person: how many there are, what goes of them, what stays and why."""

from __future__ import annotations

from dataclasses import dataclass

from socle.comptes.models import Personne
from socle.personaldata import AtErasure, Held
from socle.privacy.declared import declared, rows_of


@dataclass(frozen=True)
class Count:
    title: str
    number: int


@dataclass(frozen=True)
class Remains:
    """Of one sort of row: the reasons for which something of it stays; empty where all of it goes."""

    title: str
    number: int
    reasons: list[str]
    with_texts: bool  # whether leaving with one's texts takes more of it


def held_of(personne: Personne) -> list[Count]:
    found = [Count(held.title, rows_of(held, personne).count()) for held in declared()]
    return [one for one in reversed(found) if one.number]


def remains(personne: Personne) -> list[Remains]:
    found = [Remains(held.title, rows_of(held, personne).count(), *reasons_of(held)) for held in declared()]
    return [one for one in reversed(found) if one.number]


def reasons_of(held: Held) -> tuple[list[str], bool]:
    """Said once each, in the order of the declaration."""
    kept = [rule.why for rule in held.rules.values() if rule.at == AtErasure.KEPT]
    return list(dict.fromkeys(kept)), any(rule.at == AtErasure.WITH_TEXTS for rule in held.rules.values())
