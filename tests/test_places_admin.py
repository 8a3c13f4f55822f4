"""The places of a rencontre in the team's hands: who waits and why, who is put down, fewer places by name."""

import threading

import pytest
from django.db import connection, transaction
from django.test import Client

from consultation.actions import inscriptions as actions
from consultation.actions import rappels
from consultation.choices import InscriptionEventKind, InscriptionState, RencontreState, RoleKind
from consultation.inscription_links import holder_path
from consultation.models import Inscription, InscriptionEvent, Rappel, Rencontre, Service
from socle.comptes.models import Personne
from socle.courriels.models import Envoi, State
from socle.dates import Precision
from tests.factories import local, make_inscription, make_personne, make_rencontre, make_role, make_superuser, make_user
from tests.test_moved import change
from tests.writing import mails, text_of

pytestmark = pytest.mark.django_db
CONFIRMED, WAITING, CANCELLED = InscriptionState.CONFIRMED, InscriptionState.WAITING, InscriptionState.CANCELLED


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def rencontre():
    return make_rencontre(capacity=3, title="Réunion à Lens", starts_at=local(20, 18), precision=Precision.HOUR)


@pytest.fixture
def rows(rencontre):
    """Three places taken, and two people who wait."""
    people = [make_personne(email=f"p{number}@example.org") for number in range(5)]
    found = [actions.register(personne, rencontre.pk) for personne in people]
    mails()
    return found


@pytest.fixture
def staff(client, rencontre):
    user = make_user(is_staff=True)
    make_role(user=user, demarche=rencontre.demarche, kind=RoleKind.RESPONSABLE)
    client.force_login(user)
    return client


def address(rencontre, name):
    return f"/admin/consultation/rencontre/{rencontre.pk}/{name}/"


def release(staff, rencontre, capacity, released, note="La salle a changé."):
    said = {"capacity": capacity, "released": [row.pk for row in released], "note": note}
    return staff.post(address(rencontre, "places"), said)


def states(rows):
    return [Inscription.objects.get(pk=row.pk).state for row in rows]


def order(page, *words):
    found = [page.index(word) for word in words]
    assert found == sorted(found), words


# Who waits, and why


def test_the_line_is_shown_in_order_with_what_was_asked_and_why(staff, rencontre, rows):
    rows[3].services.add(Service.objects.create(label="Boucle magnétique"))
    page = text_of(staff.get(address(rencontre, "liste")))
    order(page, "Rang", "p3@example.org", "Boucle magnétique", "Toutes les places sont prises", "p4@example.org")
    order(page, "qui ont une place", "p2@example.org", "p1@example.org", "p0@example.org")
    assert "3 places sur 3 sont prises. 2 personnes attendent." in " ".join(page.split())


def test_the_page_says_who_was_passed_over_and_why(staff, rencontre, rows):
    Envoi.objects.filter(to="p3@example.org").update(bounced_at=local(), bounce_status="5.1.1", state=State.FAILED)
    actions.cancel(rows[0])
    page = text_of(staff.get(address(rencontre, "liste")))
    order(
        page, "p3@example.org", actions.UNREACHED, "qui ont une place", "p4@example.org", "venue de la liste d’attente"
    )


@pytest.mark.parametrize("count", [1, 6])
def test_the_list_does_not_grow_its_queries(staff, count, django_assert_max_num_queries):
    rencontre = Rencontre.objects.get(pk=make_rencontre(capacity=count).pk)
    make_role(user=make_user(is_staff=True), demarche=rencontre.demarche)
    staff.force_login(make_user(is_staff=True, is_superuser=True))
    for _ in range(2 * count):
        actions.register(make_personne(), rencontre.pk)
    for name in ("liste", "places"):
        with django_assert_max_num_queries(14):
            staff.get(address(rencontre, name), {"capacity": 0})


# Somebody who called


def test_who_is_put_down_takes_what_the_line_leaves_and_is_written_to(staff, rencontre, rows):
    answer = staff.post(address(rencontre, "liste"), {"email": " Zoe@Example.org "}, follow=True)
    assert "zoe@example.org est sur la liste d’attente, au rang 3" in text_of(answer).lower()
    [message] = mails()
    assert message.to == ["Zoe@Example.org"] and "3e sur la liste d’attente" in message.subject
    assert "l’équipe vous a inscrit" in message.body.replace("\n", " ") and "Confirmez-la" in message.body
    assert "/contributions/nouvelle/" in message.body, "who waits is offered to take part without coming"
    [event] = InscriptionEvent.objects.filter(inscription__personne__email="Zoe@Example.org")
    assert event.kind == InscriptionEventKind.WAITING and event.by_id == int(staff.session["_auth_user_id"])


