"""The keys with which a moderator may work: what they do, which they are at first, and those one's own.

None works unless it is asked for (WCAG 2.1.4); each is one sign without a modifier, so that the browser keeps its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Act:
    label: str
    key: str


# The digits choose the reason of a refusal: they are nobody's.
ACTS = {
    "publish": Act("Publier", "p"),
    "refuse": Act("Ne pas publier, ou retirer du site (un chiffre choisit d’abord le motif)", "r"),
    "next": Act("Passer à la suivante", "s"),
    "previous": Act("Revenir à la précédente", "q"),
    "note": Act("Écrire une note interne", "n"),
    "opinion": Act("Demander un second avis, ou donner le sien", "a"),
    "reformulation": Act("Demander une reformulation", "f"),
    "mask": Act("Masquer un passage : ce qui est sélectionné, ou signalé", "m"),
    "help": Act("Montrer cette liste", "?"),
}
OTHERS = "?,;:!"  # beside the letters, with their accents: what an AZERTY keyboard gives in one press, or with Maj
DIGITS = "1 à 9"


def is_key(sign: str) -> bool:
    """A letter or one of OTHERS: no digit, no space, and neither ' nor / (a browser searches the page with them)."""
    return len(sign) == 1 and (sign in OTHERS or (sign.isalpha() and sign == sign.lower()))


def bindings(chosen: Mapping[str, Any]) -> dict[str, str]:
    """The key of each act: one's own where it is whole and clear, else those of the start."""
    kept = {act: chosen.get(act) for act in ACTS}
    keys = [key for key in kept.values() if isinstance(key, str) and is_key(key)]
    whole = len(keys) == len(ACTS) == len(set(keys))
    return dict(zip(ACTS, keys, strict=True)) if whole else {act: one.key for act, one in ACTS.items()}
