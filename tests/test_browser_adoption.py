"""The pages of an adoption and of its suites in a real browser: narrow and wide, light and dark, empty and full."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from consultation.actions import adoption as actions
from consultation.actions import suites
from consultation.actions.adoption import Votes
from consultation.actions.policy import make_policy as make_the_policy
from consultation.actions.suites import Promise, Said
from consultation.choices_adoption import AmendementKind, AmendementState, ArticleOutcome, SuiteState
from consultation.models import Jalon
from consultation.models.suite import a_year_before
from socle.pagecache.store import store
from tests.adopting import announced, decided, deliberated, filed, make_policy, make_report
from tests.browsing import needs_chromium, overflow, serious
from tests.factories import make_demarche, make_enjeu, make_rencontre, make_superuser
from tests.moderating import sign_in
from tests.textes import published

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True)]
LOOK = os.environ.get("LOOK")  # a folder: what the pages look like is kept there
NIGHT = (
    "La Région demande à la SNCF un train de retour après 22 h les vendredis et samedis, "
    "au départ de Lille vers Dunkerque, Lens et Maubeuge."
)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    store.clear()
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


def carried_out(demarche):
    """A policy voted a year ago, with amendments; suites in every state, of two enjeux."""
    report = make_report(demarche=demarche, passages=3, title="Rapport d’orientations pour bien vivre ici")
    adoption = deliberated(report, a_year_before())
    first, second, third = adoption.version.passages.order_by("number")
    one = filed(adoption, first, NIGHT, author="le groupe Europe Écologie", filed_on=a_year_before())
    filed(adoption, second, "La Région ne fait rien.", author="une commission", filed_on=a_year_before())
    adds = {"kind": AmendementKind.ADDS, "title": "Des cars pour les fêtes", "author": "le CESER"}
    added = filed(adoption, second, "La Région ajoute des cars.", filed_on=a_year_before(), **adds)
    actions.settle(added, state=AmendementState.ADOPTED, given=Votes(70, 30, 13), by=make_superuser())
    actions.settle(one, state=AmendementState.ADOPTED, given=Votes(61, 40, 12), by=make_superuser())
    two = adoption.amendements.get(number=2)
    actions.settle(two, state=AmendementState.REJECTED, given=Votes(9, 90, 14), by=make_superuser())
    decided(adoption, first, ArticleOutcome.AMENDED, first.title, NIGHT)
    decided(adoption, third, ArticleOutcome.NOT_KEPT, reason="Elle relève des communes.")
    actions.keep_the_others(adoption, by=make_superuser())
    policy = make_the_policy(adoption, title="Politique régionale pour bien vivre ici", by=make_superuser())
    published(policy)
    near, far = (make_enjeu(demarche=demarche, short_title=title) for title in ("Se déplacer", "Se rencontrer"))
    announced(policy, enjeu=near, due=-5)
    card = announced(policy, 2, title="Une carte de transport unique pour toute la Région", enjeu=near, due=200)
    house = announced(policy, 2, title="Quinze maisons des habitants", enjeu=far)
    for suite, state, why in (
        (card, SuiteState.ENGAGED, ""),
        (house, SuiteState.GIVEN_UP, "Le budget de 2012 ne l’a pas retenue."),
    ):
        promise = Promise(state, suite.due_on, suite.due_precision)
        suites.advance(suite, promise, Said(why), by=make_superuser(), seen=SuiteState.ANNOUNCED)
    today = timezone.localdate()
    Jalon.objects.create(suite=card, label="Appel d’offres", planned_on=today, done_on=today)
    Jalon.objects.create(suite=card, label="Première carte", planned_on=today + timedelta(90), precision="saison")
    meeting = make_rencontre(demarche=demarche, kind="reunion_publique", title="Réunion publique de Lens")
    suites.write(card, rencontres=[meeting])
    return report, policy, card, meeting


def in_progress():
    """Of another démarche: a report presented with amendments that wait, and one that is not presented yet."""
    demarche = make_demarche(slug="autre", code="AUTRE", courante=False)
    waits = make_report(demarche=demarche, title="Un rapport qui attend")
    report = make_report(demarche=demarche, title="Un rapport en discussion")
    adoption = deliberated(report)
    first = adoption.version.passages.first()
    filed(adoption, first, NIGHT)
    filed(adoption, first, "La Région ajoute des cars.", kind=AmendementKind.ADDS, title="Des cars pour les fêtes")
    return waits, report


def looked_at(page, name):
    """Kept where it is asked for; of the pages that are ours, whole: no serious fault, nothing too wide."""
    if LOOK:
        page.screenshot(path=f"{LOOK}/{name}.png", full_page=True)
    if not name.startswith(("admin-suite", "admin-reserve")):  # Django's own furniture
        assert not serious(page), name
        assert overflow(page) == 0, name


# What is typed and pressed on a page of staff for it to refuse, and a word of the refusal.
REFUSED = {
    "admin-vide": ("#id_presente_on", "", "Enregistrer", "quel jour il a été présenté"),
    "admin-discussion": ("#id_deliberation_votes_for", "90", "Corriger", "Il y aurait 142 voix"),
    "admin-amendement": ("#id_sort_1_votes_for", "9", "Enregistrer le sort", "effacez ces nombres"),
    "admin-reserve": ("#id_reason", "", "Enregistrer", "Dites quel jour elle commence"),
}


def refusal(page, name):
    where, typed, button, why = REFUSED[name]
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.locator(where).fill(typed)
    page.locator("form").filter(has=page.locator(where)).get_by_role("button", name=button, exact=True).click()
    expect(page.locator("body")).to_contain_text(why)


def test_the_adoption_and_its_suites_read_well_at_every_width_and_in_the_dark(browser, live_server):
    demarche = make_demarche(title="Bien vivre ici")
    report, policy, card, meeting = carried_out(demarche)
    waits, discussed = in_progress()
    bare = make_policy(demarche=waits.demarche)
    user = make_superuser()
    admin = "/admin/consultation/"
    pages = {
        "adoption": f"/textes/{report.pk}/adoption/",
        "amendements": f"/textes/{report.pk}/adoption/1/",
        "suites": f"/textes/{policy.pk}/suites/",
        "suites-vide": f"/textes/{bare.pk}/suites/",
        "suite": card.get_absolute_url(),
        "article": f"/textes/{policy.pk}/passages/2/",
        "rencontre": meeting.get_absolute_url(),
        "accueil": "/",
        "admin-adoption": f"{admin}texte/{report.pk}/adoption/",
        "admin-orientation": f"{admin}texte/{report.pk}/adoption/1/",
        "admin-suite": f"{admin}suite/{card.pk}/change/",
        "admin-suites": f"{admin}suite/",
        "politique": f"/textes/{policy.pk}/",
        "article-ajoute": f"/textes/{policy.pk}/passages/3/",
        "ajouts": f"/textes/{report.pk}/adoption/2/",
        "admin-rencontre-suites": f"{admin}rencontre/{meeting.pk}/suites/",
        "admin-vide": f"{admin}texte/{waits.pk}/adoption/",
        "admin-discussion": f"{admin}texte/{discussed.pk}/adoption/",
        "admin-amendement": f"{admin}texte/{discussed.pk}/adoption/1/",
        "admin-reserve": f"{admin}reserve/add/",
        "admin-archiver": f"{admin}demarche/{demarche.pk}/archiver/",
    }
    for width, scheme in ((1280, "light"), (360, "dark")):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True, locale="fr-FR"
        )
        sign_in(context, live_server.url, user)
        page = context.new_page()
        for name, address in pages.items():
            assert page.goto(live_server.url + address).status == 200, address
            looked_at(page, f"{name}-{width}-{scheme}")
            if name in REFUSED:
                refusal(page, name)
                looked_at(page, f"{name}-refus-{width}-{scheme}")
        context.close()
