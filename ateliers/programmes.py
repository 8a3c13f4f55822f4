"""The ordre du jour of the séances (named in settings.ORDRES_DU_JOUR)."""

from __future__ import annotations

from collections.abc import Collection

from ateliers.models import Seance


def of(rencontre_pks: Collection[int]) -> dict[int, str]:
    """One query."""
    rows = Seance.objects.filter(pk__in=rencontre_pks).exclude(ordre_du_jour="")
    return dict(rows.values_list("pk", "ordre_du_jour"))
