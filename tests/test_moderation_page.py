"""What one reads before deciding, and that nothing is published unseen."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consultation.choices import Stance
from consultation.models import Contribution, Decision
from tests.factories import make_contribution, make_demarche, make_personne, make_role
from tests.moderating import LIST, WAITING, make_waiting, page_of
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


def test_where_one_is_in_the_queue_and_what_is_around(client, moderator):
    now = timezone.now()
    first, second, third = [make_waiting(submitted_at=now - timedelta(hours=hours)) for hours in (3, 2, 1)]
    make_waiting(demarche=make_demarche(courante=False))  # not one's own
    page = client.get(page_of(second)).content.decode()
    assert "2 sur 3" in page
    links = " ".join(page.split())
    assert f'href="{page_of(first)}" rel="prev"' in links
    assert f'href="{page_of(third)}" rel="next"' in links
    assert f'href="{page_of(first)}" rel="next"' in " ".join(client.get(page_of(third)).content.decode().split())
    assert "hors de la file" in text_of(client.get(page_of(make_contribution())))


def test_what_a_reaction_answers_is_shown_with_it(client, moderator):
    parent = make_contribution(title="Un bus de nuit", body="Après 20 h, plus rien.")
    page = text_of(client.get(page_of(make_waiting(parent=parent, stance=Stance.AGAINST))))
    assert "Un bus de nuit" in page
    assert "Après 20 h, plus rien." in page
    assert "contre." in page


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("Appelez le 06 12 34 56 78.", "numéro de téléphone"),
        ("a@example.org", "adresse électronique"),
        ("FR76 3000 6000 0112 3456 7890 189", "numéro de compte (IBAN)"),
        ("2 95 10 99 126 111 93", "numéro de sécurité sociale"),
    ],
)
@pytest.mark.parametrize("where", ["title", "body", "organisation", "author_name"])
def test_what_is_spotted_is_named_and_published_only_by_a_second_gesture(client, moderator, words, label, where):
    signed = {"display": "nom", "author_name": "Zoé", "speaks_as": "organisation", "organisation": "Ligue"}
    contribution = make_waiting(**signed | {where: f"<b>{words}</b>"})
    page = client.get(page_of(contribution)).content.decode()
    assert f'<span class="spot">[{label}]</span>' in page
    assert "&lt;b&gt;" in page
    assert label in text_of(client.get(LIST))
    refused = client.post(page_of(contribution), {"to_state": "publiee", "message": "Un mot gardé"})
    assert refused.status_code == 422
    assert "Un mot gardé" in text_of(refused)
    assert Contribution.objects.get().state == WAITING
    assert client.post(page_of(contribution), {"to_state": "publiee", "confirm": "on"}).status_code == 302
    assert Contribution.objects.get().is_published


def test_words_that_changed_since_they_were_read_are_not_decided_on(client, moderator):
    contribution = make_waiting(body="Avant")
    seen = contribution.words_seal
    assert f'value="{seen}"' in client.get(page_of(contribution)).content.decode()
    Contribution.objects.update(body="Après")
    page = client.post(page_of(contribution), {"to_state": "publiee", "seen": seen}, follow=True)
    assert "ses mots ont changé" in text_of(page)
    assert not Decision.objects.exists()


def test_what_was_decided_is_said_with_what_remains_possible(client, moderator):
    contribution = make_waiting()
    page = client.post(page_of(contribution), {"to_state": "publiee"}, follow=True)
    said = text_of(page)
    assert f">{contribution.reference}</a> : publiée" in said
    assert "Elle peut être retirée depuis sa page, avec un motif." in said


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_queries_whatever_was_said_of_it(client, moderator, count, django_assert_num_queries):
    personne = make_personne()
    contribution = make_waiting(personne=personne)
    for _ in range(count):
        make_waiting(personne=personne)
        client.post(page_of(contribution), {"act": "note", "note": "Vue."})
    client.get(page_of(contribution))
    with django_assert_num_queries(21):
        client.get(page_of(contribution))
