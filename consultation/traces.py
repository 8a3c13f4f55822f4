"""What is written down when a list of people is looked at or taken away: of which démarche, and of which row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, QuerySet

from socle.access import actions as access

DEMARCHE = "demarche:"


def scope_of(demarche: int) -> str:
    """The responsable of the démarche reads the traces that say so."""
    return f"{DEMARCHE}{demarche}"


def looked(by: Any, what: str, rows: int, of: Any) -> None:
    """`of` is what the list hangs on, which says its démarche: a rencontre, an atelier."""
    access.looked(by, what, rows, scope=scope_of(of.demarche_id), subject=f"{of._meta.model_name}:{of.pk}")


def took(by: Any, what: str, rows: int, of: Any) -> None:
    access.took(by, what, rows, scope=scope_of(of.demarche_id), subject=f"{of._meta.model_name}:{of.pk}")


def took_of_each(by: Any, what: str, counts: dict[str, int]) -> None:
    for scope, rows in counts.items():
        access.took(by, what, rows, scope=scope)


def counted(rows: QuerySet, path: str) -> dict[str, int]:
    """How many rows of each démarche, by scope; `path` is the lookup that leads to it."""
    found: Iterable[tuple[int, int]] = rows.order_by().values_list(path).annotate(Count("pk"))
    return {scope_of(demarche): number for demarche, number in found}
