"""Who receives the news by e-mail: asked for, confirmed, changed, stopped; and the news that go to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from uuid import uuid4

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Now
from django.utils import timezone

from consultation.choices import EndReason
from consultation.emails import news as emails
from consultation.letter_links import Reader, Wish
from consultation.limits import mail_allowed
from consultation.models import Abonnement, Actualite, Demarche
from consultation.models.news import WHOLE, AbonnementQuerySet
from consultation.topics import topics as topics_of
from socle.comptes.actions import confirm, personne_for
from socle.comptes.models import Rhythm
from socle.courriels.actions import enqueue_many
from socle.courriels.models import Envoi, State

DIGEST = "resume"  # stands for the topics of a digest
CHUNK = 1000  # subscribers read at a time


class Asked(StrEnum):
    """What is answered to who asks: never whether the address is known."""

    WRITTEN = "written"
    LIMITED = "limited"  # three mails in an hour to this address already


class Confirmed(StrEnum):
    NOW = "now"
    BEFORE = "before"
    GONE = "gone"  # the démarche, the topics or the address are no more


def ask(demarche: Demarche, email: str, topics: Iterable[str], key: str) -> Asked:
    """Write to the address, once for each form; nobody is enrolled by it. Outside of any transaction."""
    if emails.asked(key):
        return Asked.WRITTEN
    if not mail_allowed(email):
        return Asked.LIMITED
    known = topics_of(demarche)
    chosen = tuple(topic for topic in known if topic in set(topics))
    emails.confirmation(demarche, email, Wish(key, demarche.pk, chosen), [known[topic].label for topic in chosen])
    return Asked.WRITTEN


def ask_again(wish: Wish) -> Asked | Confirmed:
    """A new link in place of one that expired, to the same address."""
    envoi, demarche = emails.asked(wish.key), _demarche(wish.demarche_pk)
    if envoi is None or demarche is None:
        return Confirmed.GONE
    return ask(demarche, envoi.to, wish.topics, str(uuid4()))


@transaction.atomic
def confirm_wish(wish: Wish) -> tuple[Confirmed, Reader | None]:
    """The reader of that mail wants the letter. The link serves once: stopping afterwards is for good."""
    envoi, demarche = emails.asked(wish.key), _demarche(wish.demarche_pk)
    if envoi is None or demarche is None:
        return Confirmed.GONE, None
    # One at a time; and read again, for its address may be erased at this very moment.
    envoi = Envoi.objects.select_for_update().get(pk=envoi.pk)
    if not envoi.to:
        return Confirmed.GONE, None
    chosen = [topic for topic in topics_of(demarche) if topic in wish.topics]
    if not chosen:
        return Confirmed.GONE, None
    personne = personne_for(envoi.to)
    reader = Reader(personne.pk, demarche.pk)
    if _abonnements(reader).filter(topic__in=chosen, confirmed_at__gte=envoi.created_at).exists():
        return Confirmed.BEFORE, reader
    confirm(personne)
    _subscribe(reader, chosen)
    return Confirmed.NOW, reader


@transaction.atomic
def choose(reader: Reader, rhythms: Mapping[str, str]) -> None:
    """From now on these topics, each at its own rhythm, and no others; what was already written leaves as it was."""
    chosen = {topic: Rhythm(rhythm) for topic, rhythm in rhythms.items() if rhythm != Rhythm.NEVER}
    _end(_abonnements(reader).active().exclude(topic__in=chosen))
    _subscribe(reader, chosen)
    for topic, rhythm in chosen.items():
        _abonnements(reader).active().filter(topic=topic).exclude(rhythm=rhythm).update(rhythm=rhythm)
    _call_back(reader)


@transaction.atomic
def stop(reader: Reader, *, everywhere: bool = False) -> None:
    """No more letters of this démarche, or of any; those that wait to leave are called back. Twice is harmless."""
    rows = Abonnement.objects.active().filter(personne=reader.personne_pk)
    demarches = (
        {reader.demarche_pk, *rows.values_list("demarche_id", flat=True)} if everywhere else {reader.demarche_pk}
    )
    _end(rows.filter(demarche__in=demarches))
    for demarche_pk in demarches:
        _call_back(Reader(reader.personne_pk, demarche_pk))


def followed(reader: Reader) -> dict[str, str]:
    """The rhythm of each topic."""
    return dict(_abonnements(reader).active().values_list("topic", "rhythm"))


def end_dead() -> int:
    """Stop writing to the addresses that no longer exist; return how many abonnements ended."""
    return Abonnement.objects.dead().update(ended_at=Now(), end_reason=EndReason.BOUNCED)


def announce_due() -> int:
    """Send the news that have appeared to those who asked; return how many."""
    end_dead()
    return sum(announce(actualite) for actualite in Actualite.objects.to_announce().order_by("published_at", "pk"))


def announce(actualite: Actualite) -> bool:
    """Once for ever, all its letters in one transaction: sent to everyone, or to be sent. False when it was done."""
    started = timezone.now()
    with transaction.atomic():
        if not Actualite.objects.to_announce().filter(pk=actualite.pk).update(announced_at=Now()):
            return False
        actualite = Actualite.objects.select_related("demarche").get(pk=actualite.pk)
        enqueue_many(_letters(actualite))
    # Who stopped while the letters were being written could not call theirs back.
    stopped = Abonnement.objects.filter(demarche=actualite.demarche_id, ended_at__gte=started)
    for personne_pk in stopped.values_list("personne", flat=True).distinct():
        _call_back(Reader(personne_pk, actualite.demarche_id))
    return True


def letters_by_state(actualite: Actualite) -> list[tuple[str, int]]:
    """What became of its letters, in the words of the outbox; those that came back are counted apart too."""
    letters = Envoi.objects.filter(dedupe_key__startswith=emails.letter_key(actualite))
    counts = dict(letters.order_by().values_list("state").annotate(Count("pk")))
    found = [(state.label, counts[state]) for state in State if counts.get(state)]
    back = letters.filter(bounced_at__isnull=False).count()
    return [*found, ("refusées ou revenues", back)] if back else found


def _letters(actualite: Actualite) -> Iterator[Envoi]:
    """To those who want each at once; the others find it in their digest (consultation.actions.digests)."""
    letter = emails.Letter.of(actualite)
    told = Abonnement.objects.told_of(actualite).filter(rhythm=Rhythm.AT_ONCE)
    readers = told.order_by("personne").values_list("personne", "personne__email")
    for personne_pk, email in readers.distinct().iterator(chunk_size=CHUNK):
        yield letter.to(Reader(personne_pk, actualite.demarche_id), email)


def _demarche(pk: int) -> Demarche | None:
    return Demarche.objects.published().filter(pk=pk).first()


def _abonnements(reader: Reader) -> AbonnementQuerySet:
    return Abonnement.objects.filter(personne=reader.personne_pk, demarche=reader.demarche_pk)


def _subscribe(reader: Reader, topics: Iterable[str]) -> None:
    """What is followed already keeps its date."""
    rows = [Abonnement(personne_id=reader.personne_pk, demarche_id=reader.demarche_pk, topic=topic) for topic in topics]
    Abonnement.objects.bulk_create(rows, ignore_conflicts=True)


def _end(rows: AbonnementQuerySet) -> None:
    """The row stays: it proves when the consent was given, and until when it held."""
    rows.update(ended_at=Now(), end_reason=EndReason.ASKED)


def _call_back(reader: Reader) -> None:
    """The letters that have not left, about what is no longer followed."""
    topics = set(followed(reader))
    if WHOLE not in topics:
        emails.call_back(reader, topics | ({DIGEST} if topics else set()))
