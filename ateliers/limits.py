"""How often the forms of the ateliers may be used. Ask before any transaction (see socle.limiter)."""

from __future__ import annotations

from datetime import timedelta

from consultation.models import Inscription
from socle.limiter.actions import Limit, take

REMARKS = Limit("remarque", 20, timedelta(hours=1))


def may_remark(inscription: Inscription) -> bool:
    return take(REMARKS, str(inscription.pk))
