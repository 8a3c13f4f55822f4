"""Hostile text in every field that staff or citizens write, followed to every place where it is shown.

What is posted is in test_hostile_posted.py, mails are in test_hostile_mails.py; what a citizen types in the form that
contributes is in test_contribute.py, what is searched for in test_search.py.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from xml.etree import ElementTree

import icalendar
import pytest
from django.urls import reverse

from consultation.actions.contributions import change_state
from consultation.choices import ContributionState, Moderation
from consultation.models import Contribution, Demarche, Rencontre
from tests.factories import make_enjeu, make_superuser, make_theme
from tests.hostile import AS_STORED, MODELS, TEXTS, assert_inert, make_full_portal, write_everywhere
from tests.writing import contribute

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture(scope="module")
def portal(kept_rows):
    with kept_rows.unblock():
        return make_full_portal()


def shown(portal) -> list[str]:
    """All public addresses that show a page, and the personal ones."""
    references = [row.get_absolute_url() for row in Contribution.objects.published().select_related("demarche")]
    lists = ["contributions", "donnees", "recherche", "contribution_new", "suivi"]
    return [*portal.addresses, *references, *(reverse(name) for name in lists), "/contributions/?q=alert&tri=anciennes"]


@pytest.mark.parametrize("name", AS_STORED)
def test_what_is_stored_is_inert_on_every_public_page(client, portal, name):
    write_everywhere(TEXTS[name])
    for address in shown(portal):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert_inert(answer.content.decode(), address)
        assert not [value for _, value in answer.items() if "\n" in value or "Bcc" in value], address


@pytest.mark.parametrize("name", AS_STORED)
def test_what_is_stored_is_inert_in_the_admin(client, portal, name):
    write_everywhere(TEXTS[name])
    client.force_login(make_superuser(display_name=TEXTS[name][:120]))
    for model in MODELS:
        if model._meta.label_lower not in ADMIN:
            continue
        base = f"/admin/{model._meta.label_lower.replace('.', '/')}/"
        row = model.objects.first()
        for address in (base, f"{base}{row.pk}/change/", f"{base}{row.pk}/history/", f"{base}{row.pk}/delete/"):
            answer = client.get(address, follow=True)
            assert answer.status_code in {200, 403}, address
            assert_inert(answer.content.decode(), address)


ADMIN = {
    *("ateliers.atelier", "consultation.commune", "consultation.contribution", "consultation.demarche"),
    *("consultation.etape", "consultation.lieu", "consultation.rencontre", "consultation.theme"),
    *("consultation.refusalreason", "forums.forum", "identity.siteidentity"),
}


@pytest.mark.parametrize("name", AS_STORED)
def test_calendars_and_feed_keep_their_form(client, portal, name):
    write_everywhere(TEXTS[name])
    rencontre = Rencontre.objects.published().filter(precision__in=["jour", "heure"]).first()
    for address in ("/agenda.ics", f"/rencontres/{rencontre.pk}.ics"):
        answer = client.get(address)
        raw = answer.content.decode()
        unfolded = raw.replace("\r\n ", "")
        assert not re.search(r"(?<!\r)\n|\r(?!\n)", raw), "an end of line is CRLF"
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", raw), address
        assert max(len(line.encode()) for line in raw.split("\r\n")) <= 75
        assert not re.search(r"^(ATTENDEE|Bcc|X-)", unfolded.replace("X-WR-CALNAME", ""), re.MULTILINE)
        events = icalendar.Calendar.from_ical(raw).walk("VEVENT")
        assert len(events) == len(re.findall(r"^END:VEVENT\r$", unfolded, re.MULTILINE))
        assert not re.search("[\u202a-\u202e]", raw)
    feed = client.get("/flux/contributions.atom").content
    entries = list(ElementTree.fromstring(feed).iter("{http://www.w3.org/2005/Atom}entry"))
    assert len(entries) == Contribution.objects.published().count()
    assert ElementTree.fromstring(client.get("/sitemap.xml").content) is not None
    assert "\nContact: mailto:" in "\n" + client.get("/.well-known/security.txt").text
    assert client.get("/communes.json?q=al").json() is not None


@pytest.mark.parametrize("name", AS_STORED)
def test_no_cell_of_a_file_is_a_formula(client, portal, name, settings, tmp_path):
    settings.EXPORT_STORAGE = tmp_path
    write_everywhere(TEXTS[name])
    address = f"/donnees/{Demarche.objects.get().slug}/contributions.csv"
    files = [b"".join(client.get(address).streaming_content)]
    client.force_login(make_superuser())
    export = "/admin/consultation/contribution/export/?etat=toutes"
    form = client.get(export).context["form"]
    fields = {field: "on" for field in form.fields if field.startswith("contributionresource_")} | {"resource": "0"}
    files.append(b"".join(client.post(export, fields | {"format": "0"}).streaming_content))
    for file in files:
        rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""), delimiter=";"))
        assert len({len(row) for row in rows}) == 1
        assert not [cell for row in rows for cell in row if re.match(r"[=+@\t\r]|-(?!\d)", cell)]
    book = zipfile.ZipFile(io.BytesIO(b"".join(client.post(export, fields | {"format": "1"}).streaming_content)))
    for part in book.namelist():
        content = book.read(part)
        assert b"<f>" not in content, part
        assert b"<hyperlink " not in content, part
        if part.endswith((".xml", ".rels")):
            ElementTree.fromstring(content)


def test_where_moderation_comes_after_hostile_text_is_public_and_inert(client, portal):
    Demarche.objects.update(moderation=Moderation.AFTER)
    make_enjeu()
    make_theme()
    for text in ("<script>alert(1)</script>", '"><svg onload=alert(1)>', "{{ 7|add:7 }}{% debug %}"):
        row = contribute(client, title=text, body=text, commune_name=text, display="nom", author_name=text)
        change_state(row, ContributionState.PUBLISHED, by=make_superuser())
        for address in (row.get_absolute_url(), "/contributions/", "/", "/recherche/?q=alert"):
            page = client.get(address).content.decode()
            assert_inert(page, address)


def test_the_test_above_sees_what_is_not_inert():
    """Each guard of assert_inert is seen to fail."""
    for page in (
        "<p><script>alert(1)</script>",
        '<p title=""><svg onload=alert(1)>',
        '<p title="" onmouseover="alert(1)">',
        '<a href=" javascript:alert(1)">x</a>',
        "<p>14{0.__class__}</p>",
    ):
        with pytest.raises(AssertionError):
            assert_inert(page, "")
