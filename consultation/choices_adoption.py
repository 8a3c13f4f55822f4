"""The stored values of the adoption and of what follows it: French slugs, and the words shown for them."""

from django.db import models


class Avis(models.TextChoices):
    """What the CESER thinks of the report."""

    FAVOURABLE = "favorable", "favorable"
    RESERVED = "favorable_reserves", "favorable avec réserves"
    DIVIDED = "partage", "partagé"
    UNFAVOURABLE = "defavorable", "défavorable"


class AmendementKind(models.TextChoices):
    """Other words for a passage of the report, or an article that it does not have, after that passage."""

    CHANGES = "modifie", "modifie l’orientation"
    ADDS = "ajoute", "ajoute un article"


class AmendementState(models.TextChoices):
    FILED = "depose", "déposé"
    ADOPTED = "adopte", "adopté"
    REJECTED = "rejete", "rejeté"
    WITHDRAWN = "retire", "retiré par son auteur"


class ArticleOutcome(models.TextChoices):
    """What the délibération makes of one passage of the report."""

    AS_SUCH = "tel_quel", "adoptée telle quelle"
    AMENDED = "amende", "adoptée après amendement"
    IN_PART = "en_partie", "adoptée en partie"
    NOT_KEPT = "non_retenu", "non retenue"


class SuiteState(models.TextChoices):
    """Of what follows an adopted passage; which may follow which is said below."""

    ANNOUNCED = "annoncee", "annoncée"
    ENGAGED = "engagee", "engagée"
    DONE = "realisee", "réalisée"
    GIVEN_UP = "abandonnee", "abandonnée"


# From, to: what was promised advances, or is given up; a way back says why (`SuiteChange`).
SUITE_BACK = frozenset(
    {
        (SuiteState.ENGAGED, SuiteState.ANNOUNCED),
        (SuiteState.DONE, SuiteState.ENGAGED),
        (SuiteState.GIVEN_UP, SuiteState.ANNOUNCED),
        (SuiteState.GIVEN_UP, SuiteState.ENGAGED),
    }
)
SUITE_TRANSITIONS = SUITE_BACK | {
    (SuiteState.ANNOUNCED, SuiteState.ENGAGED),
    (SuiteState.ANNOUNCED, SuiteState.DONE),
    (SuiteState.ENGAGED, SuiteState.DONE),
    (SuiteState.ANNOUNCED, SuiteState.GIVEN_UP),
    (SuiteState.ENGAGED, SuiteState.GIVEN_UP),
}
