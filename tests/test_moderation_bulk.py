"""Several decided at once: after a page that shows them, each with its decision, nothing unseen."""

import pytest
from django.utils import timezone

from consultation.actions import moderation as actions
from consultation.choices import ContributionState
from consultation.models import Contribution, Decision
from tests.factories import make_contribution, make_demarche, make_personne, make_reason, make_role, make_user
from tests.moderating import LIST, WAITING, make_waiting, read, selection
from tests.writing import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def moderator(client):
    user = make_role(demarche=make_demarche()).user
    client.force_login(user)
    return user


def states(*rows):
    found = dict(Contribution.objects.values_list("pk", "state"))
    return [found[row.pk] for row in rows]


def test_a_selection_is_published_after_a_page_that_shows_each(client, moderator):
    chosen = [make_waiting(personne=make_personne(), body=f"Les premiers mots de la {n}e.") for n in (1, 2)]
    other = make_waiting()
    asked = client.post(LIST, selection("publish_selection", *chosen))
    assert "Les avez-vous toutes lues" in text_of(asked)
    assert "Les premiers mots de la 2e." in text_of(asked)
    assert not Decision.objects.exists()
    client.post(LIST, selection("publish_selection", *chosen, confirmed="oui", read=read(*chosen)))
    assert {decision.contribution_id for decision in Decision.objects.all()} == {one.pk for one in chosen}
    assert all(decision.by == moderator for decision in Decision.objects.all())
    assert states(other) == [WAITING]


def test_one_from_an_address_that_nobody_proved_is_ticked_again(client, moderator):
    proved, unverified = make_waiting(personne=make_personne()), make_waiting()
    page = client.post(LIST, selection("publish_selection", proved, unverified)).content.decode()
    assert page.count(" checked") == 1
    assert "à cocher pour la publier aussi" in page
    client.post(LIST, selection("publish_selection", proved, unverified, confirmed="oui", read=read(proved)))
    assert states(proved, unverified) == [ContributionState.PUBLISHED, WAITING]


def test_what_needs_its_own_page_is_left_aside_with_the_reason(client, moderator):
    spotted = make_waiting(body="Appelez le 06 12 34 56 78.")
    hesitating = make_waiting()
    actions.ask_second_opinion(hesitating, by=make_user(is_staff=True), question="Et ça ?")
    with_author = make_waiting()
    actions.ask_reformulation(with_author, by=moderator, request="Sans nom.", due_on=timezone.localdate())
    rows = (spotted, hesitating, with_author)
    page = text_of(client.post(f"{LIST}?etat=toutes", selection("publish_selection", *rows)))
    for why in ("y sont signalés", "un second avis est demandé", "une reformulation est demandée"):
        assert why in page
    client.post(f"{LIST}?etat=toutes", selection("publish_selection", *rows, confirmed="oui", read=read(*rows)))
    assert states(*rows) == [WAITING] * 3


def test_one_whose_words_changed_since_it_was_shown_is_passed_over(client, moderator):
    row = make_waiting(personne=make_personne())
    shown = read(row)
    Contribution.objects.filter(pk=row.pk).update(body="D’autres mots.")
    client.post(LIST, selection("publish_selection", row, confirmed="oui", read=shown))
    assert states(row) == [WAITING]


def test_a_selection_leaves_out_what_is_decided_or_anothers(client, moderator):
    foreign = make_waiting(demarche=make_demarche(courante=False), title="D’une autre démarche")
    decided = make_contribution(state=ContributionState.REFUSED)
    mine = make_waiting()
    rows = (foreign, decided, mine)
    client.post(f"{LIST}?etat=toutes", selection("publish_selection", *rows, confirmed="oui", read=read(*rows)))
    assert states(*rows) == [WAITING, ContributionState.REFUSED, ContributionState.PUBLISHED]
    assert Decision.objects.count() == 1


def test_a_selection_is_refused_for_one_reason_once_its_number_is_typed(client, moderator):
    rows = [make_waiting(title=f"Publicité {n}", body="Visitez casino@example.org") for n in range(3)]
    reason = make_reason()
    asked = client.post(LIST, selection("refuse_selection", *rows))
    assert asked.status_code == 200
    assert "Publicité 2" in text_of(asked)
    for wrong in ({}, {"reason": reason.pk}, {"reason": reason.pk, "count": "2"}, {"count": "3"}, {"count": "\0"}):
        again = client.post(LIST, selection("refuse_selection", *rows, confirmed="oui", **wrong))
        assert again.status_code == 422, wrong
    assert "il y en a 3" in text_of(again) or "Choisissez un motif" in text_of(again)
    assert states(*rows) == [WAITING] * 3
    said = {"confirmed": "oui", "reason": reason.pk, "count": "3", "read": read(*rows)}
    assert all(f'name="read" value="{one}"' in asked.content.decode() for one in read(*rows))
    client.post(LIST, selection("refuse_selection", *rows, **said))
    assert states(*rows) == [ContributionState.REFUSED] * 3
    assert list(Decision.objects.values_list("reason", "by")) == [(reason.pk, moderator.pk)] * 3


def test_refusing_many_leaves_out_what_a_colleague_hesitates_on(client, moderator):
    spam, hesitating = make_waiting(), make_waiting()
    actions.ask_second_opinion(hesitating, by=make_user(is_staff=True), question="Vraiment ?")
    said = {"confirmed": "oui", "reason": make_reason().pk, "count": "1", "read": read(spam, hesitating)}
    client.post(LIST, selection("refuse_selection", spam, hesitating, **said))
    assert states(spam, hesitating) == [ContributionState.REFUSED, WAITING]


def test_one_whose_words_changed_is_not_refused_for_the_first_ones(client, moderator):
    row = make_waiting()
    said = {"confirmed": "oui", "reason": make_reason().pk, "count": "1", "read": read(row)}
    Contribution.objects.filter(pk=row.pk).update(body="D’autres mots.")
    client.post(LIST, selection("refuse_selection", row, **said))
    assert states(row) == [WAITING]
