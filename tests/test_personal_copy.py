"""« Prendre mes données » and « m’opposer »: for their owner alone, whole, and answered."""

import csv
import io
import json
import zipfile

import pytest
from django.db.models.functions import Now
from django.test import Client

from consultation.models import ModerationNote
from socle.personaldata import NEVER
from socle.privacy import tasks
from socle.privacy.actions import copies
from socle.privacy.declared import declared
from socle.privacy.links import owner_path
from socle.privacy.models import Copie, Opposition
from tests.factories import make_contribution, make_personne, make_superuser
from tests.leaving import ADDRESS, NAME, leave, make_alice
from tests.test_leaving import link
from tests.test_places import at_once
from tests.writing import mails, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _apart(monkeypatch, settings, tmp_path):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    settings.EXPORT_STORAGE, settings.DOCUMENT_STORAGE = tmp_path / "exports", tmp_path / "documents"
    settings.VAR_DIR = tmp_path


def archive_of(response) -> zipfile.ZipFile:
    assert response.status_code == 200
    assert response["Content-Disposition"] == 'attachment; filename="mes-donnees.zip"'
    assert (response["X-Content-Type-Options"], response["Cache-Control"]) == ("nosniff", "private, no-store")
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


@pytest.mark.django_db(transaction=True)
def test_a_copy_holds_every_field_that_is_given_and_nothing_that_is_withheld(client):
    alice = make_alice()
    Copie.objects.all().delete()
    make_contribution(title="D’une autre", body="Secret d’une autre")
    make_contribution(personne=alice, title="=1+1")
    page = owner_path(alice.pk)
    client.post(f"{page}copie/")
    client.post(f"{page}copie/")  # asked twice, made once
    mails()
    tasks.copy_due()
    copie = Copie.objects.get()
    (told,) = (message for message in mails() if "copie" in message.subject)
    assert f"/copie/{copie.pk}/" in client.get(link(told)).content.decode()
    archive = archive_of(client.get(f"{page}copie/{copie.pk}/"))
    said = json.loads(archive.read("donnees.json"))
    without = {"les-documents-joints-a-vos-contributions", "vos-demandes-de-depart"}  # she has none
    assert set(said) == {copies._file_name(one) for one in declared()} - without
    for one in declared():
        for row in said.get(copies._file_name(one), []):
            assert list(row) == one.given()
    whole = archive.read("donnees.json").decode()
    assert f"{NAME} insiste" in whole, "notes about her are hers to read"
    assert ModerationNote.objects.get().by.email not in whole
    assert "Secret d’une autre" not in whole
    page_of = archive.read("lisez-moi.html").decode()
    assert "article 15" in page_of
    assert "désigne un agent" in page_of
    table = archive.read("tables/vos-contributions.csv").decode()
    assert table.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(table[1:]), delimiter=";"))
    assert "'=1+1" in {row["titre"] for row in rows}
    assert any(name.startswith("documents/") for name in archive.namelist())


def test_what_is_never_to_leave_leaves_in_its_owners_copy_alone_and_no_secret_does():
    from participons.data import FIELDS

    secrets = {("comptes.User", "password"), ("consultation.Contribution", "tracking_hash")}
    withheld = {(one.model, name) for one in declared() for name, rule in one.rules.items() if rule.withheld}
    assert secrets <= withheld
    assert all(FIELDS[model][name] in (NEVER, *FIELDS[model].values()) for model, name in withheld)
    assert ("courriels.Envoi", "body_text") not in withheld


def test_a_copy_is_its_owners_alone_and_goes_after_a_week(client):
    alice, other = make_personne(email=ADDRESS), make_personne()
    copies.ask(alice)
    tasks.copy_due()
    copie = Copie.objects.get()
    path = copies.file_of(copie)
    assert path.is_file()
    assert client.get(owner_path(other.pk, "mes_donnees_copie", "courriel", copie.pk)).status_code == 404
    assert client.get(f"/mes-donnees/forged/copie/{copie.pk}/").status_code == 404
    Copie.objects.update(expires_at=Now())
    assert client.get(owner_path(alice.pk, "mes_donnees_copie", "courriel", copie.pk)).status_code == 410
    tasks.copy_due()
    copie.refresh_from_db()
    assert (copie.state, copie.file, path.exists()) == ("expiree", "", False)


@pytest.mark.django_db(transaction=True)
def test_a_copy_is_made_once_and_goes_with_its_owner():
    alice = make_personne(email=ADDRESS)
    copies.ask(alice)
    assert sorted(at_once([copies.build_next] * 3)) == [False, False, True]
    path = copies.file_of(Copie.objects.get())
    leave(alice)
    assert not path.exists()
    assert not Copie.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_who_left_while_their_copy_was_made_leaves_no_file(monkeypatch):
    alice = make_personne(email=ADDRESS)
    copies.ask(alice)
    plain = copies._write

    def then_leave(personne, path):
        plain(personne, path)
        at_once([lambda: leave(alice)])

    monkeypatch.setattr(copies, "_write", then_leave)
    assert copies.build_next()
    assert list(copies.folder().iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_an_objection_is_kept_once_and_answered_by_the_team(client):
    alice = make_personne(email=ADDRESS)
    page = owner_path(alice.pk, "mes_donnees_opposer")
    key = client.get(page).context["form"]["key"].value()
    assert client.post(page, {"words": " "}).status_code == 422
    for _ in range(2):
        assert client.post(page, {"words": f"Mon image, <b>{NAME}</b>", "key": key}).status_code == 303
    opposition = Opposition.objects.get()
    (received,) = mails()
    assert "avant le" in received.body
    staff = Client()
    staff.force_login(make_superuser())
    assert "1 opposition à un usage de données" in text_of(staff.get("/admin/"))
    change = f"/admin/privacy/opposition/{opposition.pk}/change/"
    assert "&lt;b&gt;" in staff.get(change).content.decode()
    assert staff.post(change, {"outcome": "admise", "answer": ""}).status_code == 200
    assert not Opposition.objects.filter(answered_at__isnull=False).exists()
    assert staff.post(change, {"outcome": "admise", "answer": "L’image est retirée."}).status_code == 302
    (answered,) = mails()
    assert (answered.to, "L’image est retirée." in answered.body) == ([ADDRESS], True)
    assert "L’image est retirée." in text_of(client.get(owner_path(alice.pk)))
    assert staff.post(change, {"outcome": "refusee", "answer": "Non."}).status_code == 403
    opposition.refresh_from_db()
    assert opposition.outcome == "admise"
