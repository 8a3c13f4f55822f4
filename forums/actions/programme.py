"""What each restitution brings, and who speaks for its group."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from ateliers.models import Membre, Production
from ateliers.refusals import Refusal
from forums.models import Moment
from socle.pagecache.actions import bump

OTHERS = "Rien n’est enregistré : quelqu’un d’autre vient de changer une restitution. La sienne est dite plus bas."


@transaction.atomic
def bring(moment: Moment, productions: Collection[int], *, rapporteur: str, membre: Membre | None, seal: str) -> int:
    """These productions of its group, and no others (trigger `moment_brings_its_group`); how many. Raises Refusal where
    it is not what was read."""
    held = Moment.objects.select_for_update(of=("self",), no_key=True).get(pk=moment.pk)
    if seal != held.seal:
        raise Refusal(OTHERS)
    rows = Production.objects.published().filter(seance__atelier=held.atelier_id, pk__in=productions)
    held.productions.set(rows)
    held.rapporteur, held.membre = rapporteur, membre
    held.save(update_fields=["rapporteur", "membre"])
    bump()
    return held.productions.count()
