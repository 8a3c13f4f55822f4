"""The doors beside the pages: filters, autocompletes, forged rows, what a log or a session keeps."""

import logging
import re

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from ateliers.models import Membre, Seance
from consultation.choices import ContributionState, DemarcheState, RoleKind
from consultation.models import Etape, Lieu, Role
from participons.logs import OneLineFormatter
from socle.comptes.models import User
from socle.courriels import actions as courriels
from socle.pagecache.models import Generation
from tests.entering import BY_PASSWORD
from tests.factories import (
    PASSWORD,
    make_animation,
    make_atelier,
    make_contribution,
    make_demarche,
    make_etape,
    make_inscription,
    make_lieu,
    make_membre,
    make_personne,
    make_rencontre,
    make_role,
    make_seance,
    make_superuser,
    make_user,
)
from tests.test_admin_demarche import posted
from tests.writing import contribute, follow, link_in, mails, number, send

pytestmark = pytest.mark.django_db

LOGIN, NEW_PASSWORD = BY_PASSWORD, "/compte/mot-de-passe/"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def ours():
    return make_demarche(title="La nôtre")


@pytest.fixture
def theirs():
    return make_demarche(title="Zirconium, encore en brouillon", state=DemarcheState.DRAFT, courante=False)


@pytest.fixture
def responsable(client, ours):
    user = make_role(demarche=ours, kind=RoleKind.RESPONSABLE).user
    client.force_login(user)
    return user


# Filters by address


@pytest.mark.parametrize(
    "query",
    [
        "personne__email__startswith=a",
        "submission_key__gte=00000000-0000-0000-0000-000000000000",
        "submission_key__startswith=a",
        "tracking_hash__isnull=0",
        "author_name__startswith=a",
        "demarche__roles__user__email__startswith=a",
        "theme__demarche__title__startswith=a",
        "decisions__by__email__contains=a",
    ],
)
def test_contributions_are_filtered_by_what_the_list_offers_only(client, responsable, query):
    """With a submission_key the form gives the numéro de suivi again: it must not be guessed letter by letter."""
    make_contribution(personne=make_personne())
    assert client.get(f"/admin/consultation/contribution/?{query}").status_code == 400
    assert client.get(f"/admin/consultation/contribution/export/?{query}").status_code in {302, 400}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("consultation/rencontre", "inscriptions__personne__email__startswith=a"),
        ("consultation/rencontre", "inscriptions=1"),
        ("consultation/demarche", "roles__user__email__startswith=a"),
        ("consultation/demarche", "contributions__personne__email__startswith=a"),
        ("consultation/etape", "demarche__title__startswith=Z"),
        ("consultation/lieu", "rencontres__title__startswith=Z"),
        ("ateliers/atelier", "membres__personne__email__startswith=a"),
        ("ateliers/atelier", "animations__user__password__startswith=a"),
        ("exports/export", "owner__email__startswith=a"),
    ],
)
def test_no_list_is_filtered_through_people_or_other_demarches(client, responsable, path, query):
    assert client.get(f"/admin/{path}/?{query}").status_code == 400


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("consultation/rencontre", "inscriptions__personne__email__startswith=a"),
        ("consultation/rencontre", "demarche__title__startswith=Z"),
        ("ateliers/atelier", "animations__user__email__startswith=a"),
        ("ateliers/atelier", "seances__rencontre__remote_url__startswith=h"),
    ],
)
def test_an_organisateur_guesses_nothing_through_the_filters_of_their_lists(client, ours, path, query):
    client.force_login(make_animation(atelier=make_seance(make_atelier(demarche=ours)).atelier).user)
    assert client.get(f"/admin/{path}/").status_code == 200
    assert client.get(f"/admin/{path}/?{query}").status_code == 400


@pytest.mark.parametrize(
    "query", ["to__startswith=a", "body_text__contains=suivi", "dedupe_key=a", "headers__isnull=1"]
)
def test_who_may_not_see_addresses_does_not_find_them_by_a_filter(client, query):
    courriels.enqueue(to="alice@example.org", subject="S", text="T", dedupe_key="a")
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_envoi"))
    client.force_login(user)
    assert client.get("/admin/courriels/envoi/?state=en_attente").status_code == 200
    assert client.get(f"/admin/courriels/envoi/?{query}").status_code == 400


