"""Who is of the team: an account made for an address, let into the admin with a first role, out of it with the last."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils.module_loading import import_string

from socle.access.actions import role_changed
from socle.access.models import Act
from socle.comptes.models import User

ADMINISTRATEUR, MEMBER = "administrateur", "membre de l’équipe"


def member_for(email: str, name: str) -> User:
    """The account of this address, made when there is none: it opens with a code sent there, it has no password.

    The name is what the team will read; whoever has one already keeps it.
    """
    email = email.strip().lower()
    if known := User.objects.filter(email=email).first():
        return known
    made = User(email=email, display_name=name, password=make_password(None))
    User.objects.bulk_create([made], ignore_conflicts=True)  # asked for twice at this moment: one account
    return User.objects.get(email=email)


def join(user: User) -> bool:
    """True where they were not of the team."""
    return bool(User.objects.filter(pk=user.pk, is_staff=False).update(is_staff=True))


def close(user: User, by: User | None) -> None:
    """All that an account held in the team ends with it, each thing with its trace; in the caller's transaction."""
    for path in settings.CLOSES_WITH_ACCOUNT:
        import_string(path)(user, by)
    for held, what in ((user.is_superuser, ADMINISTRATEUR), (user.is_staff, MEMBER)):
        if held:
            role_changed(Act.ENDED, by, user, what)


def leave(user: User) -> bool:
    """Unless something else keeps them there (settings.STAYS_IN_TEAM); True where they are no more of the team."""
    if user.is_superuser or any(import_string(path)(user) for path in settings.STAYS_IN_TEAM):
        return False
    return bool(User.objects.filter(pk=user.pk, is_staff=True).update(is_staff=False))
