"""« D’autres ont dit… »: what is close to a title, shown where one writes, stopping nobody."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consultation.choices import ContributionState
from consultation.similar import SHOWN, similar
from socle.fulltext import CLOSE_TERMS, Query
from tests.factories import make_contribution, make_demarche
from tests.writing import send, text_of

pytestmark = pytest.mark.django_db
NEAR = "/contributions/proches/"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def demarche():
    return make_demarche()


def titles(demarche, title, **kwargs):
    return [one.title for one in similar(demarche, title, **kwargs)]


def test_two_words_in_common_make_one_close_whatever_their_spelling(demarche):
    make_contribution(title="Des BUS plus tard le SOIR, après les réunions")
    make_contribution(title="Un terminus", body="Le bus s’arrête le soir devant la mairie.")
    make_contribution(title="Des bus propres")
    make_contribution(title="La démocratie participative au lycée")
    assert titles(demarche, "Il faudrait un bus le soir")[0].startswith("Des BUS")
    assert set(titles(demarche, "Il faudrait un bus le soir")) == {
        "Des BUS plus tard le SOIR, après les réunions",
        "Un terminus",
    }
    assert titles(demarche, "democratie PARTICIPATIVE") == ["La démocratie participative au lycée"]


def test_a_title_of_one_word_that_counts_looks_for_it(demarche):
    make_contribution(title="Les déchets des marchés")
    assert titles(demarche, "Les déchets ?") == ["Les déchets des marchés"]


@pytest.mark.parametrize("title", ["", "   ", "le la les des", "????", "\0", "& | ! ( ) : * '", "a" * 5000, "l’ d’"])
def test_what_holds_no_word_finds_nothing(client, demarche, title):
    make_contribution(title="Le vélo")
    assert titles(demarche, title) == []
    answer = client.get(NEAR, {"titre": title})
    assert answer.status_code == (400 if "\0" in title else 200)


def test_only_what_is_published_here_is_shown(client, demarche):
    said = {"title": "Des bus le soir", "body": "Palimpseste"}
    for state in (ContributionState.WAITING, ContributionState.TO_CONFIRM, ContributionState.REFUSED):
        make_contribution(**said, state=state)
    make_contribution(**said, state=ContributionState.WITHDRAWN)
    make_contribution(**said, demarche=make_demarche(courante=False))
    make_contribution(**said, parent=make_contribution(title="Rien"), stance="pour")
    assert titles(demarche, "Des bus le soir") == []
    assert text_of(client.get(NEAR, {"titre": "Des bus le soir"})).strip() == ""


def test_three_at_most_best_first(demarche):
    for number in range(5):
        make_contribution(title=f"Le vélo en ville {number}", body="Le vélo, encore le vélo, en ville.")
    make_contribution(title="La ville", body="Long. " * 200 + "On y voit un vélo.")
    assert len(titles(demarche, "Le vélo à la ville")) == SHOWN


def test_the_number_of_queries_and_of_pairs_is_bounded(demarche):
    counts = []
    for number in (1, 30):
        for _ in range(number):
            make_contribution(title="Les transports scolaires du littoral")
        with CaptureQueriesContext(connection) as queries:
            titles(demarche, "Les transports scolaires du littoral")
        counts.append(len(queries))
    assert counts == [7, 7]
    long = Query.close_to(" ".join(f"communication{number}x" for number in range(80)))
    assert long.tsquery.count("|") + 1 == CLOSE_TERMS * (CLOSE_TERMS - 1) // 2


def test_the_fragment_is_kept_by_no_cache_and_says_nothing_of_who_asks(client, demarche):
    make_contribution(title="Des <b>bus</b> le soir")
    answer = client.get(NEAR, {"titre": "bus du soir"})
    assert answer["Cache-Control"] == "private, no-store"
    assert not answer.cookies
    page = answer.content.decode()
    assert "Des &lt;b&gt;bus&lt;/b&gt; le soir" in page
    assert "<form" not in page
    assert "bus du soir" not in page
    assert client.post(NEAR).status_code == 405


def test_without_scripts_the_page_that_comes_back_shows_them_and_sends_all_the_same(client, demarche):
    make_contribution(title="Des bus le soir")
    response = send(client, title="Un bus le soir", body="")
    assert response.status_code == 422
    assert "D’autres ont dit…" in text_of(response)
    response = send(client, title="Un bus le soir")
    assert response.status_code == 303
    receipt = text_of(client.get(response.url))
    assert "D’autres ont dit…" in receipt
    assert "nouvel onglet" not in receipt


def test_the_receipt_does_not_show_what_it_is_the_receipt_of(client, demarche):
    receipt = text_of(client.get(send(client).url))
    assert "D’autres ont dit" not in receipt
    assert "D’autres ont dit" not in text_of(client.get("/contributions/nouvelle/"))


def test_without_a_demarche_nobody_said_anything(client):
    assert text_of(client.get(NEAR, {"titre": "Des bus le soir"})).strip() == ""


def test_what_would_take_too_long_is_left_out_and_nobody_waits(client, demarche, monkeypatch):
    make_contribution(title="Des bus le soir")
    monkeypatch.setattr("consultation.similar.look_up", lambda *_: connection.cursor().execute("SELECT pg_sleep(60)"))
    monkeypatch.setattr("consultation.similar.PATIENCE", 20)
    response = send(client, title="Un bus le soir")
    assert response.status_code == 303
    assert "Votre contribution est enregistrée" in text_of(client.get(response.url))
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)
