"""What becomes of the policy: who does what, by when, how far; what is late, held back, and told to the authors."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consultation import tasks
from consultation.actions import suites
from consultation.actions.suites import Promise, Said, advance
from consultation.actions.textes_publish import Incomplete, next_version
from consultation.choices import RoleKind
from consultation.choices_adoption import SuiteState
from consultation.models import Annonce, Suite, SuiteChange
from consultation.models.suite import a_year_before
from socle.courriels.models import Envoi
from socle.pagecache.store import store
from socle.registre.models import Entree
from tests.adopting import announced, make_policy
from tests.factories import (
    make_demarche,
    make_enjeu,
    make_personne,
    make_rencontre,
    make_role,
    make_superuser,
)
from tests.test_admin_demarche import empty_forms, posted
from tests.test_textes_hold import refused, sql
from tests.test_textes_public import read
from tests.test_textes_told import yesterday
from tests.textes import followed, published, said

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def policy():
    return make_policy()


def to(suite, state, *, due=None, reason="", in_reserve=""):
    promise = Promise(state) if due is None else Promise(state, timezone.localdate() + timedelta(due), "jour")
    return advance(suite, promise, Said(reason, "", in_reserve), by=make_superuser(), seen=suite.state)


def queries(address):
    store.clear()
    with CaptureQueriesContext(connection) as found:
        read(address)
    return len(found)


def texts(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode().replace("\u00a0", " ")


def test_a_suite_is_told_from_the_promise_to_the_end_and_every_change_stays(policy):
    suite = announced(policy, due=-1)
    meeting = make_rencontre(demarche=policy.demarche, kind="reunion_publique", title="Réunion de Lens")
    suites.write(suite, rencontres=[meeting])
    table = read(f"/textes/{policy.pk}/suites/")
    assert "1 annoncée, sur 1 suite donnée." in table and "annoncée, en retard" in table
    assert list(Suite.objects.late()) == [suite]
    address = f"/textes/{policy.pk}/suites/"
    few = queries(address)
    announced(policy)
    announced(policy)
    assert queries(address) == few <= 8
    suite = to(suite, SuiteState.ENGAGED, due=-1)
    with pytest.raises(Incomplete, match="échéance change"):
        to(suite, SuiteState.ENGAGED, due=90)
    suite = to(suite, SuiteState.ENGAGED, due=90, reason="Le marché est infructueux.")
    assert not Suite.objects.late().exists()
    with pytest.raises(Incomplete, match="abandonnée"):
        to(suite, SuiteState.GIVEN_UP, due=90)
    suite = to(suite, SuiteState.DONE, due=90)
    page = read(suite.get_absolute_url())
    for words in ("Suite réalisée", "Le marché est infructueux.", "Réunion de Lens", "Direction des transports"):
        assert words in page
    assert "Des trains le soir, réalisée" in read(meeting.get_absolute_url())
    assert "Des trains le soir : réalisée" in read(f"/textes/{policy.pk}/passages/1/")
    assert "Aucune suite n’est encore annoncée pour cet article" in read(f"/textes/{policy.pk}/passages/2/")
    kinds = Entree.objects.filter(kind__startswith="suite.").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["suite.annoncee"] * 3 + ["suite.avance"] * 3
    assert SuiteChange.objects.filter(suite=suite).count() == 4


def test_what_was_said_of_a_suite_is_not_rewritten_nor_moved_past_its_history(policy):
    suite = announced(policy)
    sql("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")  # what is checked below is of each statement
    said_of = (
        "INSERT INTO consultation_suitechange (suite_id, state, due_precision, reason, url, by_id, at)"
        f" VALUES ({suite.pk},"
    )
    for statement, by in {
        "UPDATE consultation_suitechange SET reason = 'Autre.'": "suite_change_stays",
        "DELETE FROM consultation_suitechange": "suite_change_stays",
        "DELETE FROM consultation_suite": "suite_holds",
        "UPDATE consultation_suite SET state = 'realisee'; SET CONSTRAINTS ALL IMMEDIATE": "suite_state_said",
        "UPDATE consultation_suite SET due_on = now(), due_precision = 'jour'; SET CONSTRAINTS ALL IMMEDIATE": (
            "suite_state_said"
        ),
        f"{said_of} 'abandonnee', '', '', '', {make_superuser().pk}, now())": "suite_given_up_says_why",
        f"{said_of} 'engagee', '', '', '', {make_superuser().pk}, now()); SET CONSTRAINTS ALL IMMEDIATE": (
            "suite_state_said"
        ),
    }.items():
        refused(statement, by=by)
    report = policy.adopted_by.texte.current.passages.first()
    refused(f"UPDATE consultation_suite SET passage_id = {report.pk}", by="suite_holds")
    elsewhere = make_demarche(courante=False)
    enjeu, rencontre = make_enjeu(demarche=elsewhere), make_rencontre(demarche=elsewhere)
    refused(f"UPDATE consultation_suite SET enjeu_id = {enjeu.pk}", by="suite_holds")
    shown = "INSERT INTO consultation_suite_rencontres (suite_id, rencontre_id) VALUES (%s, %s)"
    refused(shown, suite.pk, rencontre.pk, by="suite_holds")


def test_authors_hear_of_the_vote_and_of_each_suite_once_a_day_at_most():
    alice = make_personne()
    one = said(personne=alice, title="Plus de trains")
    policy = make_policy(one)
    tasks.tell_authors()
    mail = Envoi.objects.get()
    assert "« Rapport d’orientations » en tient compte." in mail.body_text.replace("\u00a0", " ")
    assert "le Conseil régional l’a adopté (61 voix pour, 40 contre, 12 abstentions)." in mail.body_text
    acts = [mail.body_text.find(words) for words in ("a été présenté à la", "a rendu son avis", "a été soumis au vote")]
    assert -1 not in acts and acts == sorted(acts)
    suite = announced(policy, due=30)
    to(suite, SuiteState.ENGAGED, due=30)
    tasks.tell_authors()
    assert Envoi.objects.count() == 1
    yesterday()
    tasks.tell_authors()
    tasks.tell_authors()
    later = Envoi.objects.order_by("pk").last()
    assert Envoi.objects.count() == 2
    for words in (
        "« Des trains le soir », suite annoncée, échéance",
        "« Des trains le soir », suite engagée, échéance",
    ):
        assert words in later.body_text.replace("\u00a0", " ")
    assert Annonce.objects.filter(outcome="suite").count() == 2
    assert not SuiteChange.objects.filter(authors_told_at=None).exists()
    suite.refresh_from_db()
    to(suite, SuiteState.ENGAGED, due=-3, reason="Le marché est infructueux.")
    steps = read(f"/contributions/{one.reference}/")
    told = [
        "Le Conseil régional délibère",
        "à l’article 1 de la politique",
        "Une suite est annoncée",
        "La même suite est engagée",
        "La même suite a une autre échéance",
        f"échéance : {suite.changes.last().due_label}, passée. La raison : Le marché est infructueux.",
    ]
    assert [steps.index(words) for words in told] == sorted(steps.index(words) for words in told)
    assert steps.count(", passée") == 1, "what was said before is said as it was"
    assert told[-1] in read(followed(one))


def test_a_year_after_the_accueil_says_what_was_promised_and_is_not_begun(client):
    old = a_year_before()
    policy = make_policy(on=old)
    waits, begun = announced(policy, due=-3), announced(policy, 2, title="Une carte unique")
    to(begun, SuiteState.ENGAGED)
    slow = to(announced(policy, title="Des cars"), SuiteState.ENGAGED)
    to(slow, SuiteState.ENGAGED, due=-1)
    page = read("/")
    assert "Annoncée, en retard." in page and "Engagée, en retard." in page and "Des cars" in page
    assert "Un an après : pas commencé, ou en retard" in page
    assert "Des trains le soir" in page and "Une carte unique" not in page
    client.force_login(make_superuser())
    pressing = texts(client, "/admin/")
    assert "2 suites données sont en retard" in pressing
    assert "Un an après : proposer une rencontre « Bilan des suites »" in pressing
    make_rencontre(demarche=policy.demarche, kind="reunion_publique", title="Bilan")
    assert "proposer une rencontre" not in texts(client, "/admin/")
    to(waits, SuiteState.GIVEN_UP, due=-3, reason="Le budget a été voté sans elle.")
    assert "Des cars" in read("/")
    to(Suite.objects.get(title="Des cars"), SuiteState.DONE, due=-1)
    assert "Un an après" not in read("/")


@pytest.mark.parametrize(("late_by", "shown"), [(-1, False), (0, True)])
def test_the_accueil_says_it_from_the_very_day(late_by, shown):
    announced(make_policy(on=a_year_before() - late_by * DAY))
    assert ("Un an après" in read("/")) == shown


def test_a_suite_is_late_the_day_after_its_day_its_month_its_season(policy):
    suite = announced(policy)
    for day, precision, last, late in (
        (date(2012, 3, 14), "jour", date(2012, 3, 14), date(2012, 3, 15)),
        (date(2012, 2, 1), "mois", date(2012, 2, 29), date(2012, 3, 1)),
        (date(2012, 12, 1), "saison", date(2013, 2, 28), date(2013, 3, 1)),
    ):
        suite.due_on, suite.due_precision = day, precision
        SuiteChange.objects.create(
            suite=suite, state="annoncee", due_on=day, due_precision=precision, by=make_superuser()
        )
        suite.save()
        for at, is_late in ((last, False), (late, True)):
            assert suite.is_late(at) == Suite.objects.late(at).exists() == is_late, (precision, at)


def test_the_team_keeps_a_suite_from_its_page(policy, client):
    client.force_login(make_superuser())
    address = "/admin/consultation/suite/add/"
    article = policy.current.passages.first()
    typed = empty_forms("jalons") | {
        "passage": article.pk,
        "title": "Des trains le soir",
        "in_charge": "Direction des transports",
        "how_far": "annoncee",
        "by_when": "2030-06-15",
        "precision": "mois",
    }
    refusal = client.post(address, typed | {"passage": "", "title": "", "in_charge": ""}).content.decode()
    for words in ("Choisissez l’article de la politique", "Dites ce qui est fait", "Dites quel service"):
        assert words in refusal
    assert not Suite.objects.exists()
    answer = client.post(address, typed)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    suite = Suite.objects.get()
    assert (suite.due_label, suite.state) == ("juin 2030", "annoncee")
    address = f"/admin/consultation/suite/{suite.pk}/change/"
    page = client.get(address)
    refusal = client.post(address, posted(page, how_far="abandonnee"))
    assert "Dites pourquoi elle est abandonnée" in refusal.content.decode()
    assert Suite.objects.get().state == "annoncee"
    assert client.post(address, posted(page, how_far="engagee", title="Des trains la nuit")).status_code == 302
    suite = Suite.objects.get()
    assert (suite.state, suite.title, suite.due_label) == ("engagee", "Des trains la nuit", "juin 2030")
    stale = client.post(address, posted(page, how_far="realisee"))
    assert "a changé cette suite entre-temps" in stale.content.decode()
    assert client.get("/admin/consultation/suite/?retard=oui").status_code == 200


def test_a_meeting_presents_suites_and_a_suite_several_meetings_each_in_one_form(policy, client):
    one, two, three = (
        announced(policy),
        announced(policy, 2, title="Une carte unique"),
        announced(policy, title="Vélos"),
    )
    meetings = [make_rencontre(demarche=policy.demarche, kind="reunion_publique", title=f"À {n}") for n in "AB"]
    client.force_login(make_role(demarche=policy.demarche, kind=RoleKind.REDACTEUR).user)
    here = f"/admin/consultation/rencontre/{meetings[0].pk}/suites/"
    assert here in texts(client, f"/admin/consultation/rencontre/{meetings[0].pk}/change/")
    page = client.get(here).content.decode()
    assert "1. Orientation 1" in page and "Une carte unique, annoncée" in page
    stranger = announced(make_policy(demarche=make_demarche(slug="autre", code="AUTRE", courante=False)))
    assert client.post(here, {"suites": [stranger.pk], "seen": ""}).status_code == 422
    assert client.post(here, {"suites": [one.pk, two.pk], "seen": ""}).status_code == 302
    suites.present(meetings[0], add=[three], remove=[])  # by a colleague, meanwhile
    assert client.post(here, {"suites": [two.pk], "seen": f"{one.pk} {two.pk}"}).status_code == 302
    assert set(meetings[0].suites.all()) == {two, three}
    assert client.post(here, {"suites": [], "seen": "", "toutes": "oui"}).status_code == 302
    public = read(meetings[0].get_absolute_url())
    for words in (
        "Des trains le soir, annoncée (article 1)",
        "Une carte unique, annoncée (article 2)",
        "Vélos, annoncée",
    ):
        assert words in public
    client.force_login(make_role(demarche=policy.demarche, kind=RoleKind.LECTEUR).user)
    assert (
        "Une carte unique, annoncée" in texts(client, here) and "<button" not in texts(client, here).split("<main")[1]
    )
    assert client.post(here, {"suites": [], "seen": f"{one.pk}"}).status_code == 403
    client.force_login(make_superuser())
    change = f"/admin/consultation/suite/{one.pk}/change/"
    sent = posted(client.get(change), rencontres=[one.pk for one in meetings])
    assert client.post(change, sent).status_code == 302
    assert set(one.rencontres.all()) == set(meetings)


def test_the_order_of_the_states_holds_through_a_correction_of_the_policy(policy):
    suite = announced(policy)
    next_version(policy)
    published(policy, reason="Une source de plus.")
    assert policy.current.number == 2
    assert "Des trains le soir" in read(f"/textes/{policy.pk}/passages/1/")
    assert suite.title in read(f"/textes/{policy.pk}/suites/")
