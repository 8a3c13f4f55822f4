"""Moderation in the admin: the queue, the decision, what the author is told, and who may do it."""

import threading
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.utils import timezone

from consultation.actions.contributions import StaleState, change_state
from consultation.choices import ContributionState, RoleKind
from consultation.models import Contribution, Decision, RefusalReason
from socle.pagecache.models import Generation
from tests.factories import (
    make_contribution,
    make_demarche,
    make_personne,
    make_reason,
    make_role,
    make_superuser,
)
from tests.moderating import LIST, WAITING, make_waiting, page_of
from tests.writing import mails, text_of

pytestmark = pytest.mark.django_db


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


# The queue


def test_the_queue_is_oldest_first_with_how_long_each_waits(client, moderator):
    now = timezone.now()
    make_waiting(title="La récente", submitted_at=now)
    make_waiting(title="L’ancienne", submitted_at=now - timedelta(days=3))
    make_contribution(title="Déjà publiée")
    page = text_of(client.get(LIST))
    assert page.index("L’ancienne") < page.index("La récente")
    assert "3 jours" in page
    assert "moins d’une heure" in page
    assert "Déjà publiée" not in page
    assert "Déjà publiée" in text_of(client.get(f"{LIST}?etat=publiee"))
    assert "Déjà publiée" in text_of(client.get(f"{LIST}?etat=toutes"))


def test_the_queue_is_found_by_reference_by_title_and_by_text(client, moderator):
    found = make_waiting(title="Des vélos", body="Une piste vers la gare.")
    make_waiting(title="Des trains", body="Un arrêt de plus.")
    for words in (found.reference, found.reference.lower(), "velo", "gare"):
        page = text_of(client.get(LIST, {"q": words}))
        assert "Des vélos" in page, words
        assert "Des trains" not in page, words


@pytest.mark.parametrize("words", ["& | ! ( ) : *", "'", '"', "le la les", "DP11-999999999999999999999", "-1", "%"])
def test_any_words_can_be_searched_for(client, moderator, words):
    make_waiting()
    assert client.get(LIST, {"q": words}).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_costs_the_same_queries_at_any_length(client, moderator, count, django_assert_num_queries):
    for _ in range(count):
        make_waiting(personne=make_personne())
    client.get(LIST)
    with django_assert_num_queries(14):  # one asks which ateliers they run
        client.get(LIST)


# One contribution


def test_the_page_shows_the_text_as_it_was_written(client, moderator):
    contribution = make_waiting(
        title="<b>Titre</b>", body="Une ligne\nune autre <script>alert(1)</script>\n\nUn paragraphe."
    )
    response = client.get(page_of(contribution))
    content = response.content.decode()
    assert "Une ligne<br>une autre" in content
    assert "<script>alert" not in content
    assert "&lt;b&gt;Titre" in content
    assert "adresse non vérifiée" in text_of(response)
    assert "unsafe-inline" not in response["Content-Security-Policy"]
    assert 'name="title"' not in content
    assert 'name="body"' not in content


def test_publishing_is_a_decision_and_leads_to_the_next_one(client, moderator):
    now = timezone.now()
    first = make_waiting(submitted_at=now - timedelta(hours=2))
    second = make_waiting(submitted_at=now - timedelta(hours=1))
    before = Generation.objects.values_list("number", flat=True).first() or 0
    response = client.post(page_of(first), {"to_state": "publiee"})
    assert response.url == page_of(second)
    first.refresh_from_db()
    assert first.is_published
    decision = Decision.objects.get()
    assert (decision.by, decision.from_state, decision.to_state) == (moderator, "en_attente", "publiee")
    assert Generation.objects.get().number > before
    assert client.get(first.get_absolute_url()).status_code == 200
    assert client.post(page_of(second), {"to_state": "publiee"}).url == LIST
    assert [str(entry.object_repr) for entry in LogEntry.objects.all()] == [str(second), str(first)]


def test_refusing_needs_a_reason_and_keeps_what_was_typed(client, moderator):
    contribution = make_waiting()
    response = client.post(page_of(contribution), {"to_state": "refusee", "message": "Un mot <i>pour</i> vous"})
    assert response.status_code == 422
    assert "Choisissez un motif" in text_of(response)
    assert "Un mot &lt;i&gt;pour" in response.content.decode()
    contribution.refresh_from_db()
    assert contribution.state == WAITING


def test_the_text_of_a_citizen_cannot_be_edited_by_a_forged_post(client, moderator):
    contribution = make_waiting(title="Le titre", body="Le texte")
    client.post(page_of(contribution), {"to_state": "publiee", "title": "Autre", "body": "Autre", "theme": "1"})
    contribution.refresh_from_db()
    assert (contribution.title, contribution.body) == ("Le titre", "Le texte")


@pytest.mark.parametrize("to_state", ["en_attente", "a_confirmer", "retiree", "x", "", "\0", "<script>", "a" * 100_000])
def test_a_forged_decision_is_refused(client, moderator, to_state):
    contribution = make_waiting()
    assert client.post(page_of(contribution), {"to_state": to_state, "reason": "abc"}).status_code == 422
    contribution.refresh_from_db()
    assert contribution.state == WAITING
    assert not Decision.objects.exists()


def test_what_its_author_has_not_confirmed_cannot_be_published(client, moderator):
    contribution = make_waiting(state=ContributionState.TO_CONFIRM, personne=make_personne(confirmed_at=None))
    assert 'name="to_state"' not in client.get(page_of(contribution)).content.decode()
    assert client.post(page_of(contribution), {"to_state": "publiee"}).status_code == 422
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.TO_CONFIRM


