"""Outside its window the form says since when, until when, and what one can still do; each of its links is true."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from consultation.choices import DemarcheState
from consultation.models import Contribution, Demarche
from socle.dates import Precision, moment_label
from tests.factories import (
    archived,
    local,
    make_cadre,
    make_contribution,
    make_demarche,
    make_rencontre,
    make_theme,
)
from tests.writing import FORM, SAID, contribute, key_of, number, text_of

pytestmark = pytest.mark.django_db
BEFORE, AFTER = local(-20, 9), local(20, 18, 30)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


def said(at):
    return moment_label(at, None, Precision.HOUR).replace("\u00a0", " ")


STATES = {
    "not yet": ({"contributions_open_at": AFTER - timedelta(days=1), "contributions_close_at": AFTER}, "pas encore"),
    "not yet, no end": ({"contributions_open_at": AFTER}, "pas encore"),
    "closed": ({"contributions_open_at": BEFORE, "contributions_close_at": local(-2, 18)}, "sont closes"),
    "no window": ({"contributions_open_at": None}, "pour l’instant"),
    "archived": ({"state": DemarcheState.ARCHIVED}, "est terminée"),
    "archived, closed": (
        {
            "state": DemarcheState.ARCHIVED,
            "contributions_open_at": BEFORE,
            "contributions_close_at": local(-2, 18),
        },
        "est terminée",
    ),
    "a draft": ({"state": DemarcheState.DRAFT, "courante": False}, "Aucune consultation"),
}


def comes_to(state):
    fields = dict(STATES[state][0])
    if fields.get("state") == DemarcheState.ARCHIVED:
        archived(Demarche.objects.get())
    Demarche.objects.update(**fields)


@pytest.mark.parametrize("filled", [True, False])
@pytest.mark.parametrize("state", STATES)
def test_every_link_is_true_whatever_the_state(client, state, filled):
    fields, heading = STATES[state]
    demarche = make_demarche(title="Nos transports", **fields)
    if filled:
        make_cadre(demarche=demarche)
        make_contribution(demarche=demarche)
        make_rencontre(demarche=demarche)
    response = client.get(FORM)
    page = text_of(response)
    assert response.status_code == 200
    assert heading in re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)[1]
    assert "<form" not in page
    main = page[page.index("<main") : page.index("</main>")]
    links = re.findall(r'<a href="([^"]+)"', main)
    assert len(links) >= 2
    for link in links:
        assert Client().get(link).status_code == 200, link
    if state != "a draft":
        assert ("/rencontres/" in links) is filled
        assert ("/contributions/" in links) is filled


def test_it_says_from_when_and_until_when(client):
    fields, _ = STATES["not yet"]
    demarche = make_demarche(**fields)
    page = text_of(client.get(FORM))
    assert said(demarche.contributions_open_at) in page
    assert said(demarche.contributions_close_at) in page
    Demarche.objects.update(contributions_open_at=BEFORE, contributions_close_at=local(-2, 18))
    page = text_of(client.get(FORM))
    assert said(BEFORE) in page
    assert said(local(-2, 18)) in page


def test_between_two_windows_it_says_when_the_next_one_opens(client):
    """Staff moved the window: what was open is closed, and opens again."""
    demarche = make_demarche()
    contribution = contribute(client)
    Demarche.objects.update(contributions_open_at=AFTER)
    page = text_of(client.get(FORM))
    assert "pas encore ouvertes" in page
    assert said(AFTER) in page
    assert Contribution.objects.filter(demarche=demarche, pk=contribution.pk).exists()


@pytest.mark.parametrize("state", STATES)
def test_what_was_typed_meanwhile_is_there_to_be_copied(client, state):
    make_demarche()
    key = key_of(client)
    comes_to(state)
    response = client.post(FORM, SAID | {"submission_key": key, "body": "Un <b>bus</b>\r\nle soir"})
    assert response.status_code == 409
    assert "Un &lt;b&gt;bus&lt;/b&gt;\nle soir" in response.content.decode()
    assert SAID["title"] in text_of(response)
    assert not Contribution.objects.exists()


@pytest.mark.parametrize("state", STATES)
def test_sent_again_once_closed_it_gives_the_same_receipt(client, state):
    make_demarche()
    key = key_of(client)
    client.post(FORM, SAID | {"submission_key": key})
    comes_to(state)
    again = client.post(FORM, SAID | {"submission_key": key})
    assert again.status_code == 303
    assert number(Contribution.objects.get()) in text_of(client.get(again.url))


@pytest.mark.parametrize("state", ["closed", "archived", "a draft"])
def test_without_its_token_what_was_typed_is_there_too(state):
    make_demarche(**STATES[state][0])
    response = Client(enforce_csrf_checks=True).post(FORM, SAID)
    assert response.status_code == 409
    assert SAID["body"] in text_of(response)


def test_a_link_to_a_question_outside_its_window_says_so(client):
    make_demarche()
    closed = timezone.now() - timedelta(days=1)
    make_theme(question="Ouverte ?")
    make_theme(question="Close ?", contributions_close_at=closed)
    make_theme(question="À venir ?", contributions_open_at=AFTER)
    assert "Cette question" not in text_of(client.get(f"{FORM}?theme=1"))
    page = text_of(client.get(f"{FORM}?theme=2"))
    assert f"Cette question est close depuis le {said(closed)}" in page
    assert "<form" in page
    assert f"à partir du {said(AFTER)}" in text_of(client.get(f"{FORM}?theme=3"))


@pytest.mark.parametrize("key", ["", "abc", "\0", "{}", "a" * 5000, "-1"])
def test_an_odd_key_is_no_error(client, key):
    make_demarche(contributions_open_at=None)
    assert client.post(FORM, SAID | {"submission_key": key}).status_code == 409
