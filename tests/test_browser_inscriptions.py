"""Registering in Chromium: by keyboard and without a script, and what axe finds on each page on the way."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from consultation.actions import inscriptions as actions
from consultation.choices import Mode
from consultation.inscription_links import Wish, holder_path, wish_path
from consultation.models import Inscription, Service
from socle.dates import Precision
from tests.browsing import needs_chromium, overflow, serious_in_both
from tests.factories import local, make_atelier, make_lieu, make_personne, make_rencontre, make_seance
from tests.writing import mails

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True)]
PHONE, DESK = 320, 1280


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


def opened(browser: Browser, address: str, *, width: int = DESK, scripts: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        locale="fr-FR",
        bypass_csp=scripts,  # axe is a script of ours
        java_script_enabled=scripts,
    )
    page = context.new_page()
    page.goto(address)
    return page


def reach(page: Page, wanted: Locator) -> None:
    """By the key Tab alone."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.and_(page.locator(":focus")).count():
            return
    raise AssertionError(f"no Tab leads to {wanted}")


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    reach(page, wanted)
    page.keyboard.press(key)


def test_the_three_seances_of_an_atelier_by_keyboard_and_without_a_script(browser, live_server):
    atelier = make_atelier(town="Dunkerque")
    seances = [make_seance(atelier, capacity=1, starts_at=local(days, 18)) for days in (5, 12, 19)]
    service = Service.objects.create(label="Boucle magnétique")
    for seance in seances:
        seance.rencontre.services.add(service)
    actions.register(make_personne(), seances[2].pk)  # the third is full
    mails()
    page = opened(browser, f"{live_server.url}/rencontres/{seances[0].pk}/", scripts=False)
    press(page, page.get_by_role("link", name=re.compile("^S’inscrire")))
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(3)
    reach(page, page.get_by_label("Votre adresse électronique"))
    page.keyboard.type("alice@example.org")
    press(page, page.get_by_role("button", name="Recevoir le lien"))
    expect(page.get_by_text("Vous n’êtes pas encore inscrit.")).to_be_visible()
    [message] = mails()
    page.goto(live_server.url + re.search(r"https?://[^/]+(/inscriptions/\S+)", message.body)[1])
    press(page, page.get_by_label("Boucle magnétique"), "Space")
    press(page, page.get_by_role("button", name="Confirmer mon inscription"))
    expect(page.get_by_text("Votre place est confirmée")).to_have_count(2)
    expect(page.get_by_text("En tête de la liste d’attente")).to_have_count(1)
    assert {one.services.get() for one in Inscription.objects.filter(personne__email="alice@example.org")} == {service}
    press(page, page.get_by_role("link", name=re.compile("Tout annuler")))
    press(page, page.get_by_role("button", name="Oui, rendre"))
    expect(page.get_by_text("Inscription annulée")).to_have_count(3)


def places() -> dict[str, str]:
    """The address of each page on the way, by what it shows."""
    lieu, service = make_lieu(name="Kursaal", town="Dunkerque"), Service.objects.create(label="Langue des signes")
    said = {"lieu": lieu, "mode": Mode.BOTH, "starts_at": local(9, 18), "precision": Precision.HOUR}
    free, full = (make_rencontre(capacity=capacity, title="Réunion publique à Lens", **said) for capacity in (40, 1))
    closed = make_rencontre(inscriptions_close_at=local(-1), **said)
    free.services.add(service)
    atelier = make_atelier(lieu=lieu)
    seances = [make_seance(atelier, capacity=30) for _ in range(3)]
    alice, bruno = make_personne(), make_personne()
    kept = actions.register(alice, free.pk)
    actions.register(bruno, full.pk)
    actions.register(alice, full.pk)
    actions.cancel(actions.register(alice, seances[0].pk))
    wish = wish_path(Wish(tuple(one.pk for one in seances), personne_pk=bruno.pk))
    return {
        "not full": f"/rencontres/{free.pk}/inscription/",
        "full": f"/rencontres/{full.pk}/inscription/",
        "closed": f"/rencontres/{closed.pk}/inscription/",
        "seances": f"/rencontres/{seances[0].pk}/inscription/",
        "services": wish_path(Wish((free.pk,), personne_pk=bruno.pk)),
        "confirm": wish,
        "mine": holder_path(alice.pk),
        "giving back": f"{holder_path(alice.pk)}?rendre={kept.pk}",
        "nothing": holder_path(make_personne().pk),
    }


SHOWN = ("not full", "full", "closed", "seances", "services", "confirm", "mine", "giving back", "nothing")


def test_axe_finds_nothing_serious_and_nothing_sticks_out(browser, live_server):
    addresses = places()
    assert set(addresses) == set(SHOWN)
    for name in SHOWN:
        page = opened(browser, live_server.url + addresses[name], width=PHONE)
        assert serious_in_both(page) == [], name
        assert overflow(page) <= 0, name
        page.context.close()


def test_errors_are_said_where_they_are_and_axe_finds_nothing_serious(browser, live_server):
    addresses = places()
    page = opened(browser, live_server.url + addresses["not full"], width=PHONE)
    page.get_by_label("Votre adresse électronique").fill("alice@")
    page.get_by_role("button", name="Recevoir le lien").click()
    expect(page.get_by_role("alert")).to_contain_text("incomplète ou mal écrite")
    assert serious_in_both(page) == [] and overflow(page) <= 0
    page.goto(live_server.url + addresses["services"])
    page.get_by_label("Votre téléphone").fill("appelez-moi")
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_role("alert")).to_contain_text("mal écrit")
    expect(page.get_by_label("Votre téléphone")).to_have_value("appelez-moi")
    assert serious_in_both(page) == [] and overflow(page) <= 0
