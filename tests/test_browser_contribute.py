"""From the question to the moderator's decision in a real browser, JavaScript off, by keyboard where it matters."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from consultation.models import Contribution
from socle.pagecache.store import store
from tests.browsing import needs_chromium, overflow, serious_in_both
from tests.factories import PASSWORD, make_cadre, make_college, make_commune, make_enjeu, make_role, make_theme
from tests.writing import link_in, mails

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True)]
TEXT = "Après 20 h, plus rien ne part du lycée.\n\nIl faudrait :\n- un bus à 21 h\n- un autre à 22 h"


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    store.clear()
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def portal(live_server) -> str:
    theme = make_theme(question="Comment faciliter les déplacements des jeunes ?")
    make_cadre(demarche=theme.demarche)
    make_enjeu(demarche=theme.demarche, sentence="développer le lien entre les générations")
    make_college(demarche=theme.demarche, label="Habitant")
    make_commune(name="Mons-en-Barœul")
    return live_server.url


def context_of(browser: Browser, *, scripts: bool = False, width: int = 320) -> BrowserContext:
    return browser.new_context(
        viewport={"width": width, "height": 800},
        java_script_enabled=scripts,
        bypass_csp=scripts,
        locale="fr-FR",
    )


def fill(page: Page) -> None:
    page.get_by_label("Comment faciliter les déplacements des jeunes").check()
    page.get_by_label("développer le lien").check()
    page.get_by_label("Une proposition").check()
    page.get_by_role("textbox", name="Titre").fill("Des bus le soir")
    page.get_by_label("Votre texte").fill(TEXT)
    page.get_by_label("Habitant").check()
    page.get_by_label("Votre commune").fill("mons en baroeul")
    page.get_by_label("Votre adresse électronique").fill("alice@example")


def test_from_the_question_to_the_publication(browser, portal):
    page = context_of(browser).new_page()
    page.goto(f"{portal}/contributions/nouvelle/?theme=1")
    assert page.get_by_label("Comment faciliter les déplacements des jeunes").is_checked()
    fill(page)
    page.get_by_role("button", name="Envoyer ma contribution").click()

    # The address was incomplete: one thing to correct, everything else still there.
    summary = page.get_by_role("alert")
    assert "Il reste une chose à corriger" in summary.inner_text()
    assert page.get_by_label("Votre texte").input_value().replace("\r\n", "\n") == TEXT
    assert page.get_by_label("Habitant").is_checked()
    assert page.get_by_label("développer le lien").is_checked()
    summary.get_by_role("link").click()
    assert page.url.endswith("#id_email")
    assert overflow(page) <= 0
    page.get_by_label("Votre adresse électronique").fill("alice@example.org")
    page.get_by_role("button", name="Envoyer ma contribution").click()

    shown = page.locator(".numero strong").inner_text()
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){2}", shown)
    assert overflow(page) <= 0
    page.reload()
    assert page.locator(".numero strong").inner_text() == shown
    assert Contribution.objects.count() == 1

    page.goto(portal + link_in(mails()[0]))
    page.get_by_role("button", name="Oui, c’est bien moi").click()
    assert "C’est confirmé" in page.get_by_role("heading", level=1).inner_text()

    contribution = Contribution.objects.get()
    staff = context_of(browser, width=1280).new_page()
    staff.goto(f"{portal}/admin/")
    staff.get_by_role("link", name="Avec un mot de passe").click()
    staff.get_by_label(re.compile("Adresse", re.IGNORECASE)).fill(make_role(demarche=contribution.demarche).user.email)
    staff.get_by_label(re.compile("Mot de passe", re.IGNORECASE)).fill(PASSWORD)
    staff.keyboard.press("Enter")
    staff.wait_for_url(f"{portal}/admin/")
    staff.goto(f"{portal}/admin/consultation/contribution/")
    staff.get_by_role("link", name="Des bus le soir").click()
    assert "un bus à 21 h" in staff.locator(".said-text").inner_text()
    staff.get_by_role("button", name="Publier", exact=True).focus()
    staff.keyboard.press("Enter")
    staff.wait_for_url(f"{portal}/admin/consultation/contribution/")

    page.goto(f"{portal}/suivi/")
    page.get_by_label("Votre numéro de suivi").fill(shown.lower())
    page.get_by_role("button", name="Voir où elle en est").click()
    page.get_by_role("link", name="La lire sur le site").click()
    assert "Des bus le soir" in page.get_by_role("heading", level=1).inner_text()
    assert f"Votre contribution {contribution.reference} est publiée" == mails()[0].subject


def test_pages_with_a_form_have_no_serious_accessibility_fault(browser, portal):
    page = context_of(browser, scripts=True, width=1280).new_page()
    page.goto(f"{portal}/contributions/nouvelle/")
    assert serious_in_both(page) == []
    page.get_by_role("button", name="Envoyer ma contribution").click()
    assert page.get_by_role("alert").is_visible()
    assert serious_in_both(page) == []
    fill(page)
    page.get_by_label("Votre adresse électronique").fill("")
    page.get_by_role("button", name="Envoyer ma contribution").click()
    assert serious_in_both(page) == []
    page.get_by_role("link", name="Voir la page de suivi").click()
    assert serious_in_both(page) == []
    page.goto(f"{portal}/suivi/")
    assert serious_in_both(page) == []


def test_with_scripts_communes_are_suggested(browser, portal):
    page = context_of(browser, scripts=True, width=1280).new_page()
    page.goto(f"{portal}/contributions/nouvelle/")
    with page.expect_response(re.compile(r"/communes\.json")):
        page.get_by_label("Votre commune").press_sequentially("mons")
    option = page.locator("#communes option")
    option.wait_for(state="attached")
    assert option.get_attribute("value") == "Mons-en-Barœul (59)"


def test_the_line_that_only_robots_fill_is_out_of_sight_and_out_of_reach(browser, portal):
    page = context_of(browser).new_page()
    page.goto(f"{portal}/contributions/nouvelle/")
    box = page.locator("[name=precisions]").bounding_box()
    assert box["x"] + box["width"] < 0
    assert page.locator("[name=precisions]").get_attribute("tabindex") == "-1"
