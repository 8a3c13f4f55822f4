"""Who may take a column away: each app declares its fields once, by allow-list (design §9)."""

from collections.abc import Mapping
from enum import StrEnum

type Fields = Mapping[str, Mapping[str, Access]]


class Access(StrEnum):
    OPEN = "open"  # published with the open data
    STAFF = "staff"  # exported by staff who hold the permission
    NEVER = "never"  # leaves in no file but the person's own


OPEN, STAFF, NEVER = Access.OPEN, Access.STAFF, Access.NEVER


def merge(*tables: Fields) -> dict[str, dict[str, Access]]:
    """One table of all the apps'; a model declared twice is a mistake and raises ValueError."""
    merged: dict[str, dict[str, Access]] = {}
    for table in tables:
        for model, fields in table.items():
            if model in merged:
                raise ValueError(f"{model} is classified twice")
            merged[model] = dict(fields)
    return merged
