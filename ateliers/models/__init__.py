from .atelier import Animation, Atelier, CameBy, Membre, Objective, Seance
from .composition import Candidature, Cible, MembreEvent, MembreEventKind, Tirage
from .compte_rendu import CompteRendu, CompteRenduState, Lecture, Outcome, Point, Remarque
from .production import Devenir, Fate, Production, ProductionVersion, Table, Words

__all__ = [
    "Animation",
    "Atelier",
    "CameBy",
    "Candidature",
    "Cible",
    "CompteRendu",
    "CompteRenduState",
    "Devenir",
    "Fate",
    "Lecture",
    "Membre",
    "MembreEvent",
    "MembreEventKind",
    "Objective",
    "Outcome",
    "Point",
    "Production",
    "ProductionVersion",
    "Remarque",
    "Seance",
    "Table",
    "Tirage",
    "Words",
]
