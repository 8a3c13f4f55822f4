"""What makes a public file, and what makes it stale: functions of a floor above, named in the settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

# How many times what a file tells has changed since the day before it was asked for, by the key of its row: of one row,
# or of all those that are made. A file is stale when this number is not the one that was there as it was begun. Dates
# would not do: a change has its own before its transaction ends, and a file may be begun in between.
type Changes = Callable[[int | None], dict[int, int]]
# From the key of a publication and its media type, the file at this path. One that takes long says now and then how
# far it is: otherwise another worker would take its place.
type Build = Callable[[str, str, Path, Callable[[int], None]], None]


def builder_of(kind: str) -> Build:
    """KeyError for a kind that is not in the settings."""
    return import_string(settings.PUBLICATION_BUILDERS[kind])


def changes_of(kind: str) -> Changes:
    """KeyError for a kind that is not in the settings."""
    return import_string(settings.PUBLICATION_CHANGES[kind])
