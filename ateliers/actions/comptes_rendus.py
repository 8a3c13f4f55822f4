"""The minutes of a séance: written, opened to those who were there, answered, adopted.

The row of the séance is the lock of all this: what is written, remarked, answered, read or adopted at one moment is so
one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ateliers import delays
from ateliers.actions.entries import enter_adoption
from ateliers.emails import comptes_rendus as emails
from ateliers.models import CompteRendu, CompteRenduState, Lecture, Point, Remarque, Seance
from consultation.actions.contributions import StaleState
from consultation.models import Inscription, Rencontre
from consultation.presence import presence_of
from socle.comptes.models import User
from socle.courriels import actions as courriels
from socle.dates import day_label
from socle.documents.models import MediaType
from socle.pagecache.actions import bump
from socle.publications.actions import publish

KIND = "compte_rendu"
FILES = (MediaType.PDF, MediaType.DOCX)
OVERWRITTEN = (
    "Rien n’est enregistré : quelqu’un d’autre a écrit ce compte rendu entre-temps. Son texte est ci-dessous, le vôtre "
    "est resté dans le formulaire : reportez ce qui manque, puis enregistrez."
)
ADOPTED = "Rien n’est changé : ce compte rendu est adopté, il reste tel quel."


class NotYet(Exception):  # noqa: N818 (nothing went wrong: something is still to be done)
    """What was asked has to wait; the sentences say for what, with the figures."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True)
class Words:
    """What the minutes say; the points in their order, as (title, text)."""

    introduction: str
    next_steps: str
    points: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Opened:
    """How many were written to, and how many who were there cannot be: no address, or one never proved."""

    written: int
    unreached: int


def locked(seance: Seance) -> CompteRendu:
    """The minutes of this séance, made now where there are none, held until the end of the transaction."""
    Seance.objects.select_for_update(no_key=True).get(pk=seance.pk)
    compte_rendu, _ = CompteRendu.objects.get_or_create(seance=seance)
    compte_rendu.seance = seance
    return compte_rendu


@transaction.atomic
def write(seance: Seance, words: Words, seal: str) -> CompteRendu:
    """Raises StaleState where the words that were read, whose `seal` this is, are not those that stand."""
    compte_rendu = locked(seance)
    if compte_rendu.is_adopted:
        raise StaleState(ADOPTED)
    if compte_rendu.seal != seal:
        raise StaleState(OVERWRITTEN)
    compte_rendu.introduction, compte_rendu.next_steps = words.introduction, words.next_steps
    compte_rendu.save(update_fields=["introduction", "next_steps"])
    compte_rendu.points.all().delete()
    Point.objects.bulk_create(
        Point(compte_rendu=compte_rendu, rank=rank, title=title, text=text)
        for rank, (title, text) in enumerate(words.points, start=1)
    )
    return compte_rendu


@transaction.atomic
def open_to_present(seance: Seance, until: date, seal: str) -> Opened:
    """Raises NotYet, or StaleState where it was opened, or rewritten, meanwhile."""
    compte_rendu = locked(seance)
    if compte_rendu.state != CompteRenduState.DRAFT:
        raise StaleState("Rien n’est changé : ce compte rendu est déjà ouvert aux personnes présentes.")
    if compte_rendu.seal != seal:
        raise StaleState(OVERWRITTEN)
    if missing := missing_to_open(compte_rendu, until):
        raise NotYet(*missing)
    compte_rendu.state = CompteRenduState.OPENED
    compte_rendu.opened_at, compte_rendu.remarks_until = timezone.now(), until
    compte_rendu.save(update_fields=["state", "opened_at", "remarks_until"])
    courriels.cancel(emails.late_key(seance), "Le compte rendu est ouvert aux personnes présentes.")
    return _tell_present(compte_rendu)


def missing_to_open(compte_rendu: CompteRendu, until: date) -> list[str]:
    """What has to be done first, in sentences."""
    seance, delay = compte_rendu.seance, delays.Delay.of(compte_rendu.seance)
    missing = []
    if not _was_held(seance.rencontre):
        missing.append("La séance n’a pas eu lieu : il n’y a personne à qui l’ouvrir.")
    if not compte_rendu.introduction and not compte_rendu.points.exists():
        missing.append("Le compte rendu est vide : écrivez au moins un point, ou ce qui s’est passé.")
    if not timezone.localdate() <= until <= delay.latest:
        missing.append(f"Le dernier jour va d’aujourd’hui au {day_label(delay.latest)}. {delay.why}")
    return missing


def _was_held(rencontre: Rencontre) -> bool:
    """Once it has begun; where no hour says when, from the first arrival of its day."""
    return not rencontre.is_cancelled and (rencontre.has_begun() or presence_of(rencontre).total > 0)


