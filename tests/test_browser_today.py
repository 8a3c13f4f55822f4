"""The team's first page and the page of an atelier in a real browser: on a telephone, in the dark, and for axe."""

from __future__ import annotations

import pytest

from consultation.choices import ContributionState, InscriptionState, RencontreState, RoleKind
from socle.courriels.models import Envoi, State
from socle.pagecache.store import store
from tests.browsing import needs_chromium, overflow, serious
from tests.factories import (
    local,
    make_animation,
    make_atelier,
    make_college,
    make_contribution,
    make_demarche,
    make_inscription,
    make_lieu,
    make_membre,
    make_rencontre,
    make_role,
    make_seance,
    make_superuser,
    make_user,
)
from tests.moderating import sign_in

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(browser, live_server, monkeypatch):
    """Opens a page as this member of the team."""
    store.clear()
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    contexts = []

    def opened(user, path, *, width=1280, scheme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True, locale="fr-FR"
        )
        contexts.append(context)
        sign_in(context, live_server.url, user)
        page = context.new_page()
        assert page.goto(live_server.url + path).status == 200
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def people():
    """A démarche on a busy day: whoever runs the atelier, is responsable of all, has nothing to do."""
    demarche = make_demarche(title="Démarche participative")
    lieu = make_lieu(name="Salle des fêtes Georges-Brassens", town="Hénin-Beaumont")
    question = "Comment mieux vivre ensemble dans nos quartiers et nos villages, et y trouver sa place à tout âge ?"
    atelier = make_atelier(demarche=demarche, town="Hénin-Beaumont", question=question, lieu=lieu)
    for days, capacity in ((-4, 30), (0, 3), (12, 30)):
        when = {"starts_at": local(days, 18, 30), "ends_at": local(days, 20, 30), "precision": "heure"}
        seance = make_seance(atelier, capacity=capacity, lieu=lieu, **when)
        for n in range(5):
            full = capacity == 3 and n > 2
            state = InscriptionState.WAITING if full or n == 4 else InscriptionState.CONFIRMED
            make_inscription(rencontre=seance.rencontre, state=state)
    for label in ("habitant", "élu", "association"):
        make_membre(atelier=atelier, college=make_college(demarche=demarche, label=label))
    for number, state in enumerate((State.FAILED, State.WAITING)):
        key, about = f"rappel-{number}", f"rencontre:{seance.pk}"
        Envoi.objects.create(
            to="a@example.org",
            subject="Rappel : votre séance",
            dedupe_key=key,
            message_id=key,
            subject_key=about,
            state=state,
        )
    for _ in range(3):
        make_contribution(demarche=demarche, state=ContributionState.WAITING)
    make_rencontre(demarche=demarche, title="Forum : restitution", state=RencontreState.DRAFT, starts_at=local(9))
    camille = make_user(is_staff=True, display_name="Camille Durand")
    return {
        "organisateur": make_animation(atelier=atelier, user=camille).user,
        "responsable": make_role(demarche=demarche, kind=RoleKind.RESPONSABLE).user,
        "nobody": make_user(is_staff=True),
        "administrateur": make_superuser(display_name="Dominique"),
        "tableau": f"/admin/ateliers/atelier/{atelier.pk}/tableau/",
        "team": f"/admin/consultation/demarche/{demarche.pk}/equipe/",
        "organisers": f"/admin/ateliers/atelier/equipe/{demarche.pk}/",
    }


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_the_day_of_the_team_fits_and_axe_finds_nothing_serious(desk, people, width, scheme):
    seen = [(who, "/admin/") for who in ("organisateur", "responsable", "nobody")]
    pages = ("/admin/avant-l-ouverture/", "/admin/access/trace/", people["team"], people["organisers"])
    seen += [("administrateur", path) for path in pages]
    for who, path in [*seen, ("organisateur", people["tableau"])]:
        page = desk(people[who], path, width=width, scheme=scheme)
        assert overflow(page) <= 0, (who, path)
        assert serious(page) == [], (who, path)


def test_an_organisateur_gets_from_the_first_page_to_the_call_list_of_the_evening(desk, people):
    page = desk(people["organisateur"], "/admin/", width=360)
    page.get_by_role("link", name="Atelier 1, séance 2").click()
    assert page.url.endswith(f"{people['tableau']}#seance-2")
    page.get_by_role("link", name="Séance 2 : Liste d’appel").click()
    assert page.get_by_role("heading", name="Liste d’appel").is_visible()
