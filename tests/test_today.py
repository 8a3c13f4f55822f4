"""The team's first page: what presses today, on whoever is in and on nobody else; and the page of an atelier."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ateliers.models import CompteRendu, CompteRenduState
from consultation.choices import (
    ContributionState,
    DemarcheState,
    InscriptionEventKind,
    InscriptionState,
    Nature,
    RencontreState,
    RoleKind,
)
from consultation.models import Cadre
from participons import today
from socle.courriels.models import Envoi, State
from tests.factories import (
    local,
    make_actualite,
    make_animation,
    make_atelier,
    make_cadre,
    make_college,
    make_contribution,
    make_demarche,
    make_inscription,
    make_membre,
    make_rencontre,
    make_role,
    make_seance,
    make_superuser,
    make_user,
)
from tests.test_rights_matrix import make_reexamen, make_signalement, make_transcription

pytestmark = pytest.mark.django_db

NOTHING = "Rien ne presse aujourd’hui."


@pytest.fixture(autouse=True)
def _quiet(monkeypatch, settings, tmp_path):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    settings.DOCUMENT_STORAGE = tmp_path


@pytest.fixture
def demarche():
    return make_demarche()


@pytest.fixture
def seance(demarche):
    """In three days, at 18 h, 12 of its 30 places taken."""
    atelier = make_atelier(demarche=demarche, town="Lens")
    return make_seance(atelier, title="La séance", starts_at=local(3, 18), precision="heure", capacity=30)


def index(client, user):
    client.force_login(user)
    answer = client.get("/admin/")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return answer


def said(tasks):
    return {task.what: task.more for task in tasks}


def pressing(client, user):
    return said(index(client, user).context["today"].pressing)


def held(seance_of, days, **fields):
    """A séance that was held so many days ago."""
    return make_seance(seance_of, starts_at=local(-days, 18), precision="heure", **fields)


def mail(rencontre, key, **fields):
    return Envoi.objects.create(
        to="alice@example.org",
        subject="Rappel",
        dedupe_key=key,
        message_id=key,
        subject_key=f"rencontre:{rencontre.pk}",
        **fields,
    )


def responsable_of(demarche):
    return make_role(demarche=demarche, kind=RoleKind.RESPONSABLE).user


# Nothing, and nobody else's


def test_where_there_is_nothing_nothing_presses(client, demarche):
    for user in (make_superuser(), responsable_of(demarche), make_animation().user, make_user(is_staff=True)):
        page = index(client, user)
        assert page.context["today"].pressing == []
        assert NOTHING in page.content.decode()


def test_an_organisateur_is_told_of_their_ateliers_alone(client, demarche, seance):
    other = make_seance(make_atelier(demarche=demarche, town="Arras"), title="La voisine")
    held(other.atelier, 4)
    late = held(seance.atelier, 4)
    make_contribution(demarche=demarche, state=ContributionState.WAITING)
    mail(other.rencontre, "autre", state=State.FAILED)
    page = index(client, make_animation(atelier=seance.atelier).user)
    now = page.context["today"]
    assert said(now.pressing) == {
        "Compte rendu à écrire : séance 2 de l’atelier 1": "La séance a eu lieu il y a 4 jours, rien n’est écrit."
    }
    tableau = f"/admin/ateliers/atelier/{seance.atelier.pk}/tableau/"
    assert now.pressing[0].url == f"{tableau}#seance-{late.rank}"
    assert [(task.what, task.url) for task in now.agenda] == [("La séance", f"{tableau}#seance-1")]
    assert [(task.what, task.url) for task in now.ateliers] == [("Atelier 1 – Lens", tableau)]
    assert "Arras" not in page.content.decode() and "La voisine" not in page.content.decode()


def test_a_moderateur_is_told_nothing_of_another_demarche(client, demarche, tmp_path):
    elsewhere = make_demarche(courante=False)
    for _ in range(3):
        make_contribution(
            demarche=elsewhere, state=ContributionState.WAITING, submitted_at=timezone.now() - timedelta(days=9)
        )
    make_rencontre(demarche=elsewhere, title="Ailleurs")
    make_transcription(elsewhere, "papier")
    moderateur = make_role(demarche=demarche).user
    page = index(client, moderateur)
    assert (page.context["today"].pressing, page.context["today"].agenda) == ([], [])
    make_contribution(demarche=demarche, state=ContributionState.WAITING)
    assert list(pressing(client, moderateur)) == ["1 contribution à modérer"]


@pytest.mark.parametrize("kind", [RoleKind.LECTEUR, RoleKind.REDACTEUR])
def test_who_only_reads_is_not_told_to_do_what_they_may_not(client, demarche, seance, kind):
    make_contribution(demarche=demarche, state=ContributionState.WAITING)
    held(seance.atelier, 5)
    mail(seance.rencontre, "un", state=State.FAILED)
    page = index(client, make_role(demarche=demarche, kind=kind).user)
    assert page.context["today"].pressing == []
    assert [task.what for task in page.context["today"].agenda] == ["La séance"]


# What presses


def test_the_agenda_is_of_two_weeks_today_first_with_its_places(client, demarche, seance):
    for n in range(5):
        waits = n > 2
        state = InscriptionState.WAITING if waits else InscriptionState.CONFIRMED
        make_inscription(rencontre=seance.rencontre, state=state)
    make_rencontre(demarche=demarche, title="Ce soir", starts_at=local(0))
    make_rencontre(demarche=demarche, title="Au dernier jour", starts_at=local(13), state=RencontreState.DRAFT)
    make_rencontre(demarche=demarche, title="Trop loin", starts_at=local(14))
    make_rencontre(demarche=demarche, title="Annulée", state=RencontreState.CANCELLED)
    make_rencontre(demarche=demarche, title="Un jour", precision="mois", starts_at=local(1))
    page = index(client, responsable_of(demarche))
    agenda = page.context["today"].agenda
    assert [(task.what, task.today) for task in agenda] == [
        ("Ce soir", True),
        ("La séance", False),
        ("Au dernier jour", False),
    ]
    assert agenda[1].more.endswith(", 3 places prises sur 30, 2 personnes attendent")
    assert agenda[2].more.endswith("pas encore annoncée")
    assert "Aujourd’hui</strong>" in page.content.decode()


def test_a_free_place_that_is_offered_to_nobody_says_why(client, demarche, seance):
    waiting = make_inscription(rencontre=seance.rencontre, state=InscriptionState.WAITING)
    user = responsable_of(demarche)
    what = "Une place est libre et n’est proposée à personne : La séance"
    assert pressing(client, user) == {what: "1 personne attend. Aucune raison n’est notée."}
    waiting.events.create(kind=InscriptionEventKind.NOT_OFFERED, note="Son adresse n’existe plus.")
    assert pressing(client, user) == {what: "1 personne attend. Son adresse n’existe plus."}
    make_inscription(rencontre=seance.rencontre)
    type(seance.rencontre).objects.filter(pk=seance.pk).update(capacity=1)
    assert pressing(client, user) == {}


def test_mails_that_failed_or_came_back_are_counted_by_rencontre(client, demarche, seance):
    mail(seance.rencontre, "parti", state=State.SENT, sent_at=timezone.now())
    mail(seance.rencontre, "echec", state=State.FAILED)
    mail(seance.rencontre, "revenu", state=State.SENT, sent_at=timezone.now(), bounced_at=timezone.now())
    changed = mail(seance.rencontre, "change", state=State.FAILED)
    Envoi.objects.filter(pk=changed.pk).update(subject_key=f"rencontre:{seance.pk}:changement")
    past = held(seance.atelier, 1, state=RencontreState.DRAFT)
    mail(past.rencontre, "passe", state=State.FAILED)
    page = index(client, responsable_of(demarche))
    assert list(said(page.context["today"].pressing)) == ["3 courriels ne sont pas arrivés : La séance"]
    assert page.context["today"].pressing[0].url == f"/admin/consultation/rencontre/{seance.pk}/rappels/"
    assert "alice@example.org" not in page.content.decode()


def test_a_compte_rendu_presses_until_it_is_opened_and_again_when_it_may_be_adopted(client, demarche, seance):
    late = held(seance.atelier, 1)
    held(seance.atelier, 2, state=RencontreState.CANCELLED)
    user, name = responsable_of(demarche), "séance 2 de l’atelier 1"
    assert pressing(client, user) == {
        f"Compte rendu à écrire : {name}": "La séance a eu lieu il y a 1 jour, rien n’est écrit."
    }
    written = CompteRendu.objects.create(seance=late)
    assert list(pressing(client, user)) == [f"Compte rendu à ouvrir : {name}"]
    CompteRendu.objects.update(
        state=CompteRenduState.OPENED, opened_at=timezone.now(), remarks_until=timezone.localdate()
    )
    assert pressing(client, user) == {}
    CompteRendu.objects.update(remarks_until=timezone.localdate() - timedelta(days=1))
    assert pressing(client, user) == {f"Compte rendu à adopter : {name}": "Tout est répondu."}
    written.remarques.create(words="Non.", submission_key="00000000-0000-0000-0000-000000000001")
    assert pressing(client, user) == {f"Compte rendu à adopter : {name}": "1 remarque attend sa réponse."}
    written.remarques.update(answer="Noté.", taken_up=False, answered_at=timezone.now(), answered_by=user)
    CompteRendu.objects.update(state=CompteRenduState.ADOPTED, adopted_at=timezone.now(), adopted_by=user)
    assert pressing(client, user) == {}


def test_what_waits_for_a_moderateur_a_redacteur_and_a_responsable(client, demarche):
    day_before = timezone.now() - timedelta(days=3)
    make_contribution(demarche=demarche, state=ContributionState.WAITING, submitted_at=day_before)
    make_reexamen(demarche, "un")
    make_contribution(demarche=demarche, title="signalée")
    make_signalement(demarche, "un", None)
    make_transcription(demarche, "un")  # it waits for its moderator too
    asked = timezone.now() - timedelta(days=40)
    make_contribution(demarche=demarche, nature=Nature.QUESTION, published_at=asked)
    to_do = {
        "2 contributions à modérer": "La plus ancienne attend depuis 3 jours.",
        "1 signalement à traiter": "",
        "1 réexamen à décider": "",
        "1 saisie à relire": "",
    }
    late = {"1 question attend sa réponse": "Le délai annoncé est passé."}
    assert pressing(client, make_role(demarche=demarche).user) == to_do
    assert pressing(client, make_role(demarche=demarche, kind=RoleKind.REDACTEUR).user) == late
    responsable = responsable_of(demarche)
    assert pressing(client, responsable) == to_do | late
    for task in index(client, responsable).context["today"].pressing:
        assert client.get(task.url).context["cl"].result_count == int(task.what.split()[0]), task.what


def test_what_one_did_oneself_waits_for_somebody_else(client, demarche):
    user = make_role(demarche=demarche).user
    make_reexamen(demarche, "un").contribution.decisions.update(by=user)
    transcription = make_transcription(demarche, "un")
    type(transcription).objects.update(transcriber=user)
    assert list(pressing(client, user)) == ["1 contribution à modérer"]


def test_a_draft_says_that_its_frame_is_to_be_written(client):
    demarche = make_demarche(state=DemarcheState.DRAFT, courante=False)
    user = responsable_of(demarche)
    assert list(pressing(client, user)) == ["Le cadre est à compléter"]
    make_cadre(demarche=demarche, charte="")
    assert list(pressing(client, user)) == ["Le cadre est à compléter"]
    Cadre.objects.filter(demarche=demarche).update(charte="Chacun écoute.")
    assert pressing(client, user) == {}


# What it asks of the database, and the lists


def grown(demarche, count, users):
    for _ in range(count):
        atelier = make_seance(make_atelier(demarche=demarche), capacity=3).atelier
        make_inscription(rencontre=atelier.seances.first().rencontre, state=InscriptionState.WAITING)
        mail(atelier.seances.first().rencontre, f"m{atelier.pk}", state=State.FAILED)
        held(atelier, 3)
        for user in users:
            make_animation(atelier=atelier, user=user)
        make_contribution(demarche=demarche, state=ContributionState.WAITING)


def test_as_many_queries_at_any_size_and_eight_at_most(demarche):
    def asked(user):
        fresh = type(user).objects.get(pk=user.pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            today.read(fresh)
        return len(queries)

    everybody = [
        make_superuser(),
        responsable_of(demarche),
        make_role(demarche=demarche).user,
        make_user(is_staff=True),
    ]
    grown(demarche, 1, everybody[3:])
    before = [asked(user) for user in everybody]
    grown(demarche, 3, everybody[3:])
    make_demarche(courante=False)
    assert [asked(user) for user in everybody] == before
    assert max(before) <= 8


def test_every_list_of_the_admin_has_its_task(client):
    known = {label for _, labels in today.BY_TASK for label in labels}
    assert {model._meta.label_lower for model in admin.site._registry} == known
    offered = [
        model["model"]._meta.label_lower
        for _, models in index(client, make_superuser()).context["lists"]
        for model in models
    ]
    assert sorted(offered) == sorted(known)
    assert [title for title, _ in index(client, make_animation().user).context["lists"]] == [
        "Préparer et tenir les rencontres",
        "Emporter et vérifier",
    ]


# Everything about an atelier


def tableau(client, user, atelier):
    client.force_login(user)
    return client.get(f"/admin/ateliers/atelier/{atelier.pk}/tableau/")


def test_the_page_of_an_atelier_holds_what_its_evening_needs(client, demarche, seance):
    college = make_college(demarche=demarche, label="habitant")
    for _ in range(2):
        make_membre(atelier=seance.atelier, college=college)
    make_membre(atelier=seance.atelier)
    make_membre(atelier=seance.atelier, college=college, left_at=timezone.now())
    mail(seance.rencontre, "echec", state=State.FAILED)
    held(seance.atelier, 4)
    make_actualite(demarche=demarche, topic="atelier:1", title="La salle est prête")
    make_actualite(demarche=demarche, topic="atelier:2", title="Une autre salle")
    user = make_animation(atelier=seance.atelier, user=make_user(is_staff=True, display_name="Camille")).user
    answer = tableau(client, user, seance.atelier)
    page = " ".join(answer.content.decode().replace("&nbsp;", " ").replace("\u00a0", " ").split())
    assert answer["Cache-Control"] == "private, no-store"
    assert answer.context["composition"] == [("habitant", 2), (None, 1)]
    assert [task.what.split(" : ")[0] for task in answer.context["pressing"]] == [
        "Compte rendu à écrire",
        "1 courriel n’est pas arrivé",
    ]
    for words in ("0 place prise sur 30", "Il est mené par Camille", "La salle est prête", "Rappel", "échec"):
        assert words in page, words
    assert "Une autre salle" not in page and "alice@example.org" not in page
    assert f'href="/admin/consultation/rencontre/{seance.pk}/appels/"' in page


def test_who_reads_the_demarche_reads_the_page_and_is_given_no_door(client, demarche, seance):
    mail(seance.rencontre, "echec", state=State.FAILED)
    answer = tableau(client, make_role(demarche=demarche, kind=RoleKind.LECTEUR).user, seance.atelier)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "place prise" in page
    assert "/appels/" not in page and "derniers courriels" not in page and "À faire" not in page


def test_the_page_of_an_atelier_is_nobody_elses(client, demarche, seance):
    other = make_atelier(demarche=demarche)
    elsewhere = make_role(demarche=make_demarche(courante=False), kind=RoleKind.RESPONSABLE).user
    for user in (make_animation(atelier=other).user, elsewhere, make_user(is_staff=True)):
        assert tableau(client, user, seance.atelier).status_code == 404
    assert tableau(client, make_user(), seance.atelier).status_code == 302


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_an_atelier_asks_as_much_for_one_seance_as_for_three(
    client, demarche, count, django_assert_num_queries
):
    atelier = make_atelier(demarche=demarche)
    for n in range(count):
        make_inscription(rencontre=make_seance(atelier, capacity=3).rencontre, state=InscriptionState.WAITING)
        mail(atelier.seances.last().rencontre, f"m{n}", state=State.FAILED)
        held(atelier, 3)
        make_membre(atelier=atelier)
    client.force_login(make_animation(atelier=atelier).user)
    with django_assert_num_queries(13):
        assert client.get(f"/admin/ateliers/atelier/{atelier.pk}/tableau/").status_code == 200