def test_the_link_of_that_mail_proves_the_address_and_reminders_follow(client, staff, rencontre):
    staff.post(address(rencontre, "liste"), {"email": "zoe@example.org"})
    personne = Personne.objects.get(email="zoe@example.org")
    Inscription.objects.update(created_at=local(-90))
    mine = holder_path(personne.pk)
    assert "Confirmez votre adresse" in text_of(client.get(mine)) and not personne.is_confirmed
    rappels.remind_due(local(13, 9))
    assert Rappel.objects.filter(envoi__isnull=False).count() == 0
    assert "Votre adresse est confirmée" in text_of(client.post(mine, {"confirmer": "oui"}, follow=True))
    personne.refresh_from_db()
    assert personne.is_confirmed and "Confirmez votre adresse" not in text_of(client.get(mine))
    assert states([Inscription.objects.get()]) == [CONFIRMED], "nothing else changed"


def test_who_is_there_already_keeps_what_they_hold(staff, rencontre, rows):
    answer = staff.post(address(rencontre, "liste"), {"email": "P0@example.org"}, follow=True)
    assert "déjà sur la liste" in text_of(answer)
    assert states(rows) == [CONFIRMED] * 3 + [WAITING] * 2 and mails() == []


@pytest.mark.parametrize("typed", ["", "pas une adresse", "é" * 300, "x\0"])
def test_a_wrong_address_is_shown_again(staff, rencontre, typed):
    answer = staff.post(address(rencontre, "liste"), {"email": typed})
    assert answer.status_code == 200 and "adresse" in text_of(answer)
    assert not Inscription.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [{"state": RencontreState.CANCELLED, "cancel_reason": "La salle."}, {"starts_at": local(0, 0)}],
)
def test_nobody_is_put_down_where_nobody_can_come(staff, rencontre, fields):
    Rencontre.objects.filter(pk=rencontre.pk).update(**fields)
    answer = staff.post(address(rencontre, "liste"), {"email": "zoe@example.org"})
    assert "personne n’y est ajouté" in text_of(answer)
    assert not Inscription.objects.exists() and not Personne.objects.filter(email="zoe@example.org").exists()


def test_the_team_may_put_down_somebody_after_the_closing(staff, rencontre):
    Rencontre.objects.filter(pk=rencontre.pk).update(inscriptions_close_at=local(-1))
    staff.post(address(rencontre, "liste"), {"email": "zoe@example.org"})
    assert Inscription.objects.get().is_confirmed


# Fewer places, by name


def test_the_refusal_leads_to_the_page_where_it_can_be_done(staff, rencontre, rows):
    answer = change(staff, rencontre, capacity="1")
    assert f'href="{address(rencontre, "places")}?capacity=1"' in answer.content.decode()
    page = text_of(staff.get(address(rencontre, "places"), {"capacity": 1}))
    assert "Pour descendre à 1 place, il faut en rendre 2" in page
    order(page, "p2@example.org", "p1@example.org", "p0@example.org")
    assert "p3@example.org" not in page, "who waits has no place to give back"
    assert Rencontre.objects.get().capacity == 3


def test_those_who_are_named_lose_their_place_and_are_told_why(staff, rencontre, rows):
    answer = staff.get(release(staff, rencontre, 1, rows[1:3])["Location"])
    assert "Il y a maintenant 1 place. 2 personnes n’ont plus la leur" in text_of(answer)
    assert states(rows) == [CONFIRMED, CANCELLED, CANCELLED, WAITING, WAITING]
    assert Rencontre.objects.get().capacity == 1
    told = mails()
    assert sorted(message.to[0] for message in told) == ["p1@example.org", "p2@example.org"]
    assert all("La salle a changé." in message.body for message in told)
    assert all("/contributions/nouvelle/" in message.body for message in told)
    notes = InscriptionEvent.objects.filter(kind=InscriptionEventKind.RELEASED).values_list("note", "by")
    assert set(notes) == {("La salle a changé.", int(staff.session["_auth_user_id"]))}


def test_too_few_named_changes_nothing_and_keeps_what_was_said(staff, rencontre, rows):
    answer = release(staff, rencontre, 1, rows[:1], note="La salle est petite.")
    page = text_of(answer)
    assert "Il faut rendre 2 places, et vous en avez coché 1" in page and "La salle est petite." in page
    assert f'value="{rows[0].pk}" checked' in " ".join(answer.content.decode().split())
    assert states(rows)[:3] == [CONFIRMED] * 3 and mails() == [] and Rencontre.objects.get().capacity == 3


