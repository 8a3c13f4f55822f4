"""What the ground knows of public records that may be destroyed: functions of a floor above (settings.RECORDS)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Record:
    """`subjects` are those whose time has come, with their names; `destroy` returns how many rows it did."""

    label: str
    why: str  # their use is over: since when, by which rule
    subjects: Callable[[], dict[str, str]]
    count: Callable[[str], int]
    destroy: Callable[[str], int]


def record_of(kind: str) -> Record:
    """KeyError for a kind that is not in the settings."""
    return import_string(settings.RECORDS[kind])


def proposable() -> list[tuple[str, str]]:
    """What a visa may be asked for: « kind:subject », and its words with the number of rows."""
    found = []
    for kind in settings.RECORDS:
        record = record_of(kind)
        for subject, name in record.subjects().items():
            if number := record.count(subject):
                found.append((f"{kind}:{subject}", f"{record.label}, {name} ({number})"))
    return found
