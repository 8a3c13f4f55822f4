"""The public figures of the moderation: what they count, what they hide, what they cost."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.text import capfirst

from consultation import tasks
from consultation.actions.contributions import change_state
from consultation.actions.moderation_figures import count
from consultation.actions.recourse import ask_reexamen, decide_reexamen, decide_signalements
from consultation.choices import ContributionState, DemarcheState, Origine, SignalementOutcome, Stance
from consultation.models import ModerationFigures, Signalement
from consultation.views.moderation import FEWEST, numbers
from participons.celery import app
from socle.registre.models import Entree
from tests.factories import make_cadre, make_contribution, make_demarche, make_reason, make_superuser
from tests.writing import text_of

pytestmark = pytest.mark.django_db

PAGE = "/demarches/ours/moderation/"
WAITING = ContributionState.WAITING


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def demarche():
    return make_demarche(slug="ours")


def waiting(demarche, **fields):
    return make_contribution(**{"demarche": demarche, "state": WAITING} | fields)


def refuse(contribution, reason, by=None):
    change_state(contribution, ContributionState.REFUSED, by=by or make_superuser(), reason=reason)
    return contribution


def cells(page: str) -> dict[str, list[str]]:
    """The rows of the table, by their heading."""
    rows = [row.split("</tr>")[0] for row in page.split("<tr>")[2:]]
    text = [[cell.split(">", 1)[1].split("<")[0].strip() for cell in row.split("<t")[1:]] for row in rows]
    return {row[0]: row[1:] for row in text}


def test_before_they_are_counted_the_page_says_so(client, demarche):
    assert "pas encore été comptés" in text_of(client.get(PAGE))
    tasks.count_moderation()
    page = text_of(client.get(PAGE))
    assert "Aucune n’est encore arrivée" in page
    assert "Personne n’a signalé" in page


def test_origins_are_never_added_together_and_reactions_stand_apart(client, demarche):
    shown = make_contribution(demarche=demarche)
    make_contribution(demarche=demarche, origine=Origine.PAPER)
    make_contribution(parent=shown, stance=Stance.FOR, demarche=demarche)
    waiting(demarche)
    waiting(demarche, state=ContributionState.TO_CONFIRM)
    refuse(waiting(demarche), make_reason())
    change_state(make_contribution(demarche=demarche), "retiree", by=None, cause="auteur")
    change_state(make_contribution(demarche=demarche), "retiree", by=make_superuser(), reason=make_reason())
    make_contribution(demarche=make_demarche(courante=False))
    count(demarche)
    assert cells(client.get(PAGE).content.decode()) == {
        "en ligne": ["5", "1", "1", "1", "1", "1"],
        "sur papier": ["1", "0", "1", "0", "0", "0"],
        "réactions": ["1", "0", "1", "0", "0", "0"],
    }


def test_the_waiting_time_is_that_of_the_middle_one_and_needs_a_few(client, demarche):
    hours = (1, 2, 3, 50, 100)
    for number, late in enumerate(hours, start=1):
        row = waiting(demarche, submitted_at=timezone.now() - timedelta(hours=late, minutes=1))
        change_state(row, ContributionState.PUBLISHED, by=make_superuser())
        count(demarche)
        page = text_of(client.get(PAGE))
        assert ("en 3 heures ou moins" in page.replace("<strong>", "").replace("</strong>", "")) == (number == FEWEST)


def test_reasons_and_outcomes_are_counted_as_the_register_tells_them(client, demarche):
    """A number that one page hid and the other gave would be hidden from nobody."""
    often, seldom = make_reason(label="Hors du sujet"), make_reason(label="Des injures")
    for reason in [often] * FEWEST + [seldom]:
        refuse(waiting(demarche), reason)
    shown = make_contribution(demarche=demarche)
    decide_signalements(
        shown, [shown.signalements.create(reason="charte").pk], by=make_superuser(), outcome="maintenue"
    )
    count(demarche)
    page = " ".join(text_of(client.get(PAGE)).split())
    told = Counter(one.facts.get("motif") or one.facts.get("issue") for one in Entree.objects.all())
    assert told == {"Hors du sujet": 5, "Des injures": 1, SignalementOutcome.KEPT.label: 1}
    for words, number in told.items():
        assert f"<dt>{capfirst(words)}</dt> <dd> {number} </dd>" in page, words
    assert "moins de" not in page and "plus petit" not in page


def test_none_is_no_number():
    assert numbers([("a", 0), ("b", 4), ("d", 2000)]) == [("b", "4"), ("d", "2\u00a0000")]


def test_signalements_and_reexamens_are_counted_by_what_came_of_them(demarche):
    shown = make_contribution(demarche=demarche)
    rows = [shown.signalements.create(reason="charte") for _ in range(3)]
    decide_signalements(shown, [rows[0].pk], by=make_superuser(), outcome="maintenue")
    for outcome in ("maintenue", "annulee", ""):
        reexamen = ask_reexamen(refuse(waiting(demarche), make_reason()), "Non.")
        if outcome:
            decide_reexamen(reexamen, by=make_superuser(), outcome=outcome, answer="Voici.")
    found = count(demarche).figures
    assert found["signalements"] == {"maintenue": 1, "": 2}
    assert found["signalements_wait"][0] == 1
    assert found["reexamens"] == {"maintenue": 1, "annulee": 1, "": 1}
    assert Signalement.objects.waiting().count() == 2


def test_the_page_is_public_linked_and_costs_the_same_at_any_size(client, demarche, django_assert_max_num_queries):
    make_cadre(demarche=demarche)
    for path in ("/demarches/ours/cadre/", "/contributions/", "/registre/", "/sitemap.xml"):
        assert PAGE in client.get(path).content.decode(), path
    make_contribution(demarche=demarche)
    count(demarche)
    with django_assert_max_num_queries(8):
        response = client.get(PAGE)
    assert response["Cache-Control"] == "public, no-cache"
    assert client.head(PAGE).status_code == 200


def test_a_draft_has_none(client):
    make_demarche(slug="ours", state=DemarcheState.DRAFT)
    assert client.get(PAGE).status_code == 404
    tasks.count_moderation()
    assert not ModerationFigures.objects.exists()


def test_beat_has_them_counted_each_hour():
    assert app.conf.beat_schedule["consultation.tasks.count_moderation"]["schedule"] == 3600
