"""The sheet: every name once, numbers that never shift, a PDF for all; then its numbers typed, shown, and noted."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from pypdf import PdfReader

from consultation.actions.feuilles import prepare
from consultation.choices import Presence
from consultation.guests import masked_addresses
from consultation.models import Inscription, Service, Venue
from consultation.numbers import read_numbers, said_numbers
from consultation.presence import Came, presence_of
from consultation.printing.emargement import emargement
from tests.arriving import CANCELLED, WAITING, door, guest, organiser, pages_of, plain, tonight
from tests.factories import make_identity

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def rencontre():
    make_identity()
    return tonight()


@pytest.fixture
def by(rencontre):
    return organiser(rencontre)


@pytest.fixture
def team(client, by):
    client.force_login(by)
    return client


def sheet(rencontre, by):
    return " ".join(pages_of(emargement(prepare(rencontre.pk, by))))


# Printed


def test_every_name_is_once_by_name_with_its_number_and_those_who_wait_after(rencontre, by):
    for name in ("Zoé", "Émile", "Denis"):
        guest(rencontre, name)
    guest(rencontre, "Attend", state=WAITING)
    guest(rencontre, "Partie", state=CANCELLED)
    guest(rencontre, "Loin", presence=Presence.REMOTE)
    said = sheet(rencontre, by)
    order = ["1 Denis", "2 Émile", "3 Zoé", "Sur la liste d’attente", "4 Attend", "Venus sans inscription", "+1", "+12"]
    assert [said.index(words) for words in order] == sorted(said.index(words) for words in order)
    assert [said.count(name) for name in ("Denis", "Émile", "Zoé", "Attend")] == [1, 1, 1, 1]
    assert "Partie" not in said and "Loin" not in said and "1 personne participe à distance" in said
    assert "Votre image." in said and "Vos données." in said and "Pas de photo" in said


def test_nothing_of_what_people_asked_for_is_on_it_and_no_address_is_whole(rencontre, by):
    one = guest(rencontre, email="claire.dupont@example.org", phone="06 12 34 56 78")
    one.services.add(Service.objects.create(label="Place pour un fauteuil roulant"))
    said = sheet(rencontre, by)
    assert "cl…@example.org" in said
    assert not [words for words in ("claire", "dupont", "06 12", "fauteuil") if words in said]


def test_two_addresses_that_would_read_the_same_show_more():
    found = masked_addresses(["martin@a.fr", "martine@a.fr", "ma@a.fr", "martin@b.fr", "x@a.fr"])
    assert found == {
        "martin@a.fr": "martin…@a.fr",
        "martine@a.fr": "martine…@a.fr",
        "ma@a.fr": "ma…@a.fr",
        "martin@b.fr": "ma…@b.fr",
        "x@a.fr": "x…@a.fr",
    }
    assert len(set(found.values())) == len(found)


def test_the_sheet_is_tagged_in_french_with_a_title_and_repeats_its_header(rencontre, by):
    for n in range(60):
        guest(rencontre, f"Personne {n:02}")
    pdf = emargement(prepare(rencontre.pk, by))
    reader = PdfReader(io.BytesIO(pdf))
    root = reader.root_object
    assert reader.metadata.title == "Feuille d’émargement, Réunion à Lens"
    assert root["/Lang"].startswith("fr") and root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    pages = pages_of(pdf)
    assert len(pages) > 3
    assert all("Signature" in page and f"page {n} sur {len(pages)}" in page for n, page in enumerate(pages, 1))
    assert all(sum(page.count(f"Personne {n:02}") for page in pages) == 1 for n in range(60))


@pytest.mark.parametrize("name", ["J" * 120, "日本 🎉", "#show: x => y", "\u202eRenversé", "a\u0301\u0301\u0301" * 30])
def test_any_name_is_printed(rencontre, by, name):
    guest(rencontre, name)
    assert "1" in sheet(rencontre, by)


def test_nobody_is_an_answer_too(rencontre, by):
    assert "Personne n’est inscrit à ce jour." in sheet(rencontre, by)


def test_numbers_do_not_shift_when_somebody_comes_or_goes_after_the_printing(rencontre, by):
    first, last = guest(rencontre, "Denis"), guest(rencontre, "Zoé")
    printed = prepare(rencontre.pk, by)
    assert prepare(rencontre.pk, by) == printed, "nobody came or went: it is the same sheet"
    guest(rencontre, "Aline")
    Inscription.objects.filter(pk=first.pk).update(state=CANCELLED)
    again = prepare(rencontre.pk, by)
    assert (printed.rank, printed.lines, again.rank) == (1, [first.pk, last.pk], 2)
    assert "2 Zoé" in " ".join(pages_of(emargement(printed)))
    assert "1 Aline" in " ".join(pages_of(emargement(again)))


def test_a_printed_sheet_is_never_rewritten(rencontre, by):
    guest(rencontre)
    feuille = prepare(rencontre.pk, by)
    refused = pytest.raises(IntegrityError, match="numéros ne changent plus")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE consultation_feuille SET holders = '[]' WHERE id = %s", [feuille.pk])


def test_preparing_is_a_button_and_the_pdf_is_its_answer(team, rencontre):
    guest(rencontre, "Denis")
    assert team.get(door(rencontre, "feuilles/1.pdf")).status_code == 404, "reading prepares nothing"
    answer = team.post(door(rencontre, "presences/"), {"feuille": "oui"}, follow=True)
    assert answer["Content-Type"] == "application/pdf" and answer["Cache-Control"] == "private, no-store"
    assert "1 Denis" in pages_of(answer.content)[0]
    assert "Feuille 1, préparée le" in plain(team.get(door(rencontre, "presences/")).content)


# Its numbers


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("1-3, 5", {1, 2, 3, 5}),
        ("1 - 3 5;7\n8", {1, 2, 3, 5, 7, 8}),
        ("2–4", {2, 3, 4}),
        ("2 à 4, 3, 3", {2, 3, 4}),
        ("007", {7}),
        (" ,, ", set()),
        ("", set()),
    ],
)
def test_numbers_are_read_as_they_are_typed(typed, found):
    assert read_numbers(typed, 8) == found


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0", "de 1 à 8"),
        ("9", "de 1 à 8"),
        ("1-99999", "de 1 à 8"),
        ("9" * 40, "n’est pas un numéro"),
        ("3-1", "le plus petit"),
        ("1-2-3", "n’est pas un numéro"),
        ("-3", "n’est pas un numéro"),
        ("douze", "« douze » n’est pas un numéro"),
        ("٣", "n’est pas un numéro"),
    ],
)
def test_what_is_no_number_of_the_sheet_is_said(typed, said):
    with pytest.raises(ValidationError) as refused:
        read_numbers(f"1, {typed}", 8)
    assert said in " ".join(refused.value.messages)


@pytest.mark.parametrize("numbers", [set(), {1}, {1, 2, 3, 7}, {2, 4, 5}])
def test_numbers_are_said_as_they_would_be_typed(numbers):
    assert read_numbers(said_numbers(numbers), 8) == numbers


# Typed


@pytest.fixture
def signed(rencontre, by):
    """A sheet of six: five have a place, the last waits."""
    people = [guest(rencontre, f"Personne {n}") for n in range(1, 6)] + [guest(rencontre, "Attend", state=WAITING)]
    return prepare(rencontre.pk, by), people


def enter(team, rencontre, button="noter", **said):
    key = "6f1c2a9e-0b1d-4c57-9a55-2f1b3c4d5e6f"
    said = {"present": "", "image_refused": "", "newcomers": "", "key": key} | said
    return team.post(door(rencontre, "feuilles/1/saisie/"), {**said, button: "oui"})


def test_what_is_typed_is_shown_before_it_is_noted(team, rencontre, signed):
    answer = enter(team, rencontre, "voir", present="1-2, 6", image_refused="2", newcomers="Jean ; sans photo")
    said = plain(answer.content)
    assert answer.status_code == 200 and "Noter ces présences" in said
    for words in ("Personne 1", "Personne 2", "Attend", "Jean, pas de photo", "1-2, 6"):
        assert words in said
    assert presence_of(rencontre).total == 0
    assert 'value="1-2, 6"' in plain(answer.content), "what was typed goes with the button"
    back = enter(team, rencontre, "corriger", present="1-2, 6")
    assert ">\n1-2, 6</textarea>" in back.content.decode() or ">1-2, 6</textarea>" in plain(back.content).replace(
        "> ", ">"
    )


def test_a_sheet_typed_twice_is_noted_once(team, rencontre, signed):
    feuille, people = signed
    lines = "Jean Valjean ; sans photo\nCosette ; cosette@example.org\n\n"
    for _ in range(2):
        answer = enter(team, rencontre, present="1-2, 6", image_refused="2", newcomers=lines)
        assert answer.status_code == 302
    assert presence_of(rencontre) == Came(room=4, sur_place=1)
    assert [Inscription.objects.get(pk=one.pk).attended_at is not None for one in people] == [True, True] + [
        False
    ] * 3 + [True]
    assert Inscription.objects.get(pk=people[1].pk).image_refused
    line = Venue.objects.get()
    assert (line.name, line.image_refused) == ("Jean Valjean", True)
    assert people[0].events.get().note == f"Feuille {feuille.rank}, ligne 1"
    said = plain(team.get(door(rencontre, "presences/")).content)
    assert "La feuille de papier peut être détruite" in said and "3 l’étaient déjà" in said


def test_who_was_noted_at_the_door_and_did_not_sign_stays(team, rencontre, signed):
    _, people = signed
    team.post(door(rencontre), {"tap": f"arrivee {people[4].code}"})
    assert "1 personne déjà notée présente n’a pas de numéro ici" in plain(
        enter(team, rencontre, "voir", present="1").content
    )
    enter(team, rencontre, present="1")
    assert presence_of(rencontre) == Came(room=2)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Écrivez au moins un numéro"),
        ({"present": "1-12, x"}, "vont de 1 à 6"),
        ({"present": "1", "image_refused": "99"}, "vont de 1 à 6"),
        ({"present": "1\0"}, None),
        ({"newcomers": "Jean ; jean@"}, "Ligne 1 : cette adresse est incomplète"),
        ({"newcomers": "Anne\nJean ; a@example.org ; b@example.org"}, "Ligne 2 : écrivez un nom"),
        ({"newcomers": "; sans photo"}, "Ligne 1"),
        ({"newcomers": "J" * 121}, "120 signes au plus"),
        ({"newcomers": f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.org"}, "Ligne 1"),
        ({"newcomers": "Jean\n" * 201}, "200 lignes au plus"),
    ],
)
def test_errors_are_said_and_keep_everything(team, rencontre, signed, said, words):
    answer = enter(team, rencontre, **said)
    if words is None:
        assert answer.status_code == 302, "a control sign is taken out"
        return
    assert answer.status_code == 422
    assert words in plain(answer.content)
    for value in said.values():
        assert value.splitlines()[0] in plain(answer.content)
    assert presence_of(rencontre).total == 0 and not Venue.objects.exists()


def test_a_sheet_of_another_day_is_refused_in_words_and_noted_not_at_all(team, rencontre, signed):
    rencontre.state, rencontre.cancel_reason = "annulee", "Grève."
    rencontre.save()
    answer = enter(team, rencontre, present="1-3")
    assert answer.status_code == 409
    assert "Cette rencontre est annulée" in plain(answer.content)
    assert presence_of(rencontre).total == 0
