"""What others make of a contribution: a person supports it, a service answers the question it asks."""

from __future__ import annotations

from enum import StrEnum
from uuid import uuid4

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from consultation.actions.contributions import Mail, StaleState
from consultation.actions.entries import enter_answer
from consultation.emails import answers as emails
from consultation.limits import mail_allowed
from consultation.models import Contribution, Question, ServiceAnswer, Soutien
from socle.comptes.actions import confirm, personne_for
from socle.comptes.models import Personne, User
from socle.pagecache.actions import bump


class Support(StrEnum):
    """What became of a soutien that was given, or why it cannot be."""

    GIVEN = "given"
    BEFORE = "before"
    OWN = "own"
    GONE = "gone"  # the contribution is no longer published
    CLOSED = "closed"


def ask_soutien(contribution: Contribution, email: str) -> Mail:
    """Write to whoever receives the mail of this address; nothing is supported before they follow its link.

    The same answer whoever's address it is: nobody learns here who supports, nor who wrote. Outside of any transaction.
    """
    if not mail_allowed(email):
        return Mail.LIMITED
    with transaction.atomic():
        emails.soutien_link(contribution, personne_for(email), uuid4().hex)
    return Mail.WRITTEN


@transaction.atomic
def support(personne: Personne, contribution: Contribution) -> Support:
    """Once each, whatever the number of clicks: the row of the contribution is locked, the constraint stands behind.

    To be called once the address is proved: its reader followed the link, or signed in. No bump: figures of soutiens
    are those of a minute ago (design §5).
    """
    contribution = _locked(contribution)
    confirm(personne)
    if Soutien.objects.filter(contribution=contribution, personne=personne).exists():
        return Support.BEFORE
    if refused := refusal(personne, contribution):
        return refused
    Soutien.objects.create(contribution=contribution, personne=personne)
    Contribution.objects.filter(pk=contribution.pk).update(support_count=F("support_count") + 1)
    return Support.GIVEN


def refusal(personne: Personne, contribution: Contribution) -> Support | None:
    if not contribution.is_published:
        return Support.GONE
    if not contribution.demarche.takes_soutiens():
        return Support.CLOSED
    return Support.OWN if contribution.personne_id == personne.pk else None


@transaction.atomic
def withdraw_support(personne: Personne, contribution: Contribution) -> bool:
    """At any time, after the closing too; False where there was none."""
    contribution = _locked(contribution)
    withdrawn, _ = Soutien.objects.filter(contribution=contribution, personne=personne).delete()
    if withdrawn:
        Contribution.objects.filter(pk=contribution.pk).update(support_count=F("support_count") - 1)
    return bool(withdrawn)


def _locked(contribution: Contribution) -> Contribution:
    # Not its key: whoever writes a row that points to it need not wait.
    rows = Contribution.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("demarche").get(pk=contribution.pk)


@transaction.atomic
def save_answer(
    question: Question, *, service: str, body: str, by: User, seal: str = "", publish: bool = False
) -> ServiceAnswer:
    """A draft, its publication, or the correction of what is published; an answer that was public is dated so.

    `seal` is that of the answer that was read (`ServiceAnswer.seal`): raises StaleState when it is another one by now,
    or when the question is no longer published.
    """
    locked = _locked(question)
    answer = ServiceAnswer.objects.filter(contribution=locked).first() or ServiceAnswer(contribution=locked)
    answer.contribution = locked
    if not locked.is_published:
        raise StaleState("Rien n’est enregistré : cette question n’est plus publiée.")
    if answer.seal != seal:
        raise StaleState(
            "Rien n’est enregistré : quelqu’un d’autre a écrit cette réponse entre-temps. La sienne est ci-dessous."
        )
    if answer.is_published and (service, body) == (answer.service, answer.body):
        return answer
    answer.service, answer.body, answer.by = service, body, by
    if answer.is_published or publish:
        _publish(answer)
    else:
        answer.save()
    return answer


def _publish(answer: ServiceAnswer) -> None:
    """For the first time, which the author is told, or corrected."""
    if answer.is_published:
        answer.corrected_at = timezone.now()
    else:
        answer.published_at = timezone.now()
        emails.answered(answer)
    answer.save()
    enter_answer(answer)
    bump()
