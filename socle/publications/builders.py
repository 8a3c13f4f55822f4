"""What makes a public file: a function of a floor above, named in settings.PUBLICATION_BUILDERS."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

# From the key of a publication and its media type, the file at this path. One that takes long says now and then how
# far it is: otherwise another worker would take its place.
type Build = Callable[[str, str, Path, Callable[[int], None]], None]


def builder_of(kind: str) -> Build:
    """KeyError for a kind that is not in the settings."""
    return import_string(settings.PUBLICATION_BUILDERS[kind])
