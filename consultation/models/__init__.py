from .adoption import Adoption, Amendement, Article
from .after import Evaluation, EvaluationFigures, Media
from .annonce import Annonce
from .answers import Question, ServiceAnswer, Soutien
from .citation import Citation
from .contribution import Contribution
from .demarche import Cadre, Demarche, FrequentQuestion
from .etape import DateChange, Etape
from .feuille import Feuille
from .figures import ModerationFigures
from .inscription import Call, Inscription, InscriptionEvent, Venue
from .moderation import (
    Decision,
    ModerationKeys,
    ModerationNote,
    Reformulation,
    RefusalReason,
    SecondOpinion,
    Version,
)
from .news import Abonnement, Actualite, Ressource
from .papers import CahierActeur, Transcription
from .rappel import Rappel
from .recourse import Reexamen, Signalement
from .relecture import Echantillon, Relecture
from .rencontre import Lieu, Rencontre, Service
from .repeated import Repeated
from .reserve import Archivage, Confirmation, Reserve
from .role import Role
from .suite import Jalon, Suite, SuiteChange
from .territory import Commune
from .texte import Passage, Reponse, Texte, TexteVersion
from .theme import College, Enjeu, Theme

__all__ = [
    "Abonnement",
    "Actualite",
    "Adoption",
    "Amendement",
    "Annonce",
    "Archivage",
    "Article",
    "Cadre",
    "CahierActeur",
    "Call",
    "Citation",
    "College",
    "Commune",
    "Confirmation",
    "Contribution",
    "DateChange",
    "Decision",
    "Demarche",
    "Echantillon",
    "Enjeu",
    "Etape",
    "Evaluation",
    "EvaluationFigures",
    "Feuille",
    "FrequentQuestion",
    "Inscription",
    "InscriptionEvent",
    "Jalon",
    "Lieu",
    "Media",
    "ModerationFigures",
    "ModerationKeys",
    "ModerationNote",
    "Passage",
    "Question",
    "Rappel",
    "Reexamen",
    "Reformulation",
    "RefusalReason",
    "Relecture",
    "Rencontre",
    "Repeated",
    "Reponse",
    "Reserve",
    "Ressource",
    "Role",
    "SecondOpinion",
    "Service",
    "ServiceAnswer",
    "Signalement",
    "Soutien",
    "Suite",
    "SuiteChange",
    "Texte",
    "TexteVersion",
    "Theme",
    "Transcription",
    "Venue",
    "Version",
]
