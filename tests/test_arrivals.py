"""The pages of the evening by HTTP: who may open them, what a tap answers, the code of arrival, what each may read."""

import json
import re
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from consultation.actions.inscriptions import register
from consultation.actions.presence import arrive
from consultation.actions.remote import NothingToSendError, send_address
from consultation.arrival_links import arrival_path, read_arrival
from consultation.choices import Mode, Presence, RoleKind
from consultation.inscription_links import Wish, holder_path, wish_path
from consultation.models import Inscription, InscriptionEvent, Venue
from tests.arriving import CANCELLED, WAITING, door, guest, organiser, pages_of, plain, tonight
from tests.entering import BY_PASSWORD, LOGIN
from tests.factories import (
    PASSWORD,
    local,
    make_animation,
    make_atelier,
    make_demarche,
    make_identity,
    make_personne,
    make_rencontre,
    make_role,
    make_seance,
    make_user,
)
from tests.writing import mails, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def rencontre():
    return tonight()


@pytest.fixture
def team(client, rencontre):
    client.force_login(organiser(rencontre))
    return client


def tap(client, rencontre, verb, code, **more):
    return client.post(door(rencontre), {"tap": f"{verb} {code}", **more})


def came(inscription):
    return Inscription.objects.get(pk=inscription.pk).attended_at is not None


# The page


def test_everybody_is_listed_by_name_those_who_left_last(team, rencontre):
    guest(rencontre, state=CANCELLED, email="partie@example.org")
    guest(rencontre, email="zoe@example.org")
    guest(rencontre, "Émile", state=WAITING)
    guest(rencontre, "Denis")
    said = plain(team.get(door(rencontre)).content)
    assert re.findall(r'value="arrivee A\d+">([^<]+?)\s*<', said) == [
        "Denis", "Émile", "zoe@example.org", "partie@example.org"
    ]  # fmt: skip
    assert "liste d’attente" in said and "a rendu sa place" in said


@pytest.mark.parametrize(("words", "count"), [("emi", 1), ("ÉMI", 1), ("zzz", 0), ("example", 1), ("", 2)])
def test_three_letters_find_a_name_or_an_address_without_its_accents(team, rencontre, words, count):
    guest(rencontre, "Émile")
    guest(rencontre, email="denis@example.org")
    said = team.get(door(rencontre), {"q": words}).content.decode()
    assert said.count('value="arrivee A') == count


def test_a_code_finds_its_person(team, rencontre):
    one = guest(rencontre, "Émile")
    guest(rencontre, "Denis")
    assert plain(team.get(door(rencontre), {"q": one.code.lower()}).content).count("arrivee A") == 1


def test_a_tap_is_answered_by_a_short_page_and_again_is_the_same(team, rencontre):
    one = guest(rencontre, "Émile")
    for _ in range(2):
        answer = tap(team, rencontre, "arrivee", one.code)
        assert answer.status_code == 200
        assert "Émile" in plain(answer.content) and "arrivée notée à" in plain(answer.content)
        assert len(answer.content) < 4000
    assert "aucune arrivée n’est notée" in plain(tap(team, rencontre, "effacer", one.code).content)
    assert not came(one)


def test_the_script_is_told_the_state_and_names_only_of_who_is_new(team, rencontre):
    one = guest(rencontre, "Émile", created_at=local(-9))
    headers = {"Accept": "application/json"}
    team.post(door(rencontre), {"tap": f"arrivee {one.code}"}, headers=headers)
    said = {"venir": "oui", "name": "Jean", "key": str(uuid4())}
    for _ in range(2):
        answer = team.post(door(rencontre), said, headers=headers)
    state = json.loads(answer.content)
    line = Venue.objects.get()
    assert (set(state["here"]), state["names"]) == ({one.code, line.code}, {line.code: "Jean"})
    assert state["label"].replace("\N{NO-BREAK SPACE}", " ").startswith("2 présents : ")
    assert team.get(door(rencontre), headers=headers).json() == state
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"tap": ""}, 422),
        ({"tap": "arrivee"}, 422),
        ({"tap": "arrivee A1 lune"}, 422),
        ({"tap": "arrivee A" + "9" * 30}, 422),
        ({"tap": "arrivee \0A1"}, 422),
        ({"tap": "arrivee A999999999999999999"}, 404),
        ({"tap": "effacer V12"}, 404),
        ({"tap": "arrivee V12"}, 404),
        ({"tap": "photo-non V12"}, 404),
        ({"venir": "oui", "name": "\0 ", "email": ""}, 422),
        ({"venir": "oui", "name": "Jean", "email": "pas une adresse"}, 422),
        ({"venir": "oui", "name": "J" * 121}, 422),
        ({"venir": "oui", "name": "Jean", "college": "12"}, 422),
    ],
)
def test_what_is_not_understood_notes_nothing_and_says_why(team, rencontre, said, status):
    guest(rencontre)
    for headers in ({}, {"Accept": "application/json"}):
        answer = team.post(door(rencontre), said, headers=headers)
        assert answer.status_code == status
        if not headers:
            assert 'role="alert"' in answer.content.decode()
    assert not InscriptionEvent.objects.exists() and not Venue.objects.exists()


