"""Somebody at a page of the portal: with a mouse and scripts, or by keyboard alone with every script off.

Both do the same things by the same names, so that one journey is told once and walked twice.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import Browser, Locator, Page, expect

from tests.moderating import sign_in

FARTHEST = 120  # keys Tab before what is looked for is said to be out of reach


class Mouse:
    """Clicks, and lets scripts run."""

    scripts = True

    def __init__(self, page: Page) -> None:
        self.page = page

    def use(self, found: Locator) -> None:
        """Where the eye sees it: a name may begin with words that only a screen reader says, elsewhere on the page."""
        if found.locator("xpath=node()[1][self::span][@class='sr-only']").count() and (box := found.bounding_box()):
            found.click(position={"x": box["width"] - 5, "y": box["height"] / 2})
        else:
            found.click()

    def tick(self, found: Locator) -> None:
        found.check()

    def write(self, found: Locator, words: str) -> None:
        found.fill(words)

    def choose(self, found: Locator, label: str) -> None:
        found.select_option(label=label)


class Keyboard:
    """Tab, Enter, Space, the arrows and letters: nothing else, and no script to help."""

    scripts = False

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, *wanted: Locator) -> Locator:
        """The first of these that Tab leads to."""
        for _ in range(FARTHEST):
            self.page.keyboard.press("Tab")
            for one in wanted:
                if one.and_(self.page.locator(":focus")).count():
                    return one
        raise AssertionError(f"no Tab leads to {wanted[0]}")

    def use(self, found: Locator) -> None:
        """Without scripts, whatever is pressed leads to a page."""
        self.reach(found)
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.page.keyboard.press("Enter")

    def tick(self, found: Locator) -> None:
        """A box by Space; of several choices Tab leads to one, the arrows to the others."""
        if found.get_attribute("type") == "checkbox":
            self.reach(found)
            self.page.keyboard.press("Space")
            return
        group = self.page.locator(f"input[name='{found.get_attribute('name')}']")
        self.reach(*group.all())
        self.page.keyboard.press("Space")
        for _ in range(group.count()):
            if found.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {found}")

    def write(self, found: Locator, words: str) -> None:
        self.reach(found)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(words)

    def choose(self, found: Locator, label: str) -> None:
        self.reach(found)
        self.page.keyboard.type(label)


class Visitor:
    """One browser of one person; `user` for somebody of the team, signed in."""

    def __init__(self, browser: Browser, site: str, *, keyboard: bool, user: Any = None) -> None:
        hand = Keyboard if keyboard else Mouse
        self.site, self.user = site, user
        self.context = browser.new_context(
            java_script_enabled=hand.scripts, locale="fr-FR", timezone_id="Europe/Paris", base_url=site
        )
        self.context.set_default_timeout(10_000)
        self.page = self.context.new_page()
        self.hand = hand(self.page)

    def open(self, address: str) -> None:
        """As one types it, or follows it from a mail or a code: a whole address is opened on this site."""
        if self.user and "/admin/" in address:
            sign_in(self.context, self.site, self.user)
        answer = self.page.goto(re.sub(r"^https?://[^/]+", "", address))
        assert answer and answer.ok, f"{address}: {answer and answer.status}"

    def follow(self, name: str) -> None:
        self.hand.use(self._named("link", name))

    def press(self, name: str) -> None:
        self.hand.use(self._named("button", name))

    def write(self, label: str, words: str) -> None:
        self.hand.write(self.page.get_by_label(label).first, words)

    def tick(self, label: str) -> None:
        self.hand.tick(self.page.get_by_label(label).first)

    def choose(self, label: str, option: str) -> None:
        self.hand.choose(self.page.get_by_label(label).first, option)

    def sees(self, *words: str, where: str = "body") -> None:
        for one in words:
            expect(self.page.locator(where)).to_contain_text(one)

    def take(self, name: str) -> bytes:
        """The file that a link of this page leads to."""
        answer = self.context.request.get(urljoin(self.page.url, self._named("link", name).get_attribute("href")))
        assert answer.ok, f"{name}: {answer.status}"
        return answer.body()

    def read(self, selector: str) -> str:
        return self.page.locator(selector).first.inner_text()

    def close(self) -> None:
        self.context.close()

    def _named(self, role: Any, name: str) -> Locator:
        """The first one whose name holds these words."""
        return self.page.get_by_role(role, name=re.compile(re.escape(name))).first
