"""« Contact »: who answers, how, when, and what to say to whom; nothing is invented where staff wrote nothing."""

import re

import pytest

from socle.identity.models import SiteIdentity
from tests.factories import make_identity
from tests.test_public_pages import flat, read

pytestmark = pytest.mark.django_db

PAGE = "/contact/"


def test_everything_known_is_said_and_can_be_used(client):
    make_identity(contact_phone="03 20 00 00 00", answer_delay="Sous cinq jours ouvrés.")
    page = read(client, PAGE)
    assert 'href="tel:0320000000"' in page
    assert 'href="mailto:contact@example.org"' in page
    text = flat(page)
    for words in ("Du lundi au vendredi, de 9 h à 17 h.", "1, place de la Région", "Sous cinq jours ouvrés.", "dpo@"):
        assert words in text


def test_each_need_is_led_to_where_it_is_answered(client):
    make_identity()
    page = read(client, PAGE).split("<main")[1].split("</main")[0]
    for address in ("/suivi/", "/donnees-personnelles/", "/accessibilite/", "/.well-known/security.txt", "/questions/"):
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("known", ["contact_phone", "contact_email", "postal_address"])
def test_what_is_not_known_leaves_no_empty_heading(client, known):
    fields = dict.fromkeys(["contact_phone", "contact_email", "postal_address", "dpo_contact", "region_name"], "")
    make_identity(**fields | {known: "contact@example.org"})
    text = flat(read(client, PAGE))
    headings = {"contact_phone": "Par téléphone", "contact_email": "Par courriel", "postal_address": "Par la poste"}
    assert [heading for heading in headings.values() if heading in text] == [headings[known]]
    assert "Écrivez à l’équipe." in text


def test_an_identity_that_is_not_written_is_said_in_plain_words(client):
    SiteIdentity.objects.all().delete()
    page = read(client, PAGE)
    assert "L’équipe n’a pas encore indiqué comment la joindre." in flat(page)
    assert "None" not in page
    assert "tel:" not in page and "mailto:" not in page


def test_no_form_takes_anything_here(client):
    make_identity()
    assert "<form" not in read(client, PAGE)
    assert client.post(PAGE, {"message": "x"}).status_code == 405


def test_what_staff_typed_makes_no_other_link(client):
    make_identity(contact_phone='03" onclick="x', postal_address="<a href=javascript:x>ici</a>")
    page = read(client, PAGE)
    assert not re.search(r"<[^>]+\son\w+=", page)
    assert "<a href=javascript" not in page
    assert 'href="tel:03"' in page
