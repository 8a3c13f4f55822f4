"""Following one's contribution with its numéro de suivi."""

import re
from uuid import uuid4

import pytest

from consultation import limits, numero
from consultation.actions.contributions import Confirmed, change_state, confirm_contribution, correct_address
from consultation.choices import ContributionState
from consultation.models import Contribution
from tests.factories import make_contribution, make_demarche, make_personne, make_reason, make_superuser
from tests.writing import contribute, follow, link_in, mails, number, send, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def demarche():
    return make_demarche()


# The number


def test_the_number_may_be_typed_in_any_manner(client, demarche):
    contribution = contribute(client)
    typed = number(contribution).lower().replace("-", " ")
    response = client.post("/suivi/", {"numero": typed})
    assert (response.status_code, response.url) == (303, follow(contribution))
    page = client.get(response.url)
    assert "attend d’être lue" in text_of(page)
    assert page["Cache-Control"] == "private, no-store"
    assert client.get(f"/suivi/{typed}/").status_code == 200


def test_a_number_typed_wrong_is_told_beside_the_field(client, demarche):
    signs = number(contribute(client))
    wrong = signs[:-1] + next(sign for sign in numero.ALPHABET if sign != signs[-1])
    response = client.post("/suivi/", {"numero": wrong})
    assert response.status_code == 422
    assert 'href="#id_numero"' in response.content.decode()
    assert wrong in text_of(response)


def test_a_number_of_nobody_and_what_is_no_number_get_the_same_page(client, demarche):
    unknown = numero.numero_of(uuid4())
    pages = [client.get(f"/suivi/{typed}/") for typed in (unknown, "ABCD", "é", "a" * 300)]
    assert {page.status_code for page in pages} == {404}
    bodies = {re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text_of(page)) for page in pages}
    assert len(bodies) == 1
    assert "douze signes" in bodies.pop()


def test_an_imported_contribution_has_no_number_to_guess(client, demarche):
    make_contribution(tracking_hash=None)
    assert client.get("/suivi/ABCD/").status_code == 404
    assert client.get("/suivi/%20/").status_code == 404


def test_guessing_is_limited_and_a_right_number_costs_nothing(client, demarche):
    contribution = contribute(client)
    for _ in range(limits.LOOKUPS.count + 5):
        assert client.get(follow(contribution)).status_code == 200
    for _ in range(limits.LOOKUPS.count):
        assert client.get("/suivi/2222-2222-2222/").status_code == 404
    assert client.get("/suivi/2222-2222-2222/").status_code == 429
    assert client.get(follow(contribution)).status_code == 429


def test_the_search_engines_stay_out(client, demarche):
    assert 'content="noindex"' in client.get(follow(contribute(client))).content.decode()


# Where it stands


def test_published_it_leads_to_its_page(client, demarche):
    contribution = contribute(client)
    change_state(contribution, ContributionState.PUBLISHED, by=make_superuser(), message="Merci pour ce texte.")
    page = text_of(client.get(follow(contribution)))
    assert contribution.reference in page
    assert contribution.get_absolute_url() in page
    assert "Merci pour ce texte." in page


def test_refused_it_says_why_and_what_one_can_do(client, demarche):
    contribution = contribute(client)
    reason = make_reason(label="Hors du sujet", explanation="Le texte parle d’autre chose.")
    by = make_superuser(email="moderatrice@example.org", display_name="Mme Modératrice")
    change_state(contribution, ContributionState.REFUSED, by=by, reason=reason, message="Essayez <i>ailleurs</i>.")
    response = client.get(follow(contribution))
    page = text_of(response)
    for words in ("n’est pas publiée", "Hors du sujet", "Le texte parle d’autre chose.", "/contributions/nouvelle/"):
        assert words in page
    assert "<i>ailleurs" not in response.content.decode()
    assert "odératrice" not in page
    assert contribution.get_absolute_url() not in page


