"""What the database holds of the life of a contribution, whoever writes: by raw SQL, beside every action."""

import pytest
from django.db import IntegrityError, connection, transaction

from consultation.actions.contributions import change_state
from consultation.actions.recourse import ask_reexamen
from consultation.choices import ContributionState, Moderation, Stance
from consultation.models import Contribution, Reexamen
from tests.factories import make_contribution, make_demarche, make_reason, make_superuser

pytestmark = pytest.mark.django_db

WAITING, PUBLISHED, REFUSED = ContributionState.WAITING, ContributionState.PUBLISHED, ContributionState.REFUSED


def run(sql: str, *values: object) -> None:
    """With the triggers that wait for the end of the transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def set_state(contribution: Contribution, state: str, **more: object) -> None:
    columns = ", ".join(f"{name} = %s" for name in ("state", *more))
    run(f"UPDATE consultation_contribution SET {columns} WHERE id = %s", state, *more.values(), contribution.pk)


def decide(contribution: Contribution, to_state: str, cause: str = "regle") -> None:
    run(
        "INSERT INTO consultation_decision (contribution_id, cause, from_state, to_state, message, decided_at)"
        " VALUES (%s, %s, 'en_attente', %s, '', now())",
        *(contribution.pk, cause, to_state),
    )


@pytest.fixture
def demarche():
    return make_demarche()


@pytest.fixture
def refused(demarche):
    contribution = make_contribution(demarche=demarche, state=WAITING)
    change_state(contribution, REFUSED, by=make_superuser(), reason=make_reason())
    return contribution


# The state


@pytest.mark.parametrize("state", [PUBLISHED, REFUSED, "a_confirmer"])
def test_no_state_changes_without_its_decision(demarche, state):
    contribution = make_contribution(demarche=demarche, state=WAITING)
    with pytest.raises(IntegrityError, match="sans décision"):
        set_state(contribution, state, published_at="2026-01-01")


def test_a_decision_on_another_state_is_none(demarche):
    contribution = make_contribution(demarche=demarche, state=WAITING)
    decide(contribution, "en_attente")
    with pytest.raises(IntegrityError, match="sans décision"):
        set_state(contribution, PUBLISHED, published_at="2026-01-01")


@pytest.mark.parametrize(("moderation", "passes"), [(Moderation.BEFORE, False), (Moderation.AFTER, True)])
def test_the_rule_alone_publishes_only_where_moderation_comes_after(moderation, passes):
    contribution = make_contribution(demarche=make_demarche(moderation=moderation), state=WAITING)
    decide(contribution, "publiee")
    if passes:
        set_state(contribution, PUBLISHED, published_at="2026-01-01")
    else:
        with pytest.raises(IntegrityError, match="sans avoir été modérée"):
            set_state(contribution, PUBLISHED, published_at="2026-01-01")


@pytest.mark.parametrize(
    ("state", "more", "constraint"),
    [
        (PUBLISHED, {"published_at": None}, "contribution_published_dated"),
        ("retiree", {"withdrawn_by": ""}, "contribution_withdrawn_by_someone"),
        (WAITING, {"withdrawn_by": "auteur"}, "contribution_withdrawn_by_someone"),
    ],
)
def test_a_state_is_whole(demarche, state, more, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        set_state(make_contribution(demarche=demarche, state=WAITING), state, **more)


@pytest.mark.parametrize(
    ("to_state", "cause", "constraint"),
    [
        ("refusee", "auteur", "decision_refusal_has_reason"),
        ("retiree", "regle", "decision_taking_down_has_reason"),
        ("publiee", "moderation", "decision_taken_by_someone"),
        ("publiee", "reexamen", "decision_taken_by_someone"),
    ],
)
def test_a_decision_is_whole(demarche, to_state, cause, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        decide(make_contribution(demarche=demarche, state=WAITING), to_state, cause)


# Réactions


def test_a_reaction_answers_what_is_not_one_in_its_demarche(demarche):
    contribution = make_contribution(demarche=demarche)
    reaction = make_contribution(parent=contribution, stance=Stance.FOR)
    alone, foreign = make_contribution(), make_contribution(demarche=make_demarche(courante=False))
    wrong = ((alone, reaction), (contribution, alone), (alone, foreign))
    for child, parent in wrong:
        with pytest.raises(IntegrityError, match="pas à une réaction"):
            run(
                "UPDATE consultation_contribution SET parent_id = %s, stance = 'pour' WHERE id = %s",
                parent.pk,
                child.pk,
            )


# Réexamens


def test_whoever_decided_does_not_look_at_it_again(refused):
    reexamen = ask_reexamen(refused, "Non.")
    decided = (
        "UPDATE consultation_reexamen SET decided_at = now(), outcome = 'maintenue', answer = 'Oui', decided_by_id = %s"
    )
    with pytest.raises(IntegrityError, match="quelqu’un d’autre"):
        run(decided, reexamen.decision.by_id)
    run(decided, make_superuser().pk)


def test_it_is_asked_once_and_of_a_decision_against_this_very_contribution(demarche, refused):
    insert = (
        "INSERT INTO consultation_reexamen (contribution_id, decision_id, words, asked_at, outcome, answer)"
        " VALUES (%s, %s, 'Non.', now(), '', '')"
    )
    other = make_contribution(demarche=demarche, state=WAITING)
    published = change_state(other, PUBLISHED, by=make_superuser())
    for contribution, decision in ((other, refused.decisions.get()), (other, published)):
        with pytest.raises(IntegrityError, match="décision de l’équipe"):
            run(insert, contribution.pk, decision.pk)
    run(insert, refused.pk, refused.decisions.get().pk)
    with pytest.raises(IntegrityError, match="unique"):
        run(insert, refused.pk, refused.decisions.get().pk)
    assert Reexamen.objects.count() == 1


@pytest.mark.parametrize(
    "answer", ["outcome = 'maintenue'", "decided_at = now()", "outcome = 'annulee', decided_at = now()"]
)
def test_an_answer_is_whole(refused, answer):
    ask_reexamen(refused, "Non.")
    with pytest.raises(IntegrityError, match="reexamen_whole"):
        run(f"UPDATE consultation_reexamen SET {answer}")


@pytest.mark.parametrize("answer", ["outcome = 'retiree'", "decided_at = now()"])
def test_the_answer_to_a_signalement_is_whole(demarche, answer):
    make_contribution(demarche=demarche).signalements.create(reason="charte")
    with pytest.raises(IntegrityError, match="signalement_whole"):
        run(f"UPDATE consultation_signalement SET {answer}")
