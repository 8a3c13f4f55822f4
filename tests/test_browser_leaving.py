"""Leaving in Chromium: by keyboard and without a script, and what axe finds on each page on the way."""

from __future__ import annotations

import re

import pytest
from django.db.models.functions import Now
from playwright.sync_api import expect

from socle.comptes.models import Personne
from socle.privacy import tasks
from socle.privacy.links import owner_path
from socle.privacy.models import Depart
from tests.browsing import needs_chromium, overflow, serious_in_both
from tests.factories import make_contribution, make_personne
from tests.leaving import ADDRESS
from tests.test_browser_inscriptions import DESK, PHONE, opened, press, reach
from tests.writing import mails

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch, settings, tmp_path):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    settings.EXPORT_STORAGE = settings.VAR_DIR = tmp_path


def test_leaving_by_keyboard_and_without_a_script(browser, live_server):
    make_contribution(personne=make_personne(email=ADDRESS))
    page = opened(browser, f"{live_server.url}/mes-donnees/", scripts=False)
    reach(page, page.get_by_label("Votre adresse électronique"))
    page.keyboard.type(ADDRESS)
    press(page, page.get_by_role("button", name="Recevoir le lien"))
    expect(page.get_by_role("heading", name="Ouvrez votre messagerie")).to_be_visible()
    [message] = mails()
    page.goto(live_server.url + re.search(r"https?://[^/]+(/mes-donnees/\S+)", message.body)[1])
    press(page, page.get_by_role("link", name="Voir ce qui serait effacé, et ce qui resterait"))
    press(page, page.get_by_role("button", name="Partir"))
    expect(page.get_by_role("link", name="Ce qui doit être effacé")).to_be_visible()  # nothing was chosen for them
    reach(page, page.get_by_label(re.compile("sans mon nom")))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label(re.compile("et mes textes"))).to_be_checked()
    press(page, page.get_by_role("button", name="Partir"))
    expect(page.get_by_role("heading", name="Votre départ est demandé")).to_be_visible()
    Depart.objects.update(next_attempt_at=Now())
    tasks.erase_due()
    assert not Personne.objects.filter(email=ADDRESS).exists()
    page.reload()
    expect(page.get_by_role("heading", name="Il n’y a plus rien ici")).to_be_visible()


def test_every_page_on_the_way_reads_on_a_telephone_and_axe_finds_nothing(browser, live_server):
    alice = make_personne(email=ADDRESS)
    make_contribution(personne=alice)
    ways = ["mes_donnees_acces", "mes_donnees_partir", "mes_donnees_opposer"]
    paths = ["/mes-donnees/", "/donnees-personnelles/", *(owner_path(alice.pk, name) for name in ways)]
    for path in paths:
        for width in (PHONE, DESK):
            page = opened(browser, live_server.url + path, width=width)
            assert (serious_in_both(page), overflow(page)) == ([], 0), path
            page.context.close()
