"""How much may be typed by the link of one table: eight people who type without a pause never meet it."""

from __future__ import annotations

from datetime import timedelta

from ateliers.models import Table
from socle.limiter.actions import Limit, Verdict, take_all

HOURLY, DAILY = Limit("table", 240, timedelta(hours=1)), Limit("table", 800, timedelta(days=1))


def may_type(table: Table) -> Verdict:
    """Counted once the form is right: a mistake costs nothing. Ask before any transaction."""
    return take_all([(HOURLY, str(table.pk)), (DAILY, str(table.pk))])
