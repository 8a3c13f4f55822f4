"""The door in a real browser: a telephone of 360 px, a network that goes and comes back, no script, the keyboard."""

from __future__ import annotations

import pytest

from consultation.choices import Mode
from consultation.models import Inscription, Venue
from socle.pagecache.store import store
from tests.arriving import WAITING, door, guest, organiser, tonight
from tests.browsing import needs_chromium, overflow, serious_in_both
from tests.moderating import sign_in

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    store.clear()
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def rencontre():
    return tonight(capacity=30)


@pytest.fixture
def phone(browser, live_server, rencontre):
    """Opens a page of the evening on a telephone of the team."""
    contexts, user = [], organiser(rencontre)

    def opened(page="arrivees/", *, scripts=True, width=360, axe=False):
        context = browser.new_context(
            viewport={"width": width, "height": 740},
            java_script_enabled=scripts,
            bypass_csp=axe,
            locale="fr-FR",
            timezone_id="Europe/Paris",
        )
        contexts.append(context)
        sign_in(context, live_server.url, user)
        found = context.new_page()
        found.goto(live_server.url + door(rencontre, page))
        return found

    yield opened
    for context in contexts:
        context.close()


def here(inscription):
    return Inscription.objects.get(pk=inscription.pk).attended_at is not None


def tap(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def kept(page):
    return page.evaluate("JSON.stringify(localStorage)")


def test_three_letters_and_one_tap(phone, rencontre):
    claire, other = guest(rencontre, "Hélène Martin"), guest(rencontre, "Paul Durand")
    page = phone()
    assert overflow(page) == 0
    page.get_by_label("Trois lettres").press_sequentially("hel")
    assert page.get_by_role("button", name="Paul Durand").count() == 0
    tap(page, "Hélène Martin")
    page.get_by_text("1 présent : 1 dans la salle").wait_for()
    assert (here(claire), here(other)) == (True, False)
    assert page.get_by_label("Trois lettres").input_value() == "", "ready for the next person"
    assert page.get_by_role("button", name="Paul Durand").count() == 1
    tap(page, "Pas de photo : Hélène Martin")
    page.get_by_text("pas de photo").wait_for()
    tap(page, "Effacer l’arrivée : Hélène Martin")
    page.get_by_text("Personne encore").wait_for()
    assert not here(claire)
    assert kept(page) == "{}", "nothing stays on the telephone"


def test_what_is_tapped_without_network_is_kept_said_and_sent_when_it_is_back(phone, rencontre):
    people = [guest(rencontre, f"Personne {letter}") for letter in "ABC"]
    page = phone()
    page.context.set_offline(True)
    tap(page, "Personne A")
    tap(page, "Personne B")
    page.get_by_label("Nom", exact=True).fill("Jean Sans-Adresse")
    page.get_by_role("button", name="Noter cette venue").click()
    page.get_by_text("3 arrivées pas encore envoyées, faute de réseau").wait_for()
    assert not any(here(one) for one in people)
    assert "Personne" not in kept(page) and "@" not in kept(page), "codes are kept, not the list"
    page.context.set_offline(False)
    page.get_by_text("3 présents : 2 dans la salle, 1 venu sans inscription").wait_for()
    assert [here(one) for one in people] == [True, True, False]
    assert Venue.objects.get().name == "Jean Sans-Adresse"
    assert kept(page) == "{}"


def test_a_page_closed_before_the_network_is_back_sends_it_when_it_is_opened_again(phone, rencontre):
    one = guest(rencontre, "Claire")
    page = phone()
    page.context.set_offline(True)
    tap(page, "Claire")
    page.get_by_text("1 arrivée pas encore envoyée").wait_for()
    page.goto("about:blank")
    page.context.set_offline(False)
    page.go_back()
    page.get_by_text("1 présent").wait_for()
    assert here(one)


def test_what_waits_can_be_erased_from_the_telephone(phone, rencontre):
    one = guest(rencontre, "Claire")
    page = phone()
    page.route("**/arrivees/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    tap(page, "Claire")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Effacer de cet appareil").click()
    page.get_by_role("button", name="Claire", exact=True).wait_for()
    assert kept(page) == "{}"
    assert not here(one)


def test_a_session_that_ended_loses_nothing(phone, rencontre):
    guest(rencontre, "Claire")
    page = phone()
    cookies = page.context.cookies()
    page.context.clear_cookies()
    tap(page, "Claire")
    page.get_by_text("Vous n’êtes plus connecté").wait_for()
    assert "arrivee" in kept(page)
    page.context.add_cookies(cookies)
    page.get_by_text("1 présent").wait_for()
    assert kept(page) == "{}"


def test_another_telephone_sees_who_came(phone, rencontre):
    guest(rencontre, "Claire")
    guest(rencontre, "Denis")
    first, second = phone(), phone()
    tap(first, "Claire")
    first.get_by_text("1 présent").wait_for()
    tap(second, "Denis")
    second.get_by_text("2 présents").wait_for()
    assert second.get_by_role("button", name="Effacer l’arrivée : Claire").count() == 1


def test_without_script_each_tap_is_a_short_page(phone, rencontre):
    one = guest(rencontre, "Hélène Martin", state=WAITING)
    guest(rencontre, "Paul Durand")
    page = phone(scripts=False)
    page.get_by_label("Trois lettres").fill("hel")
    page.get_by_role("button", name="Chercher").click()
    assert page.get_by_role("button", name="Paul").count() == 0
    page.get_by_role("button", name="Hélène Martin liste d’attente").click()
    assert "Hélène Martin : arrivée notée à" in page.inner_text("main").replace("\N{NO-BREAK SPACE}", " ")
    assert overflow(page) == 0
    assert here(one)
    page.get_by_role("button", name="Effacer l’arrivée : Hélène Martin").click()
    assert "aucune arrivée n’est notée" in page.inner_text("main")
    page.get_by_role("link", name="Toute la liste").click()
    page.get_by_label("Nom", exact=True).fill("Jean")
    page.get_by_label("Ne veut pas être photographiée").check()
    page.get_by_role("button", name="Noter cette venue").click()
    assert "sans inscription), pas de photo" in page.inner_text("main")
    assert Venue.objects.get().image_refused


def test_by_keyboard_alone(phone, rencontre):
    one = guest(rencontre, "Claire")
    page = phone()
    page.get_by_label("Trois lettres").focus()
    page.keyboard.type("cla")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.get_by_text("1 présent").wait_for()
    assert here(one)
    assert page.evaluate("document.activeElement.closest('li').id") == one.code, "the focus stays on the line"
    page.get_by_label("Trois lettres").focus()
    page.keyboard.type("zoé")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.value") == "zoé", "on no list: the name is in the other form"


def test_pages_of_the_evening_are_for_everybody(phone, rencontre):
    guest(rencontre, "Claire", attended_at=rencontre.starts_at)
    guest(rencontre, "Jeanne-Marguerite d’Estrées-de-La-Rochefoucauld-Montmorency", state=WAITING)
    rencontre.mode = Mode.BOTH
    rencontre.save()
    feuille = rencontre.feuilles.create(rank=1, holders=[1], waiting=[], printed_by=organiser(rencontre))
    for path in ("arrivees/", "arrivees/?q=cla", "presences/", f"feuilles/{feuille.rank}/saisie/"):
        page = phone(path, axe=True)
        assert (serious_in_both(page), overflow(page)) == ([], 0), path
