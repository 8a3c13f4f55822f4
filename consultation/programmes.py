"""What a rencontre is about, where a floor above the trunk knows it (settings.ORDRES_DU_JOUR)."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.utils.module_loading import import_string


def ordres_du_jour(rencontre_pks: Collection[int]) -> dict[int, str]:
    """By rencontre, for those that have one written."""
    return import_string(settings.ORDRES_DU_JOUR)(rencontre_pks)
