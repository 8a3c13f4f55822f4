"""The public pages, held against the facts read from the source of the programme."""

import json
from datetime import date

import pytest

from ateliers.models import Seance
from consultation.models import Contribution, Etape, Rencontre
from forums.models import Forum
from participons.programme.load import load_exemple, load_programme
from socle.dates import day_label
from tests.programme_source import EXEMPLE, FIXTURE, page_text, plain, read_source


@pytest.fixture
def demarche(db):
    return load_programme(json.loads(FIXTURE.read_text())).demarche


@pytest.fixture
def read(client):
    def text(address: str) -> str:
        response = client.get(address, follow=True)
        assert response.status_code == 200, address
        assert not response.cookies, address
        return page_text(response.content)

    return text


def test_accueil_shows_title_invitation_enjeux_ateliers_and_etapes(demarche, read):
    source, page = read_source(), read("/")
    assert plain(source.title) in page
    invitation, online = source.paragraphs[1], source.paragraphs[-1]
    assert invitation in page
    assert online in page
    for sentence in source.enjeux:
        assert sentence in page
    for atelier in source.ateliers:
        assert atelier.question in page
        assert atelier.town in page
    for etape in Etape.objects.all():
        assert plain(etape.title) in page
        assert etape.period_label in page


def test_demarche_page_says_the_paragraphs_the_enjeux_and_the_questions(demarche, read):
    source, page = read_source(), read(demarche.get_absolute_url())
    assert plain(source.title) in page
    said = [*source.paragraphs[:-1], *source.enjeux, *(atelier.question for atelier in source.ateliers)]
    assert [sentence for sentence in said if sentence not in page] == []
    assert "Région Nord-Pas de Calais" in page


def test_each_etape_says_its_number_its_period_and_its_text(demarche, read):
    source = read_source()
    for rank, (when, said) in enumerate(source.etapes, 1):
        page = read(f"/etapes/{rank}/")
        assert f"Étape {rank}" in page
        assert when in page.lower()
        assert said.lower() in page.lower()
    assert "120" in read("/etapes/1/")
    assert "450" in read("/etapes/2/")


def test_etape_3_lists_the_7_ateliers_and_their_21_days(demarche, read):
    source, page = read_source(), read("/etapes/3/")
    for atelier in source.ateliers:
        assert atelier.question in page
        for day in atelier.days:
            assert f"{day} 2011" in page
    assert "du 7 mars au 19 avril 2011" in page.lower()


def test_ateliers_come_by_rank_with_their_places_and_days(demarche, read):
    source, page = read_source(), read("/ateliers/")
    questions = [page.index(atelier.question) for atelier in source.ateliers]
    assert questions == sorted(questions)
    for atelier in source.ateliers:
        assert atelier.place in page
        assert all(f"{day} 2011" in page for day in atelier.days)


def test_each_atelier_says_everything_of_it(demarche, read):
    for atelier in read_source().ateliers:
        page = read(f"/ateliers/{atelier.rank}/")
        assert atelier.question in page
        assert f"Atelier {atelier.rank} – {atelier.town}" in page
        assert all(part in page for part in atelier.place.split(", "))
        assert all(f"{day} 2011" in page.lower() for day in atelier.days)
        assert atelier.question in read(f"/themes/{atelier.rank}/")


def test_atelier_6_ends_on_a_tuesday(demarche, read):
    assert "mardi 12 avril 2011" in read("/ateliers/6/").lower()


def test_every_rencontre_has_a_page_that_leaves_open_what_is_not_known(demarche, read):
    for rencontre in Rencontre.objects.all():
        page = read(rencontre.get_absolute_url())
        assert plain(rencontre.title) in page
        assert rencontre.when_label.lower() in page.lower()
        assert "exemple" not in page.lower()
        assert " h " not in rencontre.when_label


def test_launch_has_both_its_names_and_forum_its_edition(demarche, read):
    launch = read(Rencontre.objects.get(kind="lancement").get_absolute_url())
    assert "Réunion de lancement de la démarche de coproduction" in launch
    assert "Forum de lancement" in launch
    assert "27 janvier 2011" in launch
    forum = read(Forum.objects.get().get_absolute_url())
    assert "17 mai 2011" in forum
    assert "deuxième Forum régional de la démocratie participative" in forum
    assert "biennal" in forum
    assert "2e édition" in forum
    assert "Deuxième Forum régional de la démocratie participative" in read("/forums/")


def test_joint_sitting_and_public_meetings_have_no_invented_day(demarche, read):
    sitting = Rencontre.objects.get(kind="seance_pleniere")
    meetings = Rencontre.objects.get(kind="reunion_publique")
    assert "juin 2011" in read(sitting.get_absolute_url()).lower()
    assert "1er juin" not in read(sitting.get_absolute_url())
    assert "automne 2011" in read(meetings.get_absolute_url()).lower()
    assert "septembre 2011" not in read(meetings.get_absolute_url())


def test_agenda_names_every_rencontre_by_date(demarche, client):
    """The newest first, since all are past: the first séance of atelier 6 stands above that of atelier 7."""
    found, address = "", "/rencontres/"
    while address:
        response = client.get(address)
        found += page_text(response.content)
        after = response.context["after"]
        address = f"/rencontres/?apres={after}" if after else ""
    for rencontre in Rencontre.objects.all():
        assert plain(rencontre.title) in found
        assert rencontre.when_label in found
    seances = Seance.objects.filter(rank=1).select_related("rencontre").order_by("-rencontre__starts_at")
    places = [found.index(seance.rencontre.title) for seance in seances]
    assert places == sorted(places)
    assert [seance.atelier.rank for seance in seances][:3] == [6, 7, 5]


def test_official_spelling_is_the_only_one(demarche, client):
    addresses = ("/", "/ateliers/", "/ateliers/1/", "/ateliers/7/", "/etapes/3/")
    pages = [client.get(address, follow=True).content.decode() for address in addresses]
    whole = " ".join(pages)
    assert "Mons-en-Barœul" in whole
    assert "Étaples" in whole
    assert not any(wrong in whole for wrong in ("Baroeul", "Etaples", "Etape "))


def test_moved_pages_say_so_and_hold_no_date_of_2011(db, read):
    load_programme(json.loads(FIXTURE.read_text()), today=date(2026, 9, 17))
    for address in ("/", "/ateliers/", "/etapes/3/", "/etapes/7/", "/rencontres/"):
        page = read(address)
        assert "2011" not in page, address
        assert "2010" not in page, address
        assert "démonstration" in page.lower(), address
    season = Rencontre.objects.get(kind="reunion_publique")
    assert season.when_label in read("/etapes/7/").lower()
    assert day_label(Etape.objects.get(rank=4).starts_on, weekday=False) in read("/etapes/4/")


def test_what_the_example_adds_is_marked_on_the_page(demarche, read):
    load_exemple(json.loads(EXEMPLE.read_text()))
    for rencontre in Rencontre.objects.filter(example=True):
        assert "exemple" in read(rencontre.get_absolute_url()).lower()
    for contribution in Contribution.objects.published().select_related("demarche"):
        page = read(contribution.get_absolute_url())
        assert plain(contribution.title) in page
        assert "exemple" in page.lower()
