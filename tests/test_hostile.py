"""Hostile text on every field that staff or citizens write, followed to every place where it is shown.

What a citizen types in the form that contributes is in test_contribute.py, what is searched for in test_search.py.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from email import message_from_bytes
from email.policy import SMTP, default
from urllib.parse import quote
from xml.etree import ElementTree

import html5lib
import icalendar
import pytest
from django.db import connection, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ateliers.models import Atelier, Membre, Seance
from consultation.actions.contributions import change_state
from consultation.choices import ContributionState, Display, Moderation, SpeaksAs
from consultation.emails.rencontres import Coming, reminder
from consultation.models import (
    Cadre,
    College,
    Commune,
    Contribution,
    DateChange,
    Demarche,
    Enjeu,
    Etape,
    Lieu,
    RefusalReason,
    Rencontre,
    Theme,
)
from forums.models import Forum
from socle.courriels.actions import enqueue_many
from socle.identity.models import SiteIdentity
from tests.factories import (
    make_college,
    make_commune,
    make_contribution,
    make_enjeu,
    make_inscription,
    make_membre,
    make_personne,
    make_reason,
    make_superuser,
    make_theme,
)
from tests.portal import make_portal
from tests.test_admin_demarche import posted
from tests.writing import FORM, contribute, follow, mails

pytestmark = pytest.mark.django_db

TEXTS = {
    "script": "<script>alert(1)</script>",
    "svg": '"><svg onload=alert(1)>',
    "attribute": "' onmouseover='alert(1)",
    "javascript": "javascript:alert(1)",
    "formula": '=HYPERLINK("http://x","y")',
    "at": "@SUM(A1)",
    "crlf": "Bonjour\r\nBcc: victime@example.org\r\nATTENDEE:mailto:x@example.org\r\nEND:VEVENT",
    "rtl": "\u202egnp.exe\u202c",
    "controls": "a\x01\x0b\x1b\x7f b",
    "template": "{{ 7|add:7 }}{% debug %}%(title)s{0.__class__}",
    "cdata": "]]></title><x/>&lt;b&gt;",
    "huge": "é<b>" * 25_000,
}
AS_STORED = [name for name in TEXTS if name != "huge"]
# Every text that staff or an import may have written, whatever wrote it: the forms are not the only guard.
MODELS = (
    *(Atelier, Cadre, College, Commune, Contribution, DateChange, Demarche, Enjeu, Etape, Forum, Lieu, Membre),
    *(RefusalReason, Rencontre, Seance, SiteIdentity, Theme),
)
KEPT = {
    "slug",
    "code",
    "insee_code",
    "departement",
    "sort_key",
    "import_source",
    "import_key",
    "reminder_days",
    "place_label",
    "logo_hash",
}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def portal():
    """One of everything, and a contribution that is said with all its fields."""
    made = make_portal()
    personne = make_personne()
    fields = {
        "theme": Theme.objects.first(),
        "enjeux": [Enjeu.objects.first()],
        "college": make_college(),
        "commune": make_commune(),
        "personne": personne,
        "display": Display.NAMED,
        "author_name": "Alice",
        "speaks_as": SpeaksAs.ORGANISATION,
        "organisation": "Les Amis",
        "function": "trésorière",
    }
    for state in (ContributionState.PUBLISHED, ContributionState.WAITING):
        make_contribution(**fields, state=state)
    make_membre(atelier=Atelier.objects.first(), personne=personne)
    make_inscription(rencontre=Rencontre.objects.published().coming().first(), personne=personne)
    make_reason()
    return made


def text_fields(model: type[models.Model]) -> list[models.Field]:
    return [
        field
        for field in model._meta.concrete_fields
        if type(field) in (models.CharField, models.TextField) and not field.choices and field.name not in KEPT
    ]


@transaction.atomic
def write_everywhere(text: str) -> None:
    """Straight into the tables; a text that is to be unique gets the number of its row."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL participons.dates_move = 'on'")  # a frame in force is not written over otherwise
    for model in MODELS:
        for row in model.objects.all():
            values = {}
            for field in text_fields(model):
                unique = f" {row.pk}" if field.unique or model is College else ""
                values[field.name] = text[: (field.max_length or len(text)) - len(unique)] + unique
            model.objects.filter(pk=row.pk).update(**values)


def shown(portal) -> list[str]:
    """All public addresses that show a page, and the personal ones."""
    references = [row.get_absolute_url() for row in Contribution.objects.published().select_related("demarche")]
    lists = ["contributions", "donnees", "recherche", "contribution_new", "suivi"]
    return [*portal.addresses, *references, *(reverse(name) for name in lists), "/contributions/?q=alert&tri=anciennes"]


