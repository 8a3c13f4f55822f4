"""The digest: what one follows, in one mail a morning or a Monday. Computed in SQL, once by the key of its mail.

A digest holds what appeared between two mornings, or what a période de réserve held until then
(`consultation.held_back`). Those of the last days are looked at each time, so that a worker
that slept through a morning leaves nobody without theirs; who has theirs is passed over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from consultation.emails import digest as emails
from consultation.held_back import DAYS, MORNING, instant, leaving
from consultation.letter_links import Reader
from consultation.models import Abonnement, Actualite, Demarche
from consultation.models.news import WHOLE
from socle.comptes.models import Rhythm
from socle.courriels.actions import enqueue_many
from socle.courriels.models import Envoi

SOONER = {Rhythm.DAILY: [Rhythm.AT_ONCE], Rhythm.WEEKLY: [Rhythm.AT_ONCE, Rhythm.DAILY]}
CAUGHT_UP = {Rhythm.DAILY: 3, Rhythm.WEEKLY: 2}  # mornings looked back at


def send_due(at: datetime | None = None) -> int:
    """Write the digests whose morning has come; return how many."""
    return sum(_send(rhythm, morning) for rhythm in DAYS for morning in mornings(rhythm, at or timezone.now()))


def mornings(rhythm: Rhythm, at: datetime) -> Iterator[date]:
    """The last ones that have come, by the hour on the wall; the oldest first."""
    local = timezone.localtime(at)
    last = local.date() if local.time() >= MORNING else local.date() - timedelta(days=1)
    if rhythm == Rhythm.WEEKLY:
        last -= timedelta(days=last.weekday())
    for back in reversed(range(CAUGHT_UP[rhythm])):
        yield last - timedelta(days=back * DAYS[rhythm])


def last_morning(rhythm: Rhythm, at: datetime | None = None) -> datetime:
    """When the last digest of this rhythm was due."""
    *_, last = mornings(rhythm, at or timezone.now())
    return instant(last)


def _send(rhythm: Rhythm, morning: date) -> int:
    told: dict[Reader, list[int]] = defaultdict(list)
    addresses: dict[Reader, str] = {}
    for personne, demarche, email, actualite in _due(rhythm, morning, leaving(rhythm, morning)):
        reader = Reader(personne, demarche)
        addresses[reader] = email
        told[reader].append(actualite)
    if not told:
        return 0
    known = Actualite.objects.in_bulk({pk for found in told.values() for pk in found})
    demarches = Demarche.objects.in_bulk({reader.demarche_pk for reader in told})
    enqueue_many(
        emails.digest(
            demarches[reader.demarche_pk],
            reader,
            addresses[reader],
            [known[pk] for pk in found],
            emails.named(rhythm, morning),
        )
        for reader, found in told.items()
    )
    return len(told)


def _due(rhythm: Rhythm, morning: date, told: list[int]) -> QuerySet:
    """(personne, démarche, address, actualité), for who has not had it: in this digest, or in a letter before."""
    key = Concat(
        *(Value("resume:"), Cast("personne", CharField()), Value(":"), Cast("demarche", CharField())),
        Value(f":{emails.named(rhythm, morning)}"),
    )
    letter = Concat(Value("actualite:"), Cast("actualite", CharField()), Value(":"), Cast("personne", CharField()))
    rows = Abonnement.objects.active().filter(rhythm=rhythm, demarche__in=Demarche.objects.published())
    rows = rows.filter(
        Q(topic=WHOLE) | Q(topic=F("demarche__actualites__topic")),
        demarche__actualites__in=told,
        demarche__actualites__published_at__gte=F("confirmed_at"),
    ).annotate(
        actualite=F("demarche__actualites"),
        about=F("demarche__actualites__topic"),
        left_at=F("demarche__actualites__announced_at"),
    )
    rows = rows.annotate(key=key, letter=letter).exclude(Exists(_told_sooner(rhythm)))
    rows = rows.exclude(Exists(Envoi.objects.filter(dedupe_key=OuterRef("key"))))
    rows = rows.exclude(Exists(Envoi.objects.filter(dedupe_key=OuterRef("letter"))))
    ordered = rows.order_by("personne", "demarche", "demarche__actualites__published_at", "actualite")
    return ordered.values_list("personne", "demarche", "personne__email", "actualite").distinct()


def _told_sooner(rhythm: Rhythm) -> QuerySet:
    """Of two subjects that an actualité is about, the one that is heard of first says it; asked within `_due`."""
    return Abonnement.objects.active().filter(
        Q(topic=WHOLE) | Q(topic=OuterRef("about")),
        personne=OuterRef("personne"),
        demarche=OuterRef("demarche"),
        rhythm__in=SOONER[rhythm],
        confirmed_at__lte=OuterRef("left_at"),
    )
