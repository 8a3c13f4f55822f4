"""The public list: what it shows and hides, its filters, its pages."""

from datetime import timedelta
from itertools import product

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consultation.choices import ContributionState, DemarcheState, Origine
from consultation.models import Contribution
from socle.keyset import sign
from tests import factories

pytestmark = pytest.mark.django_db
HOSTILE = '"><svg onload=alert(1)><script>alert(2)</script>'


@pytest.fixture
def url():
    return reverse("contributions")


def walk(client: Client, url: str, link: str = "following", *, between=lambda: None) -> list[list[int]]:
    """The pk of each page, following the link of each one to its end."""
    pages = []
    while url:
        listing = client.get(url).context["listing"]
        pages.append([card.contribution.pk for card in listing.cards])
        url = getattr(listing, link)
        between()
        assert len(pages) < 50
    return pages


def joined(pages: list[list[int]]) -> list[int]:
    return [pk for page in pages for pk in page]


def make(count: int, **fields) -> list[Contribution]:
    """Oldest first, a minute apart."""
    start = timezone.now() - timedelta(days=2)
    return [factories.make_contribution(published_at=start + timedelta(minutes=n), **fields) for n in range(count)]


def test_list_shows_what_a_reader_needs(client, url):
    theme = factories.make_theme(question="Comment voyager ?")
    enjeu = factories.make_enjeu(sentence="ouvrir les données de la Région à tous")
    factories.make_contribution(
        theme=theme,
        enjeux=[enjeu],
        college=factories.make_college(label="Lycéen"),
        commune_name="Fourmies",
        display="nom",
        author_name="Zoé",
        speaks_as="organisation",
        organisation="Les Amis du rail",
        title="Un train le soir",
        body="Mot " * 200,
        example=True,
    )
    text = client.get(url).text
    signature = ("Lycéen", "Fourmies", "Zoé, Les Amis du rail")
    for said in ("Un train le soir", "Comment voyager", "ouvrir les données de la…", *signature):
        assert said in text
    assert "exemple" in text and "1 en ligne" in text
    assert "Mot " * 70 not in text and "Mot\u00a0…" in text


def test_empty_list_says_so(client, url):
    factories.make_demarche()
    assert "Aucune contribution n’est encore publiée" in client.get(url).text


def test_without_any_demarche(client, url):
    assert "Aucune consultation n’est en cours" in client.get(url).text


@pytest.mark.parametrize("state", sorted(set(ContributionState.values) - {ContributionState.PUBLISHED}))
def test_what_is_not_published_has_no_page(client, url, state):
    row = factories.make_contribution(state=state, title="Titre caché")
    assert "Titre caché" not in client.get(url).text
    response = client.get(row.get_absolute_url())
    # What was online once leaves its reference in its place.
    assert response.status_code == (410 if state == ContributionState.WITHDRAWN else 404)
    assert "Titre caché" not in response.text


def test_contributions_of_a_draft_demarche_have_no_page(client, url):
    factories.make_demarche()
    draft = factories.make_demarche(state=DemarcheState.DRAFT)
    row = factories.make_contribution(demarche=draft, title="Titre caché")
    for address in (row.get_absolute_url(), f"{url}?demarche={draft.slug}", f"{url}?demarche=inconnue"):
        response = client.get(address)
        assert response.status_code == 404
        assert "Titre caché" not in response.text


@pytest.mark.parametrize(
    "reference", ["X-1", "DP11-", "DP11-1a", "DP11-999999999999999999", "DP11-1' OR 1=1", "dp11-1", "DP11-1-1", "DP11"]
)
def test_a_reference_that_is_none_is_404(client, reference):
    factories.make_contribution(demarche=factories.make_demarche(code="DP11"))
    assert client.get(f"/contributions/{reference}/").status_code == 404


def test_reference_of_another_demarche_is_404(client):
    row = factories.make_contribution()
    other = factories.make_demarche()
    assert client.get(f"/contributions/{other.code}-{row.pk}/").status_code == 404


def test_another_demarche_has_its_own_list(client, url):
    factories.make_contribution(title="De la première")
    second = factories.make_demarche()
    factories.make_contribution(demarche=second, title="De la seconde")
    assert "De la seconde" not in client.get(url).text
    text = client.get(url, {"demarche": second.slug}).text
    assert "De la seconde" in text and "De la première" not in text
    assert f'name="demarche" value="{second.slug}"' in text


FILTERS = {
    "theme": lambda: {"theme": factories.make_theme()},
    "enjeu": lambda: {"enjeux": [factories.make_enjeu()]},
    "college": lambda: {"college": factories.make_college()},
    "origine": lambda: {"origine": "papier"},
    "nature": lambda: {"nature": "question"},
}


