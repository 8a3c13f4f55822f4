"""The files of an adopted compte rendu are made again when words they hold have gone from the portal."""

from __future__ import annotations

from ateliers.actions.comptes_rendus import KIND
from socle.publications.actions import renew_stale


def renew_files() -> int:
    """How many comptes rendus; what says those words is no longer given, from now on."""
    return renew_stale(KIND)