def test_a_walk_in_that_is_refused_keeps_what_was_typed(team, rencontre):
    answer = team.post(door(rencontre), {"venir": "oui", "name": "Jean", "email": "jean@", "key": "x"})
    said = answer.content.decode()
    assert 'value="Jean"' in said and 'value="jean@"' in said and "Cette adresse est incomplète" in said


def test_the_wrong_day_is_refused_in_words(client):
    rencontre = tonight(starts_at=local(2))
    client.force_login(organiser(rencontre))
    answer = tap(client, rencontre, "arrivee", guest(rencontre).code)
    assert answer.status_code == 409
    assert "est-ce la bonne" in plain(answer.content)


@pytest.mark.parametrize("ago", ["-5", "abc", "9" * 40, "²", "99999999"])
def test_how_long_a_telephone_waited_is_never_believed_blindly(team, rencontre, ago):
    one = guest(rencontre)
    assert tap(team, rencontre, "arrivee", one.code, ago=ago).status_code == 200
    assert Inscription.objects.get(pk=one.pk).attended_at >= rencontre.starts_at


@pytest.mark.parametrize("count", [1, 20])
def test_the_page_is_light_and_asks_the_database_no_more_for_more_people(
    team, rencontre, count, django_assert_num_queries
):
    for n in range(count):
        guest(rencontre, f"Personne {n}")
    with django_assert_num_queries(7):
        answer = team.get(door(rencontre))
    assert len(answer.content) < 7000 + 250 * count


def test_the_presences_say_who_and_what_was_corrected(team, rencontre):
    one = guest(rencontre, "Émile")
    tap(team, rencontre, "arrivee", one.code)
    tap(team, rencontre, "effacer", one.code)
    tap(team, rencontre, "photo-non", one.code)
    tap(team, rencontre, "arrivee", one.code)
    team.post(door(rencontre), {"venir": "oui", "name": "Jean", "key": str(uuid4())})
    tap(team, rencontre, "effacer", Venue.objects.get().code)
    said = plain(team.get(door(rencontre, "presences/")).content)
    assert "1 présent : 1 dans la salle" in said and "pas de photo" in said
    assert f"{one.code} : présence effacée" in said and "par Camille" in said
    assert "Jean (sans inscription) : ligne effacée" in said


# Whose door it is


def pages(rencontre, one):
    feuille = rencontre.feuilles.create(rank=1, holders=[one.pk], waiting=[], printed_by=make_user(is_staff=True))
    names = ("arrivees/", "presences/", "feuilles/1.pdf", "feuilles/1/saisie/", f"attestations/{one.code}/")
    return feuille, [door(rencontre, name) for name in names]


@pytest.fixture
def seance():
    found = make_seance(make_atelier(demarche=make_demarche()), starts_at=local())
    make_identity()
    return found


def test_the_organiser_of_an_atelier_opens_its_seances_and_no_other(client, seance):
    other = make_seance(make_atelier(demarche=seance.rencontre.demarche), starts_at=local())
    user = make_animation(atelier=seance.atelier).user
    client.force_login(user)
    mine, theirs = (guest(one.rencontre, "Émile", attended_at=local()) for one in (seance, other))
    for page in pages(seance.rencontre, mine)[1]:
        assert client.get(page).status_code == 200, page
    for page in pages(other.rencontre, theirs)[1]:
        for answer in (client.get(page), client.post(page, {"tap": f"effacer {theirs.code}", "noter": "oui"})):
            assert answer.status_code == 404, page
            assert "Émile" not in answer.content.decode()
    assert tap(client, seance.rencontre, "effacer", theirs.code).status_code == 404, "by another's page"
    assert client.get(door(seance.rencontre, f"attestations/{theirs.code}/")).status_code == 404
    assert came(theirs)


