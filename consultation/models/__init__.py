from .answers import Question, ServiceAnswer, Soutien
from .contribution import Contribution
from .demarche import Cadre, Demarche, FrequentQuestion, Role
from .etape import DateChange, Etape
from .figures import ModerationFigures
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
from .recourse import Reexamen, Signalement
from .rencontre import Inscription, Lieu, Rencontre
from .territory import Commune
from .theme import College, Enjeu, Theme

__all__ = [
    "Abonnement",
    "Actualite",
    "Cadre",
    "CahierActeur",
    "College",
    "Commune",
    "Contribution",
    "DateChange",
    "Decision",
    "Demarche",
    "Enjeu",
    "Etape",
    "FrequentQuestion",
    "Inscription",
    "Lieu",
    "ModerationFigures",
    "ModerationKeys",
    "ModerationNote",
    "Question",
    "Reexamen",
    "Reformulation",
    "RefusalReason",
    "Rencontre",
    "Ressource",
    "Role",
    "SecondOpinion",
    "ServiceAnswer",
    "Signalement",
    "Soutien",
    "Theme",
    "Transcription",
    "Version",
]
