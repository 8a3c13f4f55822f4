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
    """What is left once somebody has gone: of some sorts of rows nothing; of others a row, each for its reasons."""

    nothing: list[str]
    kept: list[tuple[list[str], tuple[str, ...]]]  # what stays for the same reasons, and these
    with_texts: list[str]  # of which leaving with one's texts takes the words too


def held_of(personne: Personne) -> list[Count]:
    found = [Count(held.title, rows_of(held, personne).count()) for held in declared()]
    return [one for one in reversed(found) if one.number]


def remains(personne: Personne) -> Remains:
    found = [held for held in reversed(declared()) if rows_of(held, personne).exists()]
    kept: dict[tuple[str, ...], list[str]] = {}
    for held in found:
        kept.setdefault(tuple(reasons_of(held)), []).append(held.title)
    nothing = kept.pop((), [])
    named = [(titles, reasons) for reasons, titles in kept.items()]
    return Remains(nothing, named, [held.title for held in found if _has_texts(held)])


def reasons_of(held: Held) -> list[str]:
    """Said once each, in the order of the declaration."""
    return list(dict.fromkeys(rule.why for rule in held.rules.values() if rule.at == AtErasure.KEPT))


def _has_texts(held: Held) -> bool:
    return any(rule.at == AtErasure.WITH_TEXTS for rule in held.rules.values())
