"""The main job on the real thing: the demo's own processes on the embedded parts, a browser without JavaScript.

Read, contribute to the question of atelier 5, confirm, be moderated, get the mails, follow the number, find the
contribution by search, in the feed and in the CSV.
"""

from __future__ import annotations

import csv
import io
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browsing import needs_chromium
from tests.running import Running, fetch, portal, soon

TITLE = "Des réunions à l’heure du train"
TEXT = "La dernière navette part à 19 h 40.\n\n=2+2 n’est pas une formule, <b>ceci</b> n’est pas du gras."

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Running]:
    with portal(tmp_path_factory.mktemp("journey")) as running:
        yield running
    assert running.supervisor.returncode == 0


@pytest.fixture(scope="module")
def site(running) -> str:
    return running.url


@pytest.fixture
def page(site, browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False, locale="fr-FR", base_url=site)
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def contribute(page: Page) -> str:
    """From the accueil to the receipt; the numéro de suivi."""
    page.goto("/")
    page.get_by_role("link", name="Dunkerque").first.press("Enter")
    page.get_by_role("link", name="Contribuer à distance").click()
    assert page.get_by_label("Quels moyens pour permettre la participation de tous").is_checked()
    page.get_by_label("Une proposition").check()
    page.get_by_role("textbox", name="Titre").fill(TITLE)
    page.get_by_label("Votre texte").fill(TEXT)
    page.get_by_label("Votre adresse électronique").fill("claire@example.org")
    page.get_by_role("button", name="Envoyer").click()
    return re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", page.inner_text("main"))[0]


def moderate(page: Page, var_dir: Path) -> None:
    page.goto("/admin/consultation/contribution/")
    page.get_by_role("link", name="Avec un mot de passe").click()
    page.get_by_label("Adresse électronique").fill("moderateur@participons.example")
    page.get_by_label("Mot de passe").fill((var_dir / "comptes" / "moderateur").read_text().strip())
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("link", name=TITLE).click()
    assert TEXT.splitlines()[0] in page.inner_text("body")
    page.get_by_role("button", name="Publier").first.click()


def export_csv(running: Running, target: Path) -> list[dict[str, str]]:
    running.manage("export_contributions", str(target))
    text = target.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def test_what_a_citizen_writes_is_confirmed_moderated_told_and_found(running, page, tmp_path):
    number = contribute(page)
    confirmation = soon(lambda: running.mail("claire@example.org", "onfirm"), "no confirmation mail")
    assert TITLE not in confirmation, "a stranger may have typed this address"
    page.goto(re.search(r"http://\S+", confirmation)[0])
    page.get_by_role("button", name="Oui, c’est bien moi").click()
    page.goto(f"/suivi/{number}/")
    assert "modér" in page.inner_text("main")

    moderate(page, running.var_dir)
    told = soon(lambda: running.mail("claire@example.org", "publiée"), "no mail about the decision")
    address = re.search(r"http://\S+/contributions/\S+/", told)[0]
    page.context.clear_cookies()
    page.goto(address)
    assert "<b>ceci</b> n’est pas du gras." in page.inner_text("main")
    page.goto(f"/suivi/{number}/")
    reference = address.rstrip("/").rsplit("/", 1)[1]
    assert reference in page.inner_text("main")

    page.goto("/recherche/?q=navettes+trains")
    assert TITLE in page.inner_text("main")
    feed = soon(lambda: TITLE in (fetch(f"{running.url}/flux/contributions.atom") or b"").decode(), "not in the feed")
    assert feed
    rows = export_csv(running, tmp_path / "contributions.csv")
    mine = next(row for row in rows if reference in row.values())
    assert TITLE in mine.values()
    assert TEXT in mine.values()


def test_a_due_rencontre_of_the_demo_has_reminded_its_people_once(running):
    soon(lambda: running.mail("@example.org", "Rappel"), "no reminder")
    reminders = [(message["To"], message["Subject"]) for message in running.mails() if "Rappel" in message["Subject"]]
    assert len(reminders) == len(set(reminders))


def test_the_portal_is_in_good_health(site):
    soon(lambda: b'"status": "ok"' in (fetch(f"{site}/sante/") or b""), "the portal is not in good health")


SLUG = "/demarches/democratie-participative"
PUBLIC = [
    *("/", "/demarches/", f"{SLUG}/", f"{SLUG}/cadre/", f"{SLUG}/etapes/3/", f"{SLUG}/themes/5/", f"{SLUG}/ateliers/"),
    *(f"{SLUG}/ateliers/7/", "/rencontres/", "/agenda.ics", "/forums/", "/contributions/", "/recherche/", "/donnees/"),
    *("/flux/contributions.atom", "/sitemap.xml", "/robots.txt", "/.well-known/security.txt", "/sante/", "/questions/"),
    *("/accessibilite/", "/mentions-legales/", "/donnees-personnelles/", "/contact/", "/plan-du-site/"),
]


def test_every_public_address_answers_without_a_cookie(site):
    for path in PUBLIC:
        with urllib.request.urlopen(site + path, timeout=30) as answer:
            assert answer.status == 200, path
            assert answer.headers["Set-Cookie"] is None, path
            assert "script-src 'self'" in answer.headers["Content-Security-Policy"], path


def test_short_addresses_lead_to_the_current_demarche(site):
    for short in ("/etapes/3/", "/themes/5/", "/ateliers/", "/ateliers/5/"):
        with urllib.request.urlopen(site + short, timeout=30) as answer:
            assert "/demarches/democratie-participative" in answer.url, short
