"""From séance to séance: what a group does with its productions of before, and what the organiser publishes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from ateliers.actions.productions import OVERTAKEN, cite, is_alive, lock, renew
from ateliers.actions.tables import hold
from ateliers.models import Atelier, Devenir, Fate, Production, ProductionVersion, Seance, Table, Words
from ateliers.models.production import ENDS
from ateliers.refusals import Overtaken, Refusal
from ateliers.wording import was_masked
from consultation.actions.words import replace_words
from consultation.choices import ContributionState, How, VersionCause
from consultation.models import Citation
from socle.comptes.models import User
from socle.pagecache.actions import bump

GONE = "Rien n’a été changé : cette production n’est plus à travailler (retirée, refusée, ou d’une autre séance)."
NO_TARGET = (
    "Rien n’a été fusionné : celle qui devait recevoir les autres est elle-même fusionnée, abandonnée ou retirée."
)
READ = "Rien n’a été annulé : c’est déjà publié. Demandez à l’organisateur."
LATER = "Rien n’a été annulé : le groupe en a décidé de nouveau à une séance d’après. Annulez d’abord cette décision."
MASKED = "Rien n’a été annulé : un passage a été masqué par la modération, les mots d’avant ne reviennent pas."
UNREAD = "{} n’est pas publiée : publiez-la d’abord."
LOST = "elle n’est plus à travailler"
NOT_HELD = "Rien n’est gardé : la séance n’a pas commencé, ou elle est annulée ; c’est au groupe de décider."


@transaction.atomic
def keep(table: Table, production: Production) -> Devenir:
    return _decide(table, production, Fate.KEPT)


@dataclass(frozen=True)
class Kept:
    """How many one gesture kept, and those it left as they were: (reference, why)."""

    count: int = 0
    left: list[tuple[str, str]] = field(default_factory=list)


@transaction.atomic
def keep_read(at: Table | Seance, seen: Mapping[int, int]) -> Kept:
    """Keep each production as the version that was read: {production: version}. One that changed since is left as it
    is, and the others are kept. By a table of the séance, or by whoever runs it once it has begun."""
    seance = hold(at).seance if isinstance(at, Table) else at
    if seance is at and (seance.rencontre.is_cancelled or not seance.rencontre.has_begun()):
        raise Refusal(NOT_HELD)
    theirs = Production.objects.filter(seance__atelier=seance.atelier_id, pk__in=seen)
    held = lock(theirs.values_list("pk", flat=True))
    workable = set(Production.objects.before(seance).filter(pk__in=seen).values_list("pk", flat=True))
    reasons = {one.pk: _why_left(one, seance, seen[one.pk]) if one.pk in workable else LOST for one in held}
    kept = [one for one in held if not reasons[one.pk]]
    fresh = [one for one in kept if standing(one, seance) is None]  # sent twice, it is kept once
    Devenir.objects.bulk_create(Devenir(production=one, seance=seance, fate=Fate.KEPT) for one in fresh)
    left = [(one.contribution.reference, reasons[one.pk]) for one in held if reasons[one.pk]]
    return Kept(len(kept), left)


def _why_left(production: Production, seance: Seance, seen: int) -> str:
    before = standing(production, seance)
    if before and before.fate != Fate.KEPT:
        return f"elle vient d’être notée « {before.get_fate_display()} »"
    return "" if production.latest.pk == seen else "ses mots ont changé"


@transaction.atomic
def drop(table: Table, production: Production, reason: str) -> Devenir:
    return _decide(table, production, Fate.DROPPED, reason=reason)


@transaction.atomic
def reword(table: Table, production: Production, *, seen: int, title: str, body: str) -> Devenir:
    """The words of this séance, which the former ones stay beside; once more, they replace those of this séance.

    `seen` is the version that was read: raises Overtaken where another table has reworded it, or decided, meanwhile.
    """
    seance = hold(table).seance
    held = _of_before(seance, [production.pk])[0]
    words, before = Words(title, body), standing(held, seance)
    if before and before.fate == Fate.REWORDED and words == held.words:
        return before  # the same form, sent twice
    if before and (before.fate in ENDS or before.published_at):
        raise Overtaken(_already(before), held)
    if seen != held.latest.pk:
        raise Overtaken(OVERTAKEN, held)
    if before:
        Devenir.objects.filter(pk=before.pk).update(undone_at=timezone.now())
    renew(held, seance, words)
    return Devenir.objects.create(production=held, seance=seance, fate=Fate.REWORDED)


@transaction.atomic
def merge(table: Table, productions: Sequence[Production], into: Production, reason: str = "") -> list[Devenir]:
    """Several become one, of before or of this séance, which says that it comes from them."""
    seance = hold(table).seance
    Atelier.objects.select_for_update(no_key=True).get(pk=seance.atelier_id)  # no two mergings meet
    held = {one.pk: one for one in lock([into.pk, *(one.pk for one in productions)])}
    merged = [one for one in _checked(seance, list(held.values())) if one.pk != into.pk]
    target = held[into.pk]
    fate = standing(target, seance)
    live = target.seance_id == seance.pk or Production.objects.before(seance).filter(pk=target.pk).exists()
    if not (live and is_alive(target)) or (fate and fate.fate in ENDS):
        raise Refusal(NO_TARGET)
    made = []
    for one in merged:
        if before := standing(one, seance):
            if before.into_id == target.pk:
                continue
            raise Overtaken(_already(before), one)
        made.append(Devenir.objects.create(production=one, seance=seance, fate=Fate.MERGED, into=target, reason=reason))
    cite(target.contribution, [one.contribution for one in merged], how=How.MERGES)
    return made


def standing(production: Production, seance: Seance) -> Devenir | None:
    """What this séance has decided of it; of rows read `with_history`."""
    return next((one for one in production.devenirs.all() if one.seance_id == seance.pk), None)


def _decide(table: Table, production: Production, fate: str, *, reason: str = "") -> Devenir:
    seance = hold(table).seance
    held = _of_before(seance, [production.pk])[0]
    if before := standing(held, seance):
        if (before.fate, before.reason) == (fate, reason):
            return before
        raise Overtaken(_already(before), held)
    return Devenir.objects.create(production=held, seance=seance, fate=fate, reason=reason)


def _of_before(seance: Seance, pks: Sequence[int]) -> list[Production]:
    return _checked(seance, lock(pks))


def _checked(seance: Seance, held: list[Production]) -> list[Production]:
    """All but those of this very séance are still the group's to work on."""
    known = set(Production.objects.before(seance).filter(pk__in=[one.pk for one in held]).values_list("pk", flat=True))
    earlier = [one for one in held if one.seance_id != seance.pk]
    if not earlier or any(one.pk not in known for one in earlier):
        raise Refusal(GONE)
    return earlier