@pytest.mark.parametrize("kind", [RoleKind.LECTEUR, RoleKind.MODERATEUR, RoleKind.REDACTEUR])
def test_who_reads_the_demarche_reads_no_name_of_the_evening(client, rencontre, kind):
    user = make_user(is_staff=True)
    make_role(user=user, demarche=rencontre.demarche, kind=kind)
    client.force_login(user)
    one = guest(rencontre, "Émile", attended_at=local())
    for page in pages(rencontre, one)[1]:
        assert client.get(page).status_code == client.post(page).status_code == 403, page
    assert "Présences" not in client.get(door(rencontre, "change/")).content.decode()


# The code of arrival


def test_a_scanned_code_is_one_button_for_the_team(team, rencontre):
    one = guest(rencontre, "Émile")
    page = team.get(arrival_path(one.pk))
    assert "Noter l’arrivée" in text_of(page) and "Émile" in text_of(page)
    assert not came(one), "scanning notes nothing"
    for _ in range(2):
        assert "Arrivée notée à" in text_of(team.post(arrival_path(one.pk)))
    assert came(one)


def test_a_code_tells_nobody_else_anything(client, rencontre):
    one = guest(rencontre, "Émile", email="emile@example.org")
    elsewhere = organiser(make_rencontre(demarche=make_demarche()))
    for user in (None, elsewhere, make_user()):
        if user:
            client.force_login(user)
        said = text_of(client.get(arrival_path(one.pk)))
        assert "Un code d’arrivée" in said and "montre à l’entrée" in said
        assert not re.search("Émile|emile|Lens|Noter", said)
        assert client.post(arrival_path(one.pk)).status_code == 403
    assert not came(one)


