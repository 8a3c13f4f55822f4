"""What one reads before deciding, and that nothing is published unseen."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from consultation.choices import Advice, RoleKind, Stance, VersionCause
from consultation.models import (
    Contribution,
    Decision,
    Enjeu,
    ModerationNote,
    Reformulation,
    Role,
    SecondOpinion,
    Version,
)
from tests.factories import make_contribution, make_demarche, make_personne, make_role, make_user
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


def test_all_that_was_said_of_it_is_shown_with_who_and_when(client, moderator):
    """Each of the six tables that one query reads, with the columns that are its own."""
    contribution = make_waiting()
    said_of(contribution, 2)
    page = read(client.get(page_of(contribution)))
    for words in (
        "Une phrase d’enjeu 1",
        "3 mars 2026 à 10 h 00 : en attente de modération, par compte",
        "Un mot à l’auteur 0",
        "Zoé, le 4 mars 2026",
        "Une note 1",
        "Second avis : publier, par Zoé, le 6 mars 2026",
        "« Une question 0 »",
        "Un avis 1",
        "Reformulation demandée par Zoé, le 7 mars 2026 – l’auteur a répondu le 8 mars 2026",
        "Dites-le autrement 0",
        "correction par l’auteur, le 9 mars 2026",
        "Un titre d’avant 1",
    ):
        assert words in page, words
    assert page.index("Une note 0") < page.index("Une note 1")
    Role.objects.update(kind=RoleKind.LECTEUR)
    page = read(client.get(page_of(contribution)))
    assert "Un mot à l’auteur 0" in page
    for words in ("Une note", "Un avis", "Une question", "Dites-le", "d’avant"):
        assert words not in page, words


def test_the_others_of_the_address_are_counted_by_state_and_the_last_five_listed(client, moderator):
    personne, now = make_personne(), timezone.now()
    contribution = make_waiting(personne=personne, submitted_at=now)
    for number in range(7):
        make_contribution(personne=personne, submitted_at=now - timedelta(days=number), title=f"Autre {number}.")
    make_waiting(personne=personne, submitted_at=now - timedelta(days=99), title="La plus ancienne.")
    make_contribution(personne=personne, demarche=make_demarche(courante=False), title="Ailleurs.")
    page = read(client.get(page_of(contribution)))
    assert "1 en attente de modération, 7 publiée" in page
    assert [f"Autre {number}." in page for number in range(7)] == [True] * 5 + [False] * 2
    assert "La plus ancienne." not in page
    assert "Ailleurs." not in page


@pytest.mark.parametrize("count", [0, 1, 3, 1000])
def test_the_page_costs_eight_queries_whatever_was_said_of_it(client, moderator, count, django_assert_num_queries):
    """The session and the account included (design §8)."""
    personne = make_personne()
    contribution = make_waiting(personne=personne)
    said_of(contribution, count)
    Contribution.objects.bulk_create(
        Contribution(demarche=contribution.demarche, personne=personne, state=WAITING, title=f"n° {number}", body="x")
        for number in range(count)
    )
    client.get(page_of(contribution))
    with django_assert_num_queries(8):
        page = client.get(page_of(contribution)).content.decode()
    assert f"1 sur {count + 1}" in page


def read(response):
    """The words of a page, as they are read."""
    return " ".join(strip_tags(text_of(response)).split())


def said_of(contribution, count):
    """`count` rows in each of the tables of a dossier."""
    zoe, of, several = make_user(is_staff=True, display_name="Zoé"), {"contribution": contribution}, range(count)
    unnamed = make_user(is_staff=True, display_name="")
    kept, at = contribution.demarche, [datetime(2026, 3, day, 9, tzinfo=UTC) for day in range(1, 11)]
    enjeux = [Enjeu(demarche=kept, rank=100 + one, sentence=f"Une phrase d’enjeu {one}") for one in several]
    contribution.enjeux.add(*Enjeu.objects.bulk_create(enjeux))
    taken = {"from_state": "a_confirmer", "to_state": WAITING, "by": unnamed, "decided_at": at[2]}
    Decision.objects.bulk_create(Decision(**of, **taken, message=f"Un mot à l’auteur {one}") for one in several)
    ModerationNote.objects.bulk_create(
        ModerationNote(**of, by=zoe, body=f"Une note {one}", written_at=at[3]) for one in several
    )
    given = {"asked_by": unnamed, "given_by": zoe, "asked_at": at[4], "given_at": at[5], "advice": Advice.PUBLISH}
    SecondOpinion.objects.bulk_create(
        SecondOpinion(**of, **given, question=f"Une question {one}", words=f"Un avis {one}") for one in several
    )
    asked = {"asked_by": zoe, "asked_at": at[6], "answered_at": at[7], "due_on": at[8]}
    Reformulation.objects.bulk_create(
        Reformulation(**of, **asked, request=f"Dites-le autrement {one}") for one in several
    )
    earlier = {"cause": VersionCause.CORRECTION, "replaced_at": at[8], "body": "Avant"}
    Version.objects.bulk_create(Version(**of, **earlier, title=f"Un titre d’avant {one}") for one in several)
