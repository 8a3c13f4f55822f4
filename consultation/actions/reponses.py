"""What is answered to the contributions that a texte does not cite: one at a time, or many with one reason."""

from __future__ import annotations

from collections.abc import Sequence
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
def take_back(version: TexteVersion, contribution_pks: Sequence[int]) -> int:
    """They wait for an answer again."""
    now = held(version)
    gone = stop(now, contribution_pks)
    recount(now)
    return gone