def test_withdrawn_and_put_back_it_keeps_its_first_date(client, moderator):
    contribution = make_contribution(published_at=timezone.now() - timedelta(days=5))
    first_date = contribution.published_at
    client.post(page_of(contribution), {"to_state": "retiree", "reason": make_reason().pk})
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.WITHDRAWN
    assert client.get(contribution.get_absolute_url()).status_code == 410
    client.post(page_of(contribution), {"to_state": "publiee"})
    contribution.refresh_from_db()
    assert (contribution.is_published, contribution.published_at) == (True, first_date)
    assert Decision.objects.count() == 2


def test_a_decision_on_a_page_grown_old_changes_nothing_and_says_so(client, moderator, monkeypatch):
    contribution = make_waiting()
    stale = Contribution.objects.select_related("demarche").get(pk=contribution.pk)
    change_state(contribution, ContributionState.REFUSED, by=make_superuser(), reason=make_reason())
    monkeypatch.setattr("consultation.admin.contributions.ContributionAdmin.get_object", lambda *_, **__: stale)
    page = client.post(page_of(contribution), {"to_state": "publiee"}, follow=True)
    assert "quelqu’un d’autre a décidé" in text_of(page)
    assert Decision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_moderators_at_once_take_one_decision():
    demarche = make_demarche()
    contribution = make_waiting(demarche=demarche, personne=make_personne(email="alice@example.org"))
    reason = make_reason()
    said = ({"to_state": "publiee"}, {"to_state": "refusee", "reason": reason.pk})
    clients = [Client(), Client()]
    for one in clients:
        one.force_login(make_role(demarche=demarche).user)
    start = threading.Barrier(2)

    def decide(one, what):
        start.wait()
        one.post(page_of(contribution), what)
        connection.close()

    threads = [threading.Thread(target=decide, args=pair) for pair in zip(clients, said, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    decision = Decision.objects.get()
    contribution.refresh_from_db()
    assert contribution.state == decision.to_state
    assert len(mails()) == 1


# What the author is told


@pytest.mark.django_db(transaction=True)
def test_the_author_reads_the_reason_and_nothing_typed_is_alive(client):
    demarche = make_demarche()
    client.force_login(make_role(demarche=demarche).user)
    contribution = make_waiting(
        title='"><svg onload=alert(1)> {{ 7|add:7 }} http://mechant.example',
        personne=make_personne(email="alice@example.org"),
    )
    reason = make_reason(label="Hors du sujet", explanation="Le texte parle d’autre chose.")
    client.post(
        page_of(contribution),
        {
            "to_state": "refusee",
            "reason": reason.pk,
            "message": "Merci\r\nBcc: x@example.org <script>alert(1)</script>",
        },
    )
    (message,) = mails()
    assert message.to == ["alice@example.org"]
    assert message.bcc == []
    assert message.subject == "Votre contribution n’est pas publiée"
    page = message.alternatives[0].content
    for words in ("Hors du sujet", "Le texte parle d’autre chose.", "{{ 7|add:7 }}"):
        assert words in message.body
        assert words in page
    assert "<svg" not in page
    assert "<script" not in page
    assert 'href="http://mechant' not in page


@pytest.mark.django_db(transaction=True)
def test_the_link_of_the_mail_uses_the_address_of_the_site(client, settings):
    settings.SITE_URL = "https://participons.example"
    demarche = make_demarche()
    client.force_login(make_role(demarche=demarche).user)
    contribution = make_waiting(personne=make_personne())
    client.post(page_of(contribution), {"to_state": "publiee"}, headers={"host": "127.0.0.1"})
    assert f"https://participons.example{contribution.get_absolute_url()}" in mails()[0].body


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("personne", [None, "unconfirmed"])
def test_nobody_is_written_to_at_an_address_that_is_not_proved(client, personne):
    demarche = make_demarche()
    client.force_login(make_role(demarche=demarche).user)
    contribution = make_waiting(personne=make_personne(confirmed_at=None) if personne else None)
    client.post(page_of(contribution), {"to_state": "publiee"})
    assert mails() == []


# The reasons


def test_six_reasons_are_there_from_the_start_and_staff_edit_them(client, demarche):
    # Other tests may have emptied the tables.
    import_module("consultation.migrations.0004_refusal_reasons").add(apps, None)
    assert RefusalReason.objects.count() == 6
    client.force_login(make_role(demarche=demarche, kind=RoleKind.RESPONSABLE).user)
    reason = RefusalReason.objects.first()
    said = {"label": "Un autre motif", "explanation": "Une autre phrase.", "rank": "1"}
    client.post(f"/admin/consultation/refusalreason/{reason.pk}/change/", said)
    reason.refresh_from_db()
    assert (reason.label, reason.is_active) == ("Un autre motif", False)
    offered = text_of(client.get(page_of(make_waiting()))).partition('class="reasons"')[2]
    assert "Un autre motif" not in offered
    assert RefusalReason.objects.last().label in offered


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", '"><svg onload=alert(1)>', "=1+1", "a" * 160])
def test_hostile_titles_are_inert_in_the_list_the_page_and_the_history(client, moderator, title):
    contribution = make_waiting(title=title, body=title * 50, author_name=title[:120], organisation=title[:160])
    for path in (LIST, page_of(contribution), f"{LIST}{contribution.pk}/history/"):
        response = client.get(path)
        assert response.status_code == 200
        assert "<script>alert" not in response.content.decode()
        assert "<svg onload" not in response.content.decode()


def test_no_member_of_staff_publishes_what_its_author_has_not_confirmed(demarche):
    contribution = make_waiting(state=ContributionState.TO_CONFIRM)
    with pytest.raises(StaleState):
        change_state(contribution, ContributionState.PUBLISHED, by=make_superuser())
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.TO_CONFIRM
