"""The stored values of the trunk: French slugs, and the words shown for them."""

from django.db import models

# How many days before a rencontre its reminders leave: « 7,1 ».
DAYS_LIST = "^[0-9]{1,2}(,[0-9]{1,2})*$"
DAYS_BEFORE = "Écrivez des nombres de jours, 99 au plus, séparés par des virgules : 7,1."


class DemarcheState(models.TextChoices):
    DRAFT = "brouillon", "brouillon"
    PUBLISHED = "publiee", "publiée"
    ARCHIVED = "archivee", "archivée"


class Moderation(models.TextChoices):
    BEFORE = "avant", "avant publication"
    AFTER = "apres", "après publication"


class SoutienMode(models.TextChoices):
    """What is shown of the soutiens of a démarche."""

    SHOWN = "affiches", "affichés"
    HIDDEN = "masques", "masqués jusqu’à la clôture"
    OFF = "sans", "sans soutiens"


class Level(models.TextChoices):
    """How far those who are consulted weigh in the decision."""

    INFORMATION = "information", "information"
    CONSULTATION = "consultation", "consultation"
    CONCERTATION = "concertation", "concertation"
    COCONSTRUCTION = "coconstruction", "coconstruction"
    CODECISION = "codecision", "codécision"


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
    POST = "courrier", "par courrier"
    PHONE = "telephone", "par téléphone"
    SEANCE = "seance", "en atelier"
    FORUM = "forum", "au forum"
    IMPORT = "import", "reprise d’un autre outil"


class Display(models.TextChoices):
    ANONYMOUS = "anonyme", "Anonyme"
    NAMED = "nom", "Sous le nom que j’indique"
    PSEUDONYM = "pseudonyme", "Sous un pseudonyme"


class SpeaksAs(models.TextChoices):
    """In whose name one speaks."""

    PERSONAL = "personnel", "À titre personnel"
    ORGANISATION = "organisation", "Au nom d’une organisation"
    GROUP = "groupe", "Au nom d’une classe ou d’un groupe"


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


class Presence(models.TextChoices):
    ROOM = "salle", "dans la salle"
    REMOTE = "distance", "à distance"


class InscriptionEventKind(models.TextChoices):
    """What may happen to an inscription, in the words of its history."""

    CONFIRMED = "confirmee", "place confirmée"
    WAITING = "en_attente", "mise sur la liste d’attente"
    PROMOTED = "promue", "place reçue de la liste d’attente"
    NOT_OFFERED = "non_proposee", "place non proposée"
    CANCELLED = "annulee", "annulée par la personne"
    RELEASED = "retiree", "annulée par l’équipe"
    MOVED = "avertie", "avertie d’un changement"
    ON_THE_SPOT = "sur_place", "accueillie sur place"
    ATTENDED = "presente", "présente"
    NOT_ATTENDED = "non_presente", "présence effacée"
    IMAGE_REFUSED = "image_refusee", "ne veut pas être photographiée"
    IMAGE_ALLOWED = "image_admise", "refus d’être photographiée ôté"
    IMAGE_AGREED = "image_accord", "accord donné pour son image"
    IMAGE_WITHDRAWN = "image_retrait", "accord retiré pour son image"


class MediaKind(models.TextChoices):
    PHOTO = "photo", "photographie"
    RECORDING = "enregistrement", "enregistrement"


class Answering(models.TextChoices):
    """How the answers of an évaluation came."""

    LINK = "lien", "par le lien du courriel"
    PAPER = "papier", "sur papier"


class Mark(models.IntegerChoices):
    """The scale of an évaluation, from best to worst."""

    FULLY = 4, "tout à fait"
    RATHER = 3, "plutôt"
    RATHER_NOT = 2, "plutôt pas"
    NOT_AT_ALL = 1, "pas du tout"


class How(models.TextChoices):
    """How what cites takes up what it cites."""

    TAKES_UP = "reprend", "reprend"
    MERGES = "fusionne", "fusionne"
    QUALIFIES = "nuance", "nuance"
    DIVERGES = "diverge", "diverge"


