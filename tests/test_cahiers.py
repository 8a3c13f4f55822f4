"""Cahiers d’acteurs: an organisation's document, checked and moderated, read while its contribution is published."""

import io
import re
from uuid import uuid4

import pytest
import typst
from django.utils import timezone
from pypdf import PdfReader

from consultation.actions.contributions import change_state
from consultation.actions.papers import enter_cahier
from consultation.models import CahierActeur, Contribution
from socle.documents.actions import examine_pdf, purge
from socle.documents.files import path_of
from socle.documents.models import Document, size_label
from tests.factories import make_contribution, make_demarche, make_reason, make_role, make_theme
from tests.papers import HOSTILE_PDF, image, pdf, taken, upload
from tests.writing import mails, text_of

ADD = "/admin/consultation/cahieracteur/add/"
SAID = {
    "organisation": "Association des Usagers",
    "title": "Pour des conseils de quartier",
    "body": "Nous demandons que chaque ville ait les siens.",
    "nature": "proposition",
    "theme": "autre",
    "origine": "courrier",
}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(tmp_path, settings):
    settings.DOCUMENT_STORAGE = tmp_path / "documents"


@pytest.fixture
def demarche():
    return make_demarche()


@pytest.fixture
def alice(demarche):
    return make_role(demarche=demarche, kind="moderateur").user


def said(**fields):
    return SAID | {"submission_key": str(uuid4()), "received_on": timezone.localdate().isoformat()} | fields


def a_cahier(demarche, by, *, published=False, **fields):
    document = examine_pdf(upload(pdf(pages=fields.pop("pages", 1)), "position.pdf"), by).document
    known = {"organisation": "Asso", "author_name": "Asso", "display": "nom", "speaks_as": "organisation"}
    words = {"title": "Notre position", "body": "En bref.", "nature": "reflexion", "origine": "courrier"}
    contribution = enter_cahier(
        demarche=demarche,
        submission_key=uuid4(),
        by=by,
        received_on=timezone.localdate(),
        document=document,
        **(known | words | fields),
    )
    if published:
        change_state(contribution, "publiee", by=by)
    return contribution


def test_a_form_sent_with_nothing_says_what_is_missing(client, demarche, alice):
    client.force_login(alice)
    response = client.post(ADD)
    assert response.status_code == 422
    assert "Choisissez le document" in text_of(response)


def test_position_is_entered_moderated_and_read_with_its_document(client, demarche, alice):
    make_theme(demarche=demarche, question="Comment décider ?")
    client.force_login(alice)
    response = client.post(ADD, said(theme="1", document=upload(pdf(pages=12), "position.pdf")), follow=True)
    contribution = Contribution.objects.select_related("demarche").get()
    assert f"{contribution.reference} attend sa modération" in text_of(response)
    assert (contribution.state, contribution.speaks_as) == ("en_attente", "organisation")
    moderated = text_of(client.get(f"/admin/consultation/contribution/{contribution.pk}/change/"))
    assert "Télécharger (PDF, 12 pages" in moderated
    assert contribution.signature == "Association des Usagers"
    page, document = contribution.get_absolute_url(), f"/contributions/{contribution.reference}/document.pdf"
    assert [client.get(address).status_code for address in (page, document)] == [404, 404]
    change_state(contribution, "publiee", by=alice)
    client.logout()
    shown = text_of(client.get(page))
    assert re.search(r"Télécharger le document \(PDF, 12 pages, [\d,]+ [km]o\)", shown)
    assert "cahier d’acteur" in shown
    given = client.get(document)
    assert given["Content-Disposition"] == f'attachment; filename="{contribution.reference}.pdf"'
    assert given["X-Content-Type-Options"] == "nosniff"
    assert given["Cache-Control"] == "private, no-store"
    assert len(PdfReader(io.BytesIO(taken(given))).pages) == 12


def test_list_holds_the_published_ones_and_their_tag_follows_everywhere(client, demarche, alice):
    shown = a_cahier(demarche, alice, published=True, title="Publié")
    a_cahier(demarche, alice, title="En attente")
    elsewhere = make_demarche(slug="ailleurs")
    a_cahier(elsewhere, alice, published=True, title="D’ailleurs")
    listed = text_of(client.get("/cahiers-d-acteurs/"))
    assert "Publié" in listed and "PDF, 1 page" in listed
    assert "En attente" not in listed and "D’ailleurs" not in listed
    assert "D’ailleurs" in text_of(client.get("/cahiers-d-acteurs/?demarche=ailleurs"))
    assert client.get("/cahiers-d-acteurs/?demarche=nulle-part").status_code == 404
    card = text_of(client.get("/contributions/"))
    assert shown.title in card and "cahier d’acteur" in card


def test_list_pages_by_keyset_with_the_same_queries(client, demarche, alice, django_assert_max_num_queries):
    document = examine_pdf(upload(pdf(), "position.pdf"), alice).document
    for number in range(23):
        contribution = a_published_row(demarche, alice, document, number)
    with django_assert_max_num_queries(8):
        first = text_of(client.get("/cahiers-d-acteurs/"))
    assert first.count('<article class="card">') == 20
    following = re.search(r'href="(\?apres=[^"]+)"', first)[1]
    second = text_of(client.get(f"/cahiers-d-acteurs/{following}"))
    assert second.count('<article class="card">') == 3
    assert contribution.title not in second
    assert client.get("/cahiers-d-acteurs/?apres=forged").status_code == 200


