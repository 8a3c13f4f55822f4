"""The textes, in one table: what each kind has to do, and what its passages are called on screen."""

from __future__ import annotations

from dataclasses import dataclass

from consultation.choices import TexteKind


@dataclass(frozen=True)
class Regle:
    """`treats`: it owes an answer to each contribution received until its closing (trigger `texte_version_whole`)."""

    passage: str
    passages: str
    treats: bool = True


REGLES: dict[str, Regle] = {
    TexteKind.SYNTHESE: Regle("passage", "passages"),
    TexteKind.INTERMEDIAIRE: Regle("passage", "passages"),
    TexteKind.RAPPORT: Regle("orientation", "orientations"),
    TexteKind.POLITIQUE: Regle("article", "articles", treats=False),
    TexteKind.BILAN: Regle("passage", "passages", treats=False),
}
