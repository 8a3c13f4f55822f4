"""The stored values of the trunk: French slugs, and the words shown for them."""

from django.db import models


class DemarcheState(models.TextChoices):
    DRAFT = "brouillon", "brouillon"
    PUBLISHED = "publiee", "publiée"
    ARCHIVED = "archivee", "archivée"


class Moderation(models.TextChoices):
    BEFORE = "avant", "avant publication"
    AFTER = "apres", "après publication"


class ContributionState(models.TextChoices):
    TO_CONFIRM = "a_confirmer", "à confirmer"
    WAITING = "en_attente", "en attente de modération"
    PUBLISHED = "publiee", "publiée"
    REFUSED = "refusee", "refusée"
    WITHDRAWN = "retiree", "retirée"


class Nature(models.TextChoices):
    TEMOIGNAGE = "temoignage", "Un témoignage"
    REFLEXION = "reflexion", "Une réflexion"
    PROPOSITION = "proposition", "Une proposition"
    QUESTION = "question", "Une question"


class Origine(models.TextChoices):
    ONLINE = "en_ligne", "en ligne"
    PAPER = "papier", "sur papier"
    SEANCE = "seance", "en atelier"
    FORUM = "forum", "au forum"
    IMPORT = "import", "reprise d’un autre outil"


class Display(models.TextChoices):
    ANONYMOUS = "anonyme", "Anonyme"
    NAMED = "nom", "Sous le nom que j’indique"


class SpeaksAs(models.TextChoices):
    """In whose name one speaks."""

    PERSONAL = "personnel", "À titre personnel"
    ORGANISATION = "organisation", "Au nom d’une organisation"


class Stance(models.TextChoices):
    FOR = "pour", "pour"
    AGAINST = "contre", "contre"
    NEITHER = "ni_pour_ni_contre", "ni pour ni contre"


class RencontreKind(models.TextChoices):
    LANCEMENT = "lancement", "lancement"
    SEANCE = "seance", "séance d’atelier"
    FORUM = "forum", "forum"
    PLENIERE = "seance_pleniere", "séance plénière commune"
    REUNION = "reunion_publique", "réunion publique"


class RencontreState(models.TextChoices):
    DRAFT = "brouillon", "brouillon"
    PUBLISHED = "publiee", "publiée"
    CANCELLED = "annulee", "annulée"


class Mode(models.TextChoices):
    ROOM = "salle", "dans la salle"
    REMOTE = "distance", "à distance"
    BOTH = "mixte", "dans la salle ou à distance"


class InscriptionState(models.TextChoices):
    CONFIRMED = "confirmee", "confirmée"
    WAITING = "en_attente", "en liste d’attente"
    CANCELLED = "annulee", "annulée"


class RoleKind(models.TextChoices):
    LECTEUR = "lecteur", "lecteur"
    MODERATEUR = "moderateur", "modérateur"
    REDACTEUR = "redacteur", "rédacteur"
    RESPONSABLE = "responsable", "responsable de démarche"