@pytest.mark.parametrize("name", FILTERS)
def test_each_filter_narrows_the_list(client, url, name):
    factories.make_contribution(title="Une autre")
    fields = FILTERS[name]()
    factories.make_contribution(title="Celle-ci", **fields)
    value = "1" if name in ("theme", "enjeu", "college") else fields[name]
    response = client.get(url, {name: value})
    assert [str(card.title) for card in response.context["listing"].cards] == ["Celle-ci"]
    assert 'class="chips"' in response.text


def test_autre_sujet_is_what_has_no_theme(client, url):
    factories.make_contribution(title="Classée", theme=factories.make_theme())
    factories.make_contribution(title="Ailleurs")
    response = client.get(url, {"theme": "autre"})
    assert [str(card.title) for card in response.context["listing"].cards] == ["Ailleurs"]


def test_filters_and_words_go_together(client, url):
    factories.make_contribution(title="Le vélo")
    factories.make_contribution(title="Le vélo, sur papier", origine="papier")
    response = client.get(url, {"q": "velo", "origine": "papier"})
    assert [card.contribution.title for card in response.context["listing"].cards] == ["Le vélo, sur papier"]


@pytest.mark.parametrize("name", FILTERS)
def test_filter_that_does_not_exist_is_left_out_and_said(client, url, name):
    factories.make_contribution(title="Toujours là")
    for value in ("0", "-1", "999999", "1e9", "abc", "\u0661", "' OR 1=1", "é" * 100, "1 "):
        response = client.get(url, {name: value})
        assert response.status_code == 200, value
        assert "Toujours là" in response.text and "n’existe pas" in response.text, value


def test_filtered_to_nothing_offers_the_way_back(client, url):
    factories.make_contribution()
    text = client.get(url, {"nature": "question"}).text
    assert "Aucune contribution ne répond à ces filtres" in text and "Voir toutes les contributions" in text


def test_counts_by_origin_are_not_added(client, url):
    make(3)
    make(2, origine=Origine.PAPER)
    factories.make_contribution(state=ContributionState.WAITING, published_at=None)
    response = client.get(url)
    assert response.context["listing"].counts == "3 en ligne, 2 sur papier"


def test_counts_stop(client, url, monkeypatch):
    monkeypatch.setattr("consultation.figures.LIMIT", 2)
    make(3)
    make(2, origine=Origine.PAPER)
    assert client.get(url).context["listing"].counts == "plus de 2 en ligne, 2 sur papier"


@pytest.mark.parametrize(("order", "newest_first"), [("recentes", True), ("anciennes", False), ("autre", True)])
def test_pages_hold_each_row_once(client, url, order, newest_first):
    pks = [row.pk for row in make(45)]
    pages = walk(client, f"{url}?tri={order}")
    assert [len(page) for page in pages] == [20, 20, 5]
    assert joined(pages) == (pks[::-1] if newest_first else pks)


def test_pages_hold_each_row_once_when_all_have_the_same_date(client, url):
    at = timezone.now()
    pks = [factories.make_contribution(published_at=at).pk for _ in range(45)]
    assert joined(walk(client, url)) == pks[::-1]


@pytest.mark.parametrize("words", ["", "velo"])
@pytest.mark.parametrize(("title", "body"), [("vélo vélo vélo", "vélo"), ("Tout autre chose", "Un vélo, à la fin.")])
def test_pages_hold_each_row_once_while_others_are_published(client, words, title, body):
    url = reverse("contributions")
    pks = {row.pk for row in make(45, title="Le vélo")}
    pages = walk(client, f"{url}?q={words}", between=lambda: factories.make_contribution(title=title, body=body))
    seen = joined(pages)
    assert len(seen) == len(set(seen))
    assert set(seen) == pks


def test_pages_back_are_those_of_the_way_there(client, url):
    make(65)
    pages = walk(client, url)
    response = client.get(url)
    for _ in range(3):
        response = client.get(response.context["listing"].following)
    back = [[card.contribution.pk for card in response.context["listing"].cards]]
    while address := response.context["listing"].previous:
        response = client.get(address)
        back.append([card.contribution.pk for card in response.context["listing"].cards])
    assert back == pages[::-1]


CURSORS = [
    *("-1", "0", "abc", "1e9", "999999", "1700000000000000~1", "1700000000000000~1:forged", ":::", "é", "~" * 500),
    sign("another list", "1700000000000000", "1"),
    sign("another list", "r", "1700000000000000", "1", "0x0p0", "0x0p0", "1"),
]


