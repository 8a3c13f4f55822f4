"""Its author corrects a contribution until it is decided; nobody decides on words that they did not read."""

from datetime import timedelta
from threading import Barrier

import pytest
from django.test import Client
from django.utils import timezone

from consultation import limits
from consultation.actions import contributions as actions
from consultation.actions.contributions import REWORDED, StaleState, change_state
from consultation.actions.moderation import ask_reformulation
from consultation.actions.recourse import correct
from consultation.choices import ContributionState, Moderation, VersionCause
from consultation.models import Contribution, Decision, Version
from socle.pagecache.models import Generation
from tests.factories import make_demarche, make_reason, make_role, make_superuser
from tests.test_places import at_once
from tests.writing import contribute, follow, number, text_of

pytestmark = pytest.mark.django_db

OTHER = {"title": "Des bus la nuit", "body": "Après 22 h, plus rien ne part du lycée."}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def contribution(client):
    make_demarche()
    return contribute(client)


def page_of(contribution: Contribution) -> str:
    return f"{follow(contribution)}corriger/"


def words(contribution: Contribution) -> dict:
    return Contribution.objects.values("title", "body").get(pk=contribution.pk)


def test_the_author_corrects_and_the_first_words_stay_with_staff(client, contribution):
    first = words(contribution)
    assert page_of(contribution) in text_of(client.get(follow(contribution)))
    page = client.get(page_of(contribution))
    assert first["body"] in text_of(page)
    assert page["Cache-Control"] == "private, no-store"
    response = client.post(page_of(contribution), OTHER, follow=True)
    assert response.redirect_chain == [(follow(contribution), 303)]
    assert "C’est corrigé" in text_of(response)
    assert "Corrigée par vous" in text_of(response)
    assert words(contribution) == OTHER
    version = Version.objects.get()
    assert (version.title, version.body) == (first["title"], first["body"])
    assert (version.cause, version.by) == (VersionCause.CORRECTION, None)
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.WAITING


def test_before_its_address_is_confirmed_too(client):
    make_demarche()
    contribution = contribute(client, email="alice@example.org")
    client.post(page_of(contribution), OTHER)
    assert words(contribution) == OTHER


def test_nothing_changed_keeps_nothing(client, contribution):
    response = client.post(page_of(contribution), words(contribution), follow=True)
    assert "Vous n’avez rien changé" in text_of(response)
    assert not Version.objects.exists()


