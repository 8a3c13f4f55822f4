"""A short synthèse written, published and read in a real browser; and the same pages without a script, narrow."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import expect

from consultation.actions import textes
from consultation.choices import RoleKind
from consultation.models import Citation, Passage, Texte
from socle.pagecache.store import store
from tests.browsing import needs_chromium, overflow, serious
from tests.factories import make_college, make_demarche, make_role, make_theme
from tests.moderating import sign_in
from tests.textes import make_texte, passage, said

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True)]
LOOK = os.environ.get("LOOK")  # a folder: what the pages look like is kept there


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    store.clear()
    expect.set_options(timeout=30_000)  # milliseconds: on a busy machine an answer takes more than five seconds
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def opened(browser, live_server):
    """Opens pages as a rédacteur."""
    contexts = []
    user = make_role(demarche=make_demarche(title="Bien vivre ici"), kind=RoleKind.REDACTEUR).user

    def page_of(*, scripts=True, width=1280, scheme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=scripts,
            bypass_csp=scripts,
            locale="fr-FR",
        )
        contexts.append(context)
        sign_in(context, live_server.url, user)
        return context.new_page()

    yield page_of
    for context in contexts:
        context.close()


def look(page, name):
    if LOOK:
        page.screenshot(path=f"{LOOK}/{name}.png", full_page=True)


def select_words(page, within):
    """As a mouse does, from the first word to the last."""
    page.evaluate(
        "(selector) => getSelection().selectAllChildren(document.querySelector(selector).querySelector('p'))", within
    )


def test_a_short_synthese_is_written_published_and_read(opened, live_server):
    theme, college = make_theme(question="Comment circuler ?"), make_college(label="Habitant")
    words = {"theme": theme, "college": college}
    trains = said(title="Plus de trains", body="Il faut un train par heure.\n\nEt le soir aussi.", **words)
    pool = said(title="Une piscine", body="Je voudrais une piscine.", **words)
    page, base = opened(), live_server.url
    texte = make_texte(title="Synthèse du printemps")
    page.goto(f"{base}/admin/consultation/texte/{texte.pk}/change/")
    page.get_by_label("Titre").first.fill("Des trains plus fréquents")
    page.get_by_label("Texte", exact=True).fill("Il est demandé un train par heure.")
    page.get_by_role("button", name="Ajouter").click()
    page.wait_for_selector(f"#citer-{trains.pk}")  # once what was being saved is saved
    select_words(page, f"#citer-{trains.pk} [data-text]")
    quoted = page.get_by_label(f"Mots cités de {trains.reference}")
    assert quoted.input_value() == "Il faut un train par heure."
    page.locator(f"#citer-{trains.pk}").get_by_role("button", name="Citer").click()
    assert Citation.objects.get().quote == "Il faut un train par heure."
    look(page, "passage-1280")
    assert serious(page) == []
    page.get_by_role("link", name="1 à traiter").click()
    page.get_by_label("Une piscine").check()
    page.get_by_label("non retenue").check()
    page.get_by_label("Motif").fill("La Région ne construit pas de piscine.")
    look(page, "reponses-1280")
    page.get_by_role("button", name="Répondre à celles qui sont cochées").click()
    page.goto(f"{base}/admin/consultation/texte/{texte.pk}/change/")
    look(page, "table-1280")
    assert serious(page) == []
    page.get_by_role("link", name="Publier…").click()
    look(page, "publier-1280")
    page.get_by_role("button", name="Publier la version définitive").click()
    expect(page.locator(".messagelist")).to_contain_text("La version 1, définitive, est en ligne.")
    page.get_by_role("link", name="La version 1 est en ligne").click()
    assert "Les 2 contributions (2 en ligne) ont été lues et traitées" in page.inner_text("main").replace("\u00a0", " ")
    look(page, "texte-1280")
    page.get_by_role("link", name="D’où vient ce passage").click()
    assert "Il faut un train par heure." in page.inner_text("main")
    look(page, "source-1280")
    assert serious(page) == []
    page.goto(f"{base}/contributions/{pool.reference}/#parcours")
    assert "La Région ne construit pas de piscine." in page.inner_text("main")
    look(page, "parcours-1280")


def test_a_passage_is_kept_while_it_is_written_and_a_colleague_stops_it(opened, live_server):
    """With the keyboard alone: what is typed is saved and said; a conflict is told, then shown, then chosen."""
    texte, one = make_texte(title="Synthèse du printemps"), said(title="Plus de trains", body="Un train par heure.")
    made = passage(texte, title="Des trains", text="Il en faut.")
    page = opened()
    page.goto(f"{live_server.url}/admin/consultation/texte/{texte.pk}/passages/{made.key}/")
    note, text = page.locator("[data-saved]"), page.get_by_label("Texte", exact=True)
    text.press("Control+End")
    page.keyboard.type(" Souvent.")
    expect(note).to_contain_text("Enregistré à")
    assert Passage.objects.get().text == "Il en faut. Souvent."
    # What was typed a moment before another button was pressed is kept too, and is no conflict with oneself.
    text.press("Control+End")
    page.keyboard.type(" Le soir.")
    page.locator(f"#citer-{one.pk}").get_by_role("button", name="Citer").press("Enter")
    expect(page.locator("#sources")).to_contain_text("(1)")
    assert Passage.objects.get().text == "Il en faut. Souvent. Le soir."
    look(page, "table-enregistre-1280")
    now = Passage.objects.get()
    textes.write(now, textes.Words("Des trains", "Il en faut. Rarement. Le soir."), now.seal)
    text.press("Control+End")
    page.keyboard.type(" Et la nuit.")
    expect(note).to_contain_text("quelqu’un d’autre a écrit ici")
    page.get_by_role("button", name="Enregistrer", exact=True).press("Enter")
    expect(page.locator(".theirs del").first).to_contain_text("Rarement.")
    assert text.input_value() == "Il en faut. Souvent. Le soir. Et la nuit."
    look(page, "conflit-1280")
    assert serious(page) == []
    page.get_by_label("à la suite du sien").press("Space")
    page.get_by_role("button", name="Garder le vôtre").press("Enter")
    page.wait_for_load_state()
    kept = "Il en faut. Rarement. Le soir.\n\nIl en faut. Souvent. Le soir. Et la nuit."
    assert Passage.objects.get().text == kept


def cut_once(words):
    """The server has what holds these words; its first answer never comes."""
    cut = []

    def handle(route):
        if cut or words not in (route.request.post_data or ""):
            route.continue_()
            return
        cut.append(route)
        route.fetch()
        route.abort()

    return handle


def test_a_new_passage_and_the_frame_are_kept_while_they_are_written(opened, live_server):
    """Once it has a title it is there, once; the button then leads to it. The first answer may be lost on its way."""
    texte, page = make_texte(title="Synthèse du printemps"), opened()
    table = f"{live_server.url}/admin/consultation/texte/{texte.pk}/change/"
    page.goto(table)
    note, text = page.locator("#le-votre [data-saved]"), page.locator("#le-votre").get_by_label("Texte", exact=True)
    text.fill("Il en faut.")
    expect(note).to_contain_text("Donnez un titre à ce passage.")

    page.route(table, cut_once("Des trains"))
    page.get_by_label("Titre").first.fill("Des trains")
    text.focus()
    expect(note).to_contain_text("le portail ne répond pas")
    text.press("Control+End")
    page.keyboard.type(" Le soir.")
    expect(note).to_contain_text("Enregistré à")
    # Written before the answer came too: saved in its turn, in the same passage.
    assert Passage.objects.get().text in ("Il en faut.", "Il en faut. Le soir.")
    page.locator("#cadre").get_by_label("Introduction").fill("Ce qui est dit.")
    expect(page.locator("#cadre [data-saved]")).to_contain_text("Enregistré à")
    assert texte.draft.introduction == "Ce qui est dit."
    text.press("Control+End")
    page.keyboard.type(" Et la nuit.")
    page.get_by_role("button", name="Ajouter").press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("Passage 1 ajouté")
    assert Passage.objects.get().text == "Il en faut. Le soir. Et la nuit."
    page.goto(table)
    page.get_by_role("button", name="Enregistrer le cadre").press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("Le cadre du texte est enregistré.")
    look(page, "cadre-1280")
    assert serious(page) == []


def test_a_title_typed_while_the_portal_was_away_is_saved_too(opened, live_server):
    """What is sent again is what was sent first; what was typed since follows it, whatever the answer."""
    texte, page = make_texte(), opened()
    table = f"{live_server.url}/admin/consultation/texte/{texte.pk}/change/"
    page.goto(table)
    note, text = page.locator("#le-votre [data-saved]"), page.locator("#le-votre").get_by_label("Texte", exact=True)
    waiting = []
    page.route(table, lambda route: waiting.append(route), times=1)  # noqa: PLW0108 (a method has no place for its mark)
    with page.expect_request(table):
        text.fill("Il en faut.")
    page.get_by_label("Titre").first.fill("Des trains")
    text.focus()
    waiting[0].abort()
    expect(note).to_contain_text("Enregistré à")
    assert Passage.objects.get().title == "Des trains"


def test_what_is_written_while_the_portal_no_longer_knows_who_writes_stays_and_is_saved_after(opened, live_server):
    """The session ended: the button loses nothing, and what was typed is saved once its author is in again."""
    made = passage(make_texte(title="Synthèse du printemps"), title="Des trains", text="Il en faut.")
    page = opened()
    page.goto(f"{live_server.url}/admin/consultation/texte/{made.version.texte_id}/passages/{made.key}/")
    known = page.context.cookies()
    page.context.clear_cookies()
    text = page.get_by_label("Texte", exact=True)
    text.fill("Il en faut davantage.")
    expect(page.locator("[data-saved]")).to_contain_text("le portail ne vous reconnaît plus")
    page.get_by_role("button", name="Enregistrer", exact=True).press("Enter")
    expect(text).to_have_value("Il en faut davantage.")
    assert Passage.objects.get().text == "Il en faut."
    page.context.add_cookies([one for one in known if "csrf" not in one["name"]])  # in again: another token
    expect(page.locator("[data-saved]")).to_contain_text("Enregistré à")
    assert Passage.objects.get().text == "Il en faut davantage."


def test_the_same_pages_without_a_script_narrow_and_in_the_dark(opened, live_server):
    texte = make_texte(title="Synthèse du printemps")
    made = passage(texte, title="Des trains plus fréquents")
    cited = said(title="Plus de trains", body="Il faut un train par heure.")
    said(title="Une-piscine-" + "très-" * 20 + "grande")
    page, base = (
        opened(scripts=False, width=320, scheme="dark"),
        f"{live_server.url}/admin/consultation/texte/{texte.pk}",
    )
    page.goto(f"{base}/passages/{made.key}/")
    page.get_by_label(f"Mots cités de {cited.reference}").fill("un train par jour")
    page.locator(f"#citer-{cited.pk}").get_by_role("button", name="Citer").click()
    assert "Ces mots ne sont pas dans ce que vous citez" in page.inner_text("#content")
    look(page, "passage-320-erreur")
    assert overflow(page) <= 0
    page.get_by_label(f"Mots cités de {cited.reference}").fill("un train par heure")
    page.locator(f"#citer-{cited.pk}").get_by_role("button", name="Citer").click()
    assert Citation.objects.count() == 1
    for end in ("change/", "reponses/", "publier/"):
        page.goto(f"{base}/{end}")
        look(page, f"{end[:-1]}-320")
        assert overflow(page) <= 0, end
    page.get_by_role("button", name="Publier la version provisoire").click()
    page.get_by_role("link", name="La version 1 est en ligne").click()
    assert "1 sur 2 contributions traitées" in page.inner_text("main")
    for end in ("", "passages/1/"):
        page.goto(f"{live_server.url}/textes/{Texte.objects.get().pk}/{end}")
        look(page, f"public-{end[:4]}320")
        assert overflow(page) <= 0, end