@pytest.mark.parametrize("words", ["", "velo"])
def test_a_cursor_that_is_not_ours_gives_the_first_page(client, url, words):
    make(25, title="Le vélo")
    first = [card.contribution for card in client.get(url, {"q": words}).context["listing"].cards]
    assert len(first) == 20
    for name, cursor in product(("apres", "avant"), CURSORS):
        response = client.get(url, {name: cursor, "q": words})
        assert response.status_code == 200, f"{name} {cursor}"
        assert [card.contribution for card in response.context["listing"].cards] == first, f"{name} {cursor}"


def test_a_cursor_of_the_same_list_filtered_otherwise_gives_its_first_page(client, url):
    make(25)
    following = client.get(url).context["listing"].following
    response = client.get(f"{following}&nature=proposition")
    assert response.context["listing"].lost
    assert "n’est plus valable" in response.text


@pytest.mark.parametrize("count", [1, 3, 200])
@pytest.mark.parametrize(("words", "queries"), [("", 6), ("velo", 8)])
def test_list_query_count(client, django_assert_num_queries, count, words, queries):
    factories.make_etape()
    theme, college, enjeu = factories.make_theme(), factories.make_college(), factories.make_enjeu()
    commune = factories.make_commune()
    for _ in range(count):
        factories.make_contribution(title="Le vélo", theme=theme, college=college, commune=commune, enjeux=[enjeu])
    with django_assert_num_queries(queries):
        client.get(reverse("contributions"), {"q": words})


def test_page_of_one(client, django_assert_max_num_queries):
    theme = factories.make_theme(question="Comment voyager ?")
    row = factories.make_contribution(
        theme=theme,
        title="Un <em>train</em>",
        body="Première ligne\nseconde & dernière",
        commune=factories.make_commune(name="Fourmies"),
        place_label="Atelier 5, séance 1",
        origine="seance",
        example=True,
    )
    with django_assert_max_num_queries(8):
        text = client.get(row.get_absolute_url()).text
    for said in ("Un &lt;em&gt;train&lt;/em&gt;", "Première ligne<br>seconde &amp; dernière", "Fourmies"):
        assert said in text
    for said in (
        row.reference,
        "Atelier 5, séance 1",
        "inventée pour la démonstration",
        theme.get_absolute_url(),
        "Reçue",
        "Publiée",
    ):
        assert said in text


def test_parcours_names_nobody(client):
    row = factories.make_contribution()
    user = factories.make_user(display_name="Modératrice Une")
    for state in (ContributionState.PUBLISHED, ContributionState.WITHDRAWN, ContributionState.PUBLISHED):
        row.decisions.create(
            from_state="en_attente",
            to_state=state,
            by=user,
            reason=factories.make_reason(),
            message="Mot pour l’auteur",
        )
    text = client.get(row.get_absolute_url()).text
    assert text.count("<strong>Publiée") == 2 and "Retirée de la publication" in text
    assert "Modératrice" not in text and user.email not in text and "Mot pour l’auteur" not in text


def test_hostile_text_is_inert_everywhere(client, url):
    row = factories.make_contribution(
        title=HOSTILE,
        body=f"{HOSTILE} mot",
        display="nom",
        author_name=HOSTILE,
        speaks_as="organisation",
        organisation=HOSTILE,
        function=HOSTILE,
        commune_name=HOSTILE,
        place_label=HOSTILE,
    )
    for address in (url, f"{url}?q=mot", f"{url}?q={HOSTILE}", "/recherche/?q=mot", row.get_absolute_url()):
        text = client.get(address).text
        assert "<svg onload" not in text and "<script" not in text
    feed = client.get(reverse("flux_contributions")).text
    assert "<svg" not in feed and "&lt;svg" in feed


def test_public_pages_set_no_cookie_and_words_are_not_stored(client, url):
    factories.make_contribution(title="Le vélo")
    for address in (url, f"{url}?q=velo", reverse("recherche"), f"{reverse('recherche')}?q=velo"):
        response = client.get(address)
        assert not response.cookies
        assert response["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize(
    ("limit", "said"), [(3, "2 en ligne, 1 sur papier"), (2, "<strong>Plus de 2 contributions</strong>")]
)
def test_counts_of_a_filtered_list(client, url, monkeypatch, limit, said):
    monkeypatch.setattr("consultation.figures.FILTERED_LIMIT", limit)
    make(2, nature="question")
    make(1, nature="question", origine=Origine.PAPER)
    make(1)
    assert said in client.get(url, {"nature": "question"}).text
