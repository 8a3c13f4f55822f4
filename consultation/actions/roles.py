"""Roles given, changed and ended: each is written down (socle.access) and told by mail to whose it is."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from consultation.choices import RoleKind
from consultation.emails import roles as emails
from consultation.models import Demarche, Role
from consultation.traces import scope_of
from socle.access.actions import role_changed
from socle.access.models import Act
from socle.comptes import team
from socle.comptes.models import User
from socle.dates import day_label

OWN = "C’est votre propre compte : demandez à un autre responsable, ou à un administrateur."
PAST = "Cette date est passée : choisissez aujourd’hui ou un jour à venir, ou mettez fin au rôle."
INACTIVE = "Ce compte est désactivé : un administrateur le rétablit d’abord, dans « Comptes »."
CLOSED = "Son compte est supprimé."
NOBODY_LEFT = (
    "Après cela, plus personne ne sera responsable de la démarche : donnez d’abord ce rôle à quelqu’un, "
    "ou dites pourquoi ; les administrateurs liront cette raison."
)


class RoleRefusedError(ValidationError):
    """Nothing was changed; the sentence says why, and `params` which field it is about."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence, params={"field": field})
        self.field = field


@transaction.atomic
def give_role(demarche: Demarche, by: User, *, email: str, name: str, kind: str, ends_on: date | None = None) -> Role:
    """An address without an account gets one, by invitation; a role that is held already gets this end."""
    _lock(demarche.pk)
    user = team.member_for(email, name)
    if held := Role.objects.filter(user=user, demarche=demarche, kind=kind).select_related("user").first():
        return change_end(held, ends_on, by)
    check_day(user, ends_on, by)
    if not user.is_active:
        raise RoleRefusedError(INACTIVE, "email")
    role = Role.objects.create(user=user, demarche=demarche, kind=kind, ends_on=ends_on)
    invited = team.join(user)
    emails.role_given(role, _note(Act.GIVEN, role, by), invited=invited)
    return role


@transaction.atomic
def change_end(role: Role, ends_on: date | None, by: User, reason: str = "") -> Role:
    """Its last day, or none; a role that was over begins again."""
    role = _locked(role)
    check_day(role.user, ends_on, by)
    if role.ends_on == ends_on:
        return role
    before, role.ends_on = role.ends_on, ends_on
    if ends_on is not None and (before is None or ends_on < before):
        _not_the_last(role, ends_on, reason)
    role.save(update_fields=["ends_on"])
    invited = team.join(role.user)
    emails.role_changed(role, _note(Act.CHANGED, role, by), invited=invited)
    return role


@transaction.atomic
def end_role(role: Role, by: User, reason: str = "") -> None:
    """At once. Anyone may end their own."""
    role = _locked(role)
    _not_the_last(role, timezone.localdate(), reason)
    _end(role, by)


@transaction.atomic
def end_past() -> int:
    """The roles whose last day is over: nobody ends them, their date does. Return how many."""
    over = Role.objects.filter(ends_on__lt=timezone.localdate()).select_related("user", "demarche")
    ended = list(over.order_by("pk").select_for_update(of=("self",), skip_locked=True))
    for role in ended:
        _end(role, None)
    return len(ended)


def close(user: User, by: User | None) -> None:
    """Their account is deleted, or they leave: each role ends with its trace, the administrateurs hear of the last
    responsable. Nothing is written to an account that goes.
    """
    for role in Role.objects.filter(user=user).select_related("user", "demarche").order_by("pk"):
        _lock(role.demarche_id)
        _not_the_last(role, timezone.localdate(), CLOSED)
        _note(Act.ENDED, role, by)
        role.delete()


def _end(role: Role, by: User | None) -> None:
    trace = _note(Act.ENDED, role, by)
    user, demarche = role.user, role.demarche
    role.delete()
    emails.role_ended(user, demarche, role.get_kind_display(), trace, left=leave_team(user))


def leave_team(user: User) -> bool:
    """With the last thing that kept them there; True where they are no more of it."""
    return not Role.objects.active().filter(user=user).exists() and team.leave(user)


def _lock(demarche: int) -> None:
    """One change of the roles of a démarche at a time: two responsables do not take each other's away together."""
    Demarche.objects.select_for_update(of=("self",)).get(pk=demarche)


def _locked(role: Role) -> Role:
    _lock(role.demarche_id)
    found = Role.objects.select_related("user", "demarche").filter(pk=role.pk).first()
    if found is None:
        raise RoleRefusedError("Rien n’a été changé : ce rôle a pris fin entre-temps.")
    return found


def check_day(user: User, ends_on: date | None, by: User) -> None:
    """Nobody raises themselves, nor prolongs what they have."""
    if user.pk == by.pk:
        raise RoleRefusedError(OWN)
    if ends_on is not None and ends_on < timezone.localdate():
        raise RoleRefusedError(PAST, "ends_on")


def _not_the_last(role: Role, last_day: date, reason: str) -> None:
    """A démarche may be left without a responsable, but not without a word: the administrateurs are told why."""
    today = timezone.localdate()
    if role.kind != RoleKind.RESPONSABLE or (role.ends_on or today) < today:
        return
    others = Role.objects.filter(demarche=role.demarche_id, kind=role.kind).exclude(pk=role.pk)
    others = others.filter(user__is_active=True, user__is_staff=True)
    if others.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=last_day)).exists():
        return
    if not reason:
        raise RoleRefusedError(NOBODY_LEFT, "reason")
    for administrateur in User.objects.filter(is_superuser=True, is_active=True):
        emails.nobody_left(role, administrateur, last_day, reason)


def _note(act: Act, role: Role, by: User | None) -> int:
    """The key of the trace."""
    until = f", jusqu’au {day_label(role.ends_on)}" if role.ends_on and act != Act.ENDED else ""
    what = f"{role.get_kind_display()}{until}"
    return role_changed(act, by, role.user, what, scope=scope_of(role.demarche_id)).pk
