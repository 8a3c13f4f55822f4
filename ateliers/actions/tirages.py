"""Who may be drawn, and the draw: announced with its pool, then done with a seed; never redone in silence."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from ateliers import lots
from ateliers.actions.composition import (
    Composed,
    CompositionError,
    Someone,
    compose,
    lock_group,
    refuse_unpublished,
)
from ateliers.actions.entries import enter_tirage
from ateliers.emails import composition as emails
from ateliers.models import Atelier, CameBy, Candidature, Cible, Membre, Tirage
from socle.comptes.actions import personnes_for
from socle.comptes.models import Personne, User
from socle.pagecache.actions import bump

BY_THE_PORTAL = "Tirée par le portail au moment du tirage."


@dataclass(frozen=True)
class Enlisted:
    added: int = 0
    already: int = 0
    members: int = 0  # of the group already: nothing to draw


@transaction.atomic
def enlist(atelier: Atelier, people: Collection[Someone]) -> Enlisted:
    """Each gets a number, the next one; whoever has one keeps it. A number is never given to somebody else."""
    refuse_unpublished(atelier)
    found = personnes_for(someone.email for someone in people)
    lock_group(atelier)
    listed = set(Candidature.objects.filter(atelier=atelier).values_list("personne", flat=True))
    members = set(Membre.objects.present().filter(atelier=atelier).values_list("personne", flat=True))
    wanted = {found[someone.email.strip().lower()]: someone for someone in people}
    fresh = {personne: who for personne, who in wanted.items() if personne.pk not in listed | members}
    Candidature.objects.bulk_create(
        Candidature(
            atelier=atelier,
            number=number,
            personne=personne,
            name=who.name,
            college_id=who.college_pk,
            commune_id=who.commune_pk,
            organisation=who.organisation,
        )
        for number, (personne, who) in enumerate(fresh.items(), _next_number(atelier))
    )
    already = sum(personne.pk in listed - members for personne in wanted)
    return Enlisted(len(fresh), already, sum(personne.pk in members for personne in wanted))


def _next_number(atelier: Atelier) -> int:
    """After all that were given, those of people who were erased since included."""
    given = Candidature.objects.filter(atelier=atelier).aggregate(last=Max("number"))["last"] or 0
    pools = Tirage.objects.filter(atelier=atelier).values_list("pool", flat=True)
    return max([given, *(number for pool in pools for number in lots.numbers_of(pool))]) + 1


@dataclass(frozen=True)
class Pool:
    """Who would be drawn from, by collège (None: those whose collège has no place of its own)."""

    groups: dict[int | None, tuple[int, list[int]]]

    @property
    def places(self) -> int:
        """How many would be drawn."""
        return sum(min(places, len(numbers)) for places, numbers in self.groups.values())

    @property
    def numbers(self) -> int:
        return sum(len(numbers) for _, numbers in self.groups.values())


def pool_of(atelier: Atelier, others: int = 0) -> Pool:
    """For each collège that has places meant for it, those not taken yet; `others` are for everybody else.

    Whoever is in the group, or has been, is not drawn.
    """
    known = Membre.objects.filter(atelier=atelier)
    taken = list(known.present().values_list("college", flat=True))
    cibles = Cible.objects.filter(atelier=atelier, college__isnull=False).values_list("college", "places")
    free = {college: max(0, places - taken.count(college)) for college, places in cibles}
    groups: dict[int | None, tuple[int, list[int]]] = {college: (places, []) for college, places in free.items()}
    groups[None] = (others, [])
    rows = Candidature.objects.filter(atelier=atelier).exclude(personne__in=known.values("personne"))
    rows = rows.exclude(personne__in=Personne.objects.left())
    for number, college in rows.order_by("number").values_list("number", "college"):
        groups[college if college in free else None][1].append(number)
    return Pool(groups)


@transaction.atomic
def announce(atelier: Atelier, others: int, source: str, by: User) -> Tirage:
    """The pool is fixed and public, and each is told their number; the seed is to come from `source`."""
    tirage = _fix(atelier, others, source, by)
    emails.announced(tirage, _candidatures(tirage, lots.numbers_of(tirage.pool)))
    enter_tirage(tirage, by)
    bump()
    return tirage


def _fix(atelier: Atelier, others: int, source: str, by: User) -> Tirage:
    refuse_unpublished(atelier)
    lock_group(atelier)
    if Tirage.objects.filter(atelier=atelier, drawn_at__isnull=True).exists():
        raise CompositionError("Un tirage annoncé attend sa graine : faites-le d’abord. Rien n’a été changé.")
    pool = pool_of(atelier, others)
    if not pool.places:
        raise CompositionError(
            "Il n’y a personne à tirer : ajoutez des candidatures, ou des places à pourvoir. Rien n’a été changé."
        )
    named, letters = lots.named(pool.groups)
    return Tirage.objects.create(
        atelier=atelier, seed_source=source, rule=lots.RULE, pool=named, by_college=letters, by=by
    )


@transaction.atomic
def draw(tirage: Tirage, seed: str, by: User) -> Composed:
    """With the seed that was announced, once. Who is drawn is a member, with their séances; everybody is told."""
    lock_group(tirage.atelier)
    tirage.refresh_from_db(fields=["drawn_at"])
    if tirage.drawn_at is not None:
        raise CompositionError("Ce tirage est déjà fait : il reste tel qu’il est.")
    tirage.seed, tirage.drawn, tirage.drawn_at = seed, lots.draw(seed, tirage.pool), timezone.now()
    tirage.save(update_fields=["seed", "drawn", "drawn_at"])
    drawn = lots.numbers_of(tirage.drawn)
    rows = {one.number: one for one in _candidatures(tirage, lots.numbers_of(tirage.pool))}
    others = (one for number, one in rows.items() if number not in drawn and not one.personne.has_left)
    emails.not_drawn(tirage, others)
    enter_tirage(tirage, by)
    # One who left the portal since keeps a number, and nobody takes the place.
    come = [rows[number] for number in drawn if number in rows and not rows[number].personne.has_left]
    return compose(tirage.atelier, [_someone(one) for one in come], CameBy.TIRAGE, by)


@transaction.atomic
def draw_now(atelier: Atelier, others: int, by: User) -> Composed:
    """Without a number to come that all could see: the portal draws the seed, once the pool is written."""
    return draw(_fix(atelier, others, BY_THE_PORTAL, by), secrets.token_hex(16), by)


def _candidatures(tirage: Tirage, numbers: Collection[int]) -> list[Candidature]:
    """Those who left the portal since are among them, and nothing is sent to them."""
    rows = Candidature.objects.filter(atelier=tirage.atelier_id, number__in=numbers)
    return list(rows.select_related("personne").order_by("number"))


def _someone(candidature: Candidature) -> Someone:
    known: dict[str, Any] = {"name": candidature.name, "organisation": candidature.organisation}
    return Someone(
        candidature.personne.email,
        college_pk=candidature.college_id,
        commune_pk=candidature.commune_id,
        number=candidature.number,
        **known,
    )
