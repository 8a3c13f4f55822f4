"""Who may take a built file."""

from __future__ import annotations

from socle.comptes.models import User
from socle.exports.builders import builder_of
from socle.exports.models import Export


def can_download(user: User, export: Export) -> bool:
    """Its owner, while they keep the right to what is in it."""
    return user.is_active and export.owner_id == user.pk and builder_of(export.kind).may(user, export.params)
