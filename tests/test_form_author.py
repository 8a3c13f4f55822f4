"""Who signs, and how: under a pseudonym, before 15 years of age, for a class; what pages and files show of it."""

import csv
import io
import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from consultation.choices import Display, SpeaksAs
from consultation.models import Contribution
from socle.pagecache.actions import bump
from tests.factories import make_contribution, make_demarche, make_theme
from tests.writing import FORM, SAID, contribute, key_of, send, text_of

pytestmark = pytest.mark.django_db

CLASS = {
    "speaks_as": "groupe",
    "organisation": "Classe de 3e B, collège Jean-Macé",
    "people_count": "24",
}
SIGNED = "Classe de 3e B, collège Jean-Macé (24 personnes)"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def demarche():
    return make_demarche()


def shown(contribution: Contribution) -> str:
    return contribution.signature.replace("\u00a0", " ")


# A pseudonym


def test_a_pseudonym_is_kept_and_shown(client, demarche):
    contribution = contribute(client, display="pseudonyme", author_name="Libellule", minor="")
    assert (contribution.display, shown(contribution)) == (Display.PSEUDONYM, "Libellule")
    assert not contribution.minor


def test_a_pseudonym_not_given_is_asked_for(client, demarche):
    response = send(client, display="pseudonyme", author_name=" ")
    assert response.status_code == 422
    assert "Indiquez le pseudonyme à afficher" in text_of(response)
    assert 'href="#id_author_name"' in response.content.decode()


# Before 15 years of age


@pytest.mark.parametrize(("display", "name"), [("pseudonyme", "Libellule"), ("anonyme", "")])
def test_before_15_one_signs_with_a_pseudonym_or_not_at_all(client, demarche, display, name):
    contribution = contribute(
        client, minor="on", display=display, author_name=name, organisation="Mon collège", function="élève"
    )
    assert contribution.minor
    assert (contribution.author_name, contribution.organisation, contribution.function) == (name, "", "")
    assert shown(contribution) == (name or "Anonyme")


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"display": "nom", "author_name": "Léa Petit"}, "id_display_0", "choisis un pseudonyme"),
        ({"speaks_as": "organisation", "organisation": "Le club"}, "id_speaks_as_0", "on parle pour soi"),
        (CLASS, "id_speaks_as_0", "c’est l’enseignant qui envoie"),
    ],
)
def test_before_15_neither_a_name_nor_an_organisation(client, demarche, fields, field, sentence):
    response = send(client, minor="on", **fields)
    page = response.content.decode()
    assert response.status_code == 422
    assert f'href="#{field}"' in page
    assert sentence in text_of(response)
    assert re.search(r'<input[^>]*name="minor"[^>]*checked', page)
    assert SAID["body"] in text_of(response)
    assert not Contribution.objects.exists()


def test_the_database_holds_it_too(demarche):
    for wrong in ({"display": "nom", "author_name": "Léa"}, {"speaks_as": "organisation", "organisation": "Club"}):
        with pytest.raises(IntegrityError, match="contribution_minor_unnamed"), transaction.atomic():
            make_contribution(demarche=demarche, minor=True, **wrong)


def test_the_form_speaks_to_a_child_in_their_words(client, demarche):
    page = text_of(client.get(FORM))
    assert "ne donne ni ton nom ni celui de ta classe" in page
    assert "donne celle d’un parent ou d’un enseignant" in page


# A class, a group


def test_a_class_contributes_with_its_teacher(client, demarche):
    contribution = contribute(client, **CLASS, author_name="Mme Durand", function="enseignante")
    assert (contribution.speaks_as, contribution.people_count) == (SpeaksAs.GROUP, 24)
    assert (contribution.author_name, contribution.function) == ("", "")
    assert shown(contribution) == SIGNED


