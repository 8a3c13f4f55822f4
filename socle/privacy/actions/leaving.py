"""Somebody leaves: asked, thought over for some hours, carried out by the worker in one transaction, then told.

The declarations of every floor are carried out as they are written (`declared.carry_out`); a verb of a floor
(settings.ERASERS) does first what is more than a statement: places given back, texts withdrawn, files made again. The
row of the person goes last: the database itself says that nothing points to it any more. What must stay counted points
to a row of nobody, which has an address under efface.invalid.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string

from socle import doorbell
from socle.comptes import team
from socle.comptes.models import ERASED_DOMAIN, Personne, User
from socle.courriels import actions as courriels
from socle.courriels import kept
from socle.courriels.models import Envoi
from socle.limiter.actions import forget as forget_uses
from socle.pagecache.actions import bump
from socle.privacy import emails
from socle.privacy.actions import copies
from socle.privacy.declared import carry_out, declared, last_act
from socle.privacy.limits import MAILS
from socle.privacy.models import Depart

logger = logging.getLogger(__name__)

ERASE_DUE = "socle.privacy.tasks.erase_due"
SECOND_THOUGHTS = timedelta(hours=12)  # nobody who leaves by mistake, or by another's hand, is gone at once
LAST_MAIL = timedelta(hours=12)  # then its address goes, whether that mail could be delivered or not
# Nobody waits for somebody who leaves: under the second after which PostgreSQL would have to choose a victim.
PATIENCE = "500ms"
AGAIN = timedelta(minutes=1)
LATEST_AGAIN = timedelta(hours=1)


class StaffLeavesOtherwiseError(Exception):
    """An account of the team has taken decisions that keep their author: an administrator closes it."""


@dataclass
class Leaving:
    """Who leaves, and the row that stands for nobody, made where something that stays has to point to one."""

    personne: Personne
    with_texts: bool
    _shell: list[Personne] = field(default_factory=list)

    def shell(self) -> Personne:
        """No two of those who left share one: of each atelier it is known how many came back, not who."""
        if not self._shell:
            self._shell.append(Personne.objects.create(email=f"{secrets.token_hex(8)}@{ERASED_DOMAIN}"))
        return self._shell[0]


type Eraser = Callable[[Leaving], None]


@transaction.atomic
def ask(personne: Personne, *, with_texts: bool, cause: str = "demande", after: timedelta = SECOND_THOUGHTS) -> Depart:
    """To be carried out after some time; asked again meanwhile, it is the first one, with the latest choice.

    Raises StaffLeavesOtherwiseError.
    """
    personne = Personne.objects.select_for_update().get(pk=personne.pk)
    if accounts_of(personne).filter(is_staff=True).exists():
        raise StaffLeavesOtherwiseError
    if known := Depart.objects.open().filter(personne=personne).first():
        Depart.objects.filter(pk=known.pk).update(with_texts=with_texts)
        known.refresh_from_db()
        return known
    depart = Depart.objects.create(
        personne=personne,
        address=personne.email,
        with_texts=with_texts,
        cause=cause,
        next_attempt_at=timezone.now() + after,
    )
    emails.departure_asked(depart)
    return depart


@transaction.atomic
def give_up(personne: Personne) -> bool:
    """They stay after all; False where it is done, or was never asked."""
    rows = Depart.objects.open().filter(personne=personne)
    return bool(rows.update(cancelled_at=Now(), address="", problem=""))


def erase_next() -> bool:
    """Carry one departure out; False when none is due. Whatever prevents it, it is tried again, for ever."""
    depart = _claim()
    if depart is None:
        return False
    try:
        erase(depart)
    except (DatabaseError, ProtectedError) as problem:
        # Its words may quote a row: the kind of problem alone is kept.
        logger.warning("Departure %s waits: %s", depart.pk, type(problem).__name__)
        Depart.objects.filter(pk=depart.pk).update(problem=type(problem).__name__)
    return True


@transaction.atomic
def _claim() -> Depart | None:
    depart = Depart.objects.due().select_for_update(skip_locked=True).first()
    if depart is None:
        return None
    wait = min(AGAIN * 2 ** min(depart.attempts, 6), LATEST_AGAIN)
    Depart.objects.filter(pk=depart.pk).update(attempts=depart.attempts + 1, next_attempt_at=Now() + wait)
    return depart


@transaction.atomic
def erase(depart: Depart) -> None:
    """All of it or nothing; again is harmless. Raises OperationalError when somebody is writing on these rows."""
    _give_way()
    depart = Depart.objects.select_for_update(of=("self",)).get(pk=depart.pk)
    if not depart.is_open or depart.personne_id is None:
        return
    # Whoever writes a row about this person holds theirs (comptes.actions.personne_for), or fails after us.
    personne = Personne.objects.select_for_update().get(pk=depart.personne_id)
    if depart.cause == "echeance" and _awake(personne, depart.asked_at):
        give_up(personne)
        return
    _forget(Leaving(personne, depart.with_texts))
    Depart.objects.filter(pk=depart.pk).update(erased_at=Now(), problem="")
    emails.departure_done(depart)
    bump()


def _forget(leaving: Leaving) -> None:
    """The verbs of each floor, the declarations, the mails, the account, and last the row of the person."""
    personne = leaving.personne
    for user in accounts_of(personne):
        team.close(user, None)
    for name in settings.ERASERS:
        eraser: Eraser = import_string(name)
        eraser(leaving)
    for one in declared():
        if not one.done_by:
            carry_out(one, personne, leaving.shell, with_texts=leaving.with_texts)
    copies.forget(personne)
    courriels.forget(personne.email)
    forget_uses(MAILS, personne.email.strip().casefold())
    Depart.objects.filter(personne=personne).update(personne=None)
    for user in accounts_of(personne):
        close_account(user)
    personne.delete()


def _awake(personne: Personne, told_at: datetime) -> bool:
    """Forgotten because nothing was heard of them for years, and they have done something since they were told."""
    return Personne.objects.annotate(last=last_act()).filter(pk=personne.pk, last__gt=told_at).exists()


def _give_way() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])


def accounts_of(personne: Personne) -> QuerySet[User]:
    """Theirs; that of their address too, where nobody has joined the two yet."""
    return User.objects.filter(Q(personne=personne) | Q(email__iexact=personne.email))


def close_account(user: User) -> None:
    """With its sessions; the account of somebody who was of the team once keeps its acts, and no name."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
    try:
        with transaction.atomic():
            user.delete()
    except ProtectedError:
        for model in (EmailAddress, Authenticator, SocialAccount, UserSession):
            model.objects.filter(user=user).delete()
        user.email, user.display_name = f"{secrets.token_hex(8)}@{ERASED_DOMAIN}", ""
        user.personne, user.is_active, user.last_login = None, False, None
        user.set_unusable_password()
        user.save()


def close_done() -> int:
    """Once the last mail has left, or could not for too long: nothing of the address stays. How many.

    A letter that was being written at the moment of the erasure goes with it.
    """
    closed = 0
    for depart in Depart.objects.to_close():
        told = Envoi.objects.filter(dedupe_key=emails.done_key(depart)).unfinished()
        if told.exists() and timezone.now() < (depart.erased_at or timezone.now()) + LAST_MAIL:
            continue
        _close(depart)
        closed += 1
    return closed


@transaction.atomic
def _close(depart: Depart) -> None:
    address = Depart.objects.select_for_update().values_list("address", flat=True).get(pk=depart.pk)
    if not Personne.objects.with_email(address).exists():  # else they came back since, by an act of their own
        courriels.forget(address)
        transaction.on_commit(lambda: kept.delete_of(address), robust=True)
    else:
        courriels.forget_one(emails.done_key(depart))
    Depart.objects.filter(pk=depart.pk).update(address="", closed_at=Now())


def ring() -> None:
    doorbell.ring(ERASE_DUE)