@pytest.mark.parametrize("path", ["contribution", "etape", "rencontre"])
@pytest.mark.parametrize(
    "query",
    ["o=1.2.3", "o=-99", "o=personne__email", "_to_field=id", "_popup=1", "p=1e9", "all=", "e=1", "_facets=True"],
)
def test_orders_and_pages_that_do_not_exist_are_no_error(client, responsable, path, query):
    make_contribution()
    assert client.get(f"/admin/consultation/{path}/?{query}").status_code in {200, 302}


@pytest.mark.parametrize("field", ["tracking_hash", "submission_key", "personne", "author_name", "body"])
def test_a_row_is_not_reached_by_another_of_its_fields(client, responsable, field):
    make_contribution(state=ContributionState.WAITING)
    assert client.get(f"/admin/consultation/contribution/?_to_field={field}").status_code == 400


def test_filters_and_choices_name_no_demarche_but_ones_own(client, responsable, ours, theirs):
    etape, atelier, rencontre = make_etape(demarche=ours), make_atelier(demarche=ours), make_rencontre(demarche=ours)
    make_etape(demarche=theirs)
    pages = [
        reverse(f"admin:consultation_{name}_changelist") for name in ("etape", "theme", "rencontre", "contribution")
    ]
    pages += [reverse("admin:ateliers_atelier_changelist"), reverse("admin:ateliers_atelier_add")]
    pages += [reverse("admin:consultation_etape_change", args=[etape.pk])]
    pages += [reverse("admin:ateliers_atelier_change", args=[atelier.pk])]
    pages += [reverse("admin:consultation_rencontre_change", args=[rencontre.pk])]
    for page in pages:
        assert "Zirconium" not in client.get(page).content.decode(), page
    assert "Zirconium" in [client.force_login(make_superuser()), client.get(pages[0])][1].content.decode()


def test_a_lieu_that_another_demarche_uses_is_kept_and_its_draft_not_named(client, responsable, theirs):
    lieu = make_lieu()
    make_rencontre(demarche=theirs, title="Zirconium", lieu=lieu)
    url = reverse("admin:consultation_lieu_delete", args=[lieu.pk])
    listed = {"action": "delete_selected", "_selected_action": [lieu.pk]}
    for answer in (
        client.get(url),
        client.post(url, {"post": "yes"}),
        client.post("/admin/consultation/lieu/", listed),
        client.post("/admin/consultation/lieu/", listed | {"post": "yes"}, follow=True),
    ):
        assert "Zirconium" not in answer.content.decode()
    assert Lieu.objects.filter(pk=lieu.pk).exists()


# Autocomplete and « voir sur le site »


@pytest.mark.parametrize(
    ("model", "field"),
    [
        ("role", "user"),
        ("contribution", "personne"),
        ("decision", "by"),
        ("export", "owner"),
        ("contribution", "demarche"),
    ],
)
def test_autocomplete_finds_no_people(client, responsable, model, field):
    make_user(email="zoe@example.org", display_name="Zoé", is_staff=True)
    app = "exports" if model == "export" else "consultation"
    query = {"app_label": app, "model_name": model, "field_name": field, "term": "zo"}
    answer = client.get("/admin/autocomplete/", query)
    assert answer.status_code in {403, 404}


def test_autocomplete_offers_ones_own_demarches_only(client, responsable, ours, theirs):
    make_rencontre(demarche=ours, title="Salle ouverte")
    make_rencontre(demarche=theirs, title="Salle Zirconium")
    query = {"app_label": "consultation", "model_name": "contribution", "field_name": "rencontre", "term": "salle"}
    found = [one["text"] for one in client.get("/admin/autocomplete/", query).json()["results"]]
    assert found == ["Salle ouverte"]


def test_see_on_site_leads_only_who_may_read_the_row(client, responsable, ours, theirs):
    kind = ContentType.objects.get_for_model(type(ours)).pk
    assert client.get(f"/admin/r/{kind}/{ours.pk}/").url.endswith(ours.get_absolute_url())
    for pk in (theirs.pk, 0, "abc", "9" * 30):
        assert client.get(f"/admin/r/{kind}/{pk}/").status_code == 404
    for other in ("abc", "9" * 18, "²", 0):
        assert client.get(f"/admin/r/{other}/1/").status_code == 404
    contribution = make_contribution(demarche=theirs)
    kind = ContentType.objects.get_for_model(type(contribution)).pk
    assert client.get(f"/admin/r/{kind}/{contribution.pk}/").status_code == 404


# Forged rows


