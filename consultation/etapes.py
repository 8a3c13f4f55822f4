"""The process, in one table: each étape type and the plain words of what it opens while it runs.

Upper floors ask `etape.opens("comptes_rendus")`; nobody else compares an étape's type.
"""

from dataclasses import dataclass

from django.db import models


class EtapeType(models.TextChoices):
    RECUEIL = "recueil", "recueil de témoignages et de réflexions"
    LANCEMENT = "lancement", "lancement et synthèse des contributions"
    ATELIERS = "ateliers", "ateliers participatifs"
    FORUM = "forum", "forum de restitution et de débat"
    RAPPORT = "rapport", "rapport d’orientations"
    ADOPTION = "adoption", "présentation et adoption"
    REUNIONS = "reunions_publiques", "réunions publiques et suites"


@dataclass(frozen=True)
class Regle:
    """`opens`: what people and staff can do while the étape runs; `invites`: the one thing to do, in words."""

    opens: frozenset[str]
    invites: str


def _regle(invites: str, *opens: str) -> Regle:
    return Regle(frozenset(opens), invites)


REGLES: dict[str, Regle] = {
    EtapeType.RECUEIL: _regle("Apportez votre témoignage", "temoignages"),
    EtapeType.LANCEMENT: _regle("Venez au lancement", "inscriptions", "synthese"),
    EtapeType.ATELIERS: _regle("Répondez à la question d’un atelier", "inscriptions", "comptes_rendus", "productions"),
    EtapeType.FORUM: _regle("Venez au forum", "inscriptions", "restitution", "synthese"),
    EtapeType.RAPPORT: _regle("Suivez la préparation du rapport", "rapport"),
    EtapeType.ADOPTION: _regle("Suivez l’adoption de la politique", "adoption"),
    EtapeType.REUNIONS: _regle("Venez à une réunion publique", "inscriptions", "suites"),
}
