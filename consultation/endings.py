"""What a démarche owes before it closes (CRPA, article L131-1), and what is overdue: read from migration 0028."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

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


def lacks(demarche: Demarche) -> list[Lack]:
    return lacks_of([demarche.pk])[demarche.pk]


def lacks_of(pks: Iterable[int]) -> dict[int, list[Lack]]:
    """Of several démarches, in one query."""
    found: dict[int, list[Lack]] = defaultdict(list)
    with connection.cursor() as cursor:
        sql = "SELECT pk, what FROM unnest(%s::bigint[]) pk CROSS JOIN LATERAL consultation_demarche_lacks(pk)"
        cursor.execute(sql, [list(pks)])
        for pk, said in cursor.fetchall():
            what, _, numbers = said.partition(":")
            found[pk].append(Lack(what, SAID.get(what) or f"Articles de la politique sans suite : {numbers}."))
    return found
