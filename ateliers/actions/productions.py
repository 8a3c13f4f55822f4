"""What a table types: a production written, corrected or taken back, until the organiser publishes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from ateliers.actions.tables import hold
from ateliers.models import Devenir, Production, ProductionVersion, Seance, Table, Words
from ateliers.models.production import ALIVE
from ateliers.refusals import Overtaken, Refusal, SheetTyped
from consultation.actions.contributions import change_state, place_label
from consultation.actions.words import replace_words
from consultation.choices import ContributionState, DecisionCause, How, Origine, SpeaksAs, VersionCause
from consultation.models import Citation, Contribution, Decision, Enjeu, RefusalReason
from socle.comptes.models import User

ELSEWHERE = "Rien n’a été écrit : rechargez la page, puis recommencez. Ce que vous avez tapé est resté ci-dessous."
DECIDED = (
    "Rien n’a été changé : elle est déjà publiée, ou n’est plus en attente. Ce que vous avez tapé est resté "
    "ci-dessous ; demandez à l’organisateur."
)
OVERTAKEN = (
    "Rien n’a été changé : quelqu’un d’autre vient d’écrire d’autres mots. Voici les siens et les vôtres : "
    "rien n’est perdu, gardez ce qu’il faut des deux puis enregistrez."
)
HOLDS_OTHERS = (
    "Rien n’a été refusé : d’autres productions ont été fusionnées dans celle-ci. "
    "Qu’une table annule d’abord ces fusions."
)
TAKEN_UP = "Rien n’a été retiré : d’autres productions ont été fusionnées dans celle-ci. Annulez d’abord ces fusions."


def write(
    table: Table,
    *,
    submission_key: UUID,
    title: str,
    body: str,
    minority: bool = False,
    sheet: int | None = None,
    enjeux: Iterable[Enjeu] = (),
    cites: Iterable[Contribution] = (),
    **said: Any,
) -> Production:
    """Keep what a table says, once for each submission_key; it waits to be read.

    Raises TableShut, and SheetTyped where the paper of that number has been typed.
    """
    if known := _sent(table, submission_key):
        return known
    try:
        with transaction.atomic():
            seance = hold(table).seance
            contribution = _contribution(seance, submission_key=submission_key, title=title, body=body, **said)
            contribution.enjeux.set(enjeux)
            made = Production.objects.create(
                contribution=contribution, seance=seance, table=table, sheet=sheet, minority=minority
            )
            ProductionVersion.objects.create(production=made, seance=seance, title=title, body=body)
            cite(contribution, cites)
    except IntegrityError as clash:
        if known := _sent(table, submission_key):  # sent twice at the same moment: the other one was first
            return known
        raise _refusal(table.seance, sheet) from clash
    return made


def is_sent(table: Table, submission_key: str) -> bool:
    """Whether the form of this key has been received at this séance; whatever was posted as a key."""
    try:
        return _sent(table, UUID(submission_key)) is not None
    except ValueError:
        return False


def _sent(table: Table, submission_key: UUID) -> Production | None:
    rows = Production.objects.select_related("contribution__demarche")
    return rows.filter(seance=table.seance_id, contribution__submission_key=submission_key).first()


def _contribution(seance: Seance, **said: Any) -> Contribution:
    """Said by the group: nobody's name, no address to write to, no number to follow."""
    return Contribution.objects.create(
        demarche=seance.atelier.demarche,
        rencontre=seance.rencontre,
        place_label=place_label(seance.rencontre),
        origine=Origine.SEANCE,
        speaks_as=SpeaksAs.GROUP,
        organisation=f"Groupe de l’atelier {seance.atelier.rank} – {seance.atelier.town}"[:160],
        state=ContributionState.WAITING,
        **said,
    )


