"""A moderator at the keyboard, in a real browser; and the same pages without a script, narrow, in the dark."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from consultation.choices import ContributionState, Stance
from consultation.models import (
    Contribution,
    Decision,
    ModerationKeys,
    ModerationNote,
    Reformulation,
    RefusalReason,
    SecondOpinion,
)
from consultation.moderation_keys import bindings
from socle.pagecache.store import store
from tests.browsing import needs_chromium, overflow, serious
from tests.factories import make_contribution, make_demarche, make_personne, make_reason, make_role
from tests.moderating import FIGURES, KEYS, LIST, WAITING, make_waiting, page_of, press, selection, sign_in

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    store.clear()
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def moderator():
    RefusalReason.objects.update(is_active=False)
    for rank in (1, 2):
        make_reason(label=f"Motif n° {rank}", rank=rank)
    return make_role(demarche=make_demarche()).user


@pytest.fixture
def desk(browser, live_server, moderator):
    """Opens a page of the portal as the moderator, whose keys are on unless said otherwise."""
    contexts = []

    def opened(path, *, keys=True, scripts=True, width=1280, scheme="light", axe=False, **own):
        said = {"enabled": keys, "bindings": bindings({}) | own}
        ModerationKeys.objects.update_or_create(user=moderator, defaults=said)
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=scripts,
            bypass_csp=axe,
            locale="fr-FR",
        )
        contexts.append(context)
        sign_in(context, live_server.url, moderator)
        page = context.new_page()
        page.goto(live_server.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()


def make_queue(count=2, **fields):
    start = timezone.now() - timedelta(days=2)
    return [make_waiting(title=f"La {n}e", submitted_at=start + timedelta(minutes=n), **fields) for n in range(count)]


def state_of(contribution):
    return Contribution.objects.values_list("state", flat=True).get(pk=contribution.pk)


def focused(page):
    return page.evaluate("document.activeElement.id")


# By keys


PLAN = ["publish", "refuse", "note", "mask", "opinion", "publish", "reformulation", "refuse", "publish", "publish"]


def test_a_queue_is_decided_by_a_script_of_keys(desk, moderator):
    rows = make_queue(12, personne=make_personne())
    Contribution.objects.filter(pk=rows[3].pk).update(body="Appelez le 06 12 34 56 78.")
    page = desk(page_of(rows[0]))
    plan = [PLAN[n % len(PLAN)] for n in range(12)]
    for act in plan:
        press(page, act)
        assert focused(page) == "texte"
        if act in ("note", "mask"):  # one stays on the page, then decides
            press(page, "publish")
    states = [state_of(row) for row in rows]
    expected = {"refuse": ContributionState.REFUSED, "opinion": WAITING, "reformulation": WAITING}
    assert states == [expected.get(act, ContributionState.PUBLISHED) for act in plan]
    assert Decision.objects.filter(by=moderator).count() == 10
    assert set(Decision.objects.exclude(reason=None).values_list("reason__label", flat=True)) == {"Motif n° 2"}
    assert (ModerationNote.objects.count(), SecondOpinion.objects.count(), Reformulation.objects.count()) == (1, 1, 1)
    assert "[passage masqué]" in Contribution.objects.get(pk=rows[3].pk).body


def test_what_was_decided_is_said_and_the_text_of_the_next_one_has_the_focus(desk):
    rows = make_queue()
    page = desk(page_of(rows[0]))
    assert focused(page) == "texte"
    press(page, "publish")
    assert page.url.endswith(page_of(rows[1]))
    assert focused(page) == "texte"
    status = page.get_by_role("status")
    assert f"{rows[0].reference} : publiée" in status.inner_text().replace("\u00a0", " ")
    assert "peut être retirée" in status.inner_text()
    page.locator("#said .visually-hidden").wait_for(state="attached")  # said again, once the page is there


def test_next_and_previous_decide_nothing(desk):
    rows = make_queue(3)
    page = desk(page_of(rows[0]))
    press(page, "next")
    assert page.get_by_text("2 sur 3").is_visible()
    press(page, "previous")
    assert page.url.endswith(page_of(rows[0]))
    assert not Decision.objects.exists()


def test_no_key_works_while_one_types_or_with_a_modifier_or_when_they_are_off(desk):
    (row,) = make_queue(1)
    page = desk(page_of(row))
    page.keyboard.press("n")
    page.keyboard.type("p r s q 1 ?")
    assert page.locator("#id_note_note").input_value() == "p r s q 1 ?"
    page.keyboard.press("Escape")
    assert focused(page) == "texte"
    for combination in ("Control+p", "Alt+p", "Meta+p"):
        page.keyboard.press(combination)
    off = desk(page_of(row), keys=False)
    off.keyboard.press("p")
    off.keyboard.press("?")
    assert not off.locator("dialog").count()
    off.reload()
    assert state_of(row) == WAITING


def test_letters_and_digits_of_an_azerty_keyboard(desk):
    rows = make_queue()
    page = desk(page_of(rows[0]), publish="é")
    typed = "said => document.body.dispatchEvent(new KeyboardEvent('keydown', {...said, bubbles: true}))"
    page.evaluate(typed, {"key": "&", "code": "Digit1"})
    assert page.get_by_label("Motif n° 1").is_checked()
    assert page.evaluate("document.activeElement.textContent").strip() == "Ne pas publier"
    with page.expect_navigation():
        page.evaluate(typed, {"key": "É", "code": "Digit2"})
    assert state_of(rows[0]) == ContributionState.PUBLISHED


def test_a_refusal_without_a_reason_asks_for_it(desk):
    (row,) = make_queue(1)
    page = desk(page_of(row))
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.name") == "reason"
    page.keyboard.press("1")
    with page.expect_navigation():
        page.keyboard.press("r")
    assert state_of(row) == ContributionState.REFUSED


def test_what_is_spotted_is_published_by_two_gestures(desk):
    (row,) = make_queue(1, body="Écrivez à a@example.org")
    page = desk(page_of(row))
    assert "adresse électronique" in page.locator("mark").inner_text()
    press(page, "publish")
    assert state_of(row) == WAITING
    assert "deviendrait public" in page.get_by_role("alert").inner_text()
    page.get_by_label("Publier quand même").check()
    press(page, "publish")
    assert state_of(row) == ContributionState.PUBLISHED


def test_what_is_selected_goes_to_the_form_that_masks(desk):
    (row,) = make_queue(1, body="Un mot.\n\nMon voisin Zola\nexagère.")
    page = desk(page_of(row))
    page.evaluate("""() => {
        const text = document.querySelector("[data-text] p:last-child");
        getSelection().setBaseAndExtent(text.firstChild, 4, text, text.childNodes.length);
    }""")
    page.keyboard.press("m")
    assert page.locator("#id_mask_passages").input_value() == "voisin Zola exagère."
    assert focused(page) == "id_mask_reason"
    page.keyboard.insert_text("Un nom.")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Contribution.objects.get(pk=row.pk).body == "Un mot.\n\nMon [passage masqué]"


def test_the_keys_are_listed_under_one_of_them(desk):
    (row,) = make_queue(1)
    page = desk(page_of(row))
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    assert "Passer à la suivante" in dialog.inner_text()
    page.keyboard.press("p")  # not through the list
    page.keyboard.press("Escape")
    assert dialog.is_hidden()
    page.get_by_role("button", name="Touches (?)").click()
    assert dialog.is_visible()
    assert state_of(row) == WAITING


# By buttons, without a script


def test_everything_is_done_without_a_script(desk):
    rows = make_queue(3, body="Mme Zola bloque tout.")
    page = desk(page_of(rows[0]), scripts=False, width=320)
    page.locator("summary", has_text="Écrire une note interne").click()
    page.locator("#id_note_note").fill("Vue.")
    page.get_by_role("button", name="Ajouter la note").click()
    page.locator("summary", has_text="Masquer un passage").click()
    page.locator("#id_mask_passages").fill("Mme Zola")
    page.locator("#id_mask_reason").fill("Un nom.")
    page.get_by_role("button", name="Masquer", exact=True).click()
    page.get_by_role("button", name="Publier", exact=True).click()
    page.get_by_label("Motif n° 1").check()
    page.get_by_role("button", name="Ne pas publier").click()
    page.locator("summary", has_text="Demander un second avis").click()
    page.get_by_label("Votre question à un collègue").fill("Alors ?")
    page.get_by_role("button", name="Demander cet avis").click()
    assert [state_of(row) for row in rows] == [ContributionState.PUBLISHED, ContributionState.REFUSED, WAITING]
    assert (ModerationNote.objects.count(), SecondOpinion.objects.count()) == (1, 1)
    page.wait_for_load_state()
    assert overflow(page) <= 0


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_pages_have_no_serious_accessibility_fault_and_nothing_sticks_out(desk, moderator, scheme, width):
    answered = make_contribution(title="Une proposition")
    personne = make_personne()
    make_waiting(personne=personne, title="Une autre du même auteur")
    said = {"personne": personne, "parent": answered, "stance": Stance.AGAINST, "body": "a@example.org " + "m" * 200}
    row = make_queue(1, **said)[0]
    page = desk(page_of(row), scheme=scheme, width=width, axe=True)
    for name in ("note", "mask", "reformulation", "opinion"):
        page.evaluate("name => { document.querySelector(`[data-tool=${name}]`).open = true; }", name)
    assert serious(page) == []
    assert overflow(page) <= 0
    press(page, "publish")  # spotted: refused
    assert serious(page) == []
    for path in (KEYS, FIGURES, f"{FIGURES}?du=demain"):
        page.goto(page.url.split("/admin/")[0] + path)
        assert serious(page) == [], path
        assert overflow(page) <= 0, path
    for action in ("publish_selection", "refuse_selection"):
        page.goto(page.url.split("/admin/")[0] + LIST)
        for ticked in selection(action, row)["_selected_action"]:
            page.locator(f"input[name=_selected_action][value='{ticked}']").check()
        page.locator("select[name=action]").select_option(action)
        page.locator("button[name=index]").click()
        assert serious(page) == [], action
        assert overflow(page) <= 0, action
