"""What became of a contribution above the trunk: each floor tells its own steps (settings.PARCOURS)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from consultation.models import Contribution


@dataclass(frozen=True)
class Public:
    """One thing that anyone may know; `url` is where it is read whole. No name, ever."""

    label: str
    at: datetime
    note: str = ""
    url: str = ""


def parcours(contribution: Contribution) -> list[Public]:
    """One query for each floor."""
    return [step for path in settings.PARCOURS for step in import_string(path)(contribution)]
