"""A démarche is not archived without what it owes by law, or the reason; staff see what is late, authors are told."""

from __future__ import annotations

import pytest
from django.utils import timezone

from consultation import tasks
from consultation.coverage import untreated
from consultation.etapes import EtapeType
from consultation.models import Archivage, Demarche
from socle.courriels.models import Envoi
from socle.registre.models import Entree
from tests.adopting import announced, make_policy
from tests.factories import local, make_demarche, make_etape, make_personne, make_superuser
from tests.test_textes_hold import refused
from tests.textes import answered, make_texte, passage, published, said

pytestmark = pytest.mark.django_db
ARCHIVE = "UPDATE consultation_demarche SET state = 'archivee' WHERE id = %s"
WHY = "La Région a renoncé à cette politique."


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def admin(client):
    client.force_login(make_superuser())
    return client


def synthese():
    texte = make_texte()
    passage(texte, said())
    if left := list(untreated(texte.draft)):
        answered(texte, *left)
    published(texte)


def text(answer):
    return answer.content.decode().replace("\u00a0", " ")


def test_what_it_owes_is_listed_and_it_is_not_archived_without_a_reason_through_any_door(admin):
    demarche, alice = make_demarche(), make_personne()
    heard = said(personne=alice, demarche=demarche)
    address = f"/admin/consultation/demarche/{demarche.pk}/archiver/"
    page = text(admin.get(address))
    assert "Aucune synthèse des contributions n’a paru" in page and "Aucune suite donnée n’est publiée." in page
    refusal = admin.post(address, {"reason": " "})
    assert refusal.status_code == 422 and "Dites pourquoi elle est archivée" in text(refusal)
    refused(ARCHIVE, demarche.pk, by="demarche_archived_whole")
    tasks.tell_authors()
    assert not Envoi.objects.exists()
    assert admin.post(address, {"reason": WHY}).status_code == 302
    assert Demarche.objects.get(pk=demarche.pk).state == "archivee"
    facts = Entree.objects.get(kind="demarche.archivee").facts
    assert facts["raison"] == WHY and "Aucune synthèse" in facts["manque"]
    tasks.tell_authors()
    tasks.tell_authors()
    mail = Envoi.objects.get()
    assert mail.to == alice.email and heard.reference in mail.body_text and WHY in mail.body_text
    refused("UPDATE consultation_archivage SET reason = 'Autre.'", by="archivage_stays")
    refused("DELETE FROM consultation_archivage", by="archivage_stays")
    assert admin.post(f"/admin/consultation/demarche/{demarche.pk}/ouvrir/").status_code == 302
    assert Archivage.objects.get().reopened_at
    refused(ARCHIVE, demarche.pk, by="demarche_archived_whole")  # the reason of the time before is not this one's


def test_with_its_synthese_and_its_suites_it_owes_nothing(admin):
    synthese()
    policy = make_policy()
    demarche = policy.demarche
    address = f"/admin/consultation/demarche/{demarche.pk}/archiver/"
    announced(policy)
    assert "Articles de la politique sans suite : 2." in text(admin.get(address))
    announced(policy, 2)
    assert "rien ne manque" in text(admin.get(address))
    assert admin.post(address, {}).status_code == 302
    assert (Archivage.objects.get().missing, Archivage.objects.get().reason) == ([], "")
    tasks.tell_authors()
    assert not Envoi.objects.filter(body_text__contains="est archivée").exists()


def test_staff_see_what_is_overdue_once_the_etape_that_owes_it_is_over(admin):
    demarche = make_demarche()
    yesterday = timezone.localdate(local(-1))
    make_etape(demarche=demarche, type=EtapeType.RECUEIL, starts_on=yesterday, ends_on=yesterday)
    owes = "La démarche doit ce que la loi demande"
    assert owes not in text(admin.get("/admin/"))
    make_etape(demarche=demarche, type=EtapeType.LANCEMENT, starts_on=yesterday, ends_on=yesterday)
    page = text(admin.get("/admin/"))
    assert owes in page and "Aucune synthèse" in page and "Aucune suite" not in page
    synthese()
    assert owes not in text(admin.get("/admin/"))
    make_etape(demarche=demarche, type=EtapeType.REUNIONS, starts_on=yesterday, ends_on=yesterday)
    assert "Aucune suite donnée n’est publiée." in text(admin.get("/admin/"))
