"""The public page of a group: by which ways, how balanced, what is left; never who."""

import re
from itertools import product

import pytest

from ateliers.actions import composition, tirages
from ateliers.balance import SMALL, UNSAID, WHOLE, masked
from ateliers.models import CameBy, Cible, Membre
from consultation.choices import DemarcheState
from tests.composing import make_group, people, put_in
from tests.factories import (
    make_candidature,
    make_college,
    make_commune,
    make_demarche,
    make_membre,
    make_personne,
    make_superuser,
)
from tests.test_form_browser import FIRST_VIEW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def group():
    return make_group(capacity=60)


def url(group):
    return f"/demarches/{group.demarche.slug}/ateliers/{group.rank}/groupe/"


def page(client, group):
    answer = client.get(url(group))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("&nbsp;", " ").replace("\xa0", " ").split())


def row(said, label):
    """The cells beside a label."""
    found = re.search(rf"<th scope=\"row\">\s*{label}.*?</th>(.*?)</tr>", said)
    return re.findall(r"<td>\s*(.*?)\s*</td>", found[1])


def fill(group, count, **known):
    return [make_membre(atelier=group, **known) for _ in range(count)]


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([], []),
        ([12, 9, 0], [None, None, None]),
        ([12, 3, 2], [None, SMALL, SMALL]),
        ([12, 3, 9], [None, UNSAID, UNSAID]),  # one alone: the total gives it back
        ([12, 1, 1, 9], [None, UNSAID, UNSAID, UNSAID]),  # 2 in all: one each
        ([12, 4, 4, 9], [None, UNSAID, UNSAID, UNSAID]),
        ([20, 3, 0], [UNSAID, UNSAID, None]),
        ([3, 3, 3, 3], [SMALL] * 4),
    ],
)
def test_small_numbers_and_those_that_give_them_back(counts, said):
    assert masked(counts) == said


def test_no_masked_number_is_given_back_by_the_others():
    """Every table of three numbers: whoever knows the rule, the total and what is said, knows none of the masked."""
    tables: dict[tuple, list[tuple[int, ...]]] = {}
    for counts in product(range(14), repeat=3):
        said = tuple(word or count for word, count in zip(masked(counts), counts, strict=True))
        tables.setdefault((sum(counts), said), []).append(counts)
    known = [
        (said, index)
        for (total, said), possible in tables.items()
        for index, word in enumerate(said)
        if WHOLE <= total <= 24 and word in (SMALL, UNSAID) and len({counts[index] for counts in possible}) == 1
    ]
    assert known == []


def test_nobody_yet(client, group):
    said = page(client, group)
    assert "n’est pas encore composé" in said
    assert "<table" not in said


def test_ways_and_balance_against_what_was_meant(client, group):
    elus, habitants = make_college(label="Élus"), make_college(label="Habitants")
    lille = make_commune(epci_code="200093201", epci_name="Métropole de Lille")
    Cible.objects.create(atelier=group, college=elus, places=10)
    Cible.objects.create(atelier=group, epci_code="200093201", places=20)
    fill(group, 8, college=elus, commune=lille, came_by=CameBy.LANCEMENT)
    fill(group, 6, college=habitants, came_by=CameBy.TIRAGE)
    said = page(client, group)
    assert "14 personnes composent ce groupe" in said
    assert "Désigné au lancement : 8" in said and "Tirage au sort : 6" in said
    assert row(said, "Élus") == ["8", "10"] and row(said, "Habitants") == ["6", "–"]
    assert row(said, "Métropole de Lille") == ["8", "20"] and row(said, "Territoire non dit") == ["6", "–"]
    assert '<rect class="bar-filled" width="80" height="6" />' in said and 'x1="100"' in said


