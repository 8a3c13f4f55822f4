"""Who may do what in the trunk; each function reads like the regulation. Every door asks here."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from consultation.choices import RoleKind
from consultation.models import Decision, Demarche, Reexamen, Rencontre, Role
from consultation.models.demarche import DemarcheQuerySet
from consultation.models.recourse import AGAINST
from consultation.organisers import organised_by
from socle.comptes.models import User

type Visitor = AbstractBaseUser | AnonymousUser

MODERATING = (RoleKind.MODERATEUR, RoleKind.RESPONSABLE)
RUNNING = (RoleKind.RESPONSABLE,)
ANSWERING = (RoleKind.REDACTEUR, RoleKind.RESPONSABLE)
TELLING = (RoleKind.REDACTEUR, RoleKind.RESPONSABLE)
EXPORTING = (RoleKind.MODERATEUR, RoleKind.REDACTEUR, RoleKind.RESPONSABLE)


def is_administrator(user: Visitor) -> bool:
    """An administrateur runs the whole site."""
    return bool(user.is_active and getattr(user, "is_superuser", False))


def visible_demarches(user: Visitor, kinds: tuple[str, ...] = tuple(RoleKind)) -> DemarcheQuerySet:
    """The démarches on which a member of staff holds one of these roles today; all of them for an administrateur."""
    if is_administrator(user):
        return Demarche.objects.all()
    if not (user.is_active and getattr(user, "is_staff", False)):
        return Demarche.objects.none()
    roles = Role.objects.active().filter(user_id=user.pk, kind__in=kinds)
    return Demarche.objects.filter(pk__in=roles.values("demarche"))


def reads_several(user: Visitor, run: Collection[int] = ()) -> bool:
    """Whether a list has to say of which démarche each row is. `run`: those of the rows they run without a role."""
    if is_administrator(user):
        return len(Demarche.objects.values_list("pk")[:2]) > 1
    return len({pk for pk, _ in roles_today(user)}.union(run)) > 1


def holds(user: Visitor, demarche: Demarche | None, kinds: tuple[str, ...]) -> bool:
    """Whether one of these roles is held on this démarche; on any, where none is named."""
    if is_administrator(user):
        return True  # even before the first démarche is made
    return any(kind in kinds for pk, kind in roles_today(user) if demarche is None or pk == demarche.pk)


def roles_today(user: Visitor) -> frozenset[tuple[int, str]]:
    """(démarche, role) of a member of staff, read once for each user object, which lasts as long as a request."""
    if not (user.is_active and getattr(user, "is_staff", False)):
        return frozenset()
    if not hasattr(user, "_roles_today"):
        held = Role.objects.active().filter(user_id=user.pk).values_list("demarche_id", "kind")
        user._roles_today = frozenset(held)  # type: ignore[attr-defined]  # noqa: SLF001
    return user._roles_today  # type: ignore[attr-defined]  # noqa: SLF001


def can_read(user: Visitor, demarche: Demarche | None) -> bool:
    """Any role on the démarche lets its staff pages be read."""
    return holds(user, demarche, tuple(RoleKind))


def can_moderate(user: Visitor, demarche: Demarche | None) -> bool:
    """Modérateurs and the responsable of the démarche decide on its contributions."""
    return holds(user, demarche, MODERATING)


def can_reexamine(user: Visitor, reexamen: Reexamen) -> bool:
    """Whoever moderates the démarche, and took no decision against this contribution."""
    against = Decision.objects.filter(contribution=reexamen.contribution_id, to_state__in=AGAINST, by=user.pk)
    return can_moderate(user, reexamen.contribution.demarche) and not against.exists()


def can_run(user: Visitor, demarche: Demarche | None) -> bool:
    """The responsable of the démarche changes its programme, its dates and its texts."""
    return holds(user, demarche, RUNNING)


def can_organise(user: Visitor, rencontre: Rencontre) -> bool:
    """The responsable of its démarche, and whoever in the team runs this very rencontre."""
    return can_run(user, rencontre.demarche) or rencontre.pk in organised_today(user)


def organised_today(user: Visitor) -> frozenset[int]:
    """The keys of the rencontres a member of staff runs without a role, read once for each user object."""
    if not isinstance(user, User):
        return frozenset()
    if not hasattr(user, "_organised_today"):
        user._organised_today = frozenset(organised_by(user).values_list("pk", flat=True))  # type: ignore[attr-defined]  # noqa: SLF001
    return user._organised_today  # type: ignore[attr-defined]  # noqa: SLF001


def can_answer(user: Visitor, demarche: Demarche | None) -> bool:
    """The rédacteurs and the responsable of the démarche answer its questions, in the name of a service."""
    return holds(user, demarche, ANSWERING)


def can_tell(user: Visitor, demarche: Demarche | None) -> bool:
    """The rédacteurs and the responsable of the démarche write its news and choose what it gives to read."""
    return holds(user, demarche, TELLING)


def can_export(user: Visitor, demarche: Demarche | None) -> bool:
    """Who works on the contributions takes them away, with what is not public; a lecteur has the open data."""
    return holds(user, demarche, EXPORTING)


def can_import(user: Visitor, demarche: Demarche | None) -> bool:
    """The responsable of the démarche brings in what was gathered elsewhere."""
    return holds(user, demarche, RUNNING)
