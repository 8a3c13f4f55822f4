"""The page of a table in a real browser: without JavaScript, by keyboard alone, through a cut of the network; axe."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from ateliers.actions import devenirs, tables
from ateliers.links import table_path
from ateliers.models import Production
from consultation.choices import ContributionState
from socle.pagecache.store import store
from tests.browsing import needs_chromium, overflow, serious_in_both
from tests.factories import (
    local,
    make_atelier,
    make_enjeu,
    make_identity,
    make_production,
    make_seance,
    make_superuser,
    make_table,
)
from tests.moderating import sign_in

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    store.clear()
    expect.set_options(timeout=30_000)  # milliseconds: on a busy machine three answers take more than five seconds
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def seances():
    make_identity()
    atelier = make_atelier()
    make_enjeu(demarche=atelier.demarche)
    return [make_seance(atelier, starts_at=local(14 * number)) for number in (-1, 0)]


@pytest.fixture
def table(seances):
    return make_table(seances[1])


def open_page(browser: Browser, *, scripts: bool = True, width: int = 360) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=scripts, bypass_csp=scripts
    )
    return context.new_page()


def titles() -> list[str]:
    return list(Production.objects.order_by("pk").values_list("contribution__title", flat=True))


def test_without_javascript_one_after_the_other(browser, live_server, table):
    page = open_page(browser, scripts=False)
    page.goto(live_server.url + table_path(table))
    for title in ("Plus de bus", "Moins de voitures"):
        page.get_by_label("Titre").fill(title)
        page.get_by_label("Texte").fill("Dans les mots du groupe.")
        page.get_by_role("button", name="Enregistrer et passer").click()
        assert page.locator("#ecrites").get_by_text(title, exact=True).is_visible()
    page.get_by_label("Titre").fill("Sans texte")
    page.get_by_role("button", name="Enregistrer et passer").click()
    assert "Écrivez ce que dit le groupe" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Titre").input_value() == "Sans texte"
    assert titles() == ["Plus de bus", "Moins de voitures"]
    assert overflow(page) <= 0


def test_by_keyboard_alone_many_in_a_row(browser, live_server, table):
    page = open_page(browser, width=1280)
    page.goto(live_server.url + table_path(table))
    page.get_by_label("Titre").focus()
    for number, keys in enumerate(["Control+Enter", "Meta+Enter", "Control+Enter"]):
        page.keyboard.insert_text(f"Production {number}")
        page.keyboard.press("Tab")
        page.keyboard.insert_text("Dans les mots du groupe.")
        page.keyboard.press(keys)
        expect(page.locator("#ecrites")).to_contain_text(f"Production {number}")
        assert page.evaluate("document.activeElement.name") == "title"
        assert page.get_by_label("Titre").input_value() == ""
    assert titles() == ["Production 0", "Production 1", "Production 2"]


def test_through_a_cut_everything_typed_leaves_once_when_the_network_is_back(browser, live_server, table):
    page = open_page(browser)
    page.goto(live_server.url + table_path(table))
    page.context.set_offline(True)
    for number in range(3):
        page.get_by_label("Titre").fill(f"Sans réseau {number}")
        page.get_by_label("Texte").fill("Dans les mots du groupe.")
        page.get_by_label("Texte").press("Control+Enter")
    expect(page.locator("#attente li")).to_have_count(3)
    page.get_by_label("Titre").fill("Un brouillon")
    assert titles() == []
    page.context.set_offline(False)
    expect(page.locator("#attente")).to_be_hidden()
    assert titles() == [f"Sans réseau {number}" for number in range(3)]
    assert page.get_by_label("Titre").input_value() == "Un brouillon"
    page.reload()
    assert page.get_by_label("Titre").input_value() == "Un brouillon"


def test_what_was_not_sent_when_the_page_was_closed_leaves_when_it_is_opened_again(browser, live_server, table):
    page = open_page(browser)
    page.goto(live_server.url + table_path(table))
    page.context.set_offline(True)
    page.get_by_label("Titre").fill("Fermée trop tôt")
    page.get_by_label("Texte").fill("Dans les mots du groupe.")
    page.get_by_label("Texte").press("Control+Enter")
    expect(page.locator("#attente li")).to_have_count(1)
    page.close(run_before_unload=False)
    again = page.context.new_page()
    page.context.set_offline(False)
    again.goto(live_server.url + table_path(table))
    expect(again.locator("#ecrites")).to_contain_text("Fermée trop tôt")
    assert titles() == ["Fermée trop tôt"]


def test_what_is_refused_stays_with_its_reason_and_is_taken_back_into_the_form(browser, live_server, table):
    make_production(table.seance, sheet=3, title="La première")
    page = open_page(browser)
    page.goto(live_server.url + f"{table_path(table)}?fiche=3")
    page.get_by_label("Titre").fill("La seconde")
    page.get_by_label("Texte").fill("Dans les mots du groupe.")
    page.get_by_label("Texte").press("Control+Enter")
    expect(page.locator("#attente li")).to_contain_text("La fiche 3 est déjà recopiée")
    page.get_by_label("Titre").fill("Une autre, pas finie")
    page.get_by_role("button", name="Reprendre").click()
    assert page.get_by_label("Titre").input_value() == "La seconde"
    expect(page.locator("#attente li")).to_contain_text("Une autre, pas finie")
    page.get_by_label("Numéro de la fiche").fill("4")
    page.get_by_label("Texte").press("Control+Enter")
    expect(page.locator("#ecrites")).to_contain_text("La seconde")
    assert titles() == ["La première", "La seconde"]


def test_a_table_closed_meanwhile_refuses_and_nothing_typed_is_lost(browser, live_server, table):
    page = open_page(browser)
    page.goto(live_server.url + table_path(table))
    tables.close_table(table)
    page.get_by_label("Titre").fill("Trop tard")
    page.get_by_label("Texte").fill("Dans les mots du groupe.")
    page.get_by_label("Texte").press("Control+Enter")
    expect(page.locator("#attente li")).to_contain_text("Cette table est fermée")
    page.get_by_role("button", name="Reprendre").click()
    assert page.get_by_label("Titre").input_value() == "Trop tard"


def test_one_tap_keeps_on_a_telephone(browser, live_server, seances, table):
    made = make_production(seances[0])
    page = open_page(browser, scripts=False)
    page.goto(live_server.url + table_path(table, "table_before"))
    page.get_by_role("button", name=f"Garder {made.contribution.reference}").click()
    assert page.get_by_text(re.compile("Tout est décidé")).is_visible()
    assert made.devenirs.get().fate == "gardee"


def test_axe_finds_nothing_serious_and_nothing_sticks_out(browser, live_server, seances, table):
    waiting = make_production(seances[1], state=ContributionState.WAITING, body="Appelez le 06 12 34 56 78.")
    first, other = make_production(seances[0], body="Un bus à 20 h."), make_production(seances[0])
    third = make_production(seances[0], minority=True)
    by = make_superuser()
    reworded = devenirs.reword(table, first, seen=first.versions.get().pk, title="Un bus", body="Un bus à 22 h.")
    devenirs.publish(reworded, by=by)
    devenirs.drop(table, other, "Déjà dans la loi.")
    atelier = table.seance.atelier
    admin = f"/admin/ateliers/atelier/{atelier.pk}/seances/{table.seance.rank}/productions/"
    addresses = [
        *(table_path(table), table_path(table, "table_before"), table_path(table, "table_merge")),
        *(table_path(table, "table_correct", waiting.pk), table_path(table, "table_reword", third.pk)),
        *("/table/forge/", first.get_absolute_url(), first.contribution.get_absolute_url()),
        *(f"/demarches/{atelier.demarche.slug}/ateliers/{atelier.rank}/productions/", admin, f"{admin}tables/1/"),
    ]
    page = open_page(browser)
    sign_in(page.context, live_server.url, by)
    for address in addresses:
        page.goto(live_server.url + address)
        assert serious_in_both(page) == [], address
        assert overflow(page) <= 0, address