def test_nothing_of_it_is_public_nor_makes_the_pages_new(client, contribution):
    before = Generation.objects.values_list("number", flat=True).first()
    client.post(page_of(contribution), OTHER)
    assert Generation.objects.values_list("number", flat=True).first() == before
    assert client.get(contribution.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("wrong", [{"title": ""}, {"body": ""}, {"title": "é" * 161}, {"body": "é" * 10_001}])
def test_an_error_keeps_all_that_was_typed(client, contribution, wrong):
    first = words(contribution)
    response = client.post(page_of(contribution), OTHER | wrong)
    assert response.status_code == 422
    assert "Erreur" in text_of(response)
    kept = text_of(response)
    assert all(typed in kept for typed in (OTHER | wrong).values())
    assert words(contribution) == first
    assert not Version.objects.exists()


@pytest.mark.parametrize("typed", ["a\0b", "<script>alert(1)</script>", '"><svg onload=alert(1)>', "\u202egnp"])
def test_hostile_words_are_cleaned_and_inert(client, contribution, typed):
    client.post(page_of(contribution), {"title": f"Titre {typed}", "body": f"Texte {typed}"})
    page = client.get(follow(contribution)).content.decode()
    assert "<script>alert" not in page
    assert "<svg onload" not in page
    assert not set(words(contribution)["body"]) & {"\0", "\u202e"}


def test_fields_that_are_not_asked_change_nothing(client, contribution):
    forged = {"state": "publiee", "origine": "papier", "personne": "1", "display": "nom", "author_name": "Alice"}
    client.post(page_of(contribution), OTHER | forged)
    kept = Contribution.objects.get()
    assert (kept.state, kept.origine, kept.author_name) == (ContributionState.WAITING, "en_ligne", "")


@pytest.mark.parametrize("state", [ContributionState.PUBLISHED, ContributionState.REFUSED])
def test_once_decided_it_cannot_be_corrected_and_what_was_typed_is_there_to_copy(client, contribution, state):
    first = words(contribution)
    reason = make_reason() if state == ContributionState.REFUSED else None
    change_state(contribution, state, by=make_superuser(), reason=reason)
    assert page_of(contribution) not in text_of(client.get(follow(contribution)))
    assert client.get(page_of(contribution)).status_code == 409
    response = client.post(page_of(contribution), OTHER)
    assert response.status_code == 409
    assert OTHER["body"] in text_of(response)
    assert words(contribution) == first


def test_the_number_of_another_opens_nothing(client, contribution):
    other = contribute(client, title="Celle de Bob")
    assert number(other) != number(contribution)
    client.post(page_of(contribution), OTHER)
    assert Contribution.objects.get(pk=other.pk).title == "Celle de Bob"
    assert client.get("/suivi/2222-2222-2222/corriger/").status_code == 404
    assert client.post("/suivi/2222-2222-2222/corriger/", OTHER).status_code == 404


def test_corrections_are_limited_and_nothing_typed_is_lost(client, contribution):
    for turn in range(limits.CORRECTIONS.count):
        assert client.post(page_of(contribution), OTHER | {"title": f"Titre {turn}"}).status_code == 303
    response = client.post(page_of(contribution), OTHER)
    assert response.status_code == 429
    assert OTHER["body"] in text_of(response)


def test_a_form_left_open_for_days_gives_back_what_was_typed(contribution):
    response = Client(enforce_csrf_checks=True).post(page_of(contribution), OTHER)
    assert response.status_code == 403
    assert OTHER["body"] in text_of(response)
    assert words(contribution) != OTHER


# Asked for by a moderator


def test_other_words_are_asked_given_and_answered_once(client, contribution):
    due_on = timezone.localdate() + timedelta(days=3)
    ask_reformulation(contribution, by=make_superuser(), request="Sans <b>nommer</b> le maire.", due_on=due_on)
    page = client.get(follow(contribution)).content.decode()
    assert "demande de l’écrire autrement" in page
    assert "Sans &lt;b&gt;nommer" in page
    assert "Sans &lt;b&gt;nommer" in client.get(page_of(contribution)).content.decode()
    same = client.post(page_of(contribution), words(contribution))
    assert (same.status_code, "les mêmes mots" in text_of(same)) == (422, True)
    assert "votre nouveau texte" in text_of(client.post(page_of(contribution), OTHER, follow=True))
    assert words(contribution) == OTHER
    assert Version.objects.get().cause == VersionCause.REFORMULATION
    assert "Reformulée par vous" in text_of(client.get(follow(contribution)))
    assert not contribution.reformulations.open().exists()


# What was read, and what was decided


def test_a_decision_on_words_that_changed_is_refused(client, contribution):
    seen = contribution.words_seal
    client.post(page_of(contribution), OTHER)
    fresh = Contribution.objects.select_related("demarche").get()
    for to_state, reason in ((ContributionState.PUBLISHED, None), (ContributionState.REFUSED, make_reason())):
        with pytest.raises(StaleState, match="ses mots ont changé"):
            change_state(fresh, to_state, by=make_superuser(), reason=reason, seen=seen)
        with pytest.raises(StaleState, match="ses mots ont changé"):
            change_state(contribution, to_state, by=make_superuser(), reason=reason)
    assert not Decision.objects.exists()
    change_state(fresh, ContributionState.PUBLISHED, by=make_superuser(), seen=fresh.words_seal)
    assert Contribution.objects.get().is_published


def test_the_page_of_moderation_sends_back_what_it_showed(client, contribution):
    client.force_login(make_role(demarche=contribution.demarche).user)
    page = f"/admin/consultation/contribution/{contribution.pk}/change/"
    assert contribution.words_seal in client.get(page).content.decode()
    correct(contribution, **OTHER)
    response = client.post(page, {"to_state": "publiee", "seen": contribution.words_seal}, follow=True)
    assert REWORDED in text_of(response).replace(" :", "\u00a0:")
    assert not Contribution.objects.get().is_published


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(4))
def test_unseen_words_are_never_published_when_both_act_at_once(client, turn):
    """The moderator has the page under their eyes while its author sends other words: one of them is told."""
    make_demarche()
    contribution = contribute(client)
    read, by = words(contribution), make_superuser()
    stale = Contribution.objects.select_related("demarche", "personne").get()
    tries = [
        lambda: change_state(stale, ContributionState.PUBLISHED, by=by, seen=stale.words_seal),
        lambda: correct(contribution, **OTHER),
    ]
    results = at_once(tries if turn % 2 else tries[::-1])
    refused = [result for result in results if isinstance(result, Exception)]
    assert [type(one) for one in refused] == [StaleState]
    now = Contribution.objects.get()
    assert not now.is_published or words(now) == read


@pytest.mark.django_db(transaction=True)
def test_without_the_guard_unseen_words_would_appear(client, monkeypatch):
    """The harness can fail: the moderator has read, the author corrects, then the decision is written."""
    make_demarche()
    contribution = contribute(client)
    stale = Contribution.objects.select_related("demarche", "personne").get()
    corrected, by = Barrier(2, timeout=20), make_superuser()

    def author():
        correct(contribution, **OTHER)
        corrected.wait()

    def moderator():
        corrected.wait()
        return change_state(stale, ContributionState.PUBLISHED, by=by)

    assert isinstance(at_once([author, moderator])[1], StaleState)
    monkeypatch.setattr(actions, "_as_read", lambda read, _: Contribution.objects.filter(pk=read.pk))
    corrected.reset()
    assert change_state(stale, ContributionState.PUBLISHED, by=by)
    assert words(contribution) == OTHER, "published, and nobody had read it"


def test_by_the_rule_of_the_demarche_nobody_reads_first(client):
    make_demarche(moderation=Moderation.AFTER)
    contribution = contribute(client, email="alice@example.org")
    stale = Contribution.objects.select_related("demarche").get()
    correct(contribution, **OTHER)
    actions.confirm_contribution(stale, stale.personne)
    assert Contribution.objects.get().is_published