def _already(devenir: Devenir) -> str:
    return (
        f"Rien n’a été changé : une table l’a déjà notée « {devenir.get_fate_display()} » à cette séance. "
        "Annulez d’abord cette décision si le groupe en prend une autre."
    )


@transaction.atomic
def take_back(table: Table, devenir: Devenir) -> None:
    """By a table of the same séance, until it is published; it stays, as undone."""
    seance = hold(table).seance
    if devenir.seance_id != seance.pk:
        raise Refusal(GONE)
    undo(devenir, by=None)


@transaction.atomic
def undo(devenir: Devenir, *, by: User | None) -> None:
    """As before this séance; the organiser (`by`) may undo what is public. Undone twice is undone once."""
    held = lock([devenir.production_id])[0]
    now = Devenir.objects.standing().filter(pk=devenir.pk).select_related("seance").first()
    if now is None:
        return
    if now.published_at and by is None:
        raise Refusal(READ)
    if any(one.seance.rank > now.seance.rank for one in held.devenirs.all()):
        raise Refusal(LATER)
    Devenir.objects.filter(pk=now.pk).update(undone_at=timezone.now())
    if now.fate == Fate.MERGED:
        Citation.objects.filter(citing=now.into_id, cited=held.pk, how=How.MERGES).delete()
    if now.fate == Fate.REWORDED:
        _former_words(held, now, by)
    if now.published_at:
        bump()


def _former_words(production: Production, devenir: Devenir, by: User | None) -> None:
    if devenir.published_at and was_masked(production.contribution):
        raise Refusal(MASKED)
    mine = ProductionVersion.objects.standing().filter(production=production, seance=devenir.seance_id)
    mine.order_by().update(replaced_at=timezone.now())
    before = ProductionVersion.objects.standing().filter(production=production).last()
    if devenir.published_at and before:
        said = {"title": before.title, "body": before.body, "cause": VersionCause.SEANCE}
        replace_words(production.contribution, **said, by=by)


@transaction.atomic
def publish(devenir: Devenir, *, by: User) -> None:
    """What the séance did with it can be read by anyone; other words become those of the contribution.

    Raises Refusal where it was undone since it was read, or stands on something that is not public.
    """
    held = lock([devenir.production_id])[0]
    now = standing(held, devenir.seance)
    if now is None or now.pk != devenir.pk:
        raise Refusal("Rien n’a été publié : cette décision a été changée depuis que vous l’avez lue.")
    for contribution in [held.contribution, *([now.into.contribution] if now.into else [])]:
        if contribution.state != ContributionState.PUBLISHED:
            raise Refusal(UNREAD.format(contribution.reference))
    if not Devenir.objects.to_publish().filter(pk=now.pk).update(published_at=timezone.now()):
        return
    if now.fate == Fate.REWORDED:
        words = held.latest
        replace_words(held.contribution, title=words.title, body=words.body, cause=VersionCause.SEANCE, by=by)
    bump()
