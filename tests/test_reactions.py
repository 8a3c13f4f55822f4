"""Réactions: written as a contribution, moderated as one, read with what they answer and counted apart."""

import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from consultation.actions.contributions import change_state
from consultation.choices import ContributionState, Display, Origine, Stance
from consultation.models import Contribution
from tests.factories import (
    local,
    make_contribution,
    make_demarche,
    make_etape,
    make_reason,
    make_superuser,
    make_theme,
)
from tests.writing import follow, mails, number, text_of

pytestmark = pytest.mark.django_db
SAID = {"stance": "contre", "body": "Mon village n’a pas de lycée.", "display": "anonyme", "speaks_as": "personnel"}
LIST = "/contributions/"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def parent():
    return make_contribution(demarche=make_demarche(), theme=make_theme(), title="Des bus le soir")


def form_of(contribution):
    return f"{contribution.get_absolute_url()}reagir/"


def send(client, to, **fields):
    key = re.search(r'name="submission_key" value="([^"]+)"', client.get(form_of(to)).text)[1]
    return client.post(form_of(to), SAID | {"submission_key": key} | fields)


def react(client, to, **fields):
    """Sent and received; the row."""
    known = set(Contribution.objects.values_list("pk", flat=True))
    response = send(client, to, **fields)
    assert response.status_code == 303, response.text
    return Contribution.objects.exclude(pk__in=known).get()


def make_reaction(parent, stance=Stance.FOR, **fields):
    fields = {"title": f"Réaction à la contribution {parent.reference}", "demarche": parent.demarche} | fields
    return make_contribution(parent=parent, stance=stance, **fields)


def withdraw(contribution):
    change_state(contribution, ContributionState.WITHDRAWN, by=make_superuser(), reason=make_reason())


# Written


def test_a_reaction_is_received_moderated_and_shown_with_what_it_answers(client, parent):
    reaction = react(client, parent, display="pseudonyme", author_name="Corneille")
    assert (reaction.parent, reaction.stance, reaction.theme) == (parent, Stance.AGAINST, parent.theme)
    assert reaction.title == f"Réaction à la contribution {parent.reference}"
    assert (reaction.state, reaction.display) == (ContributionState.WAITING, Display.PSEUDONYM)
    assert SAID["body"] not in text_of(client.get(parent.get_absolute_url()))
    change_state(reaction, ContributionState.PUBLISHED, by=make_superuser())
    page = text_of(client.get(parent.get_absolute_url()))
    assert SAID["body"] in page and "Corneille" in page and "1 contre" in page
    own = text_of(client.get(reaction.get_absolute_url()))
    assert "Réaction à « Des bus le soir »" in own and parent.get_absolute_url() in own


def test_the_receipt_shows_its_number_and_the_number_opens_its_page(client, parent):
    response = send(client, parent)
    reaction = Contribution.objects.exclude(pk=parent.pk).get()
    assert number(reaction) in text_of(client.get(response.url))
    assert SAID["body"] in text_of(client.get(follow(reaction)))


def test_with_an_address_it_waits_for_the_mail_to_be_followed(client, parent):
    reaction = react(client, parent, email="alice@example.org")
    assert reaction.state == ContributionState.TO_CONFIRM
    (message,) = mails()
    assert message.to == ["alice@example.org"] and "bus" not in message.body and SAID["body"] not in message.body


def test_the_same_form_twice_gives_the_same_receipt(client, parent):
    key = str(uuid.uuid4())
    sent = [client.post(form_of(parent), SAID | {"submission_key": key, "body": body}) for body in ("Un", "Deux")]
    assert [response.status_code for response in sent] == [303, 303]
    assert Contribution.objects.filter(parent=parent).count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"stance": ""}, "Dites si vous êtes pour"),
        ({"stance": "j’aime"}, "Choisissez une des réponses"),
        ({"body": ""}, "Dites pourquoi"),
        ({"body": "é" * 10_001}, "le plus long possible"),
        ({"display": "nom"}, "Indiquez le nom"),
        ({"minor": "on", "display": "nom", "author_name": "Zoé"}, "Avant 15 ans"),
        ({"email": "x"}, "incomplète ou mal écrite"),
        ({"precisions": "robot"}, "Laissez cette ligne vide"),
    ],
)
def test_an_error_is_said_and_keeps_everything(client, parent, wrong, said):
    response = send(client, parent, **{"author_name": "", "commune_name": "Étaples"} | wrong)
    page = text_of(response)
    assert (response.status_code, said in page) == (422, True)
    assert "Pourquoi" in page and "Étaples" in page and (wrong.get("body", SAID["body"])) in page
    assert not Contribution.objects.filter(parent=parent).exists()


def test_fields_that_nobody_is_asked_are_ignored(client, parent):
    other = make_contribution()
    forged = {"state": "publiee", "parent": other.pk, "demarche": 99, "title": "Titre", "nature": "question"}
    reaction = react(client, parent, **forged, support_count="12", theme="autre", origine="papier")
    assert (reaction.state, reaction.parent, reaction.support_count) == (ContributionState.WAITING, parent, 0)
    assert (reaction.theme, reaction.origine) == (parent.theme, Origine.ONLINE)
    assert reaction.title.startswith("Réaction à la contribution")


def test_an_expired_token_keeps_everything(parent):
    response = Client(enforce_csrf_checks=True).post(form_of(parent), SAID)
    assert (response.status_code, SAID["body"] in text_of(response)) == (403, True)


# Where it may be written


def test_no_reaction_to_a_reaction(client, parent):
    reaction = make_reaction(parent)
    assert client.get(form_of(reaction)).status_code == 404
    assert client.post(form_of(reaction), SAID).status_code == 404
    assert "/reagir/" not in client.get(reaction.get_absolute_url()).text