def _refusal(seance: Seance, sheet: int | None) -> Refusal:
    typed = Production.objects.filter(seance=seance, sheet=sheet) if sheet else Production.objects.none()
    if other := typed.select_related("contribution__demarche").first():
        known = f"{other.contribution.reference}, « {other.contribution.title} »"
        return SheetTyped(f"La fiche {sheet} est déjà recopiée : c’est {known}.")
    return Refusal(ELSEWHERE)


def cite(contribution: Contribution, cites: Iterable[Contribution], **how: Any) -> None:
    """What it comes from; said twice is once."""
    rows = [Citation(citing=contribution, cited=cited, **how) for cited in cites if cited.pk != contribution.pk]
    Citation.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def correct(
    table: Table,
    production: Production,
    *,
    seen: int,
    title: str,
    body: str,
    minority: bool,
    cites: Iterable[Contribution] = (),
) -> Production:
    """Other words, from any table of the séance, while it waits; those before stay with the team.

    `seen` is the version that was read: raises Overtaken where it is not the latest any more.
    """
    seance = hold(table).seance
    held = lock([production.pk])[0]
    _refuse_decided(held, seance)
    if Words(title, body) != held.words:
        if seen != held.latest.pk:
            raise Overtaken(OVERTAKEN, held)
        renew(held, seance, Words(title, body))
        replace_words(held.contribution, title=title, body=body, cause=VersionCause.CORRECTION)
    Production.objects.filter(pk=held.pk).update(minority=minority)
    typed = Citation.objects.filter(citing=held.pk, how=How.TAKES_UP, by__isnull=True)
    typed.exclude(cited__in=cites).delete()
    cite(held.contribution, cites)
    return held


@transaction.atomic
def withdraw(table: Table, production: Production) -> None:
    """Typed by mistake, or twice: taken back by the group while it waits; its sheet may be typed again."""
    seance = hold(table).seance
    held = lock([production.pk])[0]
    _refuse_decided(held, seance)
    if Devenir.objects.standing().filter(into=held).exists():
        raise Refusal(TAKEN_UP)
    change_state(held.contribution, ContributionState.WITHDRAWN, by=None, cause=DecisionCause.AUTHOR)
    Production.objects.filter(pk=held.pk).update(sheet=None)


def publish(production: Production, *, by: User, seen: str) -> Decision:
    """As a moderator does; raises StaleState where it was decided, or its words changed, since it was read."""
    return change_state(production.contribution, ContributionState.PUBLISHED, by=by, seen=seen)


@transaction.atomic
def refuse(production: Production, *, by: User, seen: str, reason: RefusalReason, message: str = "") -> Decision:
    """It will not appear; its group reads why. Raises StaleState where it was decided, or its words changed, since it
    was read, and Refusal where others would disappear with it."""
    lock([production.pk])
    if Devenir.objects.standing().filter(into=production).exists():
        raise Refusal(HOLDS_OTHERS)
    refused = ContributionState.REFUSED
    return change_state(production.contribution, refused, by=by, seen=seen, reason=reason, message=message)


def lock(pks: Iterable[int]) -> list[Production]:
    """These productions as they are now, in pk order, with their history; nobody else writes on them meanwhile."""
    rows = Production.objects.filter(pk__in=list(pks)).select_for_update(no_key=True).order_by("pk")
    held = list(rows.values_list("pk", flat=True))
    now = Production.objects.filter(pk__in=held).select_related("contribution__demarche", "seance").order_by("pk")
    return list(now.with_history())


def renew(production: Production, seance: Seance, words: Words) -> ProductionVersion:
    """The words of this séance; those it had already are put aside, not written over."""
    mine = ProductionVersion.objects.standing().filter(production=production, seance=seance)
    mine.order_by().update(replaced_at=timezone.now())
    return ProductionVersion.objects.create(production=production, seance=seance, **words._asdict())


def _refuse_decided(production: Production, seance: Seance) -> None:
    waits = production.contribution.state == ContributionState.WAITING
    if production.seance_id != seance.pk or not waits:
        raise Refusal(DECIDED)


def is_alive(production: Production) -> bool:
    return production.contribution.state in ALIVE
