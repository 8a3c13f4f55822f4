"""The Atom feed, read by a parser that is not ours."""

from xml.etree import ElementTree

import pytest
from django.urls import reverse

from consultation.choices import ContributionState, DemarcheState
from tests import factories

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def read(client, **query):
    response = client.get(reverse("flux_contributions"), query)
    assert response["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(response.content)


def test_feed_holds_the_newest_published(client):
    for n in range(32):
        factories.make_contribution(title=f"Numéro {n}", published_at=factories.local(-40 + n))
    factories.make_contribution(title="Pas encore", state=ContributionState.WAITING)
    titles = [entry.findtext(f"{ATOM}title") for entry in read(client).iter(f"{ATOM}entry")]
    assert titles == [f"Numéro {n}" for n in range(31, 1, -1)]


def test_entry_has_a_stable_identity_and_what_atom_asks(client):
    row = factories.make_contribution(title="A & <b>", body="Ligne 1\nligne <2>", theme=factories.make_theme())
    feed = read(client)
    (entry,) = feed.iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == f"tag:localhost,2026-01-01:contribution:{row.reference}"
    assert entry.find(f"{ATOM}link").get("href") == f"http://localhost:8000{row.get_absolute_url()}"
    assert entry.findtext(f"{ATOM}title") == "A & <b>"
    assert entry.findtext(f"{ATOM}summary") == "<p>Ligne 1<br>ligne &lt;2&gt;</p>"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Anonyme"
    assert entry.findtext(f"{ATOM}updated") == row.published_at.isoformat()
    assert feed.findtext(f"{ATOM}id").startswith("tag:localhost,2026-01-01:contributions:")
    assert {link.get("rel") for link in feed.findall(f"{ATOM}link")} == {"self", "alternate"}


def test_feed_of_another_demarche(client):
    factories.make_contribution()
    other = factories.make_demarche()
    factories.make_contribution(demarche=other, title="Ailleurs")
    assert [e.findtext(f"{ATOM}title") for e in read(client, demarche=other.slug).iter(f"{ATOM}entry")] == ["Ailleurs"]


def test_feed_of_a_draft_or_of_nothing(client):
    assert not list(read(client).iter(f"{ATOM}entry"))
    draft = factories.make_demarche(state=DemarcheState.DRAFT)
    factories.make_contribution(demarche=draft)
    assert not list(read(client).iter(f"{ATOM}entry"))
    assert client.get(reverse("flux_contributions"), {"demarche": draft.slug}).status_code == 404


def test_feed_survives_text_that_xml_refuses(client):
    factories.make_contribution(title="Un\x07 titre", body="Un\x0b texte\x1b")
    (entry,) = read(client).iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Un titre"


@pytest.mark.parametrize("count", [1, 3])
def test_feed_query_count(client, django_assert_num_queries, count):
    for _ in range(count):
        factories.make_contribution(theme=factories.make_theme())
    with django_assert_num_queries(3):
        client.get(reverse("flux_contributions"))