def test_a_masked_number_is_in_no_drawing_either(client, group):
    elus, few = make_college(label="Élus"), make_college(label="Lycéens")
    fill(group, 12, college=elus)
    fill(group, 3, college=few)
    said = page(client, group)
    assert row(said, "Lycéens") == row(said, "Élus") == [UNSAID, "–"]
    assert set(re.findall(r'class="bar-filled" width="(\d+)"', said)) == {"0"}
    assert "territoires" not in said.split("<main")[1].split("jamais croisés")[0].replace("Collèges et territoires", "")


def test_under_eleven_nothing_is_detailed(client, group):
    elus = make_college(label="Élus")
    Cible.objects.create(atelier=group, college=elus, places=10)
    fill(group, 10, college=elus)
    said = page(client, group)
    assert "10 personnes composent" in said and "Le détail paraîtra" in said
    assert row(said, "Élus") == ["–", "10"] and "Candidature" not in said and "<svg" not in said.split("<main")[1]


def test_who_left_is_counted_apart(client, group):
    fill(group, 12)
    put_in(group, people(1))
    composition.leave(Membre.objects.latest("pk"))
    said = page(client, group)
    assert "12 personnes composent" in said and "ont quitté le groupe : moins de 5" in said


def test_what_is_left_is_shown_while_it_is_open(client, group):
    said = page(client, group)
    assert "60 places restent" in said and "/inscription/" in said
    composition.open_rest(group, opened=False)
    said = page(client, group)
    assert "places restent" not in said and "/inscription/" not in said


def test_never_who(client, group):
    alice = make_personne(email="alice.secrete@example.org")
    commune = make_commune(name="Wambrechies", epci_code="200093201", epci_name="Métropole")
    for personne in (alice, *(make_personne() for _ in range(12))):
        make_membre(
            atelier=group, personne=personne, name="Zoé Secrète", organisation="Les Amis de Zoé", commune=commune
        )
    make_candidature(atelier=group, name="Zoé Secrète")
    tirages.draw_now(group, 1, make_superuser())
    for address in (url(group), group.get_absolute_url(), "/ateliers/", "/registre/", "/registre/registre.jsonl"):
        answer = client.get(address, follow=True)
        said = b"".join(answer.streaming_content) if answer.streaming else answer.content
        for word in ("alice.secrete", "Zoé", "Les Amis", "Wambrechies", "@example.org"):
            assert word.encode() not in said, (address, word)


@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_page_costs_the_same_queries_at_any_size(client, group, count, django_assert_max_num_queries):
    elus = make_college()
    Cible.objects.create(atelier=group, college=elus, places=10)
    Cible.objects.create(atelier=group, epci_code="200093201", places=10)
    fill(group, count, college=elus, commune=make_commune(epci_code="200093201", epci_name="Métropole"))
    for _ in range(count):
        make_candidature(atelier=group)
    tirages.draw_now(group, 1, make_superuser())
    with django_assert_max_num_queries(8):
        client.get(url(group))


def test_two_draws_of_a_large_pool_fit_in_the_first_view(client, group):
    for college in [make_college() for _ in range(7)]:
        Cible.objects.create(atelier=group, college=college, places=4)
        for _ in range(64):
            make_candidature(atelier=group, college=college)
    for places in (4, 8):
        Cible.objects.update(places=places)
        tirages.draw_now(group, 0, make_superuser())
    answer = client.get(url(group), headers={"accept-encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert len(answer.content) < FIRST_VIEW - 5000  # the style sheet and the rest


def test_linked_and_short(client, group):
    assert f'href="{url(group)}"' in client.get(group.get_absolute_url()).content.decode()
    assert client.get(f"/ateliers/{group.rank}/groupe/").headers["Location"] == url(group)


def test_a_draft_has_no_page(client):
    hidden = make_group(demarche=make_demarche(state=DemarcheState.DRAFT, courante=False))
    assert client.get(url(hidden)).status_code == 404
    assert client.get(url(hidden).replace("/ateliers/", "/ateliers/9")).status_code == 404


def test_composing_freshens_the_page(client, group):
    page(client, group)
    put_in(group, people(2))
    assert "2 personnes composent" in page(client, group)
