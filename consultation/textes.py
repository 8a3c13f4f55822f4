"""The textes, in one table: what each kind has to do, and what its passages are called on screen."""

from __future__ import annotations

from dataclasses import dataclass

from consultation.choices import TexteKind


@dataclass(frozen=True)
class Regle:
    """`treats`: it owes an answer to each contribution received until its closing (trigger `texte_version_whole`);
    `presented`: the assemblies deliberate on it; `voted`: it says what they voted, and no more (`politique_as_voted`).
    """

    passage: str
    passages: str
    treats: bool = True
    presented: bool = False
    voted: bool = False

    @property
    def the_passage(self) -> str:
        """« le passage », « l’orientation »."""
        return f"l’{self.passage}" if self._elided else f"le {self.passage}"

    @property
    def at_the_passage(self) -> str:
        """« au passage », « à l’orientation »."""
        return f"à l’{self.passage}" if self._elided else f"au {self.passage}"

    @property
    def no_passage(self) -> str:
        """« aucun passage », « aucune orientation »."""
        return f"aucune {self.passage}" if self.passage.endswith("ion") else f"aucun {self.passage}"

    @property
    def _elided(self) -> bool:
        return self.passage[0] in "ao"


REGLES: dict[str, Regle] = {
    TexteKind.SYNTHESE: Regle("passage", "passages"),
    TexteKind.INTERMEDIAIRE: Regle("passage", "passages"),
    TexteKind.RAPPORT: Regle("orientation", "orientations", presented=True),
    TexteKind.POLITIQUE: Regle("article", "articles", treats=False, voted=True),
    TexteKind.BILAN: Regle("passage", "passages", treats=False),
}
