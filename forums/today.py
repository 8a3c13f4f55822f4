"""What presses on those who answer for a forum today: the objections of the groups that have no answer."""

from __future__ import annotations

from django.db.models import Count, Min
from django.urls import reverse

from consultation.choices import DemarcheState
from consultation.permissions import WRITING, Visitor, visible_demarches
from consultation.today import Task, counted
from forums.models import Objection
from socle.dates import ago_label


def objections(user: Visitor) -> list[Task]:
    """One line for each forum, with the oldest; one query."""
    theirs = visible_demarches(user, WRITING).filter(state=DemarcheState.PUBLISHED)
    rows = Objection.objects.owed().filter(contribution__demarche__in=theirs.values("pk")).order_by("droit")
    found = rows.values_list("droit", "droit__forum__rencontre__title").annotate(
        number=Count("pk"), oldest=Min("contribution__submitted_at")
    )
    return [_line(*row) for row in found]


def _line(forum: int, title: str, number: int, oldest: object) -> Task:
    what = counted(number, "objection d’un groupe à répondre", "objections des groupes à répondre")
    more = f"{title}. La plus ancienne attend depuis {ago_label(oldest)}."  # type: ignore[arg-type]
    return Task(what.capitalize(), reverse("admin:forums_forum_regard", args=[forum]), more)
