"""The signed address of a table: one séance, one table, and nothing else; another nonce and it opens nothing."""

from __future__ import annotations

from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from ateliers.models import Table

TABLE = "ateliers.table"


def signed_table(table: Table) -> str:
    return signing.Signer(salt=TABLE).sign_object([table.pk, table.nonce])


def table_path(table: Table, name: str = "table", *args: int) -> str:
    return reverse(name, args=[signed_table(table), *args])


def read_table(signed: str) -> Table | None:
    """The table, open or not; None for what we did not sign, and for a link that was renewed since."""
    try:
        pk, nonce = signing.Signer(salt=TABLE).unsign_object(signed)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    rows = Table.objects.select_related("seance__atelier__demarche", "seance__rencontre__lieu")
    table = rows.filter(pk=pk).first()
    return table if table and constant_time_compare(table.nonce, nonce) else None