def test_a_code_leads_through_the_log_in_and_back_to_itself(client, rencontre):
    one, user = guest(rencontre, "Émile"), organiser(rencontre)
    said = text_of(client.get(arrival_path(one.pk)))
    address = re.search(r'href="(/admin/login/\?next=[^"]+)"', said)[1]
    assert parse_qs(urlsplit(address).query)["next"] == [arrival_path(one.pk)]
    door = client.get(address)["Location"].replace(LOGIN, BY_PASSWORD)
    answer = client.post(door, {"email": user.email, "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, arrival_path(one.pk))


@pytest.mark.parametrize("forged", ["forged", "MQ:abc", holder_path(1).split("/")[2], "MQ" * 300])
def test_a_forged_code_opens_nothing(client, forged):
    assert read_arrival(forged) is None
    assert client.get(f"/arrivee/{forged}/").status_code == 404


def test_a_code_holds_no_name_and_no_address(rencontre):
    one = guest(rencontre, "Émile", email="emile@example.org")
    assert read_arrival(arrival_path(one.pk).split("/")[2]) == one.pk
    assert "mil" not in arrival_path(one.pk).lower()


# In the mails and in « Mes inscriptions »


def test_mails_that_promise_a_place_hold_its_code(rencontre):
    later = make_rencontre(capacity=1)
    first, second = make_personne(), make_personne()
    held = register(first, later.pk)
    register(second, later.pk)
    for_first, for_second = mails()
    assert [one.mimetype for one in for_first.attachments] == ["text/calendar", "image/png"]
    assert for_first.attachments[1].content.startswith(b"\x89PNG") and f"dites {held.code}" in plain(for_first.body)
    assert for_second.attachments == [] and "code joint" not in for_second.body


def test_the_code_is_shown_in_mes_inscriptions_to_who_has_a_place_in_the_room(client):
    rencontre = make_rencontre(mode=Mode.BOTH)
    one = guest(rencontre)
    said = text_of(client.get(holder_path(one.personne_id)))
    assert "data:image/svg+xml" in said and f"Code à montrer à l’entrée : {one.code}" in said
    Inscription.objects.filter(pk=one.pk).update(state=WAITING)
    assert "data:image" not in text_of(client.get(holder_path(one.personne_id)))


def test_a_name_is_asked_with_the_place_changed_and_taken_back(client):
    rencontre, personne = make_rencontre(), make_personne()
    wish = wish_path(Wish((rencontre.pk,), personne_pk=personne.pk))
    assert "Votre nom, pour vous accueillir (facultatif)" in text_of(client.get(wish))
    client.post(wish, {"name": " Émile\0 Zola "})
    one = Inscription.objects.get()
    assert one.name == "Émile Zola"
    mine = holder_path(personne.pk)
    assert 'value="Émile Zola"' in text_of(client.get(mine))
    refused = client.post(mine, {"nom": "oui", "name": "É" * 121})
    assert refused.status_code == 422 and "É" * 121 in text_of(refused)
    client.post(mine, {"nom": "oui", "name": ""})
    one.refresh_from_db()
    assert one.name == ""


def test_at_a_distance_one_says_oneself_that_one_is_there(client):
    address = "https://visio.example.org/salle-12"
    rencontre = tonight(mode=Mode.BOTH, remote_url=address)
    far, waits = (guest(rencontre, presence=Presence.REMOTE, state=state) for state in ("confirmee", WAITING))
    said = text_of(client.get(holder_path(far.personne_id)))
    assert address in said and "Je suis là" in said
    assert address not in text_of(client.get(holder_path(waits.personne_id))), "to those who have a place alone"
    client.post(holder_path(waits.personne_id), {"present": waits.pk})
    assert client.post(holder_path(far.personne_id), {"present": waits.pk}).status_code == 404
    for _ in range(2):
        client.post(holder_path(far.personne_id), {"present": far.pk})
    assert (came(far), came(waits)) == (True, False)
    assert far.events.get().by is None


def test_nobody_says_from_home_that_they_are_in_the_room_nor_another_day(client):
    room = guest(tonight(mode=Mode.BOTH))
    early = guest(tonight(mode=Mode.REMOTE, starts_at=local(1)), presence=Presence.REMOTE)
    for one in (room, early):
        client.post(holder_path(one.personne_id), {"present": one.pk})
        assert not came(one)


def test_the_address_is_sent_once_to_each_who_has_a_place_at_a_distance(team, rencontre):
    rencontre.mode, rencontre.remote_url = Mode.BOTH, "https://visio.example.org/a"
    rencontre.save()
    far = guest(rencontre, presence=Presence.REMOTE)
    guest(rencontre, presence=Presence.REMOTE, state=WAITING)
    guest(rencontre)
    unproved = guest(rencontre, presence=Presence.REMOTE)
    unproved.personne.confirmed_at = None
    unproved.personne.save()
    for _ in range(2):
        answer = team.post(door(rencontre, "presences/"), {"adresse": "oui"}, follow=True)
    assert "déjà envoyée à 1 ; 1 sans adresse confirmée" in plain(answer.content)
    (message,) = mails()
    assert message.to == [far.personne.email] and rencontre.remote_url in message.body
    rencontre.remote_url = "https://visio.example.org/b"
    rencontre.save()
    assert send_address(rencontre.pk).written == 1, "a new address is another message"


@pytest.mark.parametrize(
    "fields", [{"mode": Mode.ROOM, "remote_url": "https://visio.example.org/"}, {"mode": Mode.BOTH}]
)
def test_no_address_leaves_where_there_is_none(fields):
    with pytest.raises(NothingToSendError, match="Rien n’est parti"):
        send_address(tonight(**fields).pk)


# The attestation


def test_who_came_has_an_attestation_under_the_name_they_give(client, rencontre):
    make_identity()
    one = guest(rencontre, "Émile")
    address = f"{holder_path(one.personne_id)}attestation/{one.pk}/"
    assert client.get(address).status_code == 404, "who has not come has none"
    arrive(rencontre.pk, one.pk, None)
    assert 'value="Émile"' in text_of(client.get(address))
    assert client.post(address, {"name": ""}).status_code == 422
    answer = client.post(address, {"name": "Émile Zola, dit <b>Z</b> #x"})
    (said,) = pages_of(answer.content)
    assert "Émile Zola, dit <b>Z</b> #x" in said and "Réunion à Lens" in said and "Région d’essai" in said
    assert answer["Cache-Control"] == "private, no-store"
    one.refresh_from_db()
    assert one.name == "Émile", "what is typed is not kept"
    other = make_personne()
    assert client.get(f"{holder_path(other.pk)}attestation/{one.pk}/").status_code == 404
    assert client.get(f"/inscriptions/forged/attestation/{one.pk}/").status_code == 404
    assert f"attestation/{one.pk}/" in text_of(client.get(holder_path(one.personne_id)))


def test_the_team_gives_one_to_who_left_no_address(team, rencontre):
    make_identity()
    team.post(door(rencontre), {"venir": "oui", "name": "Jean", "key": str(uuid4())})
    line = Venue.objects.get()
    address = door(rencontre, f"attestations/{line.code}/")
    assert "Jean" in plain(team.get(address).content)
    (said,) = pages_of(team.post(address, {"name": "Jean Valjean"}).content)
    assert "Jean Valjean" in said
    tap(team, rencontre, "effacer", line.code)
    for code in (line.code, "A12", "X1", "A", "Aé", "A" + "9" * 30):
        assert team.get(door(rencontre, f"attestations/{code}/")).status_code == 404, code
