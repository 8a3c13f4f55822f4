"""The staff's first page: what presses today on whoever is in, from every floor, then everything else by task."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, CharField, Count, Min, Value
from django.urls import reverse

from ateliers import today as ateliers
from consultation import today as consultation
from consultation.permissions import Visitor, can_write
from consultation.pressing import Task
from forums import today as forums
from socle.dates import day_label
from socle.privacy.models import Opposition
from socle.privacy.permissions import can_answer

# The lists of the admin, by what one comes to do. A list that is in none of them is shown last.
BY_TASK = (
    (
        "Conduire la démarche",
        (
            *("consultation.demarche", "consultation.cadre", "consultation.etape", "consultation.theme"),
            "consultation.reserve",
        ),
    ),
    (
        "Préparer et tenir les rencontres",
        (
            *("ateliers.atelier", "consultation.rencontre", "forums.forum"),
            *("consultation.lieu", "consultation.service", "consultation.commune"),
        ),
    ),
    (
        "Lire et modérer ce qui est dit",
        (
            *("consultation.contribution", "consultation.signalement", "consultation.reexamen"),
            *("consultation.transcription", "consultation.cahieracteur", "consultation.refusalreason"),
        ),
    ),
    (
        "Répondre et informer",
        (
            *("consultation.question", "consultation.actualite", "consultation.ressource"),
            *("consultation.abonnement", "courriels.envoi"),
        ),
    ),
    ("Écrire les textes, suivre ce qui en est fait", ("consultation.texte", "consultation.suite")),
    ("Emporter et vérifier", ("exports.export", "registre.entree")),
    ("Répondre de leurs données à ceux qui participent", ("privacy.opposition", "privacy.depart", "privacy.visa")),
    ("Le site et l’équipe", ("comptes.user", "access.trace", "identity.siteidentity")),
)
OTHERS = "Autres listes"


@dataclass(frozen=True)
class Today:
    """`pressing` is what is to be done; the agenda and one's own ateliers are there to be found."""

    pressing: list[Task]
    agenda: list[Task]
    ateliers: list[Task]


def read(user: Visitor) -> Today:
    """As many queries whatever the number of ateliers, of rencontres and of contributions."""
    rencontres = consultation.coming(user)
    theirs = consultation.organised(user, rencontres)
    pressing = [
        *ateliers.comptes_rendus(user),
        *consultation.withheld(theirs),
        *consultation.undelivered(theirs),
        *consultation.on_demarches(user),
        *objections(user),
    ]
    agenda = consultation.agenda(rencontres)
    return Today(pressing, _led_to_their_atelier(agenda), ateliers.led(user))


def objections(user: Visitor) -> list[Task]:
    """What the groups object to in a texte, and people in the use of their data: each is owed an answer. One query."""
    if not (can_write(user, None) or can_answer(user)):
        return []
    owed = forums.owed(user)
    if can_answer(user):
        waiting = (
            Opposition.objects.waiting()
            .order_by()
            .annotate(place=Value(0, output_field=BigIntegerField()), name=Value("", output_field=CharField()))
        )
        counted = waiting.values_list("place", "name").annotate(number=Count("pk"), oldest=Min("asked_at"))
        owed = owed.union(counted, all=True).order_by()
    return [forums.line(*row) if row[0] else _oppositions(row[2], row[3]) for row in owed if row[2]]


def _oppositions(number: int, oldest: datetime) -> Task:
    """Within a month."""
    many = f"{number} opposition{'s' if number > 1 else ''} à un usage de données"
    more = f"réponse due avant le {day_label(Opposition(asked_at=oldest).due_on, weekday=False)}"
    return Task(many, reverse("admin:privacy_opposition_changelist") + "?answered_at__isempty=1", more)


def _led_to_their_atelier(tasks: list[Task]) -> list[Task]:
    """A séance is looked at on the page of its atelier, where all that goes with it is."""
    pages = ateliers.pages([task.rencontre for task in tasks if task.rencontre])
    return [replace(task, url=pages.get(task.rencontre or 0, task.url)) for task in tasks]


def lists(apps: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The lists that Django offers this person, by task."""
    offered = {one["model"]._meta.label_lower: one for app in apps for one in app["models"]}
    found = [(title, [offered.pop(label) for label in labels if label in offered]) for title, labels in BY_TASK]
    return [(title, models) for title, models in [*found, (OTHERS, list(offered.values()))] if models]
