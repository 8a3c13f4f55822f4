"""Its author takes a contribution back, before it appeared or after; what stays in its place."""

import pytest
from django.test import Client
from django.utils import timezone

from consultation.actions.contributions import StaleState, change_state
from consultation.actions.recourse import withdraw
from consultation.choices import ContributionState, DecisionCause, DemarcheState, Stance, WithdrawnBy
from consultation.models import Contribution, Decision
from consultation.templatetags.prose import day
from socle.pagecache.models import Generation
from tests.factories import make_contribution, make_demarche, make_personne, make_reason, make_superuser
from tests.test_places import at_once
from tests.writing import contribute, follow, link_in, mails, text_of

pytestmark = pytest.mark.django_db

WORDS = "Zirconium"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def demarche():
    return make_demarche(slug="ours")


def page_of(contribution: Contribution) -> str:
    return f"{follow(contribution)}retirer/"


def published(client, **fields) -> Contribution:
    contribution = contribute(client, **({"title": f"{WORDS} le soir", "body": f"{WORDS} la nuit."} | fields))
    change_state(contribution, ContributionState.PUBLISHED, by=make_superuser())
    return contribution


def generation() -> int:
    return Generation.objects.values_list("number", flat=True).first() or 0


# By its author


@pytest.mark.parametrize("email", ["", "alice@example.org"])
def test_before_it_appeared_it_is_never_shown(client, demarche, email):
    contribution = contribute(client, email=email)
    asked = client.get(page_of(contribution))
    assert "n’a pas été publiée" in text_of(asked)
    assert not Decision.objects.exists()
    response = client.post(page_of(contribution), follow=True)
    assert "Vous l’avez retirée" in text_of(response)
    contribution.refresh_from_db()
    assert (contribution.state, contribution.withdrawn_by) == (ContributionState.WITHDRAWN, WithdrawnBy.AUTHOR)
    assert Decision.objects.get().cause == DecisionCause.AUTHOR
    assert client.get(contribution.get_absolute_url()).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_somebody_known_hears_nothing_of_what_another_typed_their_address_on_and_took_back(client):
    make_demarche()
    make_personne(email="alice@example.org")
    contribution = contribute(client, email="alice@example.org", title=WORDS)
    client.post(page_of(contribution))
    assert mails() == []


@pytest.mark.django_db(transaction=True)
def test_the_mail_that_waited_is_called_back_and_its_link_confirms_nothing(client):
    make_demarche()
    contribution = contribute(client, email="alice@example.org")
    link = link_in(mails()[0])
    other = contribute(client, email="bob@example.org")
    for one in (contribution, other):
        client.post(page_of(one))
    assert mails() == []
    client.post(link)
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.WITHDRAWN


def test_after_it_appeared_the_page_says_what_stays(client, demarche):
    contribution = published(client)
    make_contribution(parent=contribution, stance=Stance.FOR)
    asked = text_of(client.get(page_of(contribution)))
    for words in ("Ce qui restera", contribution.reference, "la réaction qui lui répond", "C’est définitif"):
        assert words in asked
    before = generation()
    response = client.post(page_of(contribution), follow=True)
    assert contribution.get_absolute_url() in text_of(response)
    assert generation() > before


def test_a_second_time_is_harmless(client, demarche):
    contribution = published(client)
    client.post(page_of(contribution))
    for method in (client.get, client.post):
        assert method(page_of(contribution)).url == follow(contribution)
    assert Decision.objects.filter(to_state=ContributionState.WITHDRAWN).count() == 1


def test_what_the_team_set_aside_is_not_taken_back(client, demarche):
    contribution = contribute(client)
    change_state(contribution, ContributionState.REFUSED, by=make_superuser(), reason=make_reason())
    assert client.post(page_of(contribution)).status_code == 303
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.REFUSED
    assert page_of(contribution) not in text_of(client.get(follow(contribution)))


def test_what_its_author_withdrew_comes_back_by_nobody(client, demarche):
    contribution = published(client)
    client.post(page_of(contribution))
    contribution.refresh_from_db()
    for cause in (DecisionCause.MODERATION, DecisionCause.REEXAMEN):
        with pytest.raises(StaleState):
            change_state(contribution, ContributionState.PUBLISHED, by=make_superuser(), cause=cause)


def test_only_its_number_and_a_token_take_it_back(client, demarche):
    contribution = published(client)
    assert client.post("/suivi/2222-2222-2222/retirer/").status_code == 404
    assert Client(enforce_csrf_checks=True).post(page_of(contribution)).status_code == 403
    assert client.head(page_of(contribution)).status_code == 200
    contribution.refresh_from_db()
    assert contribution.is_published


@pytest.mark.django_db(transaction=True)
def test_its_author_is_told_and_nobody_else(client):
    make_demarche()
    contribution = published(client)
    Contribution.objects.update(personne=make_personne(email="alice@example.org"))
    client.post(page_of(contribution))
    (message,) = mails()
    assert message.to == ["alice@example.org"]
    assert message.subject == f"Votre contribution {contribution.reference} est retirée"
    assert "comme vous l’avez demandé" in message.body
    assert "réexamen" not in message.body


