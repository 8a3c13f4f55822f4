"""The public pages in a real browser, JavaScript off: on a narrow telephone, enlarged, in the light and in the dark."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page

from socle.pagecache.store import store
from tests.browsing import needs_chromium, overflow, serious_in_both
from tests.portal import make_portal

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True)]
EMPTY = ["/", "/demarches/", "/rencontres/", "/forums/", "/registre/", "/registre/verifier/", "/contact/"]


@pytest.fixture(autouse=True)
def fresh_pages() -> None:
    """The pages of the test before, about another database, are not these."""
    store.clear()


def open_page(browser: Browser, width: int, *, scripts: bool = False) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=scripts, bypass_csp=scripts
    )
    return context.new_page()


@pytest.fixture
def addresses(request) -> list[str]:
    return EMPTY if request.param == "empty" else make_portal(3, example_dates=True).addresses


@pytest.mark.parametrize("addresses", ["full", "empty"], indirect=True)
def test_no_page_scrolls_sideways_on_a_narrow_telephone_nor_when_the_text_is_twice_as_large(
    browser, live_server, addresses
):
    """WCAG 1.4.4: 1,280 pixels seen at 200 % are 640."""
    page = open_page(browser, 320)
    for address in addresses:
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.goto(live_server.url + address).status == 200
        assert overflow(page) <= 0, address
        page.set_viewport_size({"width": 640, "height": 800})
        assert overflow(page) <= 0, f"{address}, enlarged"


@pytest.mark.parametrize("addresses", ["full", "empty"], indirect=True)
def test_axe_finds_nothing_serious_in_the_light_or_the_dark(browser, live_server, addresses):
    page = open_page(browser, 1280, scripts=True)
    for address in addresses:
        page.goto(live_server.url + address)
        assert serious_in_both(page) == [], address
    page.set_viewport_size({"width": 320, "height": 800})
    for address in (one for one in addresses if "/compte-rendu/" in one):  # its table and its lists fold
        page.goto(live_server.url + address)
        assert serious_in_both(page) == [], address


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_judge_above_sees_what_cannot_be_read_in_one_scheme_alone(browser, scheme):
    page = open_page(browser, 320, scripts=True)
    pale = f"@media (prefers-color-scheme: {scheme}) {{ p {{ color: #888; background: #999 }} }}"
    page.set_content(
        f"<!DOCTYPE html><html lang='fr'><title>Titre</title><style>{pale}</style><main><h1>Titre</h1><p>Un texte"
    )
    assert [one for one in serious_in_both(page) if "color-contrast" in one]


def test_labels_of_the_map_never_meet_on_a_telephone(browser, live_server):
    make_portal(3)
    page = open_page(browser, 320, scripts=True)
    page.goto(live_server.url)
    boxes = [label.bounding_box() for label in page.locator(".map text").all()]
    assert len(boxes) == 6
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            apart = (
                one["x"] + one["width"] <= other["x"]
                or other["x"] + other["width"] <= one["x"]
                or one["y"] + one["height"] <= other["y"]
                or other["y"] + other["height"] <= one["y"]
            )
            assert apart


def test_first_key_skips_to_the_content(browser, live_server):
    make_portal()
    page = open_page(browser, 1280, scripts=True)
    page.goto(live_server.url)
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Aller au contenu"
    assert page.locator(":focus").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#contenu")


def test_the_parts_of_a_bar_are_each_filled_in_their_own_way(browser):
    keys = [(kind, kind) for kind in ("p1", "p2", "p3", "p4")]
    styles = "".join((settings.BASE_DIR / "static" / "css" / name).read_text() for name in ("site.css", "drawn.css"))
    page = open_page(browser, 360, scripts=True)
    page.set_content(f"<style>{styles}</style>" + render_to_string("components/bars.html", {"keys": keys}))
    fills = page.eval_on_selector_all(".bar", "found => found.map(one => getComputedStyle(one).fill)")
    assert len(set(fills)) == len(keys), fills