def a_published_row(demarche, by, document, number):
    contribution = make_contribution(demarche=demarche, title=f"Cahier numéro {number}")
    CahierActeur.objects.create(
        contribution=contribution, document=document, received_on=timezone.localdate(), checked_by=by
    )
    return contribution


def test_taken_down_its_document_goes_too(client, demarche, alice):
    contribution = a_cahier(demarche, alice, published=True)
    document = f"/contributions/{contribution.reference}/document.pdf"
    assert taken(client.get(document)).startswith(b"%PDF-")
    change_state(contribution, "retiree", by=alice, reason=make_reason())
    assert client.get(document).status_code == 404
    assert contribution.title not in text_of(client.get("/cahiers-d-acteurs/"))


@pytest.mark.parametrize("reference", ["D1-0", "NULLE-1", "x", "D1-99999999999999999999", "%00", "..", "D1-1'"])
def test_document_of_nothing_is_not_there(client, demarche, reference):
    assert client.get(f"/contributions/{reference}/document.pdf").status_code in (400, 404)


def test_document_of_a_contribution_without_one_or_of_a_draft_is_not_there(client, demarche, alice):
    plain = make_contribution(demarche=demarche)
    hidden = a_cahier(make_demarche(state="brouillon"), alice, published=True)
    for row in (plain, hidden):
        assert client.get(f"/contributions/{row.reference}/document.pdf").status_code == 404


def test_errors_keep_what_was_typed_and_the_document(client, demarche, alice):
    client.force_login(alice)
    response = client.post(ADD, said(organisation="", document=upload(pdf(), "position.pdf")))
    assert response.status_code == 422
    shown = text_of(response)
    assert SAID["body"] in shown and "Document déjà reçu : PDF, 1 page" in shown
    kept = re.search(r'name="kept" value="([^"]+)"', shown)[1]
    assert client.post(ADD, said(kept=kept)).status_code == 302
    assert CahierActeur.objects.get().document == Document.objects.get()


def test_a_document_kept_for_another_is_not_taken(client, demarche, alice):
    client.force_login(alice)
    shown = text_of(client.post(ADD, said(organisation="", document=upload(pdf(), "position.pdf"))))
    kept = re.search(r'name="kept" value="([^"]+)"', shown)[1]
    client.force_login(make_role(demarche=demarche, kind="moderateur").user)
    response = client.post(ADD, said(kept=kept))
    assert "Choisissez le document" in text_of(response)
    assert not CahierActeur.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (HOSTILE_PDF["javascript"], "JavaScript"),
        (HOSTILE_PDF["attachment"], "fichiers joints"),
        (image(), "n’est pas un PDF"),
        (b"", "vide"),
    ],
)
def test_a_document_that_cannot_be_published_is_refused_in_place(client, demarche, alice, content, sentence):
    client.force_login(alice)
    response = client.post(ADD, said(document=upload(content, "position.pdf")))
    assert response.status_code == 422
    assert sentence in text_of(response) and SAID["body"] in text_of(response)
    assert not Document.objects.exists() and not Contribution.objects.exists()


def test_sent_twice_it_is_one(client, demarche, alice):
    client.force_login(alice)
    fields = said(email="asso@example.org")
    first, second = (client.post(ADD, fields | {"document": upload(pdf(), "position.pdf")}) for _ in range(2))
    assert first.url == second.url
    assert CahierActeur.objects.count() == 1
    assert len(mails()) == 1


def test_staff_are_told_what_a_screen_reader_will_miss(client, demarche, alice):
    client.force_login(alice)
    plain = typst.compile(b"Sans balises.", pdf_tags=False)
    shown = text_of(client.post(ADD, said(document=upload(plain, "position.pdf")), follow=True))
    assert "n’est pas balisé" in shown and "n’a pas de titre" in shown


def test_document_is_replaced_until_it_is_public(client, demarche, alice, django_capture_on_commit_callbacks):
    contribution = a_cahier(demarche, alice)
    before = contribution.cahier_acteur.document
    address = f"/admin/consultation/cahieracteur/{contribution.pk}/change/"
    client.force_login(alice)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address, {"document": upload(pdf(pages=3), "position.pdf")}).status_code == 302
    assert CahierActeur.objects.get().document.pages == 3
    assert not path_of(before).exists()
    change_state(contribution, "publiee", by=alice)
    assert client.post(address, {"document": upload(pdf(), "position.pdf")}).status_code == 403
    with django_capture_on_commit_callbacks(execute=True):
        purge()
    assert CahierActeur.objects.get().document.pages == 3


def test_sizes_are_said_as_people_say_them():
    assert [size_label(size).replace("\u00a0", " ") for size in (40, 640_000, 1_400_000)] == [
        "1 ko",
        "640 ko",
        "1,4 Mo",
    ]
