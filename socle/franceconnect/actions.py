"""An account that FranceConnect opens: joined at a button by whoever is in it, taken off the same way."""

from __future__ import annotations

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from socle.comptes import emails
from socle.comptes.models import User
from socle.franceconnect.problems import Problem, ProblemError

PROVIDER = "franceconnect"


def account_of(sub: str) -> User | None:
    found = SocialAccount.objects.filter(provider=PROVIDER, uid=sub).select_related("user").first()
    return found.user if found else None


def is_joined(user: User) -> bool:
    return SocialAccount.objects.filter(provider=PROVIDER, user=user).exists()


@transaction.atomic
def join(user: User, sub: str) -> None:
    """The `sub` and nothing else; raises ProblemError when it opens another account. The last one joined holds."""
    User.objects.select_for_update().get(pk=user.pk)
    SocialAccount.objects.filter(provider=PROVIDER, user=user).exclude(uid=sub).delete()
    SocialAccount.objects.bulk_create([SocialAccount(provider=PROVIDER, uid=sub, user=user)], ignore_conflicts=True)
    if account_of(sub) != user:
        raise ProblemError(Problem.ELSEWHERE, "joined to another account")
    emails.notice(user.email, "FranceConnect ouvre désormais votre compte.")


@transaction.atomic
def part(user: User) -> None:
    if SocialAccount.objects.filter(provider=PROVIDER, user=user).delete()[0]:
        emails.notice(user.email, "FranceConnect n’ouvre plus votre compte.")