@pytest.mark.django_db(transaction=True)
def test_its_author_and_the_team_at_once_make_one_decision(client):
    make_demarche()
    contribution = published(client)
    reason, by = make_reason(), make_superuser()
    stale = Contribution.objects.select_related("demarche", "personne").get()
    withdrawn = ContributionState.WITHDRAWN
    results = at_once([lambda: withdraw(contribution), lambda: change_state(stale, withdrawn, by=by, reason=reason)])
    assert [type(result) for result in results if isinstance(result, Exception)] == [StaleState]
    assert Decision.objects.filter(to_state=withdrawn).count() == 1


# What stays in its place


def taken_down(client, by_author: bool, **fields) -> Contribution:
    contribution = published(client, **fields)
    if by_author:
        withdraw(contribution)
    else:
        reason = make_reason(label="Des propos injurieux")
        change_state(contribution, ContributionState.WITHDRAWN, by=make_superuser(display_name="Mme X"), reason=reason)
    return contribution


@pytest.mark.parametrize("by_author", [True, False])
def test_its_address_says_when_and_why_and_nothing_of_what_it_said(client, demarche, by_author):
    contribution = taken_down(client, by_author, display="nom", author_name="Alice Martin")
    response = client.get(contribution.get_absolute_url())
    page, today = text_of(response), day(timezone.now()).replace("\u00a0", " ")
    assert response.status_code == 410
    assert f"{contribution.reference}, publiée le {today}, a été retirée le {today}" in page
    assert ("par son auteur" in page) == by_author
    assert ("par la modération. Motif : Des propos injurieux." in page) != by_author
    for hidden in (WORDS, "Alice", "Mme X", contribution.title):
        assert hidden not in page
    assert 'content="noindex"' in response.content.decode()


def test_it_is_gone_from_the_lists_the_feed_the_search_the_sitemap_and_the_open_data(
    client, demarche, settings, tmp_path
):
    settings.EXPORT_STORAGE = tmp_path
    contribution = published(client)
    doors = (
        *("/contributions/", "/contributions/?q=zirconium", "/recherche/?q=zirconium", "/flux/contributions.atom"),
        *("/sitemap.xml", "/donnees/ours/contributions.csv", "/"),
    )

    def told(path: str) -> bool:
        response = client.get(path)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        return contribution.reference.encode() in body or WORDS.encode() in body

    assert [path for path in doors[:6] if not told(path)] == [], "what could not be found there proves nothing"
    withdraw(contribution)
    assert [path for path in doors if told(path)] == []


def test_its_reactions_stay_and_say_what_they_answered(client, demarche):
    contribution = published(client)
    reaction = make_contribution(parent=contribution, stance=Stance.AGAINST, title="Pas d’accord")
    hidden = make_contribution(parent=contribution, stance=Stance.FOR, title="Secrète", state=ContributionState.WAITING)
    withdraw(contribution)
    gone = text_of(client.get(contribution.get_absolute_url()))
    assert (reaction.title in gone, reaction.get_absolute_url() in gone, hidden.title in gone) == (True, True, False)
    kept = text_of(client.get(reaction.get_absolute_url()))
    assert contribution.get_absolute_url() in kept
    assert "contribution retirée depuis" in kept
    assert WORDS not in kept


@pytest.mark.parametrize("state", [ContributionState.REFUSED, ContributionState.WAITING, ContributionState.TO_CONFIRM])
def test_what_never_appeared_has_no_page(client, demarche, state):
    assert client.get(make_contribution(state=state).get_absolute_url()).status_code == 404


def test_nor_has_what_was_withdrawn_from_a_demarche_that_is_a_draft(client):
    draft = make_demarche(state=DemarcheState.DRAFT)
    contribution = make_contribution(demarche=draft, state=ContributionState.WITHDRAWN)
    assert client.get(contribution.get_absolute_url()).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_no_cache_brings_it_back(client):
    """A reader who had the page, with its ETag, is told that it is gone; HEAD says so too; put back, it is there."""
    make_demarche()
    contribution = published(client)
    address = contribution.get_absolute_url()
    shown = client.get(address)
    known = {"if-none-match": shown["ETag"]}
    assert client.get(address, headers=known).status_code == 304
    change_state(contribution, ContributionState.WITHDRAWN, by=make_superuser(), reason=make_reason())
    for headers in ({}, known):
        gone = client.get(address, headers=headers)
        assert (gone.status_code, gone["Cache-Control"]) == (410, "public, no-cache")
        assert not gone.has_header("ETag")
        head = client.head(address, headers=headers)
        assert (head.status_code, head.content) == (410, b"")
    change_state(contribution, ContributionState.PUBLISHED, by=make_superuser())
    assert client.get(address).status_code == 200
