"""The droit de regard: opened, made longer, told to every member; objections received, and answered in public."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from ateliers.models import Membre, Production
from ateliers.refusals import Refusal
from consultation.actions.contributions import submit
from consultation.choices import DemarcheState, Nature, Stance
from consultation.models import Contribution, Passage, TexteVersion
from forums import emails
from forums.actions.entries import enter_answer, enter_regard
from forums.models import AnnonceRegard, DroitDeRegard, Forum, Objection
from socle import doorbell
from socle.comptes.actions import confirm
from socle.comptes.models import Personne, User
from socle.courriels.actions import cancel, enqueue_many
from socle.dates import day_label, local_midnight
from socle.pagecache.actions import bump

TELL = "forums.tasks.tell_groups"
PEOPLE = 200  # written to in one transaction
UNANNOUNCED = "Rien n’a été changé : ce forum n’est pas encore annoncé, et ses pages ne sont lues de personne."
OPENED = "Rien n’a été changé : le droit de regard de ce forum est déjà ouvert."
SHORTER = "Rien n’a été changé : un droit de regard ouvert ne se raccourcit pas. Choisissez un jour plus lointain."
OVER = "Rien n’est enregistré : le délai pour contester est passé. Votre texte est resté ci-dessous, copiez-le."
LEFT = "Rien n’est enregistré : vous ne faites plus partie de ce groupe. Votre texte est resté ci-dessous."
ARCHIVED = "Rien n’est enregistré : cette consultation est terminée. Votre texte est resté ci-dessous, copiez-le."
WAITS = "Rien n’est enregistré : cette objection attend d’abord sa modération."
TAKEN_BACK = "Rien n’est enregistré : son auteur a retiré cette objection, aucune réponse n’est due."
OTHERS = "Rien n’est enregistré : quelqu’un d’autre a écrit cette réponse entre-temps. La sienne est ci-dessous."


@transaction.atomic
def open_regard(forum: Forum, version: TexteVersion, days: int, by: User) -> DroitDeRegard:
    """For so many whole days from tomorrow; every member is written to. Raises Refusal where it could not end before
    the forum, or where nobody could read its answers."""
    Forum.objects.select_for_update(of=("self",), no_key=True).get(pk=forum.pk)
    if not Forum.objects.published().filter(pk=forum.pk).exists():
        raise Refusal(UNANNOUNCED)
    if DroitDeRegard.objects.filter(pk=forum.pk).exists():
        raise Refusal(OPENED)
    closes_at = local_midnight(timezone.localdate() + timedelta(days=days + 1))
    _refuse_after_forum(forum, closes_at)
    droit = DroitDeRegard.objects.create(forum=forum, version=version, days=days, closes_at=closes_at, by=by)
    enter_regard(droit, by)
    doorbell.ring(TELL)
    bump()
    return droit


@transaction.atomic
def prolong(droit: DroitDeRegard, last_day: date, by: User) -> DroitDeRegard:
    """Never shorter (trigger `droit_de_regard_stays`); every member is written to again, and what has not left goes."""
    held = DroitDeRegard.objects.select_for_update(of=("self",)).get(pk=droit.pk)
    held.forum = droit.forum
    closes_at = local_midnight(last_day + timedelta(days=1))
    if closes_at <= held.closes_at or closes_at <= timezone.now():
        raise Refusal(SHORTER)
    _refuse_after_forum(droit.forum, closes_at)
    held.closes_at = closes_at
    held.save(update_fields=["closes_at"])
    cancel(emails.opened_key(held), "Le droit de regard est prolongé.")
    enter_regard(held, by, longer=True)
    doorbell.ring(TELL)
    bump()
    return held


def _refuse_after_forum(forum: Forum, closes_at: datetime) -> None:
    rencontre = forum.rencontre
    day = timezone.localdate(rencontre.starts_at)
    if rencontre.has_day and closes_at > local_midnight(day):
        raise Refusal(
            f"Rien n’a été changé : le forum est le {day_label(day)}, le droit de regard finit la veille au plus tard."
        )


def to_tell(droit: DroitDeRegard) -> QuerySet[Membre]:
    """The members of its groups whose address is proved, whom no mail told of that group and of that last day."""
    rows = Membre.objects.present().filter(atelier__demarche=droit.forum.rencontre.demarche_id)
    told = AnnonceRegard.objects.filter(droit=droit, membre=OuterRef("pk"), closes_at=droit.closes_at)
    return rows.filter(personne__confirmed_at__isnull=False).exclude(Exists(told))


def tell_due() -> int:
    """Write to some of those who are due; to how many. Rung each minute too, so that who proves an address, or joins a
    group, one more than those they know of included, is not forgotten. Safe to ring twice, or at once."""
    droits = DroitDeRegard.objects.open().select_related("forum__rencontre__demarche", "version__texte")
    return sum(_tell(droit) for droit in droits.order_by("pk"))


@transaction.atomic
def _tell(droit: DroitDeRegard) -> int:
    """One mail a person, of all their groups that no mail told; a sweep at the same moment leaves them to this one."""
    people = to_tell(droit).values("personne")
    locked = Personne.objects.filter(pk__in=people).order_by("pk").select_for_update(skip_locked=True, no_key=True)
    keys = [one.pk for one in locked[:PEOPLE]]
    found = to_tell(droit).filter(personne__in=keys).select_related("personne", "atelier__demarche")
    due = list(found.order_by("personne", "atelier__rank"))
    mails = [emails.regard_opened(droit, list(theirs)) for _, theirs in groupby(due, lambda one: one.personne_id)]
    enqueue_many(mails)
    AnnonceRegard.objects.bulk_create(
        [AnnonceRegard(droit=droit, membre=membre, closes_at=droit.closes_at) for membre in due]
    )
    return len(mails)


def object_to(
    membre: Membre, droit: DroitDeRegard, *, production: Production, passage: Passage | None, body: str, key: UUID
) -> Contribution:
    """Received as any contribution, under the address that the link of the mail proves; once for each key.

    Raises Refusal once the time is over, or where they left the group: what they said before stays said.
    """
    if known := Contribution.objects.filter(submission_key=key).select_related("demarche").first():
        return known
    if membre.left_at is not None:
        raise Refusal(LEFT)
    if not droit.is_open():
        raise Refusal(OVER)
    if production.contribution.demarche.state != DemarcheState.PUBLISHED:
        raise Refusal(ARCHIVED)
    confirm(membre.personne)
    membre.personne.refresh_from_db()
    parent = production.contribution

    def beside(contribution: Contribution) -> None:
        Objection.objects.create(contribution=contribution, droit=droit, membre=membre, passage=passage)

    who: dict[str, Any] = {"email": membre.personne.email, "signed_in": membre.personne}
    try:
        return submit(demarche=parent.demarche, submission_key=key, beside=beside, **who, **_said(parent, body))
    except IntegrityError as late:  # it closed, or they left, while it was being sent (`objection_of_its_group`)
        membre.refresh_from_db(fields=["left_at"])
        raise Refusal(OVER if membre.left_at is None else LEFT) from late


def _said(parent: Contribution, body: str) -> dict[str, Any]:
    """The title names the production by its reference alone, as that of a réaction does."""
    return {
        "parent": parent,
        "stance": Stance.NEITHER,
        "nature": Nature.REFLEXION,
        "theme": parent.theme,
        "title": f"Objection à la reprise de la production {parent.reference}",
        "body": body,
    }


@transaction.atomic
def answer(objection: Objection, *, words: str, seal: str, by: User) -> Objection:
    """Public at once, and corrected in public; whoever objected is told. Its text is moderated first: an objection that
    does not appear, or was taken down, is answered all the same. `seal` is the answer that was read."""
    rows = Objection.objects.select_for_update(of=("self",))
    held = rows.select_related("contribution__demarche", "contribution__personne").get(pk=objection.pk)
    if not held.takes_answer:
        raise Refusal(TAKEN_BACK if held.is_taken_back else WAITS)
    if held.answer != seal:
        raise Refusal(OTHERS)
    if held.answer == words:
        return held
    if held.answered_at:
        held.corrected_at = timezone.now()
    else:
        held.answered_at = timezone.now()
    held.answer, held.answered_by = words, by
    held.save(update_fields=["answer", "answered_at", "answered_by", "corrected_at"])
    emails.objection_answered(held)
    enter_answer(held, by)
    bump()
    return held