def assert_inert(page: str, place: str) -> None:
    """No element, handler or link comes out of the text, nothing was evaluated, no character is left that lies."""
    root = html5lib.parse(page, namespaceHTMLElements=False)
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        tag = element.tag.rsplit("}", 1)[-1]
        assert tag not in ("x", "b") or not list(element.attrib), place
        assert not (tag == "script" and "alert" in (element.text or "")), place
        for name, value in element.attrib.items():
            assert not str(name).startswith("on"), f"{place}: {name}"
            assert not (name in ("href", "src", "action", "formaction") and value.strip().startswith("javascript:")), (
                place
            )
    assert "<svg onload" not in page, place
    # A seal of the register may start with 14: more of its digits follow.
    assert "Settings" not in page and "14{0" not in page and not re.search(r">é*14(?![0-9a-f])", page), place


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


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", AS_STORED)
def test_mails_gain_no_header_link_or_tag(portal, name):
    text = TEXTS[name]
    waiting = Contribution.objects.waiting().select_related("demarche").get()
    published = Contribution.objects.published().filter(personne__isnull=False).select_related("demarche").get()
    coming = Rencontre.objects.published().filter(starts_at__gt=timezone.now())
    inscription = make_inscription(rencontre=coming.earliest("starts_at"))
    write_everywhere(text)
    reason = RefusalReason.objects.latest("pk")
    staff = make_superuser(display_name=text[:120])
    for row in (waiting, published, inscription.rencontre):
        row.refresh_from_db()
    change_state(waiting, ContributionState.PUBLISHED, by=staff, message=text)
    change_state(published, ContributionState.WITHDRAWN, by=staff, reason=reason, message=text)
    enqueue_many([reminder(inscription.personne, [Coming(inscription, "demain", text)], "rappel")])
    contribute(Client(), email="alice@example.org")
    sent = mails()
    assert len(sent) == 4
    for message in sent:
        raw = message.message(policy=SMTP).as_bytes()
        parsed = message_from_bytes(raw, policy=default)
        assert len(parsed["To"].addresses) == 1
        assert parsed["Bcc"] is None and parsed["Attendee"] is None
        assert len(parsed.get_all("Subject")) == 1 and "\n" not in parsed["Subject"]
        assert "\u202e" not in parsed["Subject"]
        html = parsed.get_body(("html",)).get_content()
        assert_inert(html, parsed["Subject"])
        for link in re.findall(r'href="([^"]*)"', html):
            assert link.startswith("http://localhost:8000/"), link


# What is posted


def raw_form(values: dict[str, object]) -> dict[str, str]:
    """As a browser sends it, but for the lone surrogate, which goes as its raw bytes."""
    body = "&".join(
        f"{quote(str(key))}={quote(str(value), safe='', errors='surrogatepass')}" for key, value in values.items()
    )
    return {"data": body, "content_type": "application/x-www-form-urlencoded"}


POSTED = TEXTS | {"nul": "a\0b", "surrogate": "\ud800 seule", "invisible": "\u200b\ufeff", "pairs": "\ud83d\ude00"}
FORMS = {
    "demarche": Demarche,
    "etape": Etape,
    "theme": Theme,
    "rencontre": Rencontre,
    "lieu": Lieu,
    "refusalreason": RefusalReason,
    "commune": Commune,
}


@pytest.mark.parametrize("name", POSTED)
def test_admin_forms_take_or_refuse_any_text_and_keep_it_clean(client, portal, name):
    client.force_login(make_superuser())
    addresses = [
        (model, f"/admin/consultation/{path}/{model.objects.first().pk}/change/") for path, model in FORMS.items()
    ]
    addresses += [(Atelier, f"/admin/ateliers/atelier/{Atelier.objects.first().pk}/change/")]
    addresses += [(Forum, f"/admin/forums/forum/{Forum.objects.first().pk}/change/")]
    addresses += [(SiteIdentity, "/admin/identity/siteidentity/1/change/")]
    for model, address in addresses:
        form = posted(client.get(address))
        names = {field.name for field in text_fields(model)}
        inline = {
            key for key in form if re.search(r"-\d+-(title|question|sentence|short_title|label|organisation)$", key)
        }
        for key in form:
            if key in names or key in inline:
                form[key] = POSTED[name]
        answer = client.post(address, **raw_form(form))
        assert answer.status_code in {200, 302} or (name == "huge" and answer.status_code == 413), address
        if answer.status_code == 200:
            assert_inert(answer.content.decode(), address)
            assert answer.context["errors"], address
        row = model.objects.first()
        for field in text_fields(model):
            kept = getattr(row, field.name)
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", kept), f"{address} {field.name}"
            assert "\n" not in kept or isinstance(field, models.TextField), f"{address} {field.name}"


def test_a_long_text_saved_again_untouched_is_not_a_change(client, portal):
    """A browser sends CRLF for the line ends of a text."""
    etape = Etape.objects.first()
    Etape.objects.filter(pk=etape.pk).update(text="Une ligne\nune autre")
    client.force_login(make_superuser())
    url = reverse("admin:consultation_etape_change", args=[etape.pk])
    form = posted(client.get(url))
    client.post(url, form | {"text": "Une ligne\r\nune autre"})
    etape.refresh_from_db()
    assert etape.text == "Une ligne\nune autre"


