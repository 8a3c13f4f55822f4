"""On the day: whom to call, for whoever runs the démarche alone; who was reached; and the ledger of the reminders."""

import pytest
from django.db.models.functions import Now

from consultation.actions import rappels
from consultation.choices import InscriptionState, RoleKind
from consultation.models import Call, Rappel
from socle.courriels.models import Envoi, State
from tests.factories import local, make_personne, make_role, make_user
from tests.reminding import planned, registered, sent

pytestmark = pytest.mark.django_db

PHONE = "06 12 34 56 78"


@pytest.fixture
def rencontre():
    return planned(local(6, 18))


@pytest.fixture
def responsable(client, rencontre):
    user = make_user(is_staff=True, display_name="Camille")
    make_role(user=user, demarche=rencontre.demarche, kind=RoleKind.RESPONSABLE)
    client.force_login(user)
    return client


def page(client, rencontre, name="appels"):
    answer = client.get(f"/admin/consultation/rencontre/{rencontre.pk}/{name}/")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return " ".join(answer.content.decode().replace("&nbsp;", " ").split())


def call(client, rencontre, inscription, answer):
    address = f"/admin/consultation/rencontre/{rencontre.pk}/appels/"
    return client.post(address, {"inscription": inscription.pk, "jointe": answer})


def test_only_those_who_gave_a_number_and_still_come_are_called(responsable, rencontre):
    called = registered(rencontre, phone=PHONE)
    waits = registered(rencontre, phone="07 00 00 00 00", state=InscriptionState.WAITING)
    silent = registered(rencontre)
    gone = registered(rencontre, phone="07 11 11 11 11", state=InscriptionState.CANCELLED)
    said = page(responsable, rencontre)
    assert called.personne.email in said and PHONE in said and 'href="tel:0612345678"' in said
    assert waits.personne.email in said
    assert silent.personne.email not in said and gone.personne.email not in said
    assert "Jointes : 0 sur 2." in said and "1 autre a une inscription sans numéro" in said


def test_one_tap_says_who_was_reached(responsable, rencontre):
    first, second = (registered(rencontre, phone=PHONE) for _ in range(2))
    assert call(responsable, rencontre, first, "non").status_code == 302
    assert call(responsable, rencontre, first, "oui").status_code == 302
    assert list(Call.objects.values_list("inscription", "reached")) == [(first.pk, False), (first.pk, True)]
    said = page(responsable, rencontre)
    assert "Jointes : 1 sur 2." in said and "par Camille" in said
    assert said.index(second.personne.email) < said.index(first.personne.email), "who is left to call comes first"


@pytest.mark.parametrize("answer", ["", "peut-être"])
def test_a_call_without_an_answer_notes_nothing(responsable, rencontre, answer):
    call(responsable, rencontre, registered(rencontre, phone=PHONE), answer)
    assert not Call.objects.exists()


def test_nobody_of_another_rencontre_is_noted_here(responsable, rencontre):
    other = registered(planned(local(7, 18)), phone=PHONE)
    assert call(responsable, rencontre, other, "oui").status_code == 404
    assert not Call.objects.exists()


@pytest.mark.parametrize("kind", [RoleKind.LECTEUR, RoleKind.MODERATEUR, RoleKind.REDACTEUR])
def test_who_does_not_run_the_demarche_reads_no_number(client, rencontre, kind):
    user = make_user(is_staff=True)
    make_role(user=user, demarche=rencontre.demarche, kind=kind)
    client.force_login(user)
    registered(rencontre, phone=PHONE)
    assert client.get(f"/admin/consultation/rencontre/{rencontre.pk}/appels/").status_code == 403
    form = client.get(f"/admin/consultation/rencontre/{rencontre.pk}/change/").content.decode()
    assert PHONE not in form and "Liste d’appel" not in form
    assert PHONE not in page(client, rencontre, "rappels")


def test_the_ledger_says_what_became_of_each_reminder(responsable, rencontre):
    registered(rencontre)
    registered(rencontre, personne=make_personne(confirmed_at=None))
    before = page(responsable, rencontre, "rappels")
    assert "Dû : 1." in before and "À venir : 1." in before
    assert "l’adresse n’est pas confirmée" in before and "7 jours avant : un rappel" in before
    assert not Rappel.objects.exists() and not Envoi.objects.exists(), "looking writes nothing"
    rappels.remind_due()
    assert "À envoyer : 1." in page(responsable, rencontre, "rappels")
    sent()
    after = page(responsable, rencontre, "rappels")
    assert "Parti : 1." in after and "Rien ne partirait." in after
    Envoi.objects.update(bounced_at=Now(), bounce_status="5.1.1", state=State.FAILED, last_error="550 inconnu")
    said = page(responsable, rencontre, "rappels")
    assert "Revenu : 1." in said and "550 inconnu" in said
    form = responsable.get(f"/admin/consultation/rencontre/{rencontre.pk}/change/").content.decode()
    assert "Revenu&nbsp;: 1." in form
    assert "@example.org" not in said, "people are shown by reference"


def test_the_ledger_says_why_one_was_skipped(responsable, rencontre):
    registered(rencontre, created_at=local(-1, 12))
    rappels.remind_due()
    assert "sa date était passée quand la place a été prise" in page(responsable, rencontre, "rappels")
