"""How often the forms of the ateliers may be used. Ask before any transaction (see socle.limiter)."""

from __future__ import annotations

from datetime import timedelta

from ateliers.models import Table
from consultation.models import Inscription
from socle.limiter.actions import Limit, Verdict, take, take_all

REMARKS = Limit("remarque", 20, timedelta(hours=1))
# By the link of one table: eight people who type without a pause never meet it.
HOURLY, DAILY = Limit("table", 240, timedelta(hours=1)), Limit("table", 800, timedelta(days=1))


def may_remark(inscription: Inscription) -> bool:
    return take(REMARKS, str(inscription.pk))


def may_type(table: Table) -> Verdict:
    """Counted once the form is right: a mistake costs nothing."""
    return take_all([(HOURLY, str(table.pk)), (DAILY, str(table.pk))])