@pytest.mark.parametrize("name", POSTED)
def test_every_other_form_answers_any_text(client, portal, name):
    text = POSTED[name]
    contribution = contribute(client)
    waiting = Contribution.objects.waiting().exclude(pk=contribution.pk).first()
    staff = Client()
    staff.force_login(make_superuser())
    decide = f"/admin/consultation/contribution/{waiting.pk}/change/"
    listed = "/admin/consultation/contribution/"
    asked = [
        (client, "/suivi/", {"numero": text}),
        (client, follow(contribution), {"email": text}),
        (client, follow(contribution), {"email": f"a@b.fr{text}"}),
        (client, follow(contribution), {"renvoyer": text}),
        (client, "/contributions/confirmer/x/", {"x": text}),
        (client, "/admin/login/", {"username": text, "password": text, "next": text}),
        (client, "/compte/connexion/", {"email": text, "next": text}),
        (client, "/compte/connexion/", {"email": f"a@b.fr{text}"}),
        (client, "/compte/connexion/mot-de-passe/", {"email": "a@b.fr", "password": text}),
        (client, "/compte/connexion/cle/", {"credential": text}),
        (client, "/compte/code/", {"code": text}),
        (staff, decide, {"to_state": text, "reason": text, "message": text}),
        (staff, decide, {"to_state": "refusee", "reason": text, "message": text}),
        (staff, listed, {"action": text, "_selected_action": text}),
        (staff, listed, {"action": "publish_selection", "_selected_action": text}),
        (staff, f"{listed}export/", {"format": text, "resource": text, "etat": text}),
        (staff, f"{listed}synthese/", {"demarche": text}),
        (staff, f"{listed}import/", {"demarche": text, "layout": text, "state": text, "file": text}),
        (staff, f"{listed}import/confirmer/", {"token": text, "keep_good": text}),
        (staff, "/admin/password_change/", {"old_password": text, "new_password1": text, "new_password2": text}),
        (
            staff,
            "/admin/comptes/user/add/",
            {"email": text, "display_name": text, "password1": text, "password2": text},
        ),
    ]
    for visitor, address, values in asked:
        answer = visitor.post(address, **raw_form(values))
        assert answer.status_code < 500, address
        assert not [value for _, value in answer.items() if "\n" in value or "\r" in value], address
        if not answer.streaming and answer.content:
            assert_inert(answer.content.decode(), address)


PUBLIC_KEYS = {
    "/": ["theme"],
    "/contributions/": ["q", "demarche", "theme", "enjeu", "college", "origine", "nature", "tri", "apres", "avant"],
    "/recherche/": ["q"],
    "/rencontres/": ["apres"],
    "/flux/contributions.atom": ["demarche"],
    "/communes.json": ["q"],
    FORM: ["theme"],
}
LISTED = [
    *("q", "etat", "demarche__id__exact", "theme__id__exact", "origine__exact", "nature__exact"),
    *("o", "p", "e", "_to_field", "_popup", "all", "x"),
]


@pytest.mark.parametrize("name", POSTED)
def test_every_key_of_an_address_takes_any_text(client, portal, name):
    text = POSTED[name][:1500]
    staff = Client()
    staff.force_login(make_superuser())
    admin = {f"/admin/consultation/{path}/": LISTED for path in ("contribution", "etape", "rencontre", "lieu")}
    admin |= {"/admin/courriels/envoi/": LISTED, "/admin/comptes/user/": LISTED, "/admin/ateliers/atelier/": LISTED}
    admin |= {"/admin/consultation/contribution/export/": LISTED}
    admin["/admin/autocomplete/"] = ["term", "app_label", "model_name", "field_name"]
    known = {"app_label": "consultation", "model_name": "contribution", "field_name": "rencontre"}
    for visitor, keys in ((client, PUBLIC_KEYS), (staff, admin)):
        for address, names in keys.items():
            for key in names:
                query = raw_form((known if "autocomplete" in address else {}) | {key: text})["data"]
                answer = visitor.get(f"{address}?{query}")
                assert answer.status_code < 500, f"{address} {key}"
                assert not [value for _, value in answer.items() if "\n" in value], address
                if not answer.streaming and "html" in answer["Content-Type"]:
                    assert_inert(answer.content.decode(), f"{address} {key}")


@pytest.mark.parametrize("name", POSTED)
def test_every_part_of_a_path_takes_any_text(client, portal, name):
    part = quote(POSTED[name][:300], safe="", errors="surrogatepass")
    staff = Client()
    staff.force_login(make_superuser())
    public = ("demarches/{}/", "demarches/{}/cadre/", "demarches/{}/etapes/1/", "contributions/{}/", "suivi/{}/")
    public += ("contributions/recu/{}/", "contributions/confirmer/{}/", "donnees/{}/contributions.csv", "{}")
    team = ("consultation/contribution/{}/change/", "consultation/etape/{}/history/", "courriels/envoi/gardes/{}/")
    team += ("comptes/user/{}/password/", "r/{}/1/", "r/1/{}/", "{}/", "consultation/rencontre/{}/delete/")
    for visitor, base, paths in ((client, "/", public), (staff, "/admin/", team)):
        for path in paths:
            answer = visitor.get(base + path.format(part), follow=True)
            assert answer.status_code in {200, 400, 404}, path
            assert_inert(answer.content.decode(), path)


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
