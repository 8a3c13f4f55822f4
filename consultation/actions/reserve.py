"""The période de réserve: what is held back while it runs, and who answers for what is said all the same."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from consultation.actions.entries_adoption import enter_confirmation, enter_lifted, enter_reserve
from consultation.models import Actualite, Confirmation, Demarche, Reserve
from socle import doorbell
from socle.comptes.models import User
from socle.pagecache.actions import bump

ANNOUNCE = "consultation.tasks.announce_due"


class HeldBack(Exception):  # noqa: N818 (a refusal, not a fault)
    """A période de réserve runs: `reserve`. Somebody may confirm, and says why."""

    def __init__(self, reserve: Reserve) -> None:
        super().__init__(
            f"La période de réserve court {reserve} ({reserve.reason}) : dites pourquoi cela paraît quand même. "
            "La raison est inscrite au registre public."
        )
        self.reserve = reserve


@transaction.atomic
def set_reserve(reserve: Reserve, *, by: User) -> Reserve:
    """Set, or moved: the last entry of the register is what holds."""
    if not reserve.has_begun():
        reserve.set_at = timezone.now()
    reserve.full_clean()
    reserve.save()
    enter_reserve(reserve, by)
    bump()
    return reserve


@transaction.atomic
def lift(reserve: Reserve, *, by: User) -> None:
    """What it held back may appear. Nothing where it is over; it goes where it has not begun."""
    now = Reserve.objects.select_for_update(of=("self",)).select_related("demarche").filter(pk=reserve.pk).first()
    if now is None or now.is_over():
        return
    enter_lifted(now, by)
    if now.has_begun():
        now.lifted_at = timezone.now()
        now.save(update_fields=["lifted_at"])
    else:
        now.delete()
    doorbell.ring(ANNOUNCE)
    bump()


def held_by(demarche: Demarche | int, at: date | None = None) -> Reserve | None:
    """The période de réserve that runs that day."""
    return Reserve.objects.running(at).filter(demarche=demarche).first()


def pass_or_confirm(demarche: Demarche, subject: str, *, reason: str, by: User, at: date | None = None) -> None:
    """Nothing where none runs; else somebody answers for it. Raises HeldBack without a reason."""
    reserve = held_by(demarche, at)
    if reserve is None:
        return
    if not reason:
        raise HeldBack(reserve)
    enter_confirmation(Confirmation.objects.create(demarche=demarche, subject=subject, reason=reason, by=by))


@transaction.atomic
def confirm_actualite(actualite: Actualite, *, reason: str, by: User) -> bool:
    """It appears, and its letters and digests leave, during the période de réserve that runs, or that it is dated of;
    False where there is none."""
    if actualite.published_at is None:
        return False
    day = max(timezone.localdate(actualite.published_at), timezone.localdate())
    if held_by(actualite.demarche_id, day) is None:
        return False
    pass_or_confirm(actualite.demarche, actualite.subject, reason=reason, by=by, at=day)
    bump()
    return True


def confirmed(subject: str) -> dict[str, Any] | None:
    """Who answers for it, and why."""
    row = Confirmation.objects.filter(subject=subject).select_related("by").first()
    return {"reason": row.reason, "by": row.by.get_short_name(), "at": row.at} if row else None
