"""The forums: their programme, what is said at them, what is crossed there, and the droit de regard before them."""

from .croisement import CROSSED_MAX, Croisement, CroisementKind
from .forum import Forum
from .intervention import Intervention
from .moment import Moment, MomentKind
from .regard import ANSWER_LENGTH, AnnonceRegard, DroitDeRegard, Objection

__all__ = [
    "ANSWER_LENGTH",
    "CROSSED_MAX",
    "AnnonceRegard",
    "Croisement",
    "CroisementKind",
    "DroitDeRegard",
    "Forum",
    "Intervention",
    "Moment",
    "MomentKind",
    "Objection",
]