@pytest.mark.parametrize("state", ["a_confirmer", "en_attente", "refusee"])
def test_what_was_never_public_has_no_form(client, state):
    row = make_contribution(state=state, title="Titre caché")
    for response in (client.get(form_of(row)), client.post(form_of(row), SAID)):
        assert (response.status_code, "Titre caché" in response.text) == (404, False)


def test_withdrawn_while_one_writes_is_said_and_the_text_is_there(client, parent):
    withdraw(parent)
    response = client.post(form_of(parent), SAID)
    page = text_of(response)
    assert (response.status_code, "elle a été retirée" in page, SAID["body"] in page) == (409, True, True)
    assert parent.title not in page and parent.body not in page
    assert "n’est plus publiée" in text_of(client.get(form_of(parent)))


@pytest.mark.parametrize("change", [{"takes_reactions": False}, {"contributions_close_at": local(-1)}])
def test_closed_is_said_and_the_text_is_there(client, parent, change):
    type(parent.demarche).objects.filter(pk=parent.demarche_id).update(**change)
    assert "/reagir/" not in client.get(parent.get_absolute_url()).text
    assert "On ne peut pas réagir" in text_of(client.get(form_of(parent)))
    response = client.post(form_of(parent), SAID)
    assert (response.status_code, SAID["body"] in text_of(response)) == (409, True)
    assert not Contribution.objects.filter(parent=parent).exists()


# Read


def test_a_withdrawn_parent_is_named_by_its_reference_alone(client, parent):
    reaction = make_reaction(parent)
    withdraw(parent)
    for address in (reaction.get_absolute_url(), f"{LIST}?reactions=oui", f"{LIST}?q=réaction&reactions=oui"):
        page = text_of(client.get(address))
        assert parent.reference in page and parent.title not in page


def test_the_list_holds_contributions_or_reactions_never_both(client, parent):
    reaction = make_reaction(parent, body="Tout à fait.")
    response = client.get(LIST)
    assert [card.contribution for card in response.context["listing"].cards] == [parent]
    assert response.context["listing"].counts == "1 en ligne"
    response = client.get(LIST, {"reactions": "oui"})
    assert [card.contribution for card in response.context["listing"].cards] == [reaction]
    assert "En réaction à" in response.text and parent.title in response.text
    assert [card.contribution for card in client.get(LIST, {"q": "tout à fait"}).context["listing"].cards] == []
    found = client.get(LIST, {"q": "tout à fait", "reactions": "oui"})
    assert [card.contribution for card in found.context["listing"].cards] == [reaction]


def test_figures_feed_theme_and_accueil_leave_them_out(client, parent):
    make_reaction(parent, theme=parent.theme, body="Une réaction à part.")
    assert "Une réaction à part" not in client.get("/flux/contributions.atom").text
    theme = text_of(client.get(parent.theme.get_absolute_url()))
    assert "1 en ligne" in theme and "Réaction à la contribution" not in theme
    assert "Réaction à la contribution" not in text_of(client.get("/"))


def test_few_are_all_shown_by_stance_newest_first(client, parent):
    made = [make_reaction(parent, stance, body=f"Raison {n} {stance}.") for n in range(3) for stance in Stance.values]
    make_reaction(parent, state=ContributionState.WAITING, body="Pas encore.")
    groups = client.get(parent.get_absolute_url()).context["reactions"].groups
    assert [(group.stance, group.count, group.more) for group in groups] == [(one, "3", False) for one in Stance.values]
    shown = [[line.contribution.pk for line in group.lines] for group in groups]
    assert shown == [[row.pk for row in made[::-1] if row.stance == one] for one in Stance.values]


def test_many_are_read_stance_by_stance_in_pages(client, parent):
    at = timezone.now()
    fors = [make_reaction(parent, body=f"Pour {n}", published_at=at).pk for n in range(45)]
    make_reaction(parent, Stance.AGAINST, body="Le seul contre")
    address = parent.get_absolute_url()
    first = client.get(address)
    assert [len(group.lines) for group in first.context["reactions"].groups] == [6, 1]
    assert "45 pour, 1 contre." in text_of(first) and "Le seul contre" in text_of(first)
    seen, query = [], "?position=pour"
    while query:
        reactions = client.get(address + query).context["reactions"]
        seen += [line.contribution.pk for group in reactions.shown for line in group.lines]
        query = f"?position=pour&apres={reactions.following}" if reactions.following else ""
    assert seen == fors[::-1]


@pytest.mark.parametrize("query", ["position=x", "position=pour&apres=forged", "position=contre", "apres=1&avant=2"])
def test_a_place_that_is_not_ours_gives_the_page(client, parent, query):
    make_reaction(parent, body="Toujours là")
    response = client.get(f"{parent.get_absolute_url()}?{query}")
    assert (response.status_code, "Toujours là" in response.text) == (200, True)


@pytest.mark.parametrize("query", ["", "?position=pour"])
@pytest.mark.parametrize("count", [1, 3, 50])
def test_page_query_count_is_the_same_at_any_size(client, parent, django_assert_num_queries, query, count):
    make_etape()
    for _ in range(count):
        make_reaction(parent)
    with django_assert_num_queries(8):
        client.get(parent.get_absolute_url() + query)


def test_hostile_words_are_inert(client, parent):
    hostile = '"><svg onload=alert(1)>'
    Contribution.objects.filter(pk=parent.pk).update(title=hostile)
    reaction = make_reaction(parent, body=f"{hostile} mot", display="pseudonyme", author_name=hostile)
    for address in (parent.get_absolute_url(), reaction.get_absolute_url(), f"{LIST}?reactions=oui", form_of(parent)):
        assert "<svg onload" not in client.get(address).text
