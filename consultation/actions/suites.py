"""What becomes of an adopted passage: announced, moved on, put off, given up. Each change is dated, and stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from consultation.actions.contributions import StaleState
from consultation.actions.entries_adoption import enter_suite
from consultation.actions.reserve import pass_or_confirm
from consultation.actions.textes_publish import Incomplete
from consultation.choices_adoption import SUITE_BACK, SUITE_TRANSITIONS, SuiteState
from consultation.models import Rencontre, Suite, SuiteChange
from socle import doorbell
from socle.comptes.models import User
from socle.pagecache.actions import bump

TELL = "consultation.tasks.tell_authors"
OVERWRITTEN = "Rien n’est enregistré : cette suite a changé entre-temps. Relisez-la, puis recommencez."


@dataclass(frozen=True)
class Promise:
    """How far it is, and by when."""

    state: str = SuiteState.ANNOUNCED
    due_on: date | None = None
    due_precision: str = ""


@dataclass(frozen=True)
class Said:
    """Why it changes, and where it is read; `in_reserve`: why it is said during a période de réserve."""

    reason: str = ""
    url: str = ""
    in_reserve: str = ""


@transaction.atomic
def announce(suite: Suite, promise: Promise, said: Said, *, by: User, rencontres: Iterable[Rencontre] = ()) -> Suite:
    """A new one: public at once."""
    suite.full_clean(exclude=["state", "due_on", "due_precision"])
    _set(suite, promise)
    suite.save()
    suite.rencontres.set(rencontres)
    _keep(suite, promise, said, by, before=None)
    return suite


@transaction.atomic
def advance(suite: Suite, promise: Promise, said: Said, *, by: User, seen: str) -> Suite:
    """From the state that was `seen` to another, or with another échéance.

    Raises StaleState where it moved meanwhile, Incomplete where a reason is owed, HeldBack in a période de réserve.
    """
    now = held(suite)
    if now.state != seen:
        raise StaleState(OVERWRITTEN)
    before = now.state
    if sentences := owed(now, promise, said):
        raise Incomplete(sentences)
    if (promise.state, promise.due_on, promise.due_precision) == (before, now.due_on, now.due_precision):
        return now
    _set(now, promise)
    now.save(update_fields=["state", "due_on", "due_precision"])
    _keep(now, promise, said, by, before=before)
    return now


def held(suite: Suite) -> Suite:
    """As it is now, nobody else moving it meanwhile."""
    rows = Suite.objects.select_for_update(of=("self",)).select_related("passage__version__texte__demarche")
    return rows.get(pk=suite.pk)


def owed(suite: Suite, promise: Promise, said: Said) -> list[str]:
    """What is still to be said before it moves, in sentences."""
    step = (suite.state, promise.state)
    if step[0] != step[1] and step not in SUITE_TRANSITIONS:
        names = [SuiteState(state).label for state in step]
        return [f"Une suite {names[0]} ne devient pas {names[1]}."]
    if said.reason:
        return []
    if promise.state == SuiteState.GIVEN_UP and step[0] != step[1]:
        return ["Dites pourquoi elle est abandonnée : la raison est publique."]
    if step in SUITE_BACK:
        return ["Dites pourquoi elle revient en arrière : la raison est publique."]
    if suite.due_on and (promise.due_on, promise.due_precision) != (suite.due_on, suite.due_precision):
        return ["Dites pourquoi l’échéance change : l’ancienne reste visible, avec la raison."]
    return []


def _set(suite: Suite, promise: Promise) -> None:
    suite.state, suite.due_on, suite.due_precision = promise.state, promise.due_on, promise.due_precision


def _keep(suite: Suite, promise: Promise, said: Said, by: User, *, before: str | None) -> None:
    """The change, its entry in the register; the authors at the origin of its article will hear of it."""
    demarche = suite.passage.version.texte.demarche
    if promise.state == SuiteState.DONE and before != SuiteState.DONE:
        pass_or_confirm(demarche, f"suite:{suite.pk}", reason=said.in_reserve, by=by)
    change = SuiteChange(suite=suite, reason=said.reason, url=said.url, by=by, **vars(promise))
    change.full_clean()
    change.save()
    enter_suite(change, before)
    doorbell.ring(TELL)
    bump()


@transaction.atomic
def present(rencontre: Rencontre, *, add: Iterable[Suite], remove: Iterable[Suite]) -> int:
    """What was ticked, and unticked: what a colleague ticked meanwhile stays. Returns how many it presents."""
    rencontre.suites.add(*add)
    rencontre.suites.remove(*remove)
    bump()
    return rencontre.suites.count()


@transaction.atomic
def write(suite: Suite, *, rencontres: Iterable[Rencontre] | None = None, **words: object) -> Suite:
    """What it is, who does it, where it is presented; not how far it is."""
    now = held(suite)
    for name, value in words.items():
        setattr(now, name, value)
    now.full_clean()
    now.save(update_fields=[*words])
    if rencontres is not None:
        now.rencontres.set(rencontres)
    bump()
    return now
