"""What a moderator does before deciding, or without deciding: a note, a question to a colleague or to the author, a
passage hidden."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from consultation import masking
from consultation.actions.contributions import REWORDED, StaleState
from consultation.actions.entries import enter_masking
from consultation.actions.words import replace_words
from consultation.choices import ContributionState, VersionCause
from consultation.emails import moderation as emails
from consultation.models import Contribution, ModerationNote, Reformulation, SecondOpinion, Version
from consultation.models.contribution import STORED_TITLE_LENGTH
from socle.comptes.models import User
from socle.courriels.actions import cancel

# What is refused is read by nobody; what its author withdrew comes back by nobody.
MASKABLE = (ContributionState.WAITING, ContributionState.PUBLISHED, ContributionState.WITHDRAWN)
DECIDED = "Rien n’a été demandé : cette contribution n’attend plus de décision."
OPINION_ASKED = "Rien n’a été demandé : un second avis est déjà attendu sur cette contribution."
OPINION_GIVEN = "Votre avis n’a pas été enregistré : un collègue a déjà donné le sien."
OPINION_OWN = "Un second avis est celui de quelqu’un d’autre : il revient à un collègue."
WORDS_ASKED = "Rien n’a été demandé : une reformulation l’a déjà été à l’auteur."
TOO_LATE = "Ce texte n’a pas été enregistré : on ne l’attend plus."
NOTHING_HIDDEN = "Rien n’a été masqué : ces mots ne sont pas, ou ne sont plus, dans la contribution."
TITLE_TOO_LONG = "Rien n’a été masqué : le titre serait trop long avec tant de passages masqués."


def write_note(contribution: Contribution, *, by: User, body: str) -> ModerationNote:
    return ModerationNote.objects.create(contribution=contribution, by=by, body=body)


@transaction.atomic
def ask_second_opinion(contribution: Contribution, *, by: User, question: str) -> SecondOpinion:
    """One at a time; raises StaleState where there is nothing to ask."""
    contribution = _locked(contribution)
    _refuse_once_decided(contribution)
    if SecondOpinion.objects.open().filter(contribution=contribution).exists():
        raise StaleState(OPINION_ASKED)
    return SecondOpinion.objects.create(contribution=contribution, asked_by=by, question=question)


@transaction.atomic
def give_second_opinion(opinion: SecondOpinion, *, by: User, advice: str, words: str = "") -> None:
    """By a colleague of whoever asked, once; raises StaleState otherwise."""
    if opinion.asked_by_id == by.pk:
        raise StaleState(OPINION_OWN)
    # Of two at the same moment the second reads `open` after the first: an UPDATE that joins would not.
    _locked(opinion.contribution)
    rows = SecondOpinion.objects.open().filter(pk=opinion.pk)
    if not rows.update(given_by=by, given_at=timezone.now(), advice=advice, words=words):
        raise StaleState(OPINION_GIVEN)


@transaction.atomic
def ask_reformulation(contribution: Contribution, *, by: User, request: str, due_on: date) -> Reformulation:
    """Until the end of that day, or the answer, the contribution leaves the queue. Asked once: then one decides."""
    contribution = _locked(contribution)
    _refuse_once_decided(contribution)
    if Reformulation.objects.filter(contribution=contribution, answered_at__isnull=True).exists():
        raise StaleState(WORDS_ASKED)
    asked = Reformulation.objects.create(contribution=contribution, asked_by=by, request=request, due_on=due_on)
    emails.reformulation_asked(asked)
    return asked


@transaction.atomic
def answer_reformulation(contribution: Contribution, title: str, body: str) -> Version:
    """Its author's other words; the first ones stay with staff. Raises StaleState once they are not waited for."""
    contribution = _locked(contribution)
    asked = Reformulation.objects.open().filter(contribution=contribution).first()
    if asked is None or contribution.state != ContributionState.WAITING:
        raise StaleState(TOO_LATE)
    version = replace_words(contribution, title=title, body=body, cause=VersionCause.REFORMULATION)
    Reformulation.objects.filter(pk=asked.pk).update(answered_at=timezone.now())
    cancel(emails.reformulation_key(asked), "L’auteur a répondu.")
    return version


@transaction.atomic
def mask(
    contribution: Contribution,
    *,
    by: User,
    passages: Sequence[str],
    reason: str,
    only: int | None = None,
    seen: str = "",
) -> Version:
    """Hide these words in the title and in the text, all or the `only`-th; what was there stays with staff.

    Nothing else of what was said is changed. Raises StaleState where none of it is there, or no longer.
    """
    contribution = _locked(contribution)
    if contribution.state not in MASKABLE:
        raise StaleState(NOTHING_HIDDEN)
    if seen and seen != contribution.words_seal:
        raise StaleState(REWORDED)
    (title, body), hidden = masking.hide(passages, contribution.title, contribution.body, only=only)
    if not hidden:
        raise StaleState(NOTHING_HIDDEN)
    if len(title) > STORED_TITLE_LENGTH:
        raise StaleState(TITLE_TOO_LONG)
    Contribution.objects.filter(pk=contribution.pk).update(masked_at=timezone.now())
    cause = VersionCause.MASKING
    version = replace_words(contribution, title=title, body=body, cause=cause, by=by, reason=reason)
    enter_masking(contribution, hidden)
    emails.masked(version)
    return version


def _locked(contribution: Contribution) -> Contribution:
    """As it is now; nobody decides until this is written."""
    held = Contribution.objects.select_for_update(of=("self",)).select_related("demarche", "personne")
    return held.get(pk=contribution.pk)


def _refuse_once_decided(contribution: Contribution) -> None:
    if contribution.state != ContributionState.WAITING:
        raise StaleState(DECIDED)
