"""How often the forms of the forums may be used. Ask before any transaction (see socle.limiter)."""

from __future__ import annotations

from datetime import timedelta

from ateliers.models import Membre
from forums.models import Forum
from socle.limiter.actions import Limit, Verdict, take, take_all

OBJECTIONS = Limit("objection", 30, timedelta(hours=1))
# One link for all the tables of a forum: forty scribes who type without a pause never meet it.
HOURLY, DAILY = Limit("forum-saisie", 1200, timedelta(hours=1)), Limit("forum-saisie", 4000, timedelta(days=1))


def may_object(membre: Membre) -> bool:
    return take(OBJECTIONS, str(membre.pk))


def may_type(forum: Forum) -> Verdict:
    """Counted once the form is right: a mistake costs nothing."""
    return take_all([(HOURLY, str(forum.pk)), (DAILY, str(forum.pk))])
