"""What would give somebody away is pointed out once before sending, and read by a moderator before it appears."""

import pytest

from consultation.choices import ContributionState, DecisionCause, Moderation
from consultation.models import Contribution
from tests.factories import make_demarche, make_personne, make_user
from tests.writing import SAID, contribute, link_in, mails, send, text_of

pytestmark = pytest.mark.django_db
PHONE = "Appelez-moi au 06 12 34 56 78."


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"body": PHONE}, "un numéro de téléphone"),
        ({"title": "Écrivez à alice@example.org"}, "une adresse électronique"),
        ({"body": "FR76 3000 6000 0112 3456 7890 189"}, "un numéro de compte bancaire"),
        ({"body": "1 84 12 76 451 089 46"}, "un numéro de sécurité sociale"),
    ],
)
def test_it_is_pointed_out_once_and_kept_if_meant(client, fields, found):
    make_demarche()
    response = send(client, **fields)
    page = text_of(response)
    assert response.status_code == 422
    assert f"Votre texte contient {found} : ce serait public. Retirez-le" in page
    assert 'href="#id_meant"' in page
    assert all(words in page for words in fields.values())
    assert not Contribution.objects.exists()
    assert contribute(client, **fields, meant="on").state == ContributionState.WAITING


def test_several_are_said_together(client):
    make_demarche()
    page = text_of(send(client, title="alice@example.org", body=f"{PHONE} {PHONE}"))
    assert "contient une adresse électronique et un numéro de téléphone : ce serait public. Retirez-les" in page


def test_nothing_is_asked_where_nothing_was_found(client):
    make_demarche()
    assert "Je l’ai voulu" not in text_of(send(client, title=""))
    assert contribute(client).pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("body", "state"), [(PHONE, "en_attente"), (SAID["body"], "publiee")])
def test_where_moderation_comes_after_it_comes_first_for_this_one(client, body, state):
    make_demarche(moderation=Moderation.AFTER)
    response = send(client, body=body, meant="on", email="alice@example.org")
    receipt = text_of(client.get(response.url))
    assert ("Elle paraîtra aussitôt" in receipt) is (state == "publiee")
    assert ("Un modérateur la lira" in receipt) is (state == "en_attente")
    confirmed = text_of(client.post(link_in(mails()[0])))
    assert ("attend maintenant d’être lue" in confirmed) is (state == "en_attente")
    contribution = Contribution.objects.get()
    assert contribution.state == state
    assert contribution.decisions.get().cause == DecisionCause.RULE


@pytest.mark.parametrize("field", ["author_name", "organisation"])
def test_a_signature_that_holds_one_is_read_first_too(client, field):
    make_demarche(moderation=Moderation.AFTER)
    personne = make_personne(email="alice@example.org")
    client.force_login(make_user(email="alice@example.org", personne=personne))
    said = {"display": "nom", "author_name": "Alice", "speaks_as": "organisation", "organisation": "Le club"}
    assert contribute(client, email=personne.email, **said).state == ContributionState.PUBLISHED
    said[field] += " 06 12 34 56 78"
    assert contribute(client, email=personne.email, **said).state == ContributionState.WAITING
