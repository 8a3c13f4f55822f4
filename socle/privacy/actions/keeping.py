"""What is over is erased, by the database's clock, under the table of settings.RETENTION; each run is written down."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce, Now
from django.utils.module_loading import import_string

from socle.comptes.models import Personne, User
from socle.courriels.models import Envoi
from socle.privacy import emails
from socle.privacy.actions import leaving
from socle.privacy.declared import by_personne, last_act, model_of
from socle.privacy.models import Depart, RetentionRun
from socle.privacy.retention import Verb, kept_for

NOTICE = timedelta(days=30)  # before an identity goes; an account is told so, then at LAST_NOTICE
LAST_NOTICE = timedelta(days=7)
BATCH = 500


def enforce() -> dict[str, int]:
    """Everything that is over; how many rows of each kind. One kind that breaks does not hold the others."""
    done = {}
    for kind, keeping in settings.RETENTION.items():
        verb: Verb = import_string(keeping.verb)
        done[kind] = verb()
        if done[kind]:
            RetentionRun.objects.create(kind=kind, rows=done[kind])
    return done


@transaction.atomic
def forget_addresses() -> int:
    """Typed by nobody knows whom, confirmed by nobody, and to which nothing points."""
    rows = Personne.objects.filter(confirmed_at__isnull=True, created_at__lt=Now() - kept_for("adresses"))
    for held in by_personne():
        rows = rows.exclude(Exists(model_of(held).objects.filter(personne=OuterRef("pk"))))
    pks = list(rows.exclude(pk__in=Personne.objects.left()).select_for_update(skip_locked=True)[:BATCH])
    return Personne.objects.filter(pk__in=[one.pk for one in pks]).delete()[0]


def forget_accounts() -> int:
    """Warned twice, then closed; the second mail has had its days. Whoever logs in meanwhile keeps theirs."""
    gone = 0
    for user in _sleeping(kept_for("comptes") - NOTICE):
        left = [step for step in (NOTICE, LAST_NOTICE) if not _warn(user, step)]
        if not left and _warned_long_enough(user):
            gone += _close(user)
    return gone


def _sleeping(age: timedelta) -> QuerySet[User]:
    """The team's own are closed by an administrator."""
    since = Coalesce("last_login", "date_joined")
    rows = User.objects.filter(is_staff=False, is_superuser=False, is_active=True).annotate(since=since)
    return rows.filter(since__lt=Now() - age).order_by("pk")[:BATCH]


def _key(user: User, step: timedelta) -> str:
    """Of this sleep: the next one is warned of again."""
    since = user.last_login or user.date_joined
    return f"compte:{user.pk}:sommeil:{since:%Y%m%d%H%M%S}:{step.days}"


def _warn(user: User, step: timedelta) -> bool:
    """Whether this warning has been written; writes it where it is its turn."""
    written = Envoi.objects.filter(dedupe_key=_key(user, step))
    if written.exists():
        return True
    before = Envoi.objects.filter(dedupe_key=_key(user, NOTICE), created_at__lte=Now() - (NOTICE - LAST_NOTICE))
    if step == NOTICE or before.exists():
        emails.account_sleeps(user.email, step.days, _key(user, step))
        return False
    return False


def _warned_long_enough(user: User) -> bool:
    return Envoi.objects.filter(dedupe_key=_key(user, LAST_NOTICE), created_at__lte=Now() - LAST_NOTICE).exists()


@transaction.atomic
def _close(user: User) -> int:
    """What they did as a person stays theirs, under its own delay."""
    held = User.objects.select_for_update().filter(pk=user.pk, last_login=user.last_login).first()
    if held is None:
        return 0
    leaving.close_account(held)
    return 1


def forget_identities() -> int:
    """Told 30 days before, by the mail of any departure: its link keeps what is there, and counts as a sign of life."""
    rows = Personne.objects.exclude(pk__in=Personne.objects.left()).annotate(last=last_act())
    rows = rows.filter(last__lt=Now() - kept_for("identites"), confirmed_at__isnull=False)
    rows = rows.exclude(Exists(Depart.objects.open().filter(personne=OuterRef("pk"))))
    rows = rows.exclude(Exists(User.objects.filter(personne=OuterRef("pk"))))  # an account has its own delay
    done = 0
    for personne in rows.order_by("pk")[:BATCH]:
        leaving.ask(personne, with_texts=False, cause="echeance", after=NOTICE)
        done += 1
    return done
