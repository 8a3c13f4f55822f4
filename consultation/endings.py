"""What a démarche owes before it closes (CRPA, article L131-1), and what is overdue: read from migration 0028."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import F, Func, TextField

from consultation.models import Demarche


@dataclass(frozen=True)
class Lack:
    """One thing that is owed; `what` is where it is done: synthese, suites or articles."""

    what: str
    sentence: str


SAID = {
    "synthese": "Aucune synthèse des contributions n’a paru en version définitive.",
    "suites": "Aucune suite donnée n’est publiée.",
}


# For a list of démarches: `lacks_said` of each.
OWED = Func(
    F("pk"),
    template="ARRAY(SELECT what FROM consultation_demarche_lacks(%(expressions)s))",
    output_field=ArrayField(TextField()),
)


def lacks(demarche: Demarche) -> list[Lack]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT what FROM consultation_demarche_lacks(%s)", [demarche.pk])
        return lacks_said(what for (what,) in cursor.fetchall())


def lacks_said(owed: Iterable[str]) -> list[Lack]:
    """In words, what the database says in its own."""
    found = []
    for said in owed:
        what, _, numbers = said.partition(":")
        found.append(Lack(what, SAID.get(what) or f"Articles de la politique sans suite : {numbers}."))
    return found
