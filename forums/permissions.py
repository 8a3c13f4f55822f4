"""Who may do what at a forum; each function reads like the regulation. Every door asks here."""

from __future__ import annotations

from consultation.permissions import Visitor, can_moderate, can_organise, can_write
from forums.models import Forum


def can_cross(user: Visitor, forum: Forum) -> bool:
    """The rédacteurs and the responsable of the démarche compose its croisements, publish them and withdraw them."""
    return can_write(user, forum.rencontre.demarche)


def can_answer_objections(user: Visitor, forum: Forum) -> bool:
    """They open the droit de regard, and answer what the groups object to."""
    return can_write(user, forum.rencontre.demarche)


def can_type(user: Visitor, forum: Forum) -> bool:
    """Whoever writes, moderates or runs the forum types what is said in its room, and opens it to the scribes."""
    demarche = forum.rencontre.demarche
    return can_write(user, demarche) or can_moderate(user, demarche) or can_organise(user, forum.rencontre)
