"""« Signaler »: a reader points at what is published, follows it with a number, and is answered."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from consultation import limits, numero
from consultation.actions.contributions import StaleState, change_state
from consultation.actions.recourse import decide_signalements, report
from consultation.choices import ContributionState, DecisionCause, RoleKind, SignalementOutcome
from consultation.models import Contribution, Decision, Signalement
from socle.courriels.models import Envoi
from socle.registre.models import Entree
from tests.factories import (
    make_contribution,
    make_demarche,
    make_personne,
    make_reason,
    make_role,
    make_superuser,
)
from tests.test_places import at_once
from tests.writing import mails, text_of

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
LIST = "/admin/consultation/signalement/"
SAID = {"reason": "charte", "words": "Le second paragraphe insulte le maire."}
KEPT = {"outcome": SignalementOutcome.KEPT, "answer": "Ce propos est vif, il n’insulte personne."}
TAKEN_DOWN = {"outcome": SignalementOutcome.TAKEN_DOWN, "answer": "Merci."}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def contribution():
    return make_contribution(demarche=make_demarche(), title="Un titre vif")


@pytest.fixture
def moderator(contribution):
    return make_role(demarche=contribution.demarche).user


def page_of(contribution: Contribution) -> str:
    return f"{contribution.get_absolute_url()}signaler/"


def admin_page(signalement: Signalement) -> str:
    return f"{LIST}{signalement.pk}/change/"


def send(client, contribution, **fields):
    form = client.get(page_of(contribution)).content.decode()
    key = re.search(r'name="submission_key" value="([^"]+)"', form)[1]
    return client.post(page_of(contribution), SAID | {"submission_key": key} | fields)


def signal(client, contribution, **fields) -> Signalement:
    known = set(Signalement.objects.values_list("pk", flat=True))
    assert send(client, contribution, **fields).status_code == 303
    return Signalement.objects.exclude(pk__in=known).get()


def follow(signalement: Signalement) -> str:
    return f"/signalements/{numero.numero_of(signalement.submission_key)}/"


def answer(contribution, *signalements, **said):
    pks = [one.pk for one in signalements]
    return decide_signalements(contribution, pks, **{"by": make_superuser(), "reason": None} | KEPT | said)


# Sent by a reader


def test_it_is_linked_from_the_contribution_sent_received_and_followed(client, contribution):
    assert page_of(contribution) in client.get(contribution.get_absolute_url()).content.decode()
    receipt = client.get(send(client, contribution).url)
    signalement = Signalement.objects.get()
    number = numero.numero_of(signalement.submission_key)
    for page in (receipt, client.get(page_of(contribution))):
        assert page["Cache-Control"] == "private, no-store"
    assert number in text_of(receipt)
    assert SAID["words"] in text_of(receipt)
    followed = text_of(client.get(follow(signalement)))
    assert "attend d’être lu" in followed
    assert SAID["words"] not in followed, "its address is in a mail that may be anyone's"
    assert client.get(client.post("/suivi/", {"numero": number}).url).url == follow(signalement)
    assert client.get("/signalements/2222-2222-2222/").status_code == 404
    assert client.get("/signalements/recu/forged/").status_code == 404


@pytest.mark.parametrize("at_once_too", [False, True])
@pytest.mark.django_db(transaction=True)
def test_the_same_form_twice_is_one_signalement_and_one_receipt(client, at_once_too):
    contribution = make_contribution(demarche=make_demarche())
    said = SAID | {"submission_key": "0b5a7c1e-0000-4000-8000-000000000001"}
    tries = [lambda: Client().post(page_of(contribution), said).status_code for _ in range(4)]
    statuses = at_once(tries) if at_once_too else [one() for one in tries]
    assert set(statuses) == {303}
    assert Signalement.objects.count() == 1
    change_state(contribution, ContributionState.WITHDRAWN, by=make_superuser(), reason=make_reason())
    assert client.post(page_of(contribution), said).status_code == 303, "the receipt, whatever became of it"


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": ""},
        {"reason": "parce que"},
        {"words": "é" * 2001},
        {"email": "alice"},
        {"reason": "autre", "words": ""},
    ],
)
def test_an_error_keeps_all_that_was_typed(client, contribution, wrong):
    response = send(client, contribution, **wrong)
    assert response.status_code == 422
    assert (SAID | wrong)["words"] in text_of(response)
    assert not Signalement.objects.exists()


def test_robots_and_forms_without_a_token_write_nothing(client, contribution):
    assert send(client, contribution, precisions="spam").status_code == 422
    forged = Client(enforce_csrf_checks=True).post(page_of(contribution), SAID)
    assert (forged.status_code, SAID["words"] in text_of(forged)) == (403, True)
    assert not Signalement.objects.exists()


def test_fields_that_are_not_asked_change_nothing(client, contribution):
    forged = {"outcome": "retiree", "decided_by": "1", "demarche": "1", "answer": "Oui"}
    signal(client, contribution, **forged, words="a\0b")
    signalement = Signalement.objects.get()
    assert (signalement.outcome, signalement.answer, signalement.words) == ("", "", "ab")
    assert signalement.contribution == contribution


def test_only_what_is_online_can_be_pointed_at(client, contribution):
    key = {"submission_key": "0b5a7c1e-0000-4000-8000-000000000002"}
    change_state(contribution, ContributionState.WITHDRAWN, by=make_superuser(), reason=make_reason())
    without_token = Client(enforce_csrf_checks=True)
    for sender in (client, without_token):
        assert contribution.title not in text_of(sender.post(page_of(contribution), SAID | key))
    for response in (client.get(page_of(contribution)), client.post(page_of(contribution), SAID | key)):
        assert response.status_code == 410
        assert contribution.title not in text_of(response)
    with pytest.raises(StaleState):
        report(contribution, submission_key="0b5a7c1e-0000-4000-8000-000000000003", reason="charte")
    for state in (ContributionState.WAITING, ContributionState.REFUSED):
        assert client.get(page_of(make_contribution(state=state))).status_code == 404
    assert client.get("/contributions/nulle-part/signaler/").status_code == 404
    assert not Signalement.objects.exists()


def test_they_are_limited_by_network_and_nothing_typed_is_lost(client, contribution):
    for _ in range(limits.SIGNALEMENTS.count):
        signal(client, contribution)
    response = send(client, contribution)
    assert response.status_code == 429
    assert SAID["words"] in text_of(response)


# Answered by staff


def test_the_queue_is_oldest_first_and_one_answer_is_for_all_that_are_ticked(client, contribution, moderator):
    first, second, other = (signal(client, contribution) for _ in range(3))
    client.force_login(moderator)
    listed = client.get(LIST).content.decode()
    assert 0 < listed.index(admin_page(first)) < listed.index(admin_page(other))
    page = text_of(client.get(admin_page(second)))
    assert page.count(SAID["words"]) == 3
    said = KEPT | {"chosen": [first.pk, second.pk], "seen": contribution.words_seal}
    assert client.post(admin_page(second), said).url == LIST
    assert list(Signalement.objects.waiting()) == [other]
    assert KEPT["answer"] in text_of(client.get(follow(first)))
    assert contribution.is_published
    assert list(Entree.objects.values_list("kind", flat=True)) == ["signalement.decision"] * 2


def test_taken_down_is_a_decision_with_its_reason_and_its_author_never_knows_who(client, contribution, moderator):
    alice = make_personne(email="alice@example.org")
    Contribution.objects.filter(pk=contribution.pk).update(personne=alice)
    signalement = signal(client, contribution, email="voisin@example.org")
    client.force_login(moderator)
    said = TAKEN_DOWN | {"chosen": [signalement.pk]}
    refused = client.post(admin_page(signalement), said)
    assert refused.status_code == 422
    assert "Choisissez un motif" in text_of(refused)
    client.post(admin_page(signalement), said | {"reason": make_reason(label="Des injures").pk})
    decision = Decision.objects.get()
    assert (decision.cause, decision.by, decision.reason.label) == (DecisionCause.SIGNALEMENT, moderator, "Des injures")
    assert "Des injures" in text_of(client.get(contribution.get_absolute_url()))
    to_author = next(message for message in mails() if message.to == ["alice@example.org"])
    assert "voisin" not in to_author.body
    assert SAID["words"] not in to_author.body


def test_a_passage_is_masked_before_it_is_said_so(client, contribution, moderator):
    signalement = signal(client, contribution)
    client.force_login(moderator)
    said = {"outcome": SignalementOutcome.MASKED, "chosen": [signalement.pk]}
    assert "masquez-le d’abord" in text_of(client.post(admin_page(signalement), said, follow=True))
    assert Signalement.objects.waiting().exists()


def test_once_its_author_withdrew_it_only_that_can_be_answered(client, contribution, moderator):
    signalement = signal(client, contribution)
    change_state(contribution, ContributionState.WITHDRAWN, by=None, cause=DecisionCause.AUTHOR)
    client.force_login(moderator)
    assert client.post(admin_page(signalement), KEPT | {"chosen": [signalement.pk]}).status_code == 422
    with pytest.raises(StaleState):
        answer(contribution, signalement)
    assert client.post(admin_page(signalement), TAKEN_DOWN | {"chosen": [signalement.pk]}).status_code == 302
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("kind", [RoleKind.LECTEUR, RoleKind.REDACTEUR])
def test_who_does_not_moderate_answers_nothing(client, contribution, kind):
    signalement = signal(client, contribution)
    client.force_login(make_role(demarche=contribution.demarche, kind=kind).user)
    assert "pas d’y répondre" in text_of(client.get(admin_page(signalement)))
    assert client.post(admin_page(signalement), KEPT | {"chosen": [signalement.pk]}).status_code == 403
    assert Signalement.objects.waiting().exists()


def test_the_signalements_of_another_contribution_are_not_answered_here(client, contribution, moderator):
    mine, foreign = signal(client, contribution), signal(client, make_contribution())
    client.force_login(moderator)
    for chosen in ([foreign.pk], ["x"], [], [10**20]):
        assert client.post(admin_page(mine), KEPT | {"chosen": chosen}).status_code == 422
    with pytest.raises(StaleState):
        answer(contribution, foreign)
    assert Signalement.objects.waiting().count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_members_of_staff_at_once_give_one_outcome(client):
    contribution = make_contribution(demarche=make_demarche())
    rows = [signal(client, contribution) for _ in range(2)]
    reason = make_reason()
    results = at_once(
        [lambda: answer(contribution, *rows), lambda: answer(contribution, *rows, **TAKEN_DOWN, reason=reason)]
    )
    assert [type(one) for one in results if isinstance(one, Exception)] == [StaleState]
    contribution.refresh_from_db()
    (outcome,) = set(Signalement.objects.values_list("outcome", flat=True))
    assert contribution.is_published == (outcome == SignalementOutcome.KEPT)
    assert Decision.objects.count() == (not contribution.is_published)


# What is written to whoever signalled


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("proved", [True, False])
def test_the_mails_hold_no_strangers_text_and_the_answer_goes_to_a_proved_address_alone(client, proved):
    contribution = make_contribution(demarche=make_demarche())
    if proved:
        make_personne(email="bob@example.org")
    signalement = signal(client, contribution, email="bob@example.org", words="Bonjour http://mechant.example")
    (received,) = mails()
    assert received.to == ["bob@example.org"]
    assert follow(signalement) in received.body
    answer(contribution, signalement)
    (told,) = mails()
    assert (KEPT["answer"] in told.body, "une réponse vous attend" in told.body) == (proved, not proved)
    assert follow(signalement) in told.body
    for message in (received, told):
        assert "mechant" not in message.body + message.alternatives[0].content
        assert contribution.title not in message.body


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("proved", [True, False])
def test_an_address_is_written_three_receipts_an_hour_and_all_its_answers_three_an_hour(client, proved):
    """A stranger who types it everywhere fills no letterbox; and what staff decided is told, later, never lost."""
    contribution = make_contribution(demarche=make_demarche())
    if proved:
        make_personne(email="bob@example.org")
    rows = [signal(client, contribution, email="BOB@example.org") for _ in range(8)]
    assert len(mails()) == 3
    answer(contribution, *rows[:4])
    answer(contribution, *rows[4:])
    assert len(mails()) == 3
    assert KEPT["answer"] in text_of(client.get(follow(rows[7])))
    turns = sorted(answers().values_list("not_before", flat=True))
    assert len(turns) == 8
    assert all(later - earlier >= HOUR for earlier, later in zip(turns, turns[3:], strict=False))
    assert turns[7] - turns[0] < 3 * HOUR


@pytest.mark.django_db(transaction=True)
def test_the_answers_of_last_week_delay_nothing(client):
    contribution = make_contribution(demarche=make_demarche())
    rows = [signal(client, contribution, email="bob@example.org") for _ in range(4)]
    answer(contribution, *rows[:3])
    answers().update(not_before=timezone.now() - timedelta(days=7))
    answer(contribution, rows[3])
    assert len(mails()) == 7, "three receipts, four answers"


@pytest.mark.django_db(transaction=True)
def test_two_members_of_staff_who_answer_one_address_at_once_share_its_turns(client):
    both = [make_contribution(demarche=make_demarche()) for _ in range(2)]
    rows = [[signal(client, one, email="bob@example.org") for _ in range(3)] for one in both]
    at_once([lambda i=i: answer(both[i], *rows[i], by=make_superuser(email=f"m{i}@example.org")) for i in range(2)])
    assert answers().filter(not_before__gt=timezone.now() + HOUR / 2).count() == 3


def answers():
    return Envoi.objects.filter(subject_key__endswith=":reponse")
