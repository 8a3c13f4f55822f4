"""The team shows a second factor before the admin opens; an application of codes, a spare code, each once."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.test import Client

from participons.management.commands.prepare_demo import prepare_account
from socle.comptes.models import User
from socle.courriels.models import Envoi
from tests.entering import BY_PASSWORD, application_code, enter, set_up_application, who
from tests.factories import PASSWORD, make_demarche, make_superuser, make_user
from tests.test_redirects import ELSEWHERE, stays
from tests.writing import text_of

pytestmark = pytest.mark.django_db
STAFF = "equipe@example.org"
STEP, AGAIN = "/compte/connexion/second-facteur/", "/compte/confirmer/second-facteur/"


@pytest.fixture(autouse=True)
def asked(settings, monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    settings.STAFF_SECOND_FACTOR = True
    make_demarche()


@pytest.fixture
def staff():
    return make_superuser(email=STAFF)


def test_the_admin_leads_to_the_one_log_in_and_back(client, staff):
    answer = client.get("/admin/comptes/user/", follow=True)
    assert answer.redirect_chain[-1][0] == "/compte/connexion/?next=%2Fadmin%2Fcomptes%2Fuser%2F"
    assert 'name="next" value="/admin/comptes/user/"' in answer.text


@pytest.mark.parametrize("way", ["code", "password"])
def test_without_a_second_factor_the_team_is_led_to_set_one_up_first(
    client, staff, way, django_capture_on_commit_callbacks
):
    if way == "code":
        enter(client, STAFF)
    else:
        client.post(BY_PASSWORD, {"email": STAFF, "password": PASSWORD})
    assert who(client) == str(staff.pk)
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/compte/securite/"
    assert "L’administration demande une double authentification" in text_of(answer)
    with django_capture_on_commit_callbacks(execute=True):
        set_up_application(client)
    assert client.get("/admin/").status_code == 200, "it was shown while it was set up"
    assert Envoi.objects.filter(to=STAFF, subject="Votre compte a changé").count() == 1


def test_with_one_each_log_in_asks_for_it(client, staff):
    enter(client, STAFF)
    secret = set_up_application(client)
    client.logout()
    answer = enter(client, STAFF, onward="/admin/comptes/user/")
    assert answer["Location"] == STEP
    assert who(client) is None, "the code of the mail is not enough"
    assert client.get("/admin/").status_code == 302
    assert client.post(STEP, {"code": "000000"}).status_code == 200
    answer = client.post(STEP, {"code": application_code(secret, 1)})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/comptes/user/")
    assert client.get("/admin/comptes/user/").status_code == 200


def test_a_session_that_has_not_shown_it_does_not_enter_though_another_has(client, staff):
    """Somebody who was in before it was set up, with the mailbox alone."""
    elsewhere = Client()
    enter(elsewhere, STAFF)
    enter(client, STAFF)
    secret = set_up_application(client)
    assert elsewhere.get("/admin/", follow=True).redirect_chain[-1][0] == f"{AGAIN}?next=%2Fadmin%2F"
    answer = elsewhere.post(f"{AGAIN}?next=/admin/", {"code": application_code(secret, 1)})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert elsewhere.get("/admin/").status_code == 200


@pytest.mark.parametrize("path", ["/admin/comptes/user/", "/admin/jsi18n/", "/admin/autocomplete/"])
def test_no_door_of_the_admin_opens_without_it(client, staff, path):
    client.force_login(staff)
    answer = client.get(path)
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/admin/login/")
    assert client.post(path, {"action": "delete_selected"}).status_code == 302


def test_a_code_serves_once_and_a_spare_one_too(client, staff):
    enter(client, STAFF)
    secret = set_up_application(client)
    page = client.get("/compte/securite/codes-de-secours/").text
    spare = re.findall(r"<code>(\d{8})</code>", page)
    assert len(spare) == 10
    for code in (application_code(secret, 1), spare[0]):
        browsers = Client(), Client()
        for browser in browsers:
            browser.post(BY_PASSWORD, {"email": STAFF, "password": PASSWORD})
        assert [one.post(STEP, {"code": code}).status_code for one in browsers] == [302, 200]


def test_a_copy_of_the_database_makes_no_code_and_a_key_may_be_replaced(client, staff, settings):
    enter(client, STAFF)
    secret = set_up_application(client)
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-of-the-tests-that-is-long-enough-to-please-the-checks"
    browser = Client()
    browser.post(BY_PASSWORD, {"email": STAFF, "password": PASSWORD})
    assert browser.post(STEP, {"code": application_code(secret, 1)}).status_code == 302


def test_a_citizen_is_refused_by_the_admin_and_asked_for_nothing_more(client):
    client.force_login(make_user())
    assert client.get("/admin/", follow=True).status_code == 403
    assert client.get("/compte/").status_code == 200


def test_only_the_accounts_of_the_demonstration_do_without(client, tmp_path, settings):
    """Marked by `make demo` alone; the database refuses the mark to any address that somebody could have."""
    user = prepare_account("administrateur", "administrateur@participons.example", tmp_path / "password")
    client.force_login(user)
    assert client.get("/admin/").status_code == 200
    settings.HTTPS = True
    assert client.get("/admin/").status_code == 302, "on a real site the mark is worth nothing"
    with pytest.raises(IntegrityError, match="user_demonstration_is_nobodys"), transaction.atomic():
        User.objects.filter(pk=user.pk).update(email=STAFF)
    with pytest.raises(IntegrityError, match="user_demonstration_is_nobodys"), transaction.atomic():
        User.objects.filter(pk=make_superuser().pk).update(is_demonstration=True)


def test_no_variable_turns_it_off_and_production_says_when_it_is_off(settings):
    from participons import checks

    settings.STAFF_SECOND_FACTOR = True
    assert "participons.E001" not in [one.id for one in checks.check_services(None)]
    settings.STAFF_SECOND_FACTOR = False
    assert "participons.E001" in [one.id for one in checks.check_services(None)]
    text = (settings.BASE_DIR / "participons" / "settings.py").read_text()
    assert re.findall(r"^STAFF_SECOND_FACTOR = (.*)$", text, re.MULTILINE) == ["True"]


def test_the_second_factor_leads_nowhere_else(client, staff):
    client.force_login(staff)
    for onward in ELSEWHERE:
        answer = client.get("/admin/login/", {"next": onward})
        assert stays(answer.headers.get("Location", "/")), onward
        assert "//evil" not in answer.headers.get("Location", "/"), onward


def test_nobody_takes_away_the_passkey_of_another(client, staff):
    """One's own is shown the button; the other's is not there, to GET or to POST."""
    passkeys = [
        Authenticator.objects.create(user=user, type="webauthn", data={"name": "Clé", "credential": {}})
        for user in (staff, make_user(email="bob@example.org"))
    ]
    client.post(BY_PASSWORD, {"email": "bob@example.org", "password": PASSWORD})
    client.force_login(passkeys[1].user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(passkeys[1].user_id)
    session.save()
    pages = [f"/compte/securite/cles/{one.pk}/retirer/" for one in passkeys]
    assert [client.get(page).status_code for page in pages] == [404, 200]
    assert [client.post(page).status_code for page in pages] == [404, 302]
    assert [one.pk for one in Authenticator.objects.all()] == [passkeys[0].pk]


FORGED = ["", "{}", "[]", "5", '"x"', "null", '{"id":1}', '{"id":"a","rawId":"a","response":{},"type":"x"}', "\x00"]
FORGED += ['{"response":{"userHandle":"!"}}', '{"id":"YQ","rawId":"YQ","response":{"userHandle":"MQ"}}']


def test_a_passkey_nobody_could_have_made_is_refused_and_breaks_nothing(client):
    make_user(email=STAFF)
    client.get("/compte/connexion/cle/", headers={"accept": "application/json"})
    for typed in FORGED:
        assert client.post("/compte/connexion/cle/", {"credential": typed})["Location"] == "/compte/connexion/"
    enter(client, STAFF)
    client.get("/compte/securite/cles/ajouter/")
    for typed in FORGED:
        assert client.post("/compte/securite/cles/ajouter/", {"credential": typed}).status_code == 200
    assert not Authenticator.objects.exists()
