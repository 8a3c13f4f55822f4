"""What presses on those who answer for a forum today: the objections of the groups that have no answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, F, Min
from django.urls import reverse

from consultation.choices import DemarcheState
from consultation.permissions import WRITING, Visitor, visible_demarches
from consultation.pressing import Task, counted
from forums.models import Objection
from socle.dates import ago_label


def owed(user: Visitor) -> Any:
    """(forum, title, how many, since when) of the forums where a group has no answer: for one query, with others."""
    theirs = visible_demarches(user, WRITING).filter(state=DemarcheState.PUBLISHED)
    rows = Objection.objects.owed().filter(contribution__demarche__in=theirs.values("pk")).order_by()
    named = rows.annotate(place=F("droit"), name=F("droit__forum__rencontre__title")).values_list("place", "name")
    return named.annotate(number=Count("pk"), oldest=Min("contribution__submitted_at"))


def line(forum: int, title: str, number: int, oldest: datetime) -> Task:
    what = counted(number, "objection d’un groupe à répondre", "objections des groupes à répondre")
    more = f"{title}. La plus ancienne attend depuis {ago_label(oldest)}."
    return Task(what.capitalize(), reverse("admin:forums_forum_regard", args=[forum]), more)
