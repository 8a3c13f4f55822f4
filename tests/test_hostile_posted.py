"""Hostile text posted to every form but the one that contributes, in every key and part of an address."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from django.db import models
from django.test import Client
from django.urls import reverse

from ateliers.models import Atelier
from consultation.models import Commune, Contribution, Demarche, Etape, Lieu, RefusalReason, Rencontre, Theme
from forums.models import Forum
from socle.identity.models import SiteIdentity
from tests.factories import make_superuser
from tests.hostile import TEXTS, assert_inert, make_full_portal, text_fields
from tests.test_admin_demarche import posted
from tests.writing import FORM, contribute, follow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture(scope="module")
def portal(kept_rows):
    with kept_rows.unblock():
        return make_full_portal()


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
