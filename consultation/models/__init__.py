from .contribution import Contribution, Decision, RefusalReason
from .demarche import Cadre, College, DateChange, Demarche, Enjeu, Etape, Role, Theme
from .rencontre import Inscription, Lieu, Rencontre
from .territory import Commune

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
