"""Who runs an atelier: given, changed and ended by address, written down and told, as a role is.

The atelier's row is the lock; the refusals are those of roles (consultation.actions.roles).
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from ateliers.models import Animation, Atelier
from consultation.actions.roles import INACTIVE, RoleRefusedError, check_day, leave_team
from consultation.emails import roles as emails
from consultation.traces import scope_of
from socle.access.actions import role_changed
from socle.access.models import Act
from socle.comptes import team
from socle.comptes.models import User
from socle.dates import day_label

MAY = "mener cet atelier : ses séances, ses places, son groupe et ses comptes rendus"
GONE = "Rien n’a été changé : cette personne ne mène plus cet atelier."


@transaction.atomic
def give_animation(atelier: Atelier, by: User, *, email: str, name: str, ends_on: date | None = None) -> Animation:
    """An address without an account gets one, by invitation; whoever runs it already gets this end."""
    Atelier.objects.select_for_update(of=("self",)).get(pk=atelier.pk)
    user = team.member_for(email, name)
    if held := Animation.objects.filter(user=user, atelier=atelier).first():
        return change_end(held, ends_on, by)
    check_day(user, ends_on, by)
    if not user.is_active:
        raise RoleRefusedError(INACTIVE, "email")
    animation = Animation.objects.create(user=user, atelier=atelier, ends_on=ends_on)
    _told(Act.GIVEN, animation, by, invited=team.join(user))
    return animation


@transaction.atomic
def change_end(animation: Animation, ends_on: date | None, by: User) -> Animation:
    """Its last day, or none; one that was over begins again."""
    animation = _locked(animation)
    check_day(animation.user, ends_on, by)
    if animation.ends_on == ends_on:
        return animation
    animation.ends_on = ends_on
    animation.save(update_fields=["ends_on"])
    _told(Act.CHANGED, animation, by, invited=team.join(animation.user))
    return animation


@transaction.atomic
def end_animation(animation: Animation, by: User) -> None:
    """At once. Anyone may end their own."""
    _end(_locked(animation), by)


@transaction.atomic
def end_past() -> int:
    """Those whose last day is over: nobody ends them, their date does. Return how many."""
    over = Animation.objects.filter(ends_on__lt=timezone.localdate()).select_related("user", "atelier__demarche")
    ended = list(over.order_by("pk").select_for_update(of=("self",), skip_locked=True))
    for animation in ended:
        _end(animation, None)
    return len(ended)


def close(user: User, by: User | None) -> None:
    """Their account is deleted, or they leave: each ends with its trace."""
    for animation in Animation.objects.filter(user=user).select_related("user", "atelier").order_by("pk"):
        _note(Act.ENDED, animation, by)
        animation.delete()


def _locked(animation: Animation) -> Animation:
    Atelier.objects.select_for_update(of=("self",)).get(pk=animation.atelier_id)
    found = Animation.objects.select_related("user", "atelier__demarche").filter(pk=animation.pk).first()
    if found is None:
        raise RoleRefusedError(GONE)
    return found


def _end(animation: Animation, by: User | None) -> None:
    user, demarche = animation.user, animation.atelier.demarche
    what, trace = role_of(animation.atelier), _note(Act.ENDED, animation, by)
    animation.delete()
    emails.role_ended(user, demarche, what, trace, left=leave_team(user))


def role_of(atelier: Atelier) -> str:
    return f"organisateur de l’atelier {atelier.rank}, {atelier.town}"


def _told(act: Act, animation: Animation, by: User, *, invited: bool) -> None:
    atelier, until = animation.atelier, day_label(animation.ends_on) if animation.ends_on else ""
    said = {"demarche": atelier.demarche, "role": role_of(atelier), "may": MAY, "until": until}
    said |= {"changed": act == Act.CHANGED, "invited": invited}
    emails.given(animation.user, _note(act, animation, by), said)


def _note(act: Act, animation: Animation, by: User | None) -> int:
    """The key of the trace."""
    until = f", jusqu’au {day_label(animation.ends_on)}" if animation.ends_on and act != Act.ENDED else ""
    scope, subject = scope_of(animation.atelier.demarche_id), f"atelier:{animation.atelier_id}"
    what = f"{role_of(animation.atelier)}{until}"[:120]
    return role_changed(act, by, animation.user, what, scope=scope, subject=subject).pk