class TexteKind(models.TextChoices):
    """What each of them does is said in `consultation/textes.py`."""

    SYNTHESE = "synthese", "synthèse des contributions"
    INTERMEDIAIRE = "synthese_intermediaire", "synthèse intermédiaire"
    RAPPORT = "rapport", "rapport d’orientations"
    POLITIQUE = "politique", "politique adoptée"
    BILAN = "bilan", "bilan de la concertation"


class TexteState(models.TextChoices):
    """Of one version of a texte."""

    DRAFT = "brouillon", "brouillon"
    PROVISIONAL = "provisoire", "version provisoire"
    FINAL = "definitive", "version définitive"


class ReponseKind(models.TextChoices):
    """What is done of a contribution that nothing cites."""

    PARTLY = "reprise_en_partie", "reprise en partie"
    PLANNED = "deja_prevue", "déjà prévue"
    OFF_TOPIC = "hors_sujet", "hors du sujet"
    NOT_OURS = "hors_competence", "hors compétence"
    NOT_KEPT = "non_retenue", "non retenue"
    NO_OPINION = "sans_avis", "sans avis exprimé"


class AnnonceOutcome(models.TextChoices):
    """What the author of a contribution is told."""

    PRODUCTION = "production", "reprise par une production"
    TAKEN_UP = "reprise", "reprise"
    ANSWERED = "reponse", "réponse donnée"
    PRESENTED = "presente", "présentation en séance commune"
    AVIS = "avis", "avis du CESER"
    VOTED = "vote", "délibération"
    SUITE = "suite", "suite donnée"
    ARCHIVED = "archive", "démarche archivée"


class RoleKind(models.TextChoices):
    LECTEUR = "lecteur", "lecteur"
    MODERATEUR = "moderateur", "modérateur"
    REDACTEUR = "redacteur", "rédacteur"
    RESPONSABLE = "responsable", "responsable de démarche"


class DecisionCause(models.TextChoices):
    """What made the state of a contribution change."""

    AUTHOR = "auteur", "par son auteur"
    RULE = "regle", "par la règle de la démarche"
    MODERATION = "moderation", "par la modération"
    REEXAMEN = "reexamen", "après un réexamen"
    SIGNALEMENT = "signalement", "après un signalement"


class WithdrawnBy(models.TextChoices):
    AUTHOR = "auteur", "par son auteur"
    MODERATION = "moderation", "par la modération"


class VersionCause(models.TextChoices):
    """Why the words of a contribution were replaced."""

    CORRECTION = "correction", "correction par l’auteur"
    REFORMULATION = "reformulation", "reformulation demandée"
    MASKING = "masquage", "passage masqué"
    READING = "relecture", "seconde lecture du papier"
    SEANCE = "seance", "reformulée par le groupe en séance"


class Advice(models.TextChoices):
    PUBLISH = "publier", "publier"
    REFUSE = "ne_pas_publier", "ne pas publier"
    UNSURE = "partage", "avis partagé"


class ReexamenOutcome(models.TextChoices):
    UPHELD = "maintenue", "la décision est maintenue"
    OVERTURNED = "annulee", "la décision est annulée"


class SignalementReason(models.TextChoices):
    ILLEGAL = "illegal", "C’est contraire à la loi (injure, haine, menace, diffamation…)"
    PERSONAL = "personnel", "Une personne y est reconnaissable, ou ses coordonnées y sont"
    CHARTE = "charte", "C’est contraire à la charte de participation"
    SPAM = "publicite", "C’est de la publicité, ou un envoi en nombre"
    OTHER = "autre", "Autre chose"


class SignalementOutcome(models.TextChoices):
    KEPT = "maintenue", "la contribution reste en ligne"
    MASKED = "masquee", "un passage a été masqué"
    TAKEN_DOWN = "retiree", "la contribution a été retirée"


class RessourceKind(models.TextChoices):
    DOCUMENT = "document", "document"
    LINK = "lien", "lien"


class EndReason(models.TextChoices):
    """Why an abonnement is over."""

    ASKED = "desinscription", "désinscription"
    BOUNCED = "adresse_refusee", "adresse refusée par son serveur"
