"""Everything at once for BENCH_SECONDS: people come, come again, give back; the team changes the number of places,
releases by name, puts down, deletes. Then the history is replayed: nothing lost, doubled or skipped.

People come and go over real HTTP, the team acts as its pages do; both until the time is over and all has happened.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Event

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.db.models import ProtectedError

from bench import crowds
from bench.crowds import Post
from bench.result import Result
from consultation.actions import inscriptions as actions
from consultation.actions.wishes import enlist
from consultation.choices import InscriptionEventKind
from consultation.inscription_links import Wish, holder_path, wish_path
from consultation.models import Inscription, InscriptionEvent, Rencontre
from socle import doorbell
from socle.comptes.models import Personne, User
from tests.factories import make_rencontre, make_user
from tests.histories import check

ON_DEMAND = True
SECONDS = float(os.environ.get("BENCH_SECONDS", "60"))
CAPACITIES = (3, 12, 40, None)
CROWD, PEOPLE, TEAM = 24, 120, 4  # at once, in all, members of the team at work
KINDS = {InscriptionEventKind.PROMOTED, InscriptionEventKind.RELEASED, InscriptionEventKind.CANCELLED}
PATIENCE = 300  # seconds, however slow the machine, for each of KINDS to have been seen


def measure() -> Iterator[Result]:
    doorbell.ring = lambda task_name: None  # noqa: ARG005 (nobody hears it here)
    seed = int(os.environ.get("BENCH_SEED", "2011"))
    with crowds.portal(crowds.database_url()) as port:
        done = churn(port, SECONDS, seed)
    said = ", ".join(f"{number} {what}" for what, number in sorted(done.items()))
    yield Result("everything at once, then the history replayed", 1, 1, detail=f"seed {seed}: {said}")


@dataclass(frozen=True)
class Day:
    """What one of those at work knows: where, who, by which dice, and whether the day is over."""

    rencontres: list[int]
    people: list[Personne]
    by: User
    dice: random.Random
    over: Event


def churn(port: int, seconds: float, seed: int) -> Counter[str]:
    """What was done, and how often, in this time at least; raises AssertionError where the history does not give the
    list that stands, or where one of KINDS never came."""
    people, by = crowds.people(PEOPLE), make_user(is_staff=True)
    rencontres = [make_rencontre(capacity=capacity).pk for capacity in CAPACITIES]
    over = Event()
    days = [Day(rencontres, people, by, random.Random(seed + number), over) for number in range(TEAM + 1)]
    with ThreadPoolExecutor(TEAM + 1) as pool:
        team = [pool.submit(_closing, partial(_prepare, day)) for day in days[1:]]
        crowd = pool.submit(_closing, partial(_come_and_go, port, days[0], seconds))
        done = sum((one.result() for one in team), crowd.result())
    for pk in rencontres:
        check(pk)
    assert not _unseen(rencontres)
    return done


def _unseen(rencontres: list[int]) -> set[str]:
    seen = InscriptionEvent.objects.filter(kind__in=KINDS, inscription__rencontre__in=rencontres)
    return KINDS.difference(seen.order_by().values_list("kind", flat=True).distinct())


def _closing[T](work: Callable[[], T]) -> T:
    try:
        return work()
    finally:
        connection.close()


def _come_and_go(port: int, day: Day, seconds: float) -> Counter[str]:
    """Until the time is over and each kind of thing has happened; then the day is over for the team too."""
    done: Counter[str] = Counter()
    start = time.monotonic()
    try:
        while time.monotonic() < start + seconds or (_unseen(day.rencontres) and time.monotonic() < start + PATIENCE):
            answers = Counter(crowds.post_at_once(port, [_wanted(day) for _ in range(CROWD)]))
            assert set(answers) == {303}, f"answers: {answers}"
            done["posts of people"] += CROWD
    finally:
        day.over.set()
    return done


def _wanted(day: Day) -> Post:
    """To give all back, or to come to some."""
    personne, dice = day.dice.choice(day.people), day.dice
    if dice.random() < 0.3:
        return Post(holder_path(personne.pk), "rendre=tout")
    some = tuple(dice.sample(day.rencontres, dice.randint(1, len(day.rencontres))))
    return Post(wish_path(Wish(some, personne_pk=personne.pk)), "&".join(f"rencontres={pk}" for pk in some))


def _prepare(day: Day) -> Counter[str]:
    """The team at work. What is refused changes nothing, and is counted."""
    done: Counter[str] = Counter()
    while not day.over.is_set():
        verb = day.dice.choice(VERBS)
        try:
            verb(day, day.dice.choice(day.rencontres))
        except (ValidationError, ProtectedError):
            done[f"{verb.__name__} refused"] += 1
        else:
            done[verb.__name__] += 1
    return done


def change_places(day: Day, pk: int) -> None:
    actions.change_capacity(pk, day.dice.choice((None, 0, 3, 12, 25, 40)), day.by)


def release(day: Day, pk: int) -> None:
    """As the page does: who is there when it is read, and the number they leave; much may change before it is sent."""
    rows = list(Inscription.objects.filter(rencontre=pk).releasable())
    named = day.dice.sample(rows, min(2, len(rows)))
    actions.change_capacity(pk, len(rows) - len(named), day.by, named, "La salle a changé.")


def put_down(day: Day, pk: int) -> None:
    enlist(pk, day.dice.choice(day.people).email, day.by)


def delete(day: Day, pk: int) -> None:
    """One where people are stays; one that is deleted while somebody registers keeps them, or has taken nobody."""
    fresh = make_rencontre(capacity=5)
    with ThreadPoolExecutor(1) as pool:
        comes = pool.submit(_closing, partial(actions.register_all, day.dice.choice(day.people), [fresh.pk]))
        with suppress(IntegrityError, ProtectedError):
            fresh.delete()
        assert len(comes.result()) == Inscription.objects.filter(rencontre=fresh.pk).count(), "deleted under somebody"
    if Inscription.objects.filter(rencontre=pk).exists():
        Rencontre.objects.get(pk=pk).delete()


VERBS = (change_places, release, put_down, delete)