def test_a_responsable_gives_roles_on_their_own_demarche_only(client, responsable, ours, theirs):
    colleague, citizen = make_user(is_staff=True), make_user()
    url = reverse("admin:consultation_demarche_change", args=[ours.pk])
    page = client.get(url)
    row = {"roles-TOTAL_FORMS": 2, "roles-1-kind": RoleKind.LECTEUR, "roles-1-demarche": theirs.pk}
    client.post(url, posted(page, **row, **{"roles-1-user": colleague.pk}))
    assert not Role.objects.filter(demarche=theirs).exists()
    page = client.get(url)
    row = {"roles-TOTAL_FORMS": 2, "roles-1-kind": RoleKind.LECTEUR}
    count = Role.objects.count()
    assert client.post(url, posted(page, **row, **{"roles-1-user": citizen.pk})).status_code == 200
    assert Role.objects.count() == count
    assert client.post(url, posted(page, **row, **{"roles-1-user": colleague.pk})).status_code == 302
    assert Role.objects.filter(user=colleague, demarche=ours, kind=RoleKind.LECTEUR).exists()
    other = reverse("admin:consultation_demarche_change", args=[theirs.pk])
    client.post(other, {"roles-TOTAL_FORMS": 1, "roles-INITIAL_FORMS": 0, "roles-0-user": responsable.pk})
    assert not Role.objects.filter(demarche=theirs).exists()


def test_accounts_of_citizens_are_not_offered_for_a_role(client, responsable, ours):
    citizen, colleague = make_user(), make_user(is_staff=True)
    page = client.get(reverse("admin:consultation_demarche_change", args=[ours.pk])).content.decode()
    assert f'<option value="{colleague.pk}">' in page
    assert f'<option value="{citizen.pk}">' not in page


def test_a_row_is_not_moved_to_a_demarche_that_one_only_reads(client, responsable, ours, theirs):
    make_role(user=responsable, demarche=theirs, kind=RoleKind.LECTEUR)
    mine, read = make_etape(demarche=ours), make_etape(demarche=theirs)
    url = reverse("admin:consultation_etape_change", args=[mine.pk])
    page = client.get(url)
    client.post(url, posted(page, demarche=theirs.pk, rank=9))  # the démarche of a row is not a field any more
    mine.refresh_from_db()
    assert mine.demarche == ours
    add = reverse("admin:consultation_etape_add")
    assert client.post(add, posted(page, demarche=theirs.pk, rank=9)).status_code == 200
    assert Etape.objects.filter(demarche=theirs).get() == read
    action = {"action": "delete_selected", "_selected_action": [mine.pk, read.pk], "post": "yes"}
    assert client.post("/admin/consultation/etape/", action).status_code == 403
    assert Etape.objects.count() == 2
    assert client.get(reverse("admin:consultation_etape_change", args=[read.pk])).status_code == 200
    assert client.post(reverse("admin:consultation_etape_change", args=[read.pk]), posted(page)).status_code == 403


def test_rows_of_another_atelier_are_not_changed_through_ones_own(client, responsable, ours, theirs):
    mine, foreign = make_seance(make_atelier(demarche=ours)), make_seance(make_atelier(demarche=theirs))
    member, other = make_membre(atelier=mine.atelier), make_membre(atelier=foreign.atelier, organisation="Intacte")
    url = reverse("admin:ateliers_atelier_change", args=[mine.atelier.pk])
    page = client.get(url)
    stolen = {"seances-0-rencontre": foreign.pk, "seances-0-ordre_du_jour": "Pirate"}
    stolen |= {"membres-0-id": other.pk, "membres-0-organisation": "Pirate", "membres-0-DELETE": "on"}
    answer = client.post(url, posted(page, **stolen))
    assert answer.status_code in {200, 302, 403}
    assert Seance.objects.get(pk=foreign.pk).ordre_du_jour == ""
    assert Seance.objects.get(pk=foreign.pk).atelier == foreign.atelier
    assert Membre.objects.get(pk=other.pk).organisation == "Intacte"
    assert Membre.objects.filter(pk=member.pk).exists()


def test_people_of_a_rencontre_are_shown_by_reference(client, responsable, ours):
    inscription = make_inscription(rencontre=make_rencontre(demarche=ours), personne=make_personne(email="z@secret.fr"))
    page = client.get(reverse("admin:consultation_rencontre_change", args=[inscription.rencontre.pk])).content.decode()
    assert str(inscription.personne) in page
    assert "secret.fr" not in page


