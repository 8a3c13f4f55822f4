"""The tables of a séance, their links, and the sheets of paper that are typed at them."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.crypto import get_random_string

from ateliers.models import Seance, Table
from ateliers.refusals import Refusal, TableShut

MOST_TABLES = 60
MOST_SHEETS = 999
SHUT = (
    "Rien n’a été écrit : cette table n’est plus ouverte. Ce que vous avez tapé est là, en entier, pour le copier ; "
    "demandez à l’organisateur un nouveau lien."
)


@transaction.atomic
def open_table(seance: Seance, label: str = "") -> Table:
    """One more, with the next number."""
    Seance.objects.select_for_update(no_key=True).get(pk=seance.pk)
    last = Table.objects.filter(seance=seance).aggregate(last=Max("number"))["last"] or 0
    if last >= MOST_TABLES:
        raise Refusal(f"Aucune table n’est ouverte : une séance en compte {MOST_TABLES} au plus.")
    return Table.objects.create(seance=seance, number=last + 1, label=label, nonce=_nonce())


def close_table(table: Table) -> None:
    """Its link opens nothing any more; what was typed stays."""
    Table.objects.filter(pk=table.pk, closed_at__isnull=True).update(closed_at=timezone.now())


def renew_link(table: Table) -> None:
    """Another link, open again; the one before, wherever it went, opens nothing."""
    Table.objects.filter(pk=table.pk).update(nonce=_nonce(), opened_at=timezone.now(), closed_at=None)


def hold(table: Table) -> Table:
    """Its row, locked, while its link is good; within a transaction. Raises TableShut otherwise."""
    rows = Table.objects.select_for_update(of=("self",), no_key=True)
    held = rows.select_related("seance__atelier__demarche", "seance__rencontre__lieu").get(pk=table.pk)
    if held.nonce != table.nonce or not held.is_open():
        raise TableShut(SHUT)
    return held


@transaction.atomic
def print_sheets(seance: Seance, count: int) -> range:
    """The numbers of the sheets to print: never twice the same."""
    held = Seance.objects.select_for_update(no_key=True).get(pk=seance.pk)
    if held.sheets_printed + count > MOST_SHEETS:
        raise Refusal(f"Aucune fiche n’est imprimée : une séance en compte {MOST_SHEETS} au plus.")
    Seance.objects.filter(pk=seance.pk).update(sheets_printed=F("sheets_printed") + count)
    return range(held.sheets_printed + 1, held.sheets_printed + count + 1)


def _nonce() -> str:
    return get_random_string(22)