def test_a_reason_is_asked_for(staff, rencontre, rows):
    assert "Dites pourquoi" in text_of(release(staff, rencontre, 2, rows[:1], note=" "))
    assert states(rows)[0] == CONFIRMED


def test_whoever_was_named_keeps_their_place_when_another_gave_theirs_back_meanwhile(staff, rencontre, rows):
    Inscription.objects.filter(pk__in=[rows[3].pk, rows[4].pk]).delete()
    actions.cancel(rows[0])
    mails()
    page = text_of(release(staff, rencontre, 2, [rows[1]]))
    assert "il n’est besoin d’en rendre aucune" in page
    assert states(rows[1:3]) == [CONFIRMED] * 2 and mails() == []


def test_somebody_who_came_meanwhile_is_counted(staff, rencontre, rows):
    Rencontre.objects.filter(pk=rencontre.pk).update(capacity=5)
    late = make_inscription(rencontre=rencontre, personne=make_personne(email="late@example.org"))
    page = text_of(release(staff, rencontre, 1, rows[:2]))
    assert "Il faut rendre 3 places, et vous en avez coché 2" in page and "late@example.org" in page
    assert states([*rows[:3], late]) == [CONFIRMED] * 4


def test_nobody_of_another_rencontre_is_released_here(staff, rencontre, rows):
    other = actions.register(make_personne(), make_rencontre().pk)
    assert "n’a plus de place" in text_of(release(staff, rencontre, 2, [other]))
    assert states([other]) == [CONFIRMED]


def test_who_came_keeps_their_place(staff, rencontre, rows):
    Inscription.objects.filter(pk=rows[0].pk).update(attended_at=local())
    assert "p0@example.org" not in text_of(staff.get(address(rencontre, "places"), {"capacity": 0}))
    release(staff, rencontre, 2, rows[:1])
    assert states(rows)[0] == CONFIRMED


@pytest.mark.parametrize("typed", ["", "-1", "x", "9" * 30, "1\0"])
def test_a_number_that_is_none_is_said(staff, rencontre, rows, typed):
    assert release(staff, rencontre, typed, rows[:1]).status_code == 200
    assert staff.get(address(rencontre, "places"), {"capacity": typed}).status_code == (400 if "\0" in typed else 200)
    assert Rencontre.objects.get().capacity == 3


@pytest.mark.parametrize("kind", [RoleKind.LECTEUR, RoleKind.MODERATEUR, RoleKind.REDACTEUR])
def test_who_does_not_run_the_demarche_sees_no_address(client, rencontre, rows, kind):
    user = make_user(is_staff=True)
    make_role(user=user, demarche=rencontre.demarche, kind=kind)
    client.force_login(user)
    for name in ("liste", "places"):
        assert client.get(address(rencontre, name)).status_code == 403
        assert client.post(address(rencontre, name), {"email": "zoe@example.org", "capacity": "0"}).status_code == 403
    form = client.get(f"/admin/consultation/rencontre/{rencontre.pk}/change/").content.decode()
    assert "liste/" not in form and "places/" not in form


def blocked() -> bool:
    """Whether somebody waits for a lock in this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # in a transaction the first answer would stay
        here = "wait_event_type = 'Lock' AND datname = current_database()"
        cursor.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {here}")
        return cursor.fetchone()[0] > 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("from_list", [False, True])
def test_a_rencontre_is_not_deleted_under_whoever_is_registering(from_list):
    rencontre, personne = make_rencontre(capacity=3), make_personne()
    client, answers = Client(raise_request_exception=False), []
    client.force_login(make_superuser())
    page = "/admin/consultation/rencontre/"
    form = {"action": "delete_selected", "_selected_action": [rencontre.pk]} if from_list else {}
    address = page if from_list else f"{page}{rencontre.pk}/delete/"

    def delete() -> None:
        try:
            answers.append(client.post(address, form | {"post": "yes"}))
        finally:
            connection.close()

    deleting = threading.Thread(target=delete)
    with transaction.atomic():
        actions.register(personne, rencontre.pk)
        deleting.start()
        while deleting.is_alive() and not blocked():
            pass
    deleting.join()
    assert answers[0].status_code in {200, 302}
    assert Rencontre.objects.filter(pk=rencontre.pk).exists()
    assert Inscription.objects.get(rencontre=rencontre).personne == personne
