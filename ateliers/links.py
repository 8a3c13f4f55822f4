"""Signed addresses: the minutes for one person who was there, one table and nothing else."""

from __future__ import annotations

from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from ateliers.models import Table
from consultation.models import Inscription

PRESENT = "ateliers.compte_rendu"
TABLE = "ateliers.table"


def present_path(inscription: Inscription) -> str:
    """The same in each mail; what it opens is closed by the last day, not by the age of the link."""
    return reverse("compte_rendu_present", args=[signing.Signer(salt=PRESENT).sign_object(inscription.pk)])


def read_present(signed: str) -> int | None:
    """The inscription; None for what we did not sign."""
    try:
        found = signing.Signer(salt=PRESENT).unsign_object(signed)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None


def signed_table(table: Table) -> str:
    """Another nonce and it opens nothing."""
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
