"""Accounts in Chromium: the whole way by keyboard, what axe finds on it in light and dark, and a passkey."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from socle.comptes.actions import open_account
from socle.franceconnect import passing
from tests import urls_franceconnect  # noqa: F401 (the map of the others is made before these settings)
from tests.browsing import needs_chromium, overflow, serious_in_both
from tests.entering import application_code, code_for
from tests.factories import make_demarche, make_identity
from tests.test_browser_inscriptions import opened, press, reach

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True)]
ALICE = "alice@example.org"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    make_identity()
    make_demarche()


def looked_at(page: Page) -> None:
    """Nothing serious in light or dark, nothing that sticks out on a narrow screen."""
    assert serious_in_both(page) == [], page.url
    page.set_viewport_size({"width": 320, "height": 800})
    assert overflow(page) == 0, page.url
    page.set_viewport_size({"width": 1280, "height": 800})


def write(page: Page, label: str, typed: Callable[[], str], button: str) -> None:
    """`typed` is asked once the page is there: only then has the mail been written."""
    expect(page.get_by_label(label)).to_be_visible()
    looked_at(page)
    reach(page, page.get_by_label(label))
    page.keyboard.type(typed())
    press(page, page.get_by_role("button", name=button, exact=True))


def test_from_no_account_to_a_second_factor_by_keyboard(browser, live_server):
    page = opened(browser, f"{live_server.url}/compte/creer/")
    write(page, "Votre adresse électronique", lambda: ALICE, "Recevoir un code")
    write(page, "Code reçu par courriel", lambda: "00000000", "Continuer")
    expect(page.get_by_role("alert")).to_contain_text("Ce n’est pas le bon code")
    write(page, "Code reçu par courriel", lambda: code_for(ALICE), "Continuer")
    expect(page.get_by_role("heading", name="Mon espace", level=1)).to_be_visible()
    looked_at(page)
    press(page, page.get_by_role("link", name="Mon compte"))
    looked_at(page)
    press(page, page.get_by_role("link", name=re.compile("^Application de codes")))
    looked_at(page)
    press(page, page.get_by_role("link", name="Mettre en place une application"))
    secret = page.locator("code").inner_text()
    write(page, "Code affiché par l’application", lambda: application_code(secret), "Mettre en place")
    expect(page.get_by_role("heading", name="Codes de secours", level=1)).to_be_visible()
    spare = page.locator("main code").first.inner_text()
    looked_at(page)
    page.goto(f"{live_server.url}/compte/sessions/")
    looked_at(page)
    page.goto(f"{live_server.url}/compte/")
    press(page, page.get_by_role("link", name="Se déconnecter"))
    press(page, page.get_by_role("button", name="Se déconnecter"))
    page.wait_for_url(lambda url: "/compte/" not in url)
    page.goto(f"{live_server.url}/mon-espace/")
    write(page, "Votre adresse électronique", lambda: ALICE, "Recevoir un code")
    write(page, "Code reçu par courriel", lambda: code_for(ALICE), "Continuer")
    write(page, "Code de l’application", lambda: spare, "Se connecter")
    expect(page.get_by_role("heading", name="Mon espace", level=1)).to_be_visible()


def test_a_passkey_is_added_and_is_enough_to_enter(browser, live_server):
    """Under the Content-Security-Policy of the portal, with an authenticator that Chromium plays."""
    context = browser.new_context(locale="fr-FR")
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    abilities = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    played = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True} | abilities
    session.send("WebAuthn.addVirtualAuthenticator", {"options": played})
    page.goto(f"{live_server.url}/compte/creer/?next=/compte/securite/cles/ajouter/")
    page.get_by_label("Votre adresse électronique").fill(ALICE)
    page.get_by_role("button", name="Recevoir un code").click()
    expect(page.get_by_label("Code reçu par courriel")).to_be_visible()
    page.get_by_label("Code reçu par courriel").fill(code_for(ALICE))
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Nom de la clé").fill("Mon téléphone")
    page.get_by_label("Cette clé suffit pour entrer").check()
    page.get_by_role("button", name="Ajouter cette clé").click()
    expect(page.get_by_role("heading", name="Codes de secours", level=1)).to_be_visible()
    page.goto(f"{live_server.url}/compte/deconnexion/")
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url(lambda url: "/compte/" not in url)
    page.goto(f"{live_server.url}/mon-espace/")
    page.get_by_role("button", name="Avec une clé d’accès").click()
    expect(page.get_by_role("heading", name="Mon espace", level=1)).to_be_visible()
    page.goto(f"{live_server.url}/compte/securite/cles/")
    expect(page.get_by_text("Mon téléphone").first).to_be_visible()
    context.close()


@pytest.mark.urls("tests.urls_franceconnect")
def test_the_pages_of_franceconnect_and_of_what_one_is_told(browser, live_server, settings):
    settings.FRANCECONNECT = True
    somebody = Client()
    somebody.force_login(open_account(ALICE))
    session = somebody.session
    passing.wait(session, "un-sub", "a.martin@example.org", "")
    session.save()
    page = opened(browser, f"{live_server.url}/compte/connexion/")
    looked_at(page)
    page.goto(f"{live_server.url}/compte/franceconnect/retour/?state=faux")
    looked_at(page)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": somebody.cookies[name].value, "url": live_server.url}])
    for path in ("/compte/franceconnect/joindre/", "/compte/", "/mon-espace/nouvelles/"):
        assert page.goto(f"{live_server.url}{path}").status == 200, path
        looked_at(page)
