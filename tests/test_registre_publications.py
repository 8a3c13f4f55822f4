"""What the team gives to read enters the register: published, corrected, taken down; never its title nor its words."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from consultation.actions.contributions import change_state
from consultation.choices import ContributionState, DemarcheState, RoleKind
from consultation.models import Actualite, CahierActeur, FrequentQuestion, Ressource
from participons.actes import ACTS
from socle.registre.actions import seal
from socle.registre.models import Entree, EntreeKey
from socle.registre.sealing import fingerprint_of
from tests.factories import (
    make_actualite,
    make_contribution,
    make_demarche,
    make_document,
    make_ressource,
    make_role,
    make_superuser,
)
from tests.papers import pdf
from tests.test_admin_demarche import empty_forms, posted
from tests.writing import text_of

pytestmark = pytest.mark.django_db
NEWS, GIVEN = "/admin/consultation/actualite/", "/admin/consultation/ressource/"
LINK = {"kind": "lien", "title": "Canari", "url": "https://www.insee.fr/", "description": "", "source": ""}


@pytest.fixture(autouse=True)
def demarche(monkeypatch, settings, tmp_path):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    settings.DOCUMENT_STORAGE = tmp_path / "documents"
    return make_demarche(slug="dp-2011")


@pytest.fixture
def redacteur(client, demarche):
    client.force_login(make_role(demarche=demarche, kind=RoleKind.REDACTEUR).user)
    return client


def at(days: int) -> dict[str, str]:
    day = timezone.localdate() + timedelta(days=days)
    return {"published_at_0": day.isoformat(), "published_at_1": "00:00:00"}


NEVER = {"published_at_0": "", "published_at_1": ""}


def entered() -> list[tuple]:
    return [(one.kind, one.subject, one.role) for one in Entree.objects.order_by("pk")]


def test_an_actualite_enters_when_it_is_published_corrected_and_taken_down(redacteur, demarche):
    said = {"demarche": demarche.pk, "topic": "", "title": "Canari du titre", "body": "Canari du texte"}
    redacteur.post(f"{NEWS}add/", said | NEVER)
    actualite = Actualite.objects.get()
    change, subject = f"{NEWS}{actualite.pk}/change/", f"actualite:{actualite.pk}"
    redacteur.post(change, said | NEVER | {"body": "Canari encore"})
    assert entered() == [], "nobody reads a draft"
    redacteur.post(change, said | at(-1))
    redacteur.post(change, said | at(-1))
    redacteur.post(change, said | at(-1) | {"body": "Canari corrigé"})
    redacteur.post(change, said | NEVER)
    kinds = ["actualite.publiee", "actualite.corrigee", "actualite.retiree"]
    assert entered() == [(kind, subject, "rédacteur") for kind in kinds]
    seal()
    page = redacteur.get("/registre/")
    assert "anari" not in text_of(page) + str(list(Entree.objects.values()))
    assert "a été corrigée par un rédacteur" in text_of(page)
    assert 'href="/actualites/"' in page.content.decode()
    key = EntreeKey.objects.select_related("entree").order_by("pk").first()
    assert fingerprint_of("Canari du titre\n\nCanari du texte", bytes(key.secret)) == key.entree.fingerprint


def test_one_dated_for_later_enters_with_its_date_and_again_when_that_changes(redacteur, demarche):
    said = {"demarche": demarche.pk, "topic": "", "title": "Le forum", "body": "Il vient."}
    redacteur.post(f"{NEWS}add/", said | at(2))
    redacteur.post(f"{NEWS}{Actualite.objects.get().pk}/change/", said | at(3))
    assert [one[0] for one in entered()] == ["actualite.publiee", "actualite.corrigee"]
    first, second = (one.facts["date"] for one in Entree.objects.order_by("pk"))
    assert first != second
    seal()
    page = " ".join(text_of(redacteur.get("/registre/")).split())
    assert f"Visible à partir de cette date : {' '.join(second.split())}" in page


def test_a_ressource_enters_with_what_it_holds(redacteur, demarche):
    redacteur.post(f"{GIVEN}add/", LINK | {"demarche": demarche.pk} | at(-1))
    paper = LINK | {"kind": "document", "url": "", "demarche": demarche.pk} | at(-1)
    ressource = Ressource.objects.get()
    upload = SimpleUploadedFile("etude.pdf", pdf())
    redacteur.post(f"{GIVEN}{ressource.pk}/change/", paper | {"file": upload})
    redacteur.post(f"{GIVEN}{ressource.pk}/change/", paper | {"file": SimpleUploadedFile("autre.pdf", pdf(pages=2))})
    redacteur.post(f"{GIVEN}{ressource.pk}/delete/", {"post": "yes"})
    assert [one[0].partition(".")[2] for one in entered()] == ["publiee", "corrigee", "corrigee", "retiree"]
    assert {one[1] for one in entered()} == {f"ressource:{ressource.pk}"}


def test_several_deleted_from_the_list_enter_each(redacteur, demarche):
    rows = [make_ressource(demarche=demarche), make_ressource(demarche=demarche)]
    draft = make_ressource(demarche=demarche, published_at=None)
    ticked = {"action": "delete_selected", "_selected_action": [row.pk for row in [*rows, draft]], "post": "yes"}
    redacteur.post(GIVEN, ticked)
    assert not Ressource.objects.exists()
    assert {one[:2] for one in entered()} == {("ressource.retiree", f"ressource:{row.pk}") for row in rows}


def test_frequent_questions_enter_as_they_are_added_corrected_and_removed(client, demarche):
    client.force_login(make_role(demarche=demarche, kind=RoleKind.RESPONSABLE).user)
    url = f"/admin/consultation/demarche/{demarche.pk}/change/"
    name = "frequent_questions"
    row = {f"{name}-0-rank": 1, f"{name}-0-question": "Et le bus ?", f"{name}-0-answer": "Il passe."}
    client.post(url, posted(client.get(url)) | empty_forms(name, initial=0) | {f"{name}-TOTAL_FORMS": 1} | row)
    pk = FrequentQuestion.objects.get().pk
    client.post(url, posted(client.get(url)) | {f"{name}-0-rank": 2})
    client.post(url, posted(client.get(url)) | {f"{name}-0-answer": "Il ne passe plus."})
    client.post(url, posted(client.get(url)) | {f"{name}-0-DELETE": "on"})
    assert not FrequentQuestion.objects.exists()
    kinds = ["frequente.publiee", "frequente.corrigee", "frequente.retiree"]
    assert entered() == [(kind, f"frequente:{pk}", "responsable") for kind in kinds], "a rank is no word"


def test_nothing_of_a_draft_demarche_enters(client):
    client.force_login(make_superuser())
    draft = make_demarche(state=DemarcheState.DRAFT, courante=False)
    client.post(f"{GIVEN}add/", LINK | {"demarche": draft.pk} | at(-1))
    client.post(f"{NEWS}{make_actualite(demarche=draft).pk}/delete/", {"post": "yes"})
    assert Ressource.objects.exists() and not Actualite.objects.exists()
    assert entered() == []


def test_of_a_cahier_the_document_counts_with_its_summary(demarche):
    moderator = make_role(demarche=demarche).user
    contribution = make_contribution(demarche=demarche, state=ContributionState.WAITING)
    document = make_document(sha256="a" * 64, created_by=moderator)
    CahierActeur.objects.create(
        contribution=contribution, document=document, received_on=timezone.localdate(), checked_by=moderator
    )
    change_state(contribution, ContributionState.PUBLISHED, by=moderator)
    key = EntreeKey.objects.select_related("entree").get()
    words = f"{contribution.title}\n\n{contribution.body}"
    assert fingerprint_of(words, bytes(key.secret)) != key.entree.fingerprint
    assert fingerprint_of(f"{words}\n\n{'a' * 64}", bytes(key.secret)) == key.entree.fingerprint


def test_each_line_of_the_register_leads_where_it_can_be_read(client, demarche):
    """Also when what it is about was taken down since: its list stays."""
    client.force_login(make_superuser())
    client.post(f"{NEWS}{make_actualite(demarche=demarche).pk}/delete/", {"post": "yes"})
    client.post(f"{GIVEN}{make_ressource(demarche=demarche).pk}/delete/", {"post": "yes"})
    assert {one[2] for one in entered()} == {"administrateur"}
    seal()
    page = client.get("/registre/").content.decode()
    for address in ("/actualites/", "/ressources/"):
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200
    assert {one[0] for one in entered()} <= set(ACTS)
