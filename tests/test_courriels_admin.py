import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse, reverse_lazy
from django.utils import timezone

from socle.comptes.models import User
from socle.courriels import actions, kept, tasks
from socle.courriels.data import FIELDS
from socle.courriels.models import Envoi, State
from socle.courriels.render import render_mail

LIST = reverse_lazy("admin:courriels_envoi_changelist")
KEPT = reverse_lazy("admin:courriels_kept_list")
XSS = '"><svg onload=alert(1)>'

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kept_here(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path
    settings.MAILERS = {"default": {"BACKEND": "socle.courriels.backends.KeptMailBackend"}}
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def staff(client):
    """Log in a member of staff who holds these permissions."""

    def log_in(*permissions):
        user = User.objects.create_user("equipe@example.org", "mot de passe", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        client.force_login(user)
        return client

    return log_in


def write(name="alice", **fields):
    values = {"subject": "Votre place", "text": "https://example.org/secret", "dedupe_key": name}
    return actions.enqueue(to=f"{name}@example.org", **values | fields)


def test_list_shows_backlog_and_no_address_without_the_permission(staff):
    write(subject=XSS)
    page = staff("view_envoi").get(LIST).text
    assert "1</strong> courriel à envoyer" in page
    assert "alice@" not in page
    assert "<svg onload" not in page
    assert str(KEPT) not in page


def test_search_finds_an_exact_address_for_who_may_see_it(staff):
    write()
    write("malice")
    client = staff("view_envoi", "view_address")
    page = client.get(LIST, {"q": " ALICE@example.org "}).text
    assert "alice@example.org" in page
    assert "malice@" not in page
    assert "alice@example.org</td>" not in client.get(LIST, {"q": "alice"}).text


def test_search_tells_nothing_about_an_address_one_may_not_see(staff):
    envoi = write()
    client = staff("view_envoi")
    assert f"courriel {envoi.pk}" not in client.get(LIST, {"q": "alice@example.org"}).text
    assert f"courriel {envoi.pk}" in client.get(LIST, {"q": envoi.message_id}).text
    assert client.get(LIST, {"q": "\x00"}).status_code in {200, 400}


def test_page_of_a_mail_is_read_only_and_hides_its_text(staff):
    envoi = write()
    url = reverse("admin:courriels_envoi_change", args=[envoi.pk])
    client = staff("view_envoi", "change_envoi", "view_address")
    page = client.get(url).text
    assert "alice@example.org" in page
    assert "secret" not in page
    assert client.post(url, {"to": "eve@example.org"}).status_code == 403
    assert client.get(reverse("admin:courriels_envoi_add")).status_code == 403
    assert client.post(reverse("admin:courriels_envoi_delete", args=[envoi.pk])).status_code == 403


def test_staff_cancel_and_send_again(staff):
    envoi = write()
    client = staff("view_envoi", "change_envoi")
    client.post(LIST, {"action": "cancel_selected", "_selected_action": [envoi.pk]})
    envoi.refresh_from_db()
    assert envoi.state == State.CANCELLED
    client.post(LIST, {"action": "resend_selected", "_selected_action": [envoi.pk]})
    tasks.send_due()
    envoi.refresh_from_db()
    assert envoi.state == State.SENT


def test_page_of_a_mail_sends_it_again(staff):
    envoi = write()
    url = reverse("admin:courriels_envoi_change", args=[envoi.pk])
    client = staff("view_envoi", "change_envoi")
    assert "il n’y a rien à renvoyer" in client.get(url).text
    tasks.send_due()
    page = client.get(url).text
    assert 'form="renvoyer"' in page
    fields = dict(re.findall(r'name="(action|_selected_action)" value="([^"]+)"', page))
    client.post(LIST, fields)
    envoi.refresh_from_db()
    assert envoi.state == State.WAITING
    actions.forget("alice@example.org")
    assert "ne peut plus être renvoyé" in client.get(url).text


def test_page_of_a_mail_offers_nothing_to_who_may_only_look(staff):
    envoi = write()
    tasks.send_due()
    page = staff("view_envoi").get(reverse("admin:courriels_envoi_change", args=[envoi.pk])).text
    assert "Renvoyer" not in page


@pytest.mark.django_db(transaction=True)
def test_outbox_says_where_it_stands_and_sante_agrees(staff, settings):
    for name, reason in (("a", "451 plus tard"), ("b", "452 plein"), ("c", "")):
        write(name)
        Envoi.objects.filter(dedupe_key=name).update(
            to=f"{name}@Lent.example", last_error=reason, not_before=timezone.now() - timedelta(hours=3)
        )
    write("sent")
    Envoi.objects.filter(dedupe_key="sent").update(state=State.SENT, sent_at=timezone.now())
    Envoi.objects.filter(dedupe_key="sent").update(bounced_at=timezone.now(), bounce_status="5.1.1")
    client = staff("view_envoi", "view_address")
    page = " ".join(client.get(LIST).text.replace("\u00a0", " ").split())
    assert "Aucun serveur de courrier n’est réglé" in page
    assert "<strong>3</strong> courriels à envoyer ; le plus ancien attend depuis 3 heures" in page.replace(
        "\u00a0", " "
    )
    assert "Gardés depuis une heure : <strong>1</strong>" in page
    assert "Refusés ou revenus depuis un jour : <strong>1</strong>" in page
    assert re.search("lent.example</th> <td>2</td> <td>452 plein</td>", page)
    backlog = client.get("/sante/").json()["checks"]["backlog"]
    assert (backlog["mails"], backlog["oldest_seconds"] // 60) == (3, 180)


def test_list_says_in_one_column_what_became_of_a_mail(staff):
    write()
    at = datetime(2026, 3, 7, 11, tzinfo=UTC)
    Envoi.objects.update(
        state=State.SENT, created_at=at, sent_at=at, bounced_at=at + timedelta(hours=2), last_error="550 inconnu"
    )
    page = " ".join(staff("view_envoi").get(LIST).text.split())
    assert (
        "écrit le 07/03/2026 12:00 – parti le 07/03/2026 12:00 – refusé ou revenu le 07/03/2026 14:00 – 550 inconnu"
        in page
    )


def test_outbox_with_a_server_says_that_mails_leave(staff, settings):
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    page = staff("view_envoi").get(LIST).text
    assert "Aucun serveur" not in page
    assert "Aucun courriel n’attend." in page
    assert "Partis depuis une heure" in page


def test_domains_in_trouble_are_for_who_may_see_addresses(staff):
    write()
    Envoi.objects.update(last_error="451 plus tard")
    assert (
        "451 plus tard</td>" not in staff("view_envoi").get(LIST).text.split("<table>", 1)[-1].split("result_list")[0]
    )


@pytest.mark.parametrize("count", [1, 3])
def test_outbox_asks_the_same_questions_whatever_it_holds(staff, count, django_assert_num_queries):
    for number in range(count):
        write(f"p{number}")
    client = staff("view_envoi", "view_address")
    client.get(LIST)
    with django_assert_num_queries(17):  # one asks which ateliers they run, one writes that they looked
        client.get(LIST)


def test_view_right_alone_cannot_act(staff):
    envoi = write()
    client = staff("view_envoi")
    for action in ("cancel_selected", "resend_selected", "delete_selected"):
        client.post(LIST, {"action": action, "_selected_action": [envoi.pk]})
    assert Envoi.objects.get().state == State.WAITING


def test_kept_mails_are_shown_as_the_text_they_are(staff):
    write(subject=XSS, text=f"Bonjour\n{XSS}", html="<p>autre</p>")
    tasks.send_due()
    client = staff("view_envoi", "read_kept")
    name = kept.newest()[0].name
    listed, shown = client.get(KEPT).text, client.get(reverse("admin:courriels_kept_detail", args=[name])).text
    assert reverse("admin:courriels_kept_detail", args=[name]) in listed
    assert "&lt;svg onload" in shown
    assert "<svg onload" not in listed + shown
    assert client.get(f"{KEPT}secret.eml/").status_code == 404


@pytest.mark.parametrize("permissions", [None, (), ("view_envoi", "view_address", "change_envoi")])
def test_kept_mails_ask_for_their_own_right(staff, client, permissions):
    write()
    tasks.send_due()
    if permissions is not None:
        staff(*permissions)
    detail = reverse("admin:courriels_kept_detail", args=[kept.newest()[0].name])
    assert {client.get(KEPT).status_code, client.get(detail).status_code} <= {302, 403}


def test_every_field_is_classified():
    assert set(FIELDS["courriels.Envoi"]) == {field.name for field in Envoi._meta.concrete_fields}


@pytest.fixture
def _mail_templates(settings, tmp_path):
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "hello_subject.txt").write_text("Bonjour {{ name }}\n")
    (folder / "hello_body.txt").write_text(
        '{% extends "courriels/base.txt" %}{% load courriels %}'
        "{% block body %}{{ name }}\n{{ said|quoted }}{% endblock %}"
    )
    (folder / "hello_body.html").write_text(
        '{% extends "courriels/base.html" %}{% load courriels %}{% block body %}{{ said|quoted_html }}{% endblock %}'
    )
    (folder / "bare_subject.txt").write_text("Sujet")
    (folder / "bare_body.txt").write_text("Texte")
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"DIRS": [*engine["DIRS"], folder]}]


@pytest.mark.usefixtures("_mail_templates")
def test_typed_text_is_inert_in_a_mail(settings):
    settings.SITE_URL = "https://participons.example.fr"
    said = f"{XSS}\nhttps://evil.example/ {{{{ site_url }}}} {{% now %}}"
    subject, text, html = render_mail("hello", {"name": "L’été & co\r\nBcc: x", "said": said})
    assert subject == "Bonjour L’été & co Bcc: x"
    assert "L’été & co" in text
    assert f"\n    {XSS}\n    https://evil.example/ {{{{ site_url }}}} {{% now %}}\n" in text
    assert "https://participons.example.fr/" in text
    assert "<svg onload" not in html
    assert 'href="https://evil' not in html
    assert html.startswith("<!DOCTYPE html>")
    assert "<title>Bonjour L’été &amp; co Bcc: x</title>" in html


@pytest.mark.usefixtures("_mail_templates")
def test_mail_without_html_template_is_text_only():
    assert render_mail("bare", {}) == ("Sujet", "Texte\n", "")
