"""The form in Chromium with its scripts: a cut loses nothing, one question at a time, what others said."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from consultation.models import Contribution
from socle.pagecache.store import store
from tests.browsing import needs_chromium, overflow, serious
from tests.factories import (
    make_cadre,
    make_college,
    make_contribution,
    make_enjeu,
    make_identity,
    make_theme,
)

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True)]
STATIC = Path(settings.BASE_DIR, "static")
FIRST_VIEW = 14_600  # bytes: what one TCP window brings (design § 8)
FORM = "/contributions/nouvelle/"
TEXT = "Après 20 h, plus rien ne part du lycée."
PHONE, DESK = 320, 1280


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    store.clear()
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def portal(live_server) -> str:
    make_identity(contact_phone="03 20 00 00 00", contact_hours="du lundi au vendredi, de 9 h à 17 h")
    theme = make_theme(question="Comment faciliter les déplacements des jeunes ?")
    make_cadre(demarche=theme.demarche)
    make_enjeu(demarche=theme.demarche, sentence="développer le lien entre les générations")
    make_college(demarche=theme.demarche, label="Habitant")
    return live_server.url


def context_of(browser: Browser, *, width: int = DESK, scheme: str = "light", axe: bool = False) -> BrowserContext:
    return browser.new_context(
        viewport={"width": width, "height": 700}, color_scheme=scheme, locale="fr-FR", bypass_csp=axe
    )


def write(page: Page) -> None:
    page.get_by_label("Autre sujet").check()
    page.get_by_label("Une proposition").check()
    page.get_by_role("textbox", name="Titre").fill("Des bus le soir")
    page.get_by_label("Votre texte").fill(TEXT)
    page.get_by_label("Votre adresse électronique").fill("alice@example.org")


def kept(page: Page) -> str:
    return page.evaluate("JSON.stringify(Object.assign({}, localStorage))")


def written_down(page: Page) -> None:
    page.wait_for_function("text => JSON.stringify(localStorage).includes(text)", arg=TEXT)


def submit(page: Page) -> None:
    page.get_by_role("button", name="Envoyer ma contribution").click()


# A cut


def test_what_is_written_survives_a_cut_and_the_resend_gives_the_same_receipt(browser, portal):
    page = context_of(browser).new_page()
    page.goto(portal + FORM)
    expect(page.get_by_role("status")).to_contain_text("gardé sur cet appareil")
    write(page)
    written_down(page)
    assert "alice@example.org" not in kept(page)

    def answer_lost(route: Route) -> None:
        """The server receives; the browser never hears of it."""
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/contributions/nouvelle/", answer_lost)
    submit(page)
    page.wait_for_url("chrome-error://**")
    contribution = Contribution.objects.get()
    page.unroute("**/contributions/nouvelle/")

    # Much later, in another tab: the text, its key, and not the address.
    later = page.context.new_page()
    later.goto(portal + FORM)
    expect(later.get_by_role("status")).to_contain_text("Voici ce que vous aviez commencé")
    expect(later.get_by_label("Votre texte")).to_have_value(TEXT)
    expect(later.get_by_label("Une proposition")).to_be_checked()
    expect(later.get_by_label("Votre adresse électronique")).to_have_value("")
    submit(later)
    later.wait_for_url("**/contributions/recu/**")
    assert Contribution.objects.get() == contribution
    assert "brouillon" not in kept(later)
    later.goto(portal + FORM)
    expect(later.get_by_label("Votre texte")).to_have_value("")


def test_without_a_connection_nothing_leaves_and_nothing_is_lost(browser, portal):
    context = context_of(browser)
    page = context.new_page()
    page.goto(portal + FORM)
    write(page)
    context.set_offline(True)
    submit(page)
    expect(page.get_by_role("status")).to_contain_text("Pas de connexion")
    expect(page.get_by_label("Votre texte")).to_have_value(TEXT)
    assert not Contribution.objects.exists()
    context.set_offline(False)
    submit(page)
    page.wait_for_url("**/contributions/recu/**")
    assert Contribution.objects.get().body == TEXT


def test_a_page_closed_in_the_middle_of_a_word_is_found_again(browser, portal):
    context = context_of(browser)
    page = context.new_page()
    page.goto(portal + FORM)
    page.get_by_label("Votre texte").fill(TEXT)
    page.goto(f"{portal}/suivi/")
    page.goto(portal + FORM)
    expect(page.get_by_label("Votre texte")).to_have_value(TEXT)


def test_it_is_erased_on_demand_and_the_form_is_new(browser, portal):
    page = context_of(browser).new_page()
    page.goto(portal + FORM)
    write(page)
    written_down(page)
    first = page.locator("[name=submission_key]").input_value()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Effacer").click()
    page.wait_for_function("document.getElementById('id_body').value === ''")
    assert TEXT not in kept(page)
    assert page.locator("[name=submission_key]").input_value() != first


def test_sent_from_one_tab_the_other_one_writes_another_contribution(browser, portal):
    context = context_of(browser)
    page, other = context.new_page(), context.new_page()
    page.goto(portal + FORM)
    write(page)
    written_down(page)
    other.goto(portal + FORM)
    expect(other.get_by_label("Votre texte")).to_have_value(TEXT)
    submit(page)
    page.wait_for_url("**/contributions/recu/**")
    other.get_by_label("Votre texte").fill("Tout autre chose.")
    submit(other)
    other.wait_for_url("**/contributions/recu/**")
    assert set(Contribution.objects.values_list("body", flat=True)) == {TEXT, "Tout autre chose."}


def test_a_device_that_keeps_nothing_shows_the_form_as_it_is(browser, portal):
    context = context_of(browser)
    context.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused'); }})")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(portal + FORM)
    write(page)
    submit(page)
    page.wait_for_url("**/contributions/recu/**")
    assert faults == []


# One question at a time


def heading(page: Page) -> str:
    return page.locator("form.writing h2").first.inner_text().replace("\u00a0", " ")


def test_on_a_telephone_one_question_at_a_time(browser, portal):
    page = context_of(browser, width=PHONE, axe=True).new_page()
    page.goto(portal + FORM)
    headings, on = [heading(page)], page.get_by_role("button", name="Continuer")
    expect(page.get_by_role("button", name="Revenir")).to_have_count(0)
    while on.count():
        expect(page.get_by_role("button", name="Envoyer ma contribution")).to_be_hidden()
        assert overflow(page) <= 0
        assert serious(page) == []
        on.click()
        headings.append(heading(page))
        assert page.evaluate("document.activeElement.tagName") == "H2"
    assert headings == [
        "1 sur 8 : La question",
        "2 sur 8 : Les enjeux",
        "3 sur 8 : Ce que vous apportez",
        "4 sur 8 : Votre contribution",
        "5 sur 8 : Votre signature",
        "6 sur 8 : À quel titre",
        "7 sur 8 : D’où vous parlez",
        "8 sur 8 : Votre adresse",
    ]
    expect(page.get_by_text("Vous préférez le papier ou le téléphone")).to_be_visible()
    expect(page.get_by_label("Votre texte")).to_be_hidden()
    page.get_by_role("button", name="Revenir").click()
    assert heading(page).startswith("7 sur 8")


def test_an_error_opens_the_step_that_holds_it_and_the_summary_leads_to_the_others(browser, portal):
    page = context_of(browser, width=PHONE).new_page()
    page.goto(portal + FORM)
    page.get_by_label("Autre sujet").check()
    for _ in range(7):
        page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Votre adresse électronique").fill("alice@")
    submit(page)
    expect(page.get_by_role("alert")).to_be_visible()
    assert heading(page).startswith("3 sur 8")
    page.get_by_role("alert").get_by_role("link", name="Votre adresse électronique").click()
    assert heading(page).startswith("8 sur 8")
    expect(page.get_by_label("Votre adresse électronique")).to_be_focused()
    page.get_by_role("alert").get_by_role("link", name="Votre texte").click()
    expect(page.get_by_label("Votre texte")).to_be_focused()


def test_by_keyboard_alone_and_to_the_receipt(browser, portal):
    page = context_of(browser, width=PHONE).new_page()
    page.goto(portal + FORM)
    page.get_by_label("Autre sujet").check()
    page.keyboard.press("Enter")  # goes on, sends nothing
    assert heading(page).startswith("2 sur 8")
    for _ in range(1):
        page.get_by_role("button", name="Continuer").press("Enter")
    page.get_by_label("Une proposition").press("Space")
    page.get_by_role("button", name="Continuer").press("Enter")
    page.get_by_role("textbox", name="Titre").type("Des bus le soir")
    page.get_by_label("Votre texte").type(TEXT)
    for _ in range(4):
        page.get_by_role("button", name="Continuer").press("Enter")
    page.get_by_role("button", name="Envoyer ma contribution").press("Enter")
    page.wait_for_url("**/contributions/recu/**")
    assert Contribution.objects.get().body == TEXT


def test_the_whole_form_is_one_button_away_and_there_on_a_wide_screen(browser, portal):
    page = context_of(browser, width=PHONE).new_page()
    page.goto(portal + FORM)
    page.get_by_role("button", name="Tout le formulaire").click()
    for label in ("Titre", "Votre texte", "Votre adresse électronique"):
        expect(page.get_by_label(label).first).to_be_visible()
    expect(page.get_by_role("button", name="Envoyer ma contribution")).to_be_visible()
    assert overflow(page) <= 0
    page.goto(portal + FORM)
    page.set_viewport_size({"width": DESK, "height": 700})  # the telephone is turned
    expect(page.get_by_label("Votre texte")).to_be_visible()
    expect(page.get_by_role("button", name="Continuer")).to_be_hidden()


# What others said


def test_once_the_title_is_written_what_others_said_is_there(browser, portal):
    make_contribution(title="Des <b>bus</b> plus tard le soir")
    page = context_of(browser).new_page()
    page.goto(portal + FORM)
    with page.expect_response(re.compile("/contributions/proches/")) as asked:
        page.get_by_role("textbox", name="Titre").fill("Un bus le soir")
        page.get_by_label("Votre texte").focus()
    assert asked.value.headers["cache-control"] == "private, no-store"
    expect(page.get_by_role("link", name="Des <b>bus</b> plus tard le soir")).to_be_visible()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Des <b>bus</b> plus tard le soir").click()
    opened.value.wait_for_load_state()
    assert "Des <b>bus</b>" in opened.value.get_by_role("heading", level=1).inner_text()
    assert page.evaluate("document.querySelector('[data-similar] b')") is None


# Its weight


def test_first_view_of_the_form_fits_one_window(client, portal):
    page = client.get(FORM).content
    sent = [gzip.compress(page, 6)]
    names = re.findall(rb'(?:src|href)="/static/([^"]+)"', page)
    assert len([name for name in names if name.endswith(b".js")]) == 4
    sent += [gzip.compress((STATIC / name.decode()).read_bytes(), 9) for name in names]
    assert sum(map(len, sent)) < FIRST_VIEW
