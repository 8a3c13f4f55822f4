"""Nothing tells whose an answer is: not the rows, not what the database keeps beside them, not two days compared."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from consultation.actions import evaluations as actions
from consultation.choices import Answering
from consultation.evaluations import FEWEST, followed
from consultation.models import Evaluation, EvaluationFigures, Inscription
from participons import data
from socle.dates import Precision
from socle.personaldata import NEVER
from tests.factories import local
from tests.staying import came, over

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


def say(rencontre, clear: int = 3, **marks) -> Inscription:
    inscription = came(rencontre)
    assert actions.answer(inscription, {"clear": clear, **marks}) == actions.Received.YES
    return inscription


def type_papers(rencontre, number: int, clear: int = 3) -> None:
    rows = [Evaluation(rencontre=rencontre, source=Answering.PAPER, clear=clear) for _ in range(number)]
    Evaluation.objects.bulk_create(rows)


def public(rencontre, day: int = 0) -> dict:
    """What is public after the sweep of that day."""
    actions.publish(rencontre.pk, TODAY + timedelta(days=day))
    row = EvaluationFigures.objects.filter(pk=rencontre.pk).first()
    return row.figures if row else {}


def test_a_row_holds_the_marks_and_nothing_else_and_leaves_by_no_export():
    fields = {field.name for field in Evaluation._meta.get_fields(include_hidden=True)}
    assert fields == {"id", "rencontre", "source", "clear", "heard", "fair", "useful", "again"}
    assert set(data.FIELDS["consultation.Evaluation"].values()) == {NEVER}
    assert data.FIELDS["consultation.Inscription"]["has_evaluated"] is NEVER


@pytest.mark.django_db(transaction=True)
def test_the_database_keeps_neither_the_transaction_nor_the_order_of_an_answer():
    """`xmin` would join each answer to the inscription that the same transaction wrote; `ctid` would give the order."""
    rencontre = over()
    for number in range(12):
        say(rencontre, clear=1 + number % 4, heard=1 + number // 4)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM consultation_evaluation")
        assert cursor.fetchone() == (1,), "all were written by one transaction"
        cursor.execute("SELECT clear, heard FROM consultation_evaluation ORDER BY ctid")
        order = cursor.fetchall()
    told = [(1 + number % 4, 1 + number // 4) for number in range(12)]
    assert sorted(order) == sorted(told)
    assert order != told, "one chance in 479 million"


def test_answers_of_another_rencontre_and_papers_stay_where_they_are():
    rencontre, other = over(), over()
    type_papers(rencontre, 1)
    say(other)
    before = set(Evaluation.objects.values_list("pk", flat=True))
    say(rencontre)
    assert before < set(Evaluation.objects.values_list("pk", flat=True))
    assert Evaluation.objects.count() == 3


def test_nothing_is_public_before_five_answers():
    rencontre = over()
    for _ in range(FEWEST - 1):
        say(rencontre)
    assert public(rencontre) == {}
    say(rencontre)
    assert public(rencontre)["lien"]["clear"] == [0, 5, 0, 0]


def test_the_figures_move_by_five_answers_at_least_and_once_a_day():
    rencontre = over()
    for _ in range(5):
        say(rencontre)
    first = public(rencontre)
    for _ in range(4):
        say(rencontre, clear=1)
    assert public(rencontre, day=1) == first
    say(rencontre, clear=1)
    assert public(rencontre) == first, "already published that day"
    assert public(rencontre, day=1)["lien"]["clear"] == [0, 5, 0, 5]


def test_each_question_waits_for_its_own_five_answers():
    """Of six evaluations one alone answers a question: it would be read from the figures."""
    rencontre = over()
    for _ in range(5):
        say(rencontre)
    say(rencontre, heard=1)
    assert public(rencontre)["lien"] == {
        "evaluations": [6],
        "clear": [0, 6, 0, 0],
        "heard": [0, 0, 0, 0],
        "fair": [0, 0, 0, 0],
        "useful": [0, 0, 0, 0],
        "again": [0, 0, 0, 0],
    }


def test_papers_hide_nobody_since_somebody_typed_them():
    rencontre = over()
    type_papers(rencontre, 4)
    say(rencontre, clear=1)
    assert public(rencontre) == {}
    type_papers(rencontre, 1)
    figures = public(rencontre, day=1)
    assert figures["papier"]["clear"] == [0, 5, 0, 0]
    assert figures["lien"]["clear"] == [0, 0, 0, 0], "the one answer by the link is still hidden"


# The machine may be busy: nothing is timed.
@given(st.lists(st.lists(st.tuples(st.sampled_from(Answering.values), st.integers(0, 3)), max_size=9), max_size=8))
def test_between_two_days_a_series_moves_by_none_or_by_five(days):
    """Whatever arrives, day after day: no two public states differ by one to four answers."""
    now = {source: {"clear": [0, 0, 0, 0]} for source in Answering.values}
    states = [{source: {"clear": [0, 0, 0, 0]} for source in Answering.values}]
    for arrivals in days:
        now = {source: {"clear": list(series["clear"])} for source, series in now.items()}
        for source, mark in arrivals:
            now[source]["clear"][mark] += 1
        states.append(followed(states[-1], now))
    for index, earlier in enumerate(states):
        for later in states[index + 1 :]:
            for source in Answering.values:
                moved = [new - old for old, new in zip(earlier[source]["clear"], later[source]["clear"], strict=True)]
                assert min(moved) >= 0 and (sum(moved) == 0 or sum(moved) >= FEWEST)
    for earlier, later in pairwise(states):
        assert all(len(later[source]["clear"]) == len(earlier[source]["clear"]) for source in later)


def test_the_public_page_says_nothing_more_than_the_figures(client):
    rencontre = over()
    for _ in range(4):
        say(rencontre)
    before = client.get(f"/rencontres/{rencontre.pk}/avis/").content.decode()
    assert "Il n’y a pas encore de réponses" in before and "moins de 5 personnes inscrites" in before
    say(rencontre)
    actions.publish_due()
    page = client.get(f"/rencontres/{rencontre.pk}/avis/").content.decode()
    assert "5 par le lien du courriel" in page
    say(rencontre, clear=1)
    actions.publish_due(timezone.now() + timedelta(days=1))
    again = client.get(f"/rencontres/{rencontre.pk}/avis/").content.decode()
    assert again.replace("6 personnes inscrites", "5 personnes inscrites") == page


def test_nobody_watches_people_arrive_one_by_one(client):
    rencontre = over(starts_at=local(0, 0, 1), precision=Precision.HOUR)
    for _ in range(7):
        came(rencontre)
    page = client.get(f"/rencontres/{rencontre.pk}/avis/").content.decode()
    assert "personnes inscrites" not in page and "Le lendemain de ce rendez-vous" in page