def test_an_answer_opens_nobody_elses_contribution(client, demarche):
    mine, other = contribute(client, title="La mienne à moi"), contribute(client, title="Celle de Bob")
    page = text_of(client.get(follow(mine)))
    assert "La mienne à moi" in page
    assert "Celle de Bob" not in page
    assert number(other) not in page


# The address


@pytest.mark.django_db(transaction=True)
def test_a_mistyped_address_is_corrected_and_the_first_link_dies(client):
    make_demarche()
    contribution = contribute(client, email="alcie@example.org")
    first = link_in(mails()[0])
    assert "alcie@example.org" in text_of(client.get(follow(contribution)))
    response = client.post(follow(contribution), {"email": "alice@example.org"}, follow=True)
    assert "part à l’instant vers alice@example.org" in text_of(response)
    (message,) = mails()
    assert message.to == ["alice@example.org"]
    assert client.post(first).status_code == 410
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.TO_CONFIRM
    client.post(link_in(message))
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.WAITING
    assert contribution.personne.email == "alice@example.org"


@pytest.mark.django_db(transaction=True)
def test_a_mail_not_sent_yet_to_the_wrong_address_is_called_back(client):
    make_demarche()
    contribution = contribute(client, email="alcie@example.org")
    client.post(follow(contribution), {"email": "alice@example.org"})
    assert [message.to for message in mails()] == [["alice@example.org"]]


@pytest.mark.django_db(transaction=True)
def test_the_mail_can_be_asked_again_three_times_an_hour(client):
    make_demarche()
    contribution = contribute(client, email="alice@example.org")
    for _ in range(2):
        assert "part à l’instant" in text_of(client.post(follow(contribution), {"renvoyer": "oui"}, follow=True))
    assert "celui-ci n’est pas parti" in text_of(client.post(follow(contribution), {"renvoyer": "oui"}, follow=True))
    assert len(mails()) == 3


@pytest.mark.django_db(transaction=True)
def test_an_address_added_later_joins_once_its_mail_is_answered(client):
    make_demarche()
    stranger = make_personne(email="bob@example.org")
    contribution = contribute(client)
    client.post(follow(contribution), {"email": "bob@example.org"})
    contribution.refresh_from_db()
    assert contribution.personne is None
    assert contribution.address_unverified
    client.post(link_in(mails()[0]))
    contribution.refresh_from_db()
    assert contribution.personne == stranger
    assert contribution.state == ContributionState.WAITING
    page = text_of(client.get(follow(contribution)))
    assert "b…@example.org" in page
    assert "bob@" not in page


def test_a_proved_address_is_not_changed_by_who_holds_the_number(client, demarche):
    contribution = contribute(client)
    Contribution.objects.update(personne=make_personne(email="alice@example.org"))
    response = client.post(follow(contribution), {"email": "mallory@example.org"}, follow=True)
    assert "plus rien à confirmer" in text_of(response)
    contribution.refresh_from_db()
    assert contribution.personne.email == "alice@example.org"


@pytest.mark.parametrize("email", ["", "alice", "a\r\nBcc: b@example.org", "<script>@x", "é" * 5000, "\0@example.org"])
def test_an_address_that_is_none_is_told_and_kept(client, demarche, email):
    contribution = contribute(client)
    response = client.post(follow(contribution), {"email": email})
    assert response.status_code == 422
    assert 'href="#id_email"' in response.content.decode()
    assert "<script>@" not in response.content.decode()


def test_the_receipt_and_the_page_speak_of_no_mail_when_none_was_given(client, demarche):
    response = send(client)
    assert "Vous n’avez pas donné d’adresse" in text_of(client.get(response.url))


def test_the_link_of_another_address_confirms_nothing_even_at_the_same_moment(client, demarche):
    contribution = contribute(client, email="alcie@example.org")
    first = contribution.personne
    correct_address(contribution, "alice@example.org")
    assert confirm_contribution(contribution, first) == Confirmed.REPLACED
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.TO_CONFIRM
    assert not first.is_confirmed