def test_accounts_are_for_administrateurs_whatever_permission_is_held(client):
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="comptes"))
    client.force_login(user)
    change = reverse("admin:comptes_user_change", args=[user.pk])
    for url in (change, reverse("admin:comptes_user_changelist"), f"/admin/comptes/user/{user.pk}/password/"):
        assert client.get(url).status_code == 403
        assert client.post(url, {"is_superuser": "on", "email": user.email}).status_code == 403
    assert not User.objects.get(pk=user.pk).is_superuser


def test_the_history_names_colleagues_as_the_team_knows_them(client, responsable, ours):
    etape = make_etape(demarche=ours)
    url = reverse("admin:consultation_etape_change", args=[etape.pk])
    client.post(url, posted(client.get(url), text="Un texte"))
    client.force_login(make_role(demarche=ours, kind=RoleKind.LECTEUR).user)
    page = client.get(reverse("admin:consultation_etape_history", args=[etape.pk])).content.decode()
    assert str(responsable) in page
    assert responsable.email not in page


def test_a_refused_form_leaves_the_public_pages_as_they_are(client, ours):
    """Each bump makes every public page be rendered again: nobody without a right may cause it."""
    rencontre = make_rencontre(demarche=ours)
    client.force_login(make_user(is_staff=True))
    before = list(Generation.objects.values())
    client.post(reverse("admin:consultation_rencontre_change", args=[rencontre.pk]), {"title": "Pirate"})
    client.post(reverse("admin:consultation_rencontre_changelist"), {"action": "delete_selected"})
    client.post("/admin/exports/export/1/change/", {})
    assert list(Generation.objects.values()) == before
    client.force_login(make_superuser())
    url = reverse("admin:consultation_rencontre_change", args=[rencontre.pk])
    assert client.post(url, posted(client.get(url), title="Un autre titre")).status_code == 302
    assert list(Generation.objects.values()) != before


def test_the_identity_of_the_site_is_written_by_its_form_only(client):
    url = reverse("admin:identity_siteidentity_changelist")
    client.force_login(make_user(is_staff=True))
    assert client.get(url).status_code == 403
    client.force_login(make_superuser())
    add = client.get(url)
    assert add.url == reverse("admin:identity_siteidentity_add")
    form = {"site_name": "Participons", "region_name": "Une Région", "accessibility_state": "non_conforme"}
    assert client.post(add.url, form).status_code == 302
    assert client.get(url).url == reverse("admin:identity_siteidentity_change", args=[1])
    assert client.get(add.url).status_code == 403


# The log-in


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "////evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "http:///evil.example",
        "https://localhost@evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "/%0d%0aLocation:https://evil.example",
        "\thttps://evil.example",
        "\r\nhttps://evil.example",
        "/\t/evil.example",
        "https://evil.example%E3%80%82fr",
    ],
)
def test_the_log_in_never_leads_to_another_site(client, target):
    user = make_user(is_staff=True)
    typed = {"email": user.email, "password": PASSWORD, "next": target}
    for answer in (client.post(LOGIN, typed), client.get(LOGIN, {"next": target})):
        assert answer.status_code == 302
        assert re.match(r"/(?![/\\])[^\s\\]*\Z", answer.url), answer.url
    client.logout()
    shown = client.get(LOGIN, {"next": target}).content.decode()
    assert 'href="javascript:' not in shown


def test_the_session_is_a_new_one_after_the_log_in(client):
    user = make_user(is_staff=True)
    client.get(LOGIN)
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    token = client.get(LOGIN).cookies["csrftoken"].value
    client.post(LOGIN, {"email": user.email, "password": PASSWORD})
    assert client.cookies["sessionid"].value != planted
    assert client.cookies["csrftoken"].value != token
    assert not Session.objects.filter(pk=planted).exists()
    assert client.cookies["sessionid"]["httponly"]
    assert client.cookies["sessionid"]["samesite"] == "Lax"


def test_a_new_password_ends_the_other_sessions(client):
    user, elsewhere = make_user(is_staff=True), Client()
    for browser in (client, elsewhere):
        browser.post(LOGIN, {"email": user.email, "password": PASSWORD})
    key = client.cookies["sessionid"].value
    new = "un-autre-tres-long-mot"
    assert client.get("/admin/password_change/")["Location"] == NEW_PASSWORD
    assert client.post(NEW_PASSWORD, {"password": new}).status_code == 302
    assert client.get("/admin/").status_code == 200
    assert client.cookies["sessionid"].value != key
    assert elsewhere.get("/admin/").status_code == 302


