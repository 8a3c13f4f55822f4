"""What is answered to the contributions that a texte does not cite: one at a time, or many with one reason."""

from __future__ import annotations

from itertools import batched
from uuid import uuid4

from django.db import transaction

from consultation.actions.textes import held, recount
from consultation.actions.textes import take_back as stop
from consultation.coverage import untreated
from consultation.models import Reponse, TexteVersion
from consultation.models.contribution import ContributionQuerySet
from socle.comptes.models import User

BATCH = 2000  # rows written by one statement


@transaction.atomic
def answer(
    version: TexteVersion, rows: ContributionQuerySet, *, kind: str, reason: str, passed_to: str = "", by: User | None
) -> int:
    """To those of `rows` that nothing cites or answers yet: how many. Several at once are a lot, and counted so."""
    now = held(version)
    pks = list(untreated(now).filter(pk__in=rows.order_by().values("pk")).order_by("pk").values_list("pk", flat=True))
    said = {"kind": kind, "reason": reason, "passed_to": passed_to, "lot": uuid4() if len(pks) > 1 else None}
    for some in batched(pks, BATCH):
        Reponse.objects.bulk_create(
            Reponse(texte=now.texte, contribution_id=pk, since=now.number, by=by, **said) for pk in some
        )
    recount(now)
    return len(pks)


@transaction.atomic
def take_back(version: TexteVersion, reponse: Reponse, *, lot: bool = False) -> int:
    """This answer, or all those that were given with it: how many wait for another one again. None where a colleague
    took it back, or changed it, meanwhile."""
    now = held(version)
    given = Reponse.objects.filter(texte=now.texte, until__isnull=True)
    rows = given.filter(lot=reponse.lot) if lot and reponse.lot else given.filter(pk=reponse.pk)
    gone = stop(now, list(rows.values_list("contribution_id", flat=True)))
    recount(now)
    return gone
