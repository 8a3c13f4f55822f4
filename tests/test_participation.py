"""Who came back from one séance to the next: counted whole, shown by collège and territory, small numbers masked."""

from __future__ import annotations

import re

import pytest

from ateliers.models import Membre
from ateliers.participation import NOT_SAID, participation
from consultation.choices import RencontreState
from consultation.models import Inscription, Venue
from tests.factories import local, make_atelier, make_college, make_commune, make_seance, make_user
from tests.staying import attend, came

pytestmark = pytest.mark.django_db


@pytest.fixture
def atelier():
    return make_atelier()


def held(atelier, count=3, **fields):
    return [make_seance(atelier, **({"starts_at": local(-40 + 10 * number)} | fields)) for number in range(count)]


def people(number, *seances, **fields):
    """So many who came to these; members of the atelier with these fields, where there are some."""
    found = [attend(*seances) for _ in range(number)]
    if fields:
        for personne in found:
            Membre.objects.create(atelier=seances[0].atelier, personne=personne, came_by="candidature", **fields)
    return found


def rows(lines):
    return [(line.label, line.numbers, line.total) for line in lines]


def page(client, atelier) -> str:
    answer = client.get(f"/demarches/{atelier.demarche.slug}/ateliers/{atelier.rank}/participation/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("&nbsp;", " ").replace("\N{NO-BREAK SPACE}", " ").split())


def test_those_who_came_once_twice_and_to_all_are_counted_by_group(atelier):
    one, two, three = held(atelier)
    elus = make_college(demarche=atelier.demarche, label="Élus")
    lens = make_commune(epci_name="Lens-Liévin")
    people(6, one, college=elus, commune=lens)
    people(7, one, two, college=elus)
    people(8, one, two, three)
    found = participation(atelier)
    assert found.once_and_more == [6, 7, 8] and found.people == 21
    assert rows(found.colleges) == [("Élus", [6, 7, 0], 13), (NOT_SAID, [0, 0, 8], 8)]
    assert rows(found.territories) == [("Lens-Liévin", [6, 0, 0], 6), (NOT_SAID, [0, 7, 8], 15)]


def test_what_was_said_at_the_door_counts_where_the_group_says_nothing(atelier):
    one, two, _ = held(atelier)
    elus, lycees = (make_college(demarche=atelier.demarche, label=label) for label in ("Élus", "Lycées"))
    walked_in = [*people(6, one, two), *people(5, one, two, college=elus)]
    for personne in walked_in:
        Inscription.objects.filter(personne=personne, rencontre=one.pk).update(college=lycees)
    people(7, one)
    found = participation(atelier)
    assert rows(found.colleges) == [("Élus", [0, 5, 0], 5), ("Lycées", [0, 6, 0], 6), (NOT_SAID, [7, 0, 0], 7)]


def test_a_line_of_the_door_noted_by_mistake_is_not_counted(atelier):
    one, *_ = held(atelier)
    by = make_user(is_staff=True)
    Venue.objects.create(rencontre=one.rencontre, by=by)
    Venue.objects.create(rencontre=one.rencontre, by=by, erased_at=local(-1), erased_by=by)
    people(6, one)
    assert [(seance.pk, number) for seance, number in participation(atelier).sur_place] == [(one.pk, 1)]


@pytest.mark.parametrize("count", [1, 2, 4])
def test_an_atelier_has_as_many_seances_as_it_has(client, atelier, count):
    seances = held(atelier, count)
    people(5, *seances)
    found = participation(atelier)
    assert found.once_and_more == [0] * (count - 1) + [5]
    words = ("Une séance", "Deux séances", "Trois séances", "Quatre séances")
    assert f'<th scope="row">{words[count - 1]}</th> <td>5</td>' in page(client, atelier)


def test_small_numbers_are_masked_with_what_would_give_them_back(client, atelier):
    one, two, _ = held(atelier)
    elus, lycees = (make_college(demarche=atelier.demarche, label=label) for label in ("Élus", "Lycées"))
    people(3, one, college=elus)
    people(9, one, two, college=elus)
    people(12, one, college=lycees)
    people(10, one, two, college=lycees)
    found = participation(atelier)
    assert found.once_and_more == [15, 19, 0]
    [first, second] = found.colleges
    assert first.numbers[0] is None and second.numbers[0] is None, "15 less 12 would be 3"
    assert [first.total, first.numbers[1]].count(None) >= 1, "12 less 9 would be 3"
    said = page(client, atelier)
    assert "masqué" in said and ">3<" not in said


def test_nothing_is_shown_where_the_totals_themselves_are_small(client, atelier):
    """The number of comings is public, séance by séance: with it, one small number of these could be found."""
    one, two, _ = held(atelier)
    people(4, one)
    people(30, one, two)
    found = participation(atelier)
    assert (found.once_and_more, found.colleges, found.territories) == ([], [], [])
    said = page(client, atelier)
    assert "Les nombres sont trop petits" in said
    shown = re.sub("<[^>]+>", " ", said.partition("</h1>")[2])  # the démarche of a test has a number of its own
    assert not re.search(r"(?<!Démarche )\b3[04]\b", shown)


def test_who_walked_in_is_counted_apart(client, atelier):
    one, two, _ = held(atelier)
    people(9, one, two)
    for _ in range(3):
        came(one.rencontre, sur_place=True)
    by = make_user(is_staff=True)
    Venue.objects.bulk_create(Venue(rencontre=one.rencontre, by=by) for _ in range(4))
    Venue.objects.create(rencontre=two.rencontre, by=by)
    found = participation(atelier)
    assert found.people == 9
    assert [(seance.rank, number) for seance, number in found.sur_place] == [(1, 7), (2, 1)]
    said = page(client, atelier)
    assert "Séance 1 : 7" in said and "Séance 2 : moins de 5" in said


def test_what_is_not_over_or_was_cancelled_is_not_counted(client, atelier):
    people(9, *held(atelier, 1))
    today = make_seance(atelier, starts_at=local(0))
    people(5, today)
    people(5, make_seance(atelier, starts_at=local(-5), state=RencontreState.CANCELLED))
    found = participation(atelier)
    assert found.once_and_more == [9]
    assert "à la première séance" in page(client, atelier)


def test_who_left_the_group_came_all_the_same(atelier):
    [one] = held(atelier, 1)
    elus = make_college(demarche=atelier.demarche, label="Élus")
    people(6, one, college=elus, left_at=local(-1))
    assert rows(participation(atelier).colleges) == [("Élus", [6], 6)]


def test_who_did_not_come_is_nowhere(atelier):
    [one] = held(atelier, 1)
    people(6, one)
    Inscription.objects.update(attended_at=None)
    assert participation(atelier).people == 0


def test_the_page_says_that_nothing_is_past(client, atelier):
    assert "Aucune séance n’est encore passée." in page(client, atelier)


def test_the_atelier_leads_there_once_there_is_something(client, atelier):
    address = f"/demarches/{atelier.demarche.slug}/ateliers/{atelier.rank}/"
    assert "/participation/" not in client.get(address).content.decode()
    people(1, *held(atelier, 1))
    assert f"{address}participation/" in client.get(address).content.decode()
    assert client.get(f"/ateliers/{atelier.rank}/participation/")["Location"] == f"{address}participation/"


def test_no_name_no_address_and_no_commune_is_on_the_page(client, atelier):
    [one] = held(atelier, 1)
    lens = make_commune(name="Sallaumines", epci_name="Lens-Liévin")
    found = people(6, one, name="Alice Dupont", commune=lens, organisation="Les amis du bassin")
    said = page(client, atelier)
    assert "Lens-Liévin" in said
    assert not any(word in said for word in ("Alice", "Sallaumines", "amis du bassin", found[0].email))
