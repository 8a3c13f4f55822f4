"""« Mes inscriptions »: a place given back goes to the first in line, with its mail; what the team does of places."""

import pytest
from django.test import Client

from ateliers.models import Seance
from consultation.actions import inscriptions as actions
from consultation.actions.inscriptions import TooFewPlacesError
from consultation.choices import InscriptionEventKind, InscriptionState, RencontreState, RoleKind
from consultation.inscription_links import holder_path
from consultation.models import Inscription, InscriptionEvent, Rencontre
from socle.courriels.models import Envoi, State
from socle.dates import Precision
from tests.factories import (
    local,
    make_animation,
    make_demarche,
    make_inscription,
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
def line():
    """One place, and four people who asked for it, in order."""
    rencontre = make_rencontre(capacity=1, title="Réunion à Lens")
    people = [make_personne(email=f"p{number}@example.org") for number in range(4)]
    rows = [actions.register(personne, rencontre.pk) for personne in people]
    mails()
    return rows


def states(rows):
    return [Inscription.objects.get(pk=row.pk).state for row in rows]


def kinds(inscription):
    return list(inscription.events.order_by("pk").values_list("kind", flat=True))


CONFIRMED, WAITING, CANCELLED = InscriptionState.CONFIRMED, InscriptionState.WAITING, InscriptionState.CANCELLED


def test_a_place_given_back_goes_to_the_first_in_line_once_with_one_mail(client, line):
    mine = holder_path(line[0].personne_id)
    page = client.get(f"{mine}?rendre={line[0].pk}")
    assert "Rendre cette place ?" in text_of(page)
    assert states(line) == [CONFIRMED, WAITING, WAITING, WAITING], "reading gives nothing back"
    for _ in range(3):
        page = client.post(mine, {"rendre": line[0].pk}, follow=True)
        assert "M’inscrire de nouveau" in text_of(page) and "Contribuer à distance" in text_of(page)
    assert states(line) == [CANCELLED, CONFIRMED, WAITING, WAITING]
    (message,) = mails()
    assert message.to == ["p1@example.org"]
    assert "Une place s’est libérée : elle est à vous" in message.body.replace("\xa0", " ")
    assert "rendez-la" in message.body and mine.split("/")[2] not in message.body
    assert message.attachments[0][0] == "rendez-vous.ics"
    assert kinds(line[1]) == [InscriptionEventKind.WAITING, InscriptionEventKind.PROMOTED]


def test_who_waits_and_leaves_frees_no_place_and_everyone_behind_moves_up(client, line):
    assert "2e sur la liste d’attente" in text_of(client.get(holder_path(line[2].personne_id)))
    client.post(holder_path(line[1].personne_id), {"rendre": line[1].pk})
    assert states(line) == [CONFIRMED, CANCELLED, WAITING, WAITING]
    assert "En tête de la liste d’attente" in text_of(client.get(holder_path(line[2].personne_id)))
    assert mails() == []


def test_who_comes_again_is_last_in_line(client, line):
    client.post(holder_path(line[0].personne_id), {"rendre": line[0].pk})
    again = client.get(holder_path(line[0].personne_id)).content.decode().split('href="/inscriptions/confirmer/')[1]
    page = client.post(f"/inscriptions/confirmer/{again.split('"')[0]}", follow=True)
    assert "3e sur la liste d’attente" in text_of(page)
    assert states(line) == [WAITING, CONFIRMED, WAITING, WAITING]


def test_all_at_once(client):
    personne = make_personne()
    for _ in range(3):
        actions.register(personne, make_rencontre().pk)
    mine = holder_path(personne.pk)
    assert "Rendre ces places ?" in text_of(client.get(f"{mine}?rendre=tout"))
    client.post(mine, {"rendre": "tout"})
    assert set(Inscription.objects.values_list("state", flat=True)) == {CANCELLED}


@pytest.mark.parametrize("which", ["0", "99999999999999999999", "-1", "tout'--"])
def test_what_is_not_mine_is_nowhere(client, line, which):
    mine = holder_path(line[0].personne_id)
    for wanted in (which, str(line[1].pk)):
        assert client.get(mine, {"rendre": wanted}).status_code == 404
        assert client.post(mine, {"rendre": wanted}).status_code == 404
    assert states(line) == [CONFIRMED, WAITING, WAITING, WAITING]


def test_the_page_is_private_and_asks_no_cookie(line):
    response = Client().get(holder_path(line[0].personne_id))
    assert response["Cache-Control"] == "private, no-store"
    assert "p1@example.org" not in response.content.decode()


def test_what_began_is_given_back_no_more_and_its_places_are_offered_to_nobody(client, line):
    Rencontre.objects.update(starts_at=local(0, 0), precision=Precision.HOUR)
    client.post(holder_path(line[0].personne_id), {"rendre": line[0].pk})
    assert states(line)[0] == CONFIRMED
    actions.cancel(line[0], by=make_user(is_staff=True), note="Appelée, elle ne vient pas.")
    assert states(line) == [CANCELLED, WAITING, WAITING, WAITING]
    event = InscriptionEvent.objects.get(kind=InscriptionEventKind.NOT_OFFERED)
    assert (event.inscription, event.note) == (line[1], "La rencontre a commencé.")


def test_an_address_that_is_dead_is_passed_over_and_the_team_sees_why(line):
    Envoi.objects.filter(to="p1@example.org").update(bounced_at=local(), bounce_status="5.1.1", state=State.FAILED)
    actions.cancel(line[0])
    assert states(line) == [CANCELLED, WAITING, CONFIRMED, WAITING]
    assert InscriptionEvent.objects.get(kind=InscriptionEventKind.NOT_OFFERED).inscription == line[1]


def test_a_mail_that_has_not_left_is_called_back_with_the_place(line):
    actions.cancel(line[0])
    actions.cancel(line[1])
    assert [message.to for message in mails()] == [["p2@example.org"]]


def test_more_places_go_to_the_line_in_order_and_fewer_are_refused_with_the_figures(line):
    by, pk = make_user(is_staff=True), line[0].rencontre_id
    actions.change_capacity(pk, 3, by)
    assert states(line) == [CONFIRMED, CONFIRMED, CONFIRMED, WAITING]
    assert [message.to[0] for message in mails()] == ["p1@example.org", "p2@example.org"]
    with pytest.raises(TooFewPlacesError, match=r"3 personnes sont déjà confirmées.*descendre à 2"):
        actions.change_capacity(pk, 2, by)
    assert (Rencontre.objects.get(pk=pk).capacity, states(line)[3]) == (3, WAITING)


def test_fewer_places_by_name_tells_whoever_loses_theirs(line):
    by, pk = make_user(is_staff=True), line[0].rencontre_id
    actions.change_capacity(pk, 3, by)
    mails()
    actions.change_capacity(pk, 2, by, releasing=[Inscription.objects.get(pk=line[1].pk)], note="La salle a changé.")
    assert states(line) == [CONFIRMED, CANCELLED, CONFIRMED, WAITING], "the line is not served with what is gone"
    (message,) = mails()
    assert message.to == ["p1@example.org"] and "La salle a changé." in message.body
    assert InscriptionEvent.objects.get(kind=InscriptionEventKind.RELEASED).by == by


def test_unlimited_places_serve_the_whole_line(line):
    actions.change_capacity(line[0].rencontre_id, None, make_user(is_staff=True))
    assert set(states(line)) == {CONFIRMED}


def test_organisers_hear_once_of_each_level(client):
    demarche = make_demarche()
    seance: Seance = make_seance(capacity=10)
    animation = make_animation(atelier=seance.atelier)
    chief = make_role(demarche=demarche, kind=RoleKind.RESPONSABLE).user
    make_role(demarche=demarche, kind=RoleKind.MODERATEUR)
    rows = [actions.register(make_personne(), seance.pk) for _ in range(12)]
    told = Envoi.objects.filter(to__in=[chief.email, animation.user.email])
    assert [
        subject[:4] for subject in told.filter(to=chief.email).order_by("pk").values_list("subject", flat=True)
    ] == [
        "50\xa0%",
        "80\xa0%",
        "Comp",
    ]
    assert told.count() == 6
    actions.cancel(rows[0])
    actions.cancel(rows[1])
    actions.cancel(rows[2])
    actions.register(make_personne(), seance.pk)
    assert (told.count(), Envoi.objects.filter(subject__startswith="50").count()) == (6, 2)


def test_a_cancelled_rencontre_offers_its_places_to_nobody(line):
    Rencontre.objects.update(state=RencontreState.CANCELLED, cancel_reason="La salle est fermée.")
    actions.cancel(line[0])
    assert states(line) == [CANCELLED, WAITING, WAITING, WAITING]


def test_the_public_page_says_how_many_places_are_left(client, line):
    page = text_of(client.get(line[0].rencontre.get_absolute_url()))
    assert "complet : 3 personnes attendent" in page and "il y a une minute" in page
    assert "S’inscrire sur la liste d’attente" in page
    assert "S’inscrire" in text_of(client.get("/rencontres/"))


def test_the_list_does_not_grow_its_queries(client, django_assert_max_num_queries):
    personne = make_personne()
    for _ in range(6):
        make_inscription(personne=personne, rencontre=make_rencontre())
    with django_assert_max_num_queries(8):
        client.get(holder_path(personne.pk))


# What the first mail says, written when it leaves


def test_the_mail_says_the_rank_that_was_answered_whatever_moved_since(line):
    late = actions.register(make_personne(email="late@example.org"), line[0].rencontre_id)
    actions.cancel(line[1])
    assert late.place_label == "4e sur la liste d’attente"
    [message] = [one for one in mails() if one.to == ["late@example.org"]]
    assert message.subject.startswith("4e sur la liste d’attente")


def test_a_place_given_back_or_cancelled_before_its_mail_left_is_not_confirmed_by_it():
    personne = make_personne(email="alice@example.org")
    kept, returned, cancelled = (make_rencontre(title=title) for title in ("À Lens", "À Lille", "À Calais"))
    actions.register_all(personne, [kept.pk, returned.pk, cancelled.pk])
    actions.cancel(Inscription.objects.get(rencontre=returned))
    Rencontre.objects.filter(pk=cancelled.pk).update(state=RencontreState.CANCELLED, cancel_reason="La salle.")
    [message] = mails()
    assert "À Lens" in message.body and "À Lille" not in message.body and "À Calais" not in message.body


def test_a_mail_that_would_confirm_nothing_any_more_does_not_leave():
    inscription = actions.register(make_personne(), make_rencontre().pk)
    actions.cancel(inscription)
    assert mails() == []
    assert Envoi.objects.get(dedupe_key__endswith=":recue").state == State.CANCELLED