@pytest.mark.parametrize("weak", ["court", "123456789012", "motdepasse", "alice.martin@example.org"])
def test_a_weak_password_is_refused(client, weak):
    user = make_user(email="alice.martin@example.org", is_staff=True)
    client.post(LOGIN, {"email": user.email, "password": PASSWORD})
    assert client.post(NEW_PASSWORD, {"password": weak}).status_code == 422
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def test_an_account_put_aside_loses_its_session_at_once(client):
    user = make_superuser()
    client.force_login(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("path", ["/", "/admin/login/", "/suivi/", "/sante/", "/agenda.ics", "/static/css/site.css"])
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:80@evil.example", "evil\tx", ""])
def test_a_wrong_host_is_refused_on_every_kind_of_page(client, path, host):
    answer = (
        client.get(path, headers={"host": host}) if host else client.get(path, HTTP_X_FORWARDED_HOST="evil.example")
    )
    if host:
        assert answer.status_code == 400
    assert "evil" not in b"".join(answer).decode()


@pytest.mark.django_db(transaction=True)
def test_the_links_of_a_mail_use_the_site_address_whatever_the_host():
    make_demarche()
    contribute(Client(headers={"host": "127.0.0.1"}), email="alice@example.org")
    (message,) = mails()
    assert "http://localhost:8000/contributions/confirmer/" in message.body
    assert "127.0.0.1" not in message.body


# What is written in the logs


@pytest.fixture
def journal():
    """All that every logger says from DEBUG on, as the console's formatter writes it."""
    lines = []
    handler = logging.Handler()
    handler.setFormatter(OneLineFormatter("%(levelname)s %(name)s %(message)s"))
    handler.emit = lambda record: lines.append(handler.format(record))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.django_db(transaction=True)
def test_no_secret_is_in_the_logs(client, journal, monkeypatch, settings):
    make_demarche()
    user, wrong = make_superuser(email="chef@equipe.example"), "un-mauvais-mot-de-passe"
    visitor = Client(raise_request_exception=False, enforce_csrf_checks=True)
    receipt = send(client, email="alice@citoyens.example").url
    contribution = user.decisions.model._meta.get_field("contribution").related_model.objects.get()
    link = link_in(mails()[0])
    signs = number(contribution)
    spaced = f"/suivi/{signs.replace('-', '%20')}/"
    for path in (receipt, link, follow(contribution), spaced, "/suivi/ABCD-EFGH-JKLM/"):
        client.get(path)
        visitor.post(path, {"email": "bob@citoyens.example"})  # refused: no token
        client.delete(path)
    client.post(follow(contribution), {"email": "bob@citoyens.example"})
    client.post("/suivi/", {"numero": signs})
    client.post(link)
    client.post(LOGIN, {"email": user.email, "password": wrong})
    client.post(LOGIN, {"email": user.email, "password": PASSWORD})
    session = client.cookies["sessionid"].value
    client.get("/admin/?x=1", headers={"host": "evil.example"})
    client.get("/admin/consultation/contribution/?personne__email__startswith=alice@citoyens.example")

    words = f"{signs} alice@citoyens.example"

    def broken(*_args, **_kwargs):
        raise ValueError(words)

    monkeypatch.setattr("consultation.views.suivi.find", broken)
    monkeypatch.setattr("consultation.links.read_receipt", broken)
    monkeypatch.setattr("consultation.links.read_confirmation", broken)
    for path in (follow(contribution), spaced, receipt, link):
        assert visitor.get(path).status_code == 500
    said = "\n".join(journal)
    assert "Internal Server Error: /suivi/…/" in said
    secrets = [signs, signs.replace("-", ""), *signs.split("-"), session, PASSWORD, wrong, settings.SECRET_KEY]
    secrets += ["@citoyens.example", "chef@equipe.example", receipt.split("/")[3], link.split("/")[3]]
    assert [line for line in journal for secret in secrets if secret in line] == []


def test_what_people_type_cannot_forge_a_line(client, journal):
    visitor = Client(enforce_csrf_checks=True)
    for typed in ("%0AERROR%20forged", "a%0D%0AERROR%20forged%1B[31m", "%E2%80%A8ERROR%20forged"):
        visitor.post(f"/suivi/{typed}/", {})
        visitor.post(f"/admin/consultation/contribution/{typed}/change/", {})
    assert journal
    for line in journal:
        assert not re.search("^ERROR forged|\x1b|\u2028", line, re.MULTILINE)
