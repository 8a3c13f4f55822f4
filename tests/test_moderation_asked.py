"""What a moderator asks before deciding: a colleague's advice, other words of the author; and the notes."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from consultation import numero
from consultation.actions import moderation as actions
from consultation.actions.contributions import StaleState, change_state
from consultation.choices import Advice, ContributionState, VersionCause
from consultation.forms.moderation import ReformulationAnswerForm
from consultation.models import Contribution, ModerationNote, Reformulation, SecondOpinion, Version
from tests.factories import make_demarche, make_personne, make_role
from tests.moderating import LIST, act, make_waiting, page_of
from tests.writing import follow, mails, text_of

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def demarche():
    return make_demarche()


@pytest.fixture
def moderator(client, demarche):
    user = make_role(demarche=demarche).user
    client.force_login(user)
    return user


@pytest.fixture
def colleague(demarche):
    other = Client()
    other.user = make_role(demarche=demarche).user
    other.force_login(other.user)
    return other


# Notes


def test_a_note_is_kept_with_who_wrote_it_and_escaped(client, moderator):
    contribution = make_waiting()
    assert act(client, contribution, "note", note="À relire <b>demain</b>\0").url == page_of(contribution)
    note = ModerationNote.objects.get()
    assert (note.by, note.body) == (moderator, "À relire <b>demain</b>")
    assert "&lt;b&gt;demain" in client.get(page_of(contribution)).content.decode()


def test_an_empty_note_opens_its_form_again_with_the_reason(client, moderator):
    response = act(client, make_waiting(), "note", note=" ")
    assert response.status_code == 422
    assert "Écrivez la note." in text_of(response)
    assert 'data-tool="note" open' in " ".join(response.content.decode().split())


# A second opinion


def test_a_question_to_a_colleague_reaches_their_list_and_comes_back_before_deciding(client, moderator, colleague):
    contribution, following = make_waiting(title="Délicate"), make_waiting(title="Simple")
    assert act(client, contribution, "opinion", question="Est-ce une insulte ?").url == page_of(following)
    assert "Délicate" in text_of(colleague.get(f"{LIST}?avis=a-donner"))
    assert "Délicate" not in text_of(colleague.get(f"{LIST}?avis=attendus"))
    assert "Délicate" not in text_of(client.get(f"{LIST}?avis=a-donner"))
    assert "Délicate" in text_of(client.get(f"{LIST}?avis=attendus"))
    assert "Est-ce une insulte ?" in text_of(colleague.get(page_of(contribution)))
    act(colleague, contribution, "advice", advice=Advice.PUBLISH, words="Non, une image.")
    page = text_of(client.get(page_of(contribution)))
    assert "Second avis : publier" in page
    assert "Non, une image." in page
    assert page.index("Non, une image.") < page.index("Ne pas publier")
    assert "Délicate" not in text_of(colleague.get(f"{LIST}?avis=a-donner"))


def test_whoever_asked_gives_no_answer_to_it(client, moderator):
    contribution = make_waiting()
    act(client, contribution, "opinion", question="Alors ?")
    assert "Donner mon avis" not in text_of(client.get(page_of(contribution)))
    page = client.post(page_of(contribution), {"act": "advice", "advice": "publier"}, follow=True)
    assert "celui de quelqu’un d’autre" in text_of(page)
    opinion = SecondOpinion.objects.get()
    assert opinion.given_at is None
    with pytest.raises(IntegrityError), transaction.atomic():  # and the database says it too
        SecondOpinion.objects.update(given_by=moderator, given_at=timezone.now(), advice="publier")


def test_one_question_at_a_time_and_none_once_decided(client, moderator, colleague):
    contribution = make_waiting()
    act(client, contribution, "opinion", question="Une ?")
    page = colleague.post(page_of(contribution), {"act": "opinion", "question": "Deux ?"}, follow=True)
    assert "déjà attendu" in text_of(page)
    decided = make_waiting()
    change_state(decided, ContributionState.PUBLISHED, by=moderator)
    page = client.post(page_of(decided), {"act": "opinion", "question": "Trop tard ?"}, follow=True)
    assert "n’attend plus de décision" in text_of(page)
    assert SecondOpinion.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_keep_the_first():
    demarche = make_demarche()
    opinion = actions.ask_second_opinion(make_waiting(), by=make_role(demarche=demarche).user, question="?")
    people, start, refused = [make_role(demarche=demarche).user for _ in range(2)], threading.Barrier(2), []

    def give(user):
        start.wait()
        try:
            actions.give_second_opinion(opinion, by=user, advice=Advice.REFUSE)
        except StaleState as stale:
            refused.append(str(stale))
        connection.close()

    threads = [threading.Thread(target=give, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == [actions.OPINION_GIVEN]


# A reformulation


def ask(client, contribution, days=5, words="Sans le nom de votre voisin, s’il vous plaît."):
    return act(client, contribution, "reformulation", request=words, due_on=str(TODAY() + timedelta(days=days)))


def test_a_contribution_leaves_the_queue_until_the_answer_or_the_day_after(client, moderator):
    contribution = make_waiting(title="À reformuler")
    assert "ouvre sa page de suivi" in text_of(client.get(page_of(contribution)))  # no address: no mail
    ask(client, contribution)
    waiting, due = Contribution.objects.waiting, Reformulation.objects.get().due_on
    assert not waiting().exists()
    assert not waiting(due).exists()  # the last day is included
    assert waiting(due + timedelta(days=1)).get() == contribution
    assert "À reformuler" not in text_of(client.get(LIST))
    assert "À reformuler" in text_of(client.get(f"{LIST}?etat=reformulation"))
    Reformulation.objects.update(due_on=TODAY() - timedelta(days=1))
    assert "reformulation sans réponse" in text_of(client.get(LIST))
    assert "sans réponse" in text_of(client.get(page_of(contribution)))
    assert "Demander une reformulation" not in text_of(client.get(page_of(contribution)))


def test_the_answer_replaces_the_words_and_keeps_the_first_ones(client, moderator):
    contribution = make_waiting(title="Avant", body="Mon voisin X exagère.")
    ask(client, contribution)
    form = ReformulationAnswerForm({"title": "Après", "body": "On exagère."}, contribution=contribution)
    assert form.is_valid()
    actions.answer_reformulation(contribution, **form.cleaned_data)
    contribution.refresh_from_db()
    assert (contribution.title, contribution.body) == ("Après", "On exagère.")
    version = Version.objects.get()
    assert (version.title, version.cause, version.by) == ("Avant", VersionCause.REFORMULATION, None)
    assert Contribution.objects.waiting().get() == contribution
    page = text_of(client.get(page_of(contribution)))
    assert "l’auteur a répondu" in page
    assert "Mon voisin X exagère." in page
    with pytest.raises(StaleState):
        actions.answer_reformulation(contribution, "Encore", "Encore")


def test_the_same_words_are_no_answer(moderator):
    contribution = make_waiting()
    said = {"title": contribution.title, "body": contribution.body}
    form = ReformulationAnswerForm(said, contribution=contribution)
    assert "Ce sont les mêmes mots" in str(form.errors)


@pytest.mark.parametrize("late", ["past its day", "decided"])
def test_an_answer_that_is_no_longer_waited_for_changes_nothing(client, moderator, late):
    contribution = make_waiting(body="Avant")
    ask(client, contribution)
    if late == "decided":
        change_state(contribution, ContributionState.PUBLISHED, by=moderator)
    else:
        Reformulation.objects.update(due_on=TODAY() - timedelta(days=1))
    with pytest.raises(StaleState):
        actions.answer_reformulation(contribution, "Après", "Après")
    contribution.refresh_from_db()
    assert contribution.body == "Avant"


@pytest.mark.django_db(transaction=True)
def test_the_author_is_asked_at_a_proved_address_and_nothing_typed_is_alive(client):
    client.force_login(make_role(demarche=make_demarche()).user)
    key = uuid4()
    followed = {"submission_key": key, "tracking_hash": numero.tracking_hash(numero.numero_of(key))}
    contribution = make_waiting(personne=make_personne(email="alice@example.org"), **followed)
    assert "par courriel" in text_of(client.get(page_of(contribution)))
    ask(client, contribution, words="Sans {{ 7|add:7 }} <script>alert(1)</script> http://mechant.example")
    ask(client, make_waiting(personne=make_personne(confirmed_at=None)))
    (message,) = mails()
    assert message.to == ["alice@example.org"]
    assert follow(contribution) in message.body
    assert "{{ 7|add:7 }}" in message.body
    page = message.alternatives[0].content
    assert "<script" not in page
    assert 'href="http://mechant' not in page


@pytest.mark.parametrize("due_on", ["", "demain", "2020-01-01", "9999-12-31", "\0", "2026-13-45"])
def test_a_date_that_is_none_is_refused_and_the_words_stay(client, moderator, due_on):
    contribution = make_waiting()
    response = act(client, contribution, "reformulation", request="Des mots à garder", due_on=due_on)
    assert response.status_code == 422
    assert "Des mots à garder" in text_of(response)
    assert not Reformulation.objects.exists()
