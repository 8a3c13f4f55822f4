"""What the ground floor knows of a file: a builder of a floor above, named in settings.EXPORT_BUILDERS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from socle.comptes.models import User
from socle.exports.formats import Progress


class BuildRefusedError(Exception):
    """The file cannot be built, and trying again would not help; the message is for its owner."""


@dataclass(frozen=True)
class Builder:
    """`may` is asked before building and at each download; `write` returns the number of rows.

    `scopes` says of what the file is, for the traces (socle.access): one that holds several is said to each.
    `total` says how many rows it will have, when that is known: how far the file is can then be shown.
    """

    label: Callable[[Mapping[str, Any]], str]
    download_name: Callable[[Mapping[str, Any]], str]
    may: Callable[[User, Mapping[str, Any]], bool]
    write: Callable[[User, Mapping[str, Any], Path, Progress], int]
    scopes: Callable[[Mapping[str, Any]], list[str]]
    total: Callable[[Mapping[str, Any]], int] = lambda _: 0


def builder_of(kind: str) -> Builder:
    """KeyError for a kind that is not in the settings."""
    return import_string(settings.EXPORT_BUILDERS[kind])
