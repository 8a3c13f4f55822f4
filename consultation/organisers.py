"""Who in the team prepares a rencontre. The upper floors add their own (settings.ORGANISERS, settings.ORGANISED)."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string

from consultation.choices import RoleKind
from consultation.models import Rencontre, Role
from consultation.models.rencontre import RencontreQuerySet
from socle.comptes.models import User


def organisers(rencontre: Rencontre) -> list[User]:
    """The responsables of its démarche and those who run it, each once."""
    roles = Role.objects.active().filter(demarche=rencontre.demarche_id, kind=RoleKind.RESPONSABLE)
    roles = roles.filter(user__is_active=True, user__is_staff=True)
    found = [role.user for role in roles.select_related("user").order_by("pk")]
    for path in settings.ORGANISERS:
        found += import_string(path)(rencontre)
    return list({user.pk: user for user in found}.values())


def organised_by(user: User) -> RencontreQuerySet:
    """The rencontres this member of staff runs without a role on their démarche: the séances of their ateliers."""
    theirs = Q(pk__in=())
    for path in settings.ORGANISED:
        theirs |= Q(pk__in=import_string(path)(user))
    return Rencontre.objects.filter(theirs)