def test_a_teacher_may_sign_with_the_class(client, demarche):
    contribution = contribute(client, **CLASS, display="nom", author_name="Mme Durand")
    assert shown(contribution) == f"Mme Durand, {SIGNED}"


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"organisation": ""}, "id_organisation", "de quelle classe ou de quel groupe"),
        ({"people_count": ""}, "id_people_count", "Dites combien vous êtes"),
        ({"people_count": "une trentaine"}, "id_people_count", "Écrivez un nombre"),
        ({"people_count": "1"}, "id_people_count", "au moins deux personnes"),
        ({"people_count": "-3"}, "id_people_count", "au moins deux personnes"),
        ({"people_count": "2001"}, "id_people_count", "au nom d’une organisation"),
        ({"people_count": "9" * 5000}, "id_people_count", "nombre"),
        ({"people_count": "<b>24"}, "id_people_count", "Écrivez un nombre"),
    ],
)
def test_a_group_says_its_name_and_how_many_it_is(client, demarche, fields, field, sentence):
    response = send(client, **(CLASS | fields))
    assert response.status_code == 422
    assert f'href="#{field}"' in response.content.decode()
    assert sentence in text_of(response)
    assert "<b>" not in response.content.decode()
    assert not Contribution.objects.exists()


def test_how_many_is_kept_for_a_group_only(client, demarche):
    assert contribute(client, people_count="24").people_count is None
    with pytest.raises(IntegrityError, match="contribution_people_of_group"), transaction.atomic():
        make_contribution(demarche=demarche, people_count=24)


@pytest.mark.parametrize(
    ("fields", "signature"),
    [
        (CLASS, SIGNED),
        ({"display": "pseudonyme", "author_name": "Libellule"}, "Libellule"),
        ({"display": "pseudonyme", "author_name": "Colibri", "minor": True}, "Colibri"),
    ],
)
def test_every_place_that_shows_a_signature_shows_this_one(client, demarche, fields, signature):
    contribution = make_contribution(demarche=demarche, **fields)
    bump()
    for path in (contribution.get_absolute_url(), "/contributions/", "/flux/contributions.atom"):
        assert signature in text_of(client.get(path)), path


def open_rows(client: Client, slug: str) -> list[dict[str, str]]:
    answer = client.get(f"/donnees/{slug}/contributions.csv")
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_the_open_file_shows_what_the_pages_show(client, demarche, settings, tmp_path):
    settings.EXPORT_STORAGE = tmp_path
    make_contribution(demarche=demarche, **CLASS)
    make_contribution(demarche=demarche, display="pseudonyme", author_name="Libellule", minor=True)
    # What an import may hold and nobody chose to show.
    make_contribution(demarche=demarche, author_name="Nom Caché", organisation="Org Cachée")
    group, pseudonym, hidden = open_rows(client, demarche.slug)
    assert (group["organisation"], group["nombre de personnes"]) == (CLASS["organisation"], "24")
    assert (group["signature"], group["s’exprime"]) == ("", "groupe")
    assert (pseudonym["signature"], pseudonym["organisation"]) == ("Libellule", "")
    assert (hidden["signature"], hidden["organisation"], hidden["nombre de personnes"]) == ("", "", "")
    assert "moins de 15 ans" not in group


# Whatever is posted


@pytest.mark.parametrize("field", ["minor", "display", "author_name", "speaks_as", "organisation", "people_count"])
@pytest.mark.parametrize("value", ["\0", "<script>alert(1)</script>", "a" * 20_000, "\u202eé", "=1+1"])
def test_no_value_of_the_new_fields_breaks_the_form(client, demarche, field, value):
    said = SAID | {"display": "nom", "author_name": "Alice"} | CLASS | {field: value, "submission_key": key_of(client)}
    response = client.post(FORM, said)
    assert response.status_code in (303, 422)
    assert "<script>alert" not in response.content.decode()


def test_privileged_fields_stay_out(client, demarche):
    extra = {"support_count": "9", "masked_at": "2020-01-01", "withdrawn_by": "auteur", "parent": "1", "stance": "pour"}
    contribution = contribute(client, **CLASS, **extra)
    assert (contribution.support_count, contribution.masked_at, contribution.withdrawn_by) == (0, None, "")
    assert (contribution.parent, contribution.stance) == (None, "")


def test_errors_come_in_the_order_of_the_questions(client, demarche):
    make_theme()
    response = send(client, theme="", title="", display="nom", speaks_as="groupe", email="x@")
    anchors = re.findall(r'<a href="#(id_\w+)"', response.content.decode())
    assert anchors == ["id_theme_0", "id_title", "id_author_name", "id_organisation", "id_people_count", "id_email"]
