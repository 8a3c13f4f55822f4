"""The system's Chromium, and what the tests ask of a page opened in it."""

from __future__ import annotations

import os
import shutil
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# Where the suite is the judge, a missing browser is a failure, not a reason to look away.
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and "CI" not in os.environ, reason="no Chromium on this machine: install the package chromium"
)


def overflow(page: Page) -> int:
    """Pixels that stick out on the right; asked of the browser itself, the page's own scripts being off."""
    sizes = page.context.new_cdp_session(page).send("Page.getLayoutMetrics")
    return round(sizes["cssContentSize"]["width"] - sizes["cssLayoutViewport"]["clientWidth"])


# The rules of axe that look at colours: all that another palette may change of a page.
COLOURS = ["color-contrast", "link-in-text-block"]


def serious(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds serious or critical by all its rules, or these; the page's context must let scripts run."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    found = Axe().run(page, options=options).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in ("serious", "critical")]


def serious_in_both(page: Page) -> list[str]:
    """In the dark, then whole in the light, in which the page stays."""
    _painted(page, "dark")
    dark = [f"in the dark, {one}" for one in serious(page, COLOURS)]
    _painted(page, "light")
    return dark + serious(page)


def _painted(page: Page, scheme: Literal["dark", "light"]) -> None:
    """The admin's links take a fraction of a second to change: what is between two palettes is in neither."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate("Promise.all(document.getAnimations().map(one => one.finished.catch(() => null)))")
