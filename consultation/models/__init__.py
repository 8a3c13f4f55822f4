from .contribution import Contribution, Decision, RefusalReason
from .demarche import Cadre, Demarche, Role
from .etape import DateChange, Etape
from .rencontre import Inscription, Lieu, Rencontre
from .territory import Commune
from .theme import College, Enjeu, Theme

__all__ = [
    "Cadre",
    "College",
    "Commune",
    "Contribution",
    "DateChange",
    "Decision",
    "Demarche",
    "Enjeu",
    "Etape",
    "Inscription",
    "Lieu",
    "RefusalReason",
    "Rencontre",
    "Role",
    "Theme",
]
