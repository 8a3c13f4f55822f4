"""What changes a personne, and an account."""

from collections.abc import Iterable
from enum import StrEnum

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from socle.comptes import codes, emails
from socle.comptes.codes import Purpose
from socle.comptes.models import Personne, Rhythm, User

# Enough to keep a row from being deleted, and no more: two who write of the same person never wait for each other.
_HOLD = "SELECT id FROM comptes_personne WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"


@transaction.atomic
def personne_for(email: str) -> Personne:
    """The one row of this address, made when it is not known yet; two forms at the same moment get the same row.

    Held until the end of the transaction: whoever leaves at this very moment waits, or is gone and this is a new row.
    """
    email = email.strip()
    while True:
        Personne.objects.bulk_create([Personne(email=email)], ignore_conflicts=True)
        personne = Personne.objects.with_email(email).first()
        if personne and _held([personne.pk]) == 1:
            return personne


def _held(pks: Iterable[int]) -> int:
    """How many of these rows are still there, and stay until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [sorted(pks)])
        return len(cursor.fetchall())


@transaction.atomic
def personnes_for(emails: Iterable[str]) -> dict[str, Personne]:
    """The same of many addresses, each by its lower case. Written in one order: of two lists at once, one waits."""
    wanted = {email.strip().lower(): email.strip() for email in emails}
    while True:
        Personne.objects.bulk_create([Personne(email=wanted[key]) for key in sorted(wanted)], ignore_conflicts=True)
        rows = Personne.objects.annotate(email_lower=Lower("email"))
        # As typed too: the database may not lower what is not ASCII as Python does.
        found = list(rows.filter(Q(email_lower__in=wanted) | Q(email__in=wanted.values())))
        if _held(row.pk for row in found) == len(found):
            return {row.email.lower(): row for row in found}


def confirm(personne: Personne) -> None:
    """Keep the first date on which the address was proved."""
    Personne.objects.filter(pk=personne.pk, confirmed_at__isnull=True).update(confirmed_at=timezone.now())
    personne.refresh_from_db(fields=["confirmed_at"])


@transaction.atomic
def send_code(session: SessionBase, email: str, purpose: Purpose, onward: str = "") -> None:
    """The same work for any address: whether it is known is not even looked up."""
    code = codes.new_code()
    codes.keep(session, email.lower(), purpose, code, onward)
    session.save()
    emails.code(email, purpose, code)


def account_of(email: str) -> User | None:
    return User.objects.filter(email=email.lower()).first()


@transaction.atomic
def open_account(email: str) -> User:
    """The account of an address that was just proved; two browsers at the same moment get the same one."""
    blank = User(email=email.lower(), password=make_password(None))
    User.objects.bulk_create([blank], ignore_conflicts=True)
    return prove(User.objects.get(email=email.lower()))


@transaction.atomic
def prove(user: User) -> User:
    """Its address is proved: all that was done with it, with or without an account, is this person's."""
    EmailAddress.objects.filter(email=user.email).exclude(user=user).delete()  # of whoever had it before
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    if user.personne is None:
        user.personne = personne_for(user.email)
        user.save(update_fields=["personne"])
    confirm(user.personne)
    return user


@transaction.atomic
def set_password(user: User, password: str) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    emails.notice(user.email, "Le mot de passe de votre compte a été changé.")


def choose_rhythm(personne: Personne, rhythm: str) -> None:
    """What was already written leaves as it was."""
    Personne.objects.filter(pk=personne.pk).update(rhythm=Rhythm(rhythm))


class Changed(StrEnum):
    DONE = "done"
    TAKEN = "taken"


@transaction.atomic
def change_address(user: User, email: str) -> Changed:
    """The personne goes along: what was done under the old address stays hers, and what is written to her follows.

    An address under which somebody already acted is not taken: two histories are never made one.
    """
    email, old = email.lower(), user.email
    user = User.objects.select_for_update().get(pk=user.pk)
    prove_first = user.personne or personne_for(old)
    others = User.objects.filter(email=email).exclude(pk=user.pk)
    if others.exists() or Personne.objects.with_email(email).exclude(pk=prove_first.pk).exists():
        return Changed.TAKEN
    Personne.objects.filter(pk=prove_first.pk).update(email=email)
    EmailAddress.objects.filter(user=user).delete()
    User.objects.filter(pk=user.pk).update(email=email, personne=prove_first)
    user.refresh_from_db()
    prove(user)
    emails.notice(old, f"L’adresse de votre compte a été remplacée par une autre, {hinted(email)}.")
    return Changed.DONE


def forget_sessions() -> None:
    """Those that are over, and what was kept of them for their owner: a network address, the name of a browser."""
    Session.objects.filter(expire_date__lte=timezone.now()).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


def hinted(email: str) -> str:
    """« a…@example.org »: enough for its owner; a letter may have been passed on, with its links."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}"
