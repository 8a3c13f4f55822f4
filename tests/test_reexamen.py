"""Its author contests a decision, once: another moderator upholds it or overturns it, and answers."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from consultation.actions.contributions import StaleState, change_state
from consultation.actions.recourse import ask_reexamen, decide_reexamen, withdraw
from consultation.choices import ContributionState, DecisionCause, ReexamenOutcome, RoleKind
from consultation.models import Contribution, Decision, Reexamen
from consultation.models.recourse import REEXAMEN_WITHIN
from socle.registre.models import Entree
from tests.factories import make_demarche, make_personne, make_reason, make_role, make_superuser
from tests.test_places import at_once
from tests.writing import contribute, follow, mails, text_of

pytestmark = pytest.mark.django_db

LIST = "/admin/consultation/reexamen/"
WORDS = {"words": "Je n’ai insulté personne."}
UPHELD = {"outcome": ReexamenOutcome.UPHELD, "answer": "Le passage visé reste blessant."}
OVERTURNED = {"outcome": ReexamenOutcome.OVERTURNED, "answer": "Vous aviez raison."}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def demarche():
    return make_demarche()


@pytest.fixture
def decider(demarche):
    return make_role(demarche=demarche).user


@pytest.fixture
def another(demarche):
    return make_role(demarche=demarche).user


def page_of(contribution: Contribution) -> str:
    return f"{follow(contribution)}reexamen/"


def admin_page(reexamen: Reexamen) -> str:
    return f"{LIST}{reexamen.pk}/change/"


def refused(client, by, **fields) -> Contribution:
    contribution = contribute(client, **fields)
    change_state(contribution, ContributionState.REFUSED, by=by, reason=make_reason())
    return contribution


def taken_down(client, by) -> Contribution:
    contribution = contribute(client)
    change_state(contribution, ContributionState.PUBLISHED, by=make_superuser())
    change_state(contribution, ContributionState.WITHDRAWN, by=by, reason=make_reason())
    return contribution


# Asked by its author


@pytest.mark.parametrize("against", [refused, taken_down])
def test_its_author_is_told_until_when_asks_and_follows(client, decider, against):
    contribution = against(client, decider)
    page = text_of(client.get(follow(contribution)))
    assert "Demander un réexamen" in page
    assert str((timezone.localdate() + REEXAMEN_WITHIN).year) in page
    response = client.post(page_of(contribution), WORDS, follow=True)
    assert "un autre modérateur va relire" in text_of(response)
    assert "Vous avez demandé un réexamen" in text_of(response)
    reexamen = Reexamen.objects.get()
    assert (reexamen.words, reexamen.decision) == (WORDS["words"], contribution.decisions.last())


def test_asked_again_it_is_the_first_one(client, decider):
    contribution = refused(client, decider)
    client.post(page_of(contribution), WORDS)
    assert client.post(page_of(contribution), {"words": "Encore"}).url == follow(contribution)
    assert ask_reexamen(contribution, "Encore").words == WORDS["words"]


def test_an_error_keeps_what_was_typed(client, decider):
    contribution = refused(client, decider)
    assert client.post(page_of(contribution), {"words": ""}).status_code == 422
    response = client.post(page_of(contribution), {"words": "é" * 2001})
    assert response.status_code == 422
    assert "é" * 2001 in response.content.decode()
    forged = Client(enforce_csrf_checks=True).post(page_of(contribution), WORDS)
    assert (forged.status_code, WORDS["words"] in text_of(forged)) == (403, True)
    assert not Reexamen.objects.exists()


@pytest.mark.parametrize(("days", "asked"), [(0, True), (1, False)])
def test_the_last_day_is_whole_and_the_next_one_is_too_late(client, decider, days, asked):
    contribution = refused(client, decider)
    Decision.objects.update(decided_at=timezone.now() - REEXAMEN_WITHIN - timedelta(days=days))
    assert ("Demander un réexamen" in text_of(client.get(follow(contribution)))) == asked
    client.post(page_of(contribution), WORDS)
    assert Reexamen.objects.exists() == asked


def test_nothing_is_contested_that_nobody_decided_against(client, demarche, decider):
    waiting, own = contribute(client), contribute(client)
    withdraw(own)
    shown = contribute(client)
    change_state(shown, ContributionState.PUBLISHED, by=decider)
    for contribution in (waiting, own, shown):
        assert client.post(page_of(contribution), WORDS).status_code == 303
        with pytest.raises(StaleState):
            ask_reexamen(contribution, "Pourquoi ?")
    assert not Reexamen.objects.exists()
    assert client.post("/suivi/2222-2222-2222/reexamen/", WORDS).status_code == 404


def test_an_old_taking_down_is_not_contested_once_its_author_withdrew(client, decider):
    contribution = taken_down(client, decider)
    change_state(contribution, ContributionState.PUBLISHED, by=decider)
    withdraw(contribution)
    assert Reexamen.contestable(contribution) is None


# Decided by another


@pytest.fixture
def reexamen(client, decider):
    return ask_reexamen(refused(client, decider, title="Un titre refusé"), WORDS["words"])


def test_whoever_decided_does_not_find_it_nor_answer_it(client, reexamen, decider):
    client.force_login(decider)
    assert reexamen.contribution.reference not in text_of(client.get(LIST))
    assert reexamen.contribution.reference in text_of(client.get(f"{LIST}?reponse=toutes"))
    page = text_of(client.get(admin_page(reexamen)))
    assert "revient à un autre modérateur" in page
    assert 'name="outcome"' not in page
    assert client.post(admin_page(reexamen), OVERTURNED).status_code == 403
    with pytest.raises(PermissionDenied):
        decide_reexamen(reexamen, by=decider, **OVERTURNED)
    reexamen.refresh_from_db()
    assert reexamen.decided_at is None


def test_another_overturns_it_and_it_appears_by_a_decision_of_its_own(client, reexamen, another):
    client.force_login(another)
    assert reexamen.contribution.reference in text_of(client.get(LIST))
    assert "Je n’ai insulté personne." in text_of(client.get(admin_page(reexamen)))
    assert client.post(admin_page(reexamen), OVERTURNED).url == LIST
    reexamen.refresh_from_db()
    assert (reexamen.outcome, reexamen.decided_by) == (ReexamenOutcome.OVERTURNED, another)
    decision = Decision.objects.last()
    assert (decision.cause, decision.by) == (DecisionCause.REEXAMEN, another)
    contribution = Contribution.objects.get()
    assert client.get(contribution.get_absolute_url()).status_code == 200
    assert "Publiée, après réexamen" in text_of(client.get(follow(contribution)))
    kinds = list(Entree.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["contribution.refusee", "reexamen.decision", "contribution.publiee"]


def test_another_upholds_it_and_says_why(client, reexamen, another):
    client.force_login(another)
    client.post(admin_page(reexamen), UPHELD)
    page = text_of(client.get(follow(reexamen.contribution)))
    assert UPHELD["answer"] in page
    assert "la décision est maintenue" in page
    assert Contribution.objects.get().state == ContributionState.REFUSED
    assert Entree.objects.first().facts == {"issue": "la décision est maintenue"}
    assert "a sa réponse" in text_of(client.get(admin_page(reexamen)))


@pytest.mark.parametrize("wrong", [{"answer": ""}, {"outcome": ""}, {"outcome": "publiee"}, {"answer": "a" * 2001}])
def test_a_decision_has_its_outcome_and_its_answer(client, reexamen, another, wrong):
    client.force_login(another)
    response = client.post(admin_page(reexamen), UPHELD | wrong)
    assert response.status_code == 422
    assert (UPHELD | wrong)["answer"] in text_of(response)
    reexamen.refresh_from_db()
    assert reexamen.decided_at is None


def test_it_is_decided_once(client, reexamen, another):
    decide_reexamen(reexamen, by=another, **UPHELD)
    client.force_login(another)
    page = client.post(admin_page(reexamen), OVERTURNED, follow=True)
    assert "y a répondu entre-temps" in text_of(page)
    assert Contribution.objects.get().state == ContributionState.REFUSED


@pytest.mark.parametrize("kind", [RoleKind.LECTEUR, RoleKind.REDACTEUR])
def test_who_does_not_moderate_reads_and_answers_nothing(client, demarche, reexamen, kind):
    client.force_login(make_role(demarche=demarche, kind=kind).user)
    assert "pas d’y répondre" in text_of(client.get(admin_page(reexamen)))
    assert client.post(admin_page(reexamen), OVERTURNED).status_code == 403
    client.force_login(make_role(demarche=make_demarche(courante=False)).user)
    assert client.get(admin_page(reexamen)).status_code in (302, 404)
    assert not Decision.objects.filter(cause=DecisionCause.REEXAMEN).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_costs_the_same_queries_at_any_length(client, decider, another, count, django_assert_max_num_queries):
    for _ in range(count):
        ask_reexamen(refused(client, decider), "Non.")
    client.force_login(another)
    client.get(LIST)
    with django_assert_max_num_queries(14):
        client.get(LIST)


@pytest.mark.django_db(transaction=True)
def test_two_moderators_at_once_give_one_outcome(client):
    demarche = make_demarche()
    contribution = refused(client, make_role(demarche=demarche).user)
    Contribution.objects.update(personne=make_personne(email="alice@example.org"))
    reexamen = ask_reexamen(contribution, "Non.")
    mails()
    others = [make_role(demarche=demarche).user for _ in range(2)]
    copies = [Reexamen.objects.select_related("contribution__demarche").get() for _ in others]
    results = at_once(
        [
            lambda: decide_reexamen(copies[0], by=others[0], **UPHELD),
            lambda: decide_reexamen(copies[1], by=others[1], **OVERTURNED),
        ]
    )
    assert [type(one) for one in results if isinstance(one, Exception)] == [StaleState]
    reexamen.refresh_from_db()
    contribution.refresh_from_db()
    assert contribution.is_published == (reexamen.outcome == ReexamenOutcome.OVERTURNED)
    assert len(mails()) == 1


# What its author receives


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("said", [UPHELD, OVERTURNED])
def test_the_mails_say_how_to_contest_and_what_came_of_it(client, said, settings):
    demarche = make_demarche()
    contribution = contribute(client)
    Contribution.objects.update(personne=make_personne(email="alice@example.org"))
    contribution.refresh_from_db()
    change_state(contribution, ContributionState.REFUSED, by=make_superuser(), reason=make_reason())
    (message,) = mails()
    link = f"{settings.SITE_URL}{page_of(contribution)}"
    assert link in message.body
    assert link in message.alternatives[0].content
    client.post(page_of(contribution), {"words": "<script>alert(1)</script> {{ 7|add:7 }}"})
    decide_reexamen(Reexamen.objects.get(), by=make_role(demarche=demarche).user, **said)
    (answer,) = mails()
    assert answer.to == ["alice@example.org"]
    assert said["answer"] in answer.body
    assert ("est publiée" in answer.subject) == (said is OVERTURNED)
    assert "<script>" not in answer.alternatives[0].content
