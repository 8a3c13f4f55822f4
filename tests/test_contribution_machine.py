"""Any life of a contribution, as Hypothesis invents it: a model beside the database, and both always agree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Exists, Func, OuterRef, Subquery
from django.utils import timezone
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from consultation.actions import contributions as actions
from consultation.actions import moderation, recourse
from consultation.actions.contributions import StaleState, change_state
from consultation.choices import ContributionState as S
from consultation.choices import DecisionCause as C
from consultation.choices import Moderation, ReexamenOutcome, SignalementOutcome, WithdrawnBy
from consultation.models import Contribution, Decision, Reexamen, Signalement, Version
from consultation.states import TRANSITIONS, allowed_from
from socle.registre.models import Entree
from tests.factories import make_demarche, make_reason, make_superuser

# The life of a contribution as the regulation tells it, written out here: the model below reads this and never the
# code's own table, so that a row slipped into that one is found by what it lets happen.
LIFE = {
    ("a_confirmer", "en_attente"): {"regle", "moderation"},
    ("a_confirmer", "publiee"): {"regle"},
    ("a_confirmer", "retiree"): {"auteur"},
    ("en_attente", "publiee"): {"moderation"},
    ("en_attente", "refusee"): {"moderation"},
    ("en_attente", "retiree"): {"auteur"},
    ("publiee", "retiree"): {"auteur", "moderation", "signalement"},
    ("retiree", "publiee"): {"moderation", "reexamen"},
    ("refusee", "publiee"): {"reexamen"},
}


def decides(to_state: S) -> Callable[[Life], None]:
    return lambda life: life.decides(by=0, to_state=to_state, old=0)


def overturned(life: Life) -> None:
    if life.reexamen == "":  # where it appeared at once, it was not refused
        life.reexamines(by=1, outcome=ReexamenOutcome.OVERTURNED)


# What has happened when chance takes over: left to itself it seldom leaves the first two states. Together they walk
# every way of LIFE.
TAKEN = [lambda life: life.confirms()]
PUBLISHED = [*TAKEN, decides(S.PUBLISHED)]
POINTED_AT = [*PUBLISHED, lambda life: life.is_pointed_at()]
DOWN = [*PUBLISHED, decides(S.WITHDRAWN)]
REFUSED = [*TAKEN, decides(S.REFUSED)]
STARTS = {
    "sent": [],
    "sent, taken back": [lambda life: life.withdraws()],
    "taken by a moderator": [decides(S.WAITING)],
    "confirmed": TAKEN,
    "confirmed, taken back": [*TAKEN, lambda life: life.withdraws()],
    "other words asked": [*TAKEN, lambda life: life.asks_for_other_words(by=0)],
    "published": PUBLISHED,
    "published, taken back": [*PUBLISHED, lambda life: life.withdraws()],
    "pointed at": POINTED_AT,
    "pointed at, taken down": [*POINTED_AT, lambda life: life.is_answered(by=0, outcome=SignalementOutcome.TAKEN_DOWN)],
    "taken down": DOWN,
    "taken down, put back": [*DOWN, decides(S.PUBLISHED)],
    "taken down, contested": [*DOWN, lambda life: life.contests()],
    "taken down, overturned": [*DOWN, lambda life: life.contests(), overturned],
    "refused": REFUSED,
    "refused, contested": [*REFUSED, lambda life: life.contests()],
    "refused, overturned": [*REFUSED, lambda life: life.contests(), overturned],
}
WORDS = st.sampled_from(["Des bus", "Des trains", "Des vélos"])
MODERATORS = st.sampled_from([0, 1])
UNSAID = {(S.TO_CONFIRM, S.WAITING), (S.TO_CONFIRM, S.WITHDRAWN), (S.WAITING, S.WITHDRAWN)}  # never in the register


class Life(RuleBasedStateMachine):
    """One contribution; the rules are what its author, the moderators and its readers may try at any moment."""

    start = "sent"

    @initialize(after=st.booleans(), email=st.booleans())
    def sent(self, after: bool, email: bool = True) -> None:
        self.savepoint = transaction.savepoint_create()
        self.moderators = [make_superuser() for _ in range(2)]
        self.reason = make_reason()
        self.after = after
        demarche = make_demarche(moderation=Moderation.AFTER if after else Moderation.BEFORE)
        with_email = {"email": f"{uuid4().hex}@example.org"} if email else {}
        said = {"title": "Des bus", "body": "Le soir.", "nature": "proposition"}
        self.pk = actions.submit(demarche=demarche, submission_key=uuid4(), **with_email, **said).pk
        self.state, self.title = (S.TO_CONFIRM if email else S.WAITING), "Des bus"
        self.path: list[tuple[str, str, str]] = []
        self.by_author, self.shown, self.versions = False, False, 0
        self.reexamen: str | None = None  # its outcome; empty while it waits
        self.against: set[int] = set()
        self.asked, self.signalements, self.answered = False, 0, 0
        for step in STARTS[self.start]:
            step(self)

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            transaction.savepoint_rollback(self.savepoint)

    @property
    def row(self) -> Contribution:
        return Contribution.objects.select_related("demarche", "personne").get(pk=self.pk)

    def attempt(self, possible: bool, act: Any, *args: Any, **kwargs: Any) -> None:
        """It happens exactly when the model says that it may; refused, it changed nothing."""
        try:
            with transaction.atomic():
                act(*args, **kwargs)
        except (StaleState, PermissionDenied):
            assert not possible, "refused, and the model allows it"
        else:
            assert possible, "done, and the model forbids it"

    def moved(self, to_state: S, cause: C, by: int | None = None) -> None:
        self.path.append((self.state, to_state, cause))
        self.state = to_state
        self.by_author = to_state == S.WITHDRAWN and cause == C.AUTHOR
        self.shown = self.shown or to_state == S.PUBLISHED
        if by is not None and to_state in (S.REFUSED, S.WITHDRAWN):
            self.against.add(by)

    def may(self, to_state: S, cause: C) -> bool:
        return cause in LIFE.get((self.state, to_state), ()) and not (to_state == S.PUBLISHED and self.by_author)

    # Its author

    @rule()
    def confirms(self) -> None:
        row = self.row
        if row.personne is None:
            return
        actions.confirm_contribution(row, row.personne)
        if self.state == S.TO_CONFIRM:
            self.moved(S.PUBLISHED if self.after else S.WAITING, C.RULE)

    @rule(title=WORDS)
    def corrects(self, title: str) -> None:
        possible = self.state in (S.TO_CONFIRM, S.WAITING)
        self.attempt(possible, recourse.correct, self.row, title=title, body="Le soir.")
        if possible and title != self.title:
            self.title, self.versions = title, self.versions + 1

    @rule()
    def withdraws(self) -> None:
        possible = self.may(S.WITHDRAWN, C.AUTHOR)
        self.attempt(possible, recourse.withdraw, self.row)
        if possible:
            self.moved(S.WITHDRAWN, C.AUTHOR)

    @rule()
    def answers_what_was_asked(self) -> None:
        possible = self.asked and self.state == S.WAITING
        self.attempt(possible, moderation.answer_reformulation, self.row, self.title + " !", "Le soir.")
        if possible:
            self.title, self.versions, self.asked = self.title + " !", self.versions + 1, False

    @rule()
    def contests(self) -> None:
        set_aside = self.state in (S.REFUSED, S.WITHDRAWN) and not self.by_author
        self.attempt(set_aside or self.reexamen is not None, recourse.ask_reexamen, self.row, "Non.")
        if set_aside and self.reexamen is None:
            self.reexamen = ""

    # The moderators

    @rule(by=MODERATORS, to_state=st.sampled_from(S), old=st.integers(0, 4))
    def decides(self, by: int, to_state: S, old: int) -> None:
        """Now and then on the words of a page grown old."""
        read = self.row
        read.title += " ?" if old == 4 else ""
        possible = self.may(to_state, C.MODERATION) and old < 4
        reason = self.reason if to_state in (S.REFUSED, S.WITHDRAWN) else None
        said = {"reason": reason, "seen": read.words_seal}
        self.attempt(possible, change_state, self.row, to_state, by=self.moderators[by], **said)
        if possible:
            self.moved(to_state, C.MODERATION, by)

    @rule(by=MODERATORS)
    def asks_for_other_words(self, by: int) -> None:
        possible = self.state == S.WAITING and not self.asked
        due_on = timezone.localdate() + timedelta(days=5)
        ask = moderation.ask_reformulation
        self.attempt(possible, ask, self.row, by=self.moderators[by], request="Autrement.", due_on=due_on)
        self.asked = self.asked or possible

    @precondition(lambda self: self.reexamen == "")
    @rule(by=MODERATORS, outcome=st.sampled_from(ReexamenOutcome.values))
    def reexamines(self, by: int, outcome: str) -> None:
        reexamen = Reexamen.objects.select_related("contribution__demarche").get(contribution=self.pk)
        overturns = outcome == ReexamenOutcome.OVERTURNED and self.state != S.PUBLISHED
        possible = by not in self.against and self.reexamen == "" and not (overturns and self.by_author)
        said = {"by": self.moderators[by], "outcome": outcome, "answer": "Voici."}
        self.attempt(possible, recourse.decide_reexamen, reexamen, **said)
        if possible:
            self.reexamen = outcome
            if overturns:
                self.moved(S.PUBLISHED, C.REEXAMEN)

    # Its readers

    @rule()
    def is_pointed_at(self) -> None:
        possible = self.state == S.PUBLISHED
        self.attempt(possible, recourse.report, self.row, submission_key=uuid4(), reason="charte")
        self.signalements += possible

    @precondition(lambda self: self.signalements > self.answered)
    @rule(by=MODERATORS, outcome=st.sampled_from(SignalementOutcome.values))
    def is_answered(self, by: int, outcome: str) -> None:
        pks = list(Signalement.objects.waiting().values_list("pk", flat=True))
        takes_down = outcome == SignalementOutcome.TAKEN_DOWN
        possible = takes_down or (outcome == SignalementOutcome.KEPT and self.state == S.PUBLISHED)
        said = {"by": self.moderators[by], "outcome": outcome, "reason": self.reason}
        self.attempt(possible, recourse.decide_signalements, self.row, pks, **said)
        if possible:
            self.answered = self.signalements
            if takes_down and self.state == S.PUBLISHED:
                self.moved(S.WITHDRAWN, C.SIGNALEMENT, by)

    # What is true after each of them

    @invariant()
    def the_model_and_the_database_agree(self) -> None:
        of_it = {"contribution": OuterRef("pk")}
        row = Contribution.objects.annotate(
            kept=Subquery(Version.objects.filter(**of_it).order_by().values(n=Func("pk", function="count"))),
            appeared=Exists(Contribution.objects.appeared().filter(pk=OuterRef("pk"))),
            outcome=Subquery(Reexamen.objects.filter(**of_it).values("outcome")),  # of two it would raise
        ).get(pk=self.pk)
        assert (row.state, row.title) == (self.state, self.title)
        assert (row.withdrawn_by == WithdrawnBy.AUTHOR) == self.by_author
        assert (row.published_at is not None) == self.shown == row.appeared
        assert (row.kept, row.outcome) == (self.versions, self.reexamen)

    @invariant()
    def each_decision_is_a_transition_with_its_reason_and_by_someone(self) -> None:
        decisions = list(Decision.objects.filter(contribution=self.pk).order_by("pk"))
        assert [(one.from_state, one.to_state, one.cause) for one in decisions] == self.path
        for one in decisions:
            assert one.cause in LIFE[one.from_state, one.to_state]
            assert (one.by_id is None) == (one.cause in (C.AUTHOR, C.RULE))
            set_aside = one.to_state in (S.REFUSED, S.WITHDRAWN) and one.cause != C.AUTHOR
            assert (one.reason_id is not None) == set_aside
        with connection.cursor() as cursor:  # the triggers that wait for the end of a transaction
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")

    @invariant()
    def nothing_appears_without_passing_the_door_of_its_demarche(self) -> None:
        doors = {C.MODERATION, C.REEXAMEN} | ({C.RULE} if self.after else set())
        appeared = [cause for _, to_state, cause in self.path if to_state == S.PUBLISHED]
        assert set(appeared) <= doors
        assert bool(appeared) == self.shown

    @invariant()
    def the_register_has_one_entry_for_each_public_act(self) -> None:
        kinds = list(Entree.objects.values_list("kind", flat=True))
        said = [step[:2] for step in self.path if step[:2] not in UNSAID]
        assert sum(kind.startswith("contribution.") for kind in kinds) == len(said)
        assert kinds.count("reexamen.decision") == bool(self.reexamen)
        assert kinds.count("signalement.decision") == self.answered


def test_the_table_of_the_code_is_the_one_written_here():
    """A way that chance would seldom try, or that no rule of the machine takes, is found too."""
    assert {steps: set(causes) for steps, causes in TRANSITIONS.items()} == LIFE
    for to_state in S:
        for cause in C:
            known = sorted(start for (start, end), causes in LIFE.items() if end == to_state and cause in causes)
            assert allowed_from(to_state, cause) == known


FROM_WHERE = ("sent", "confirmed", "published", "pointed at", "taken down, contested", "refused, contested")
INVARIANTS = (
    Life.the_model_and_the_database_agree,
    Life.each_decision_is_a_transition_with_its_reason_and_by_someone,
    Life.nothing_appears_without_passing_the_door_of_its_demarche,
    Life.the_register_has_one_entry_for_each_public_act,
)


@pytest.mark.django_db
def test_every_way_of_life_is_walked_and_the_model_and_the_database_agree():
    walked = set()
    for start, after in [*((start, False) for start in STARTS), ("confirmed", True)]:
        life = from_there(start)()
        life.sent(after=after)
        for agrees in INVARIANTS:
            agrees(life)
        walked |= {tuple(map(str, step)) for step in life.path}
        life.teardown()
    assert walked == {(start, end, cause) for (start, end), causes in LIFE.items() for cause in causes}


@pytest.mark.django_db
@pytest.mark.parametrize("start", FROM_WHERE)
def test_any_life_from_there(start):
    few = hypothesis_settings(max_examples=4, stateful_step_count=7)
    run_state_machine_as_test(from_there(start), settings=few)


def from_there(start: str) -> type[Life]:
    return type("Life", (Life,), {"start": start})