def present(seance: Seance) -> Iterable[Inscription]:
    """Those who were there and had registered: who came without leaving an address cannot be written to."""
    came = Inscription.objects.filter(rencontre=seance.pk, attended_at__isnull=False)
    return came.select_related("personne").order_by("pk")


def _tell_present(compte_rendu: CompteRendu) -> Opened:
    came = list(present(compte_rendu.seance))
    reached = [inscription for inscription in came if inscription.personne.confirmed_at]
    courriels.enqueue_many(emails.opened(compte_rendu, inscription) for inscription in reached)
    counted = presence_of(compte_rendu.seance.rencontre)
    return Opened(len(reached), counted.total - len(reached))


@transaction.atomic
def remark(inscription: Inscription, seance: Seance, words: str, submission_key: UUID) -> Remarque:
    """Of somebody who was there, the same form once. Raises StaleState once the last day is over, or it is adopted."""
    compte_rendu = locked(seance)
    if known := Remarque.objects.filter(submission_key=submission_key).first():
        return known
    if not compte_rendu.takes_remarks():
        raise StaleState("Votre remarque n’est pas enregistrée : le délai est fini. Ce que vous aviez écrit est gardé.")
    return Remarque.objects.create(
        compte_rendu=compte_rendu, inscription=inscription, words=words, submission_key=submission_key
    )


@transaction.atomic
def answer(seance: Seance, remarque_pk: int, *, words: str, taken_up: bool, by: User) -> Remarque:
    """Once; told to whoever made it. Raises StaleState where a colleague answered first."""
    compte_rendu = locked(seance)
    remarque = compte_rendu.remarques.select_related("inscription__personne").get(pk=remarque_pk)
    if remarque.answered_at:
        raise StaleState("Rien n’est enregistré : quelqu’un d’autre a répondu à cette remarque entre-temps.")
    remarque.answer, remarque.taken_up = words, taken_up
    remarque.answered_at, remarque.answered_by = timezone.now(), by
    remarque.save(update_fields=["answer", "taken_up", "answered_at", "answered_by"])
    emails.remark_answered(compte_rendu, remarque)
    return remarque


@transaction.atomic
def adopt(seance: Seance, by: User, seal: str) -> CompteRendu:
    """Published as it was read; never rewritten. Raises NotYet with the figures, or StaleState."""
    compte_rendu = locked(seance)
    if compte_rendu.is_adopted:
        raise StaleState(ADOPTED)
    if compte_rendu.seal != seal:
        raise StaleState(OVERWRITTEN)
    if missing := missing_to_adopt(compte_rendu):
        raise NotYet(*missing)
    counted = presence_of(seance.rencontre)
    # Before the row is adopted: after it, nothing of this séance is written any more.
    told = Lecture.objects.filter(seance=seance).shown().exclude(outcome="")
    emails.tell_authors(seance, list(told.select_related("contribution__personne", "contribution__demarche")))
    told.update(told_at=timezone.now())
    compte_rendu.figures = {"salle": counted.room, "distance": counted.remote, "sur_place": counted.sur_place}
    compte_rendu.state, compte_rendu.adopted_by = CompteRenduState.ADOPTED, by
    compte_rendu.adopted_at = timezone.now()
    compte_rendu.save(update_fields=["figures", "state", "adopted_by", "adopted_at"])
    enter_adoption(compte_rendu, by)
    reached = [inscription for inscription in present(seance) if inscription.personne.confirmed_at]
    courriels.enqueue_many(emails.adopted(compte_rendu, inscription) for inscription in reached)
    publish(KIND, str(seance.pk), FILES, by)
    bump()
    return compte_rendu


def missing_to_adopt(compte_rendu: CompteRendu) -> list[str]:
    """What has to be done first, with the figures."""
    until = compte_rendu.remarks_until
    if not compte_rendu.is_opened or until is None:
        return ["Ouvrez-le d’abord aux personnes présentes : elles ont à le relire avant qu’il soit adopté."]
    missing = []
    if compte_rendu.takes_remarks():
        missing.append(f"Les personnes présentes peuvent encore le corriger jusqu’au {day_label(until)} inclus.")
    if waiting := compte_rendu.remarques.filter(answered_at__isnull=True).count():
        missing.append(
            "Une remarque attend sa réponse." if waiting == 1 else f"{waiting} remarques attendent leur réponse."
        )
    if silent := Lecture.objects.filter(seance=compte_rendu.pk).without_outcome().count():
        missing.append(
            "Dites ce que le groupe a fait de la contribution lue dans la salle."
            if silent == 1
            else f"Dites ce que le groupe a fait de {silent} contributions lues dans la salle."
        )
    return missing
