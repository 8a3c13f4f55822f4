"""Whoever runs an atelier and holds no role: what is theirs, and that no door beside it opens."""

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import timezone

from ateliers.actions import animations
from ateliers.models import Animation, Atelier, Membre, Seance
from ateliers.permissions import can_animate
from consultation.choices import RencontreState, RoleKind
from consultation.models import Rencontre
from consultation.organisers import organisers
from consultation.permissions import can_organise
from socle.access.models import Trace
from socle.comptes.models import User
from socle.courriels.models import Envoi
from tests.factories import (
    local,
    make_animation,
    make_atelier,
    make_college,
    make_demarche,
    make_inscription,
    make_lieu,
    make_membre,
    make_rencontre,
    make_role,
    make_seance,
    make_theme,
    make_user,
)
from tests.test_admin_demarche import posted, refusals

pytestmark = pytest.mark.django_db

ATELIERS, RENCONTRES = "/admin/ateliers/atelier/", "/admin/consultation/rencontre/"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def demarche():
    return make_demarche()


@pytest.fixture
def lieu():
    return make_lieu(name="Salle des fêtes")


@pytest.fixture
def mine(demarche, lieu):
    return make_seance(make_atelier(demarche=demarche, town="Lens"), title="La mienne", lieu=lieu, starts_at=local(5))


@pytest.fixture
def other(demarche):
    return make_seance(make_atelier(demarche=demarche, town="Arras"), title="La voisine")


@pytest.fixture
def user(mine):
    return make_animation(atelier=mine.atelier).user


@pytest.fixture
def organisateur(client, user):
    client.force_login(user)
    return client


def change(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def save(client, row, **typed):
    """The form of the row as a browser would send it, with these fields typed over."""
    return client.post(change(row), posted(client.get(change(row)), **typed))


def again(user):
    """As the next request reads the account: what it may do is kept as long as its object."""
    return User.objects.get(pk=user.pk)


# What is theirs


def test_the_lists_hold_their_own_rows_only(organisateur, mine, other):
    make_rencontre(title="Le grand débat")
    for address, shown, hidden in ((ATELIERS, "Lens", "Arras"), (RENCONTRES, "La mienne", "La voisine")):
        page = organisateur.get(address).content.decode()
        assert shown in page and hidden not in page and "Le grand débat" not in page
    found = organisateur.get(f"{RENCONTRES}?q=La")
    assert [row.title for row in found.context["cl"].result_list] == ["La mienne"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_lists_ask_as_much_of_the_database_for_one_atelier_as_for_three(
    organisateur, mine, count, django_assert_max_num_queries
):
    for _ in range(count - 1):
        atelier = make_seance(make_atelier(demarche=mine.atelier.demarche)).atelier
        make_animation(atelier=atelier, user=Animation.objects.first().user)
    for address in (ATELIERS, RENCONTRES):
        with django_assert_max_num_queries(15):
            assert organisateur.get(address).status_code == 200


@pytest.mark.parametrize("with_a_role", [False, True])
def test_the_lists_say_of_which_demarche_each_row_is_once_theirs_are_of_several(
    organisateur, user, demarche, with_a_role
):
    """An atelier of another démarche counts, be it without a séance, and beside a role as well as without one."""
    if with_a_role:
        make_role(user=user, demarche=demarche, kind=RoleKind.LECTEUR)
    column = "column-demarche"
    shown = [column in organisateur.get(page).content.decode() for page in (ATELIERS, RENCONTRES)]
    assert shown == [False, False]
    beside = make_atelier(demarche=make_demarche(title="Une autre démarche"))
    make_animation(user=user, atelier=beside)
    assert column in organisateur.get(ATELIERS).content.decode()
    make_seance(beside)
    assert column in organisateur.get(RENCONTRES).content.decode()


def test_they_write_the_presentation_and_the_ordre_du_jour(organisateur, mine):
    answer = save(
        organisateur, mine.atelier, presentation="Trois soirées.", **{"seances-0-ordre_du_jour": "Dire les constats."}
    )
    assert answer.status_code == 302
    mine.refresh_from_db()
    assert (mine.atelier.presentation, mine.ordre_du_jour) == ("Trois soirées.", "Dire les constats.")


def test_what_the_launch_decided_is_not_in_their_form(organisateur, demarche, mine, lieu):
    theme, elsewhere = make_theme(demarche=demarche), make_demarche(courante=False)
    before = Atelier.objects.values().get(pk=mine.atelier.pk)
    typed = {"question": "Pirate ?", "town": "Pirate", "rank": 9, "demarche": elsewhere.pk, "lieu": lieu.pk}
    typed |= {"themes": theme.pk, "seances-0-rank": 9, "seances-0-objective": "finalisation"}
    assert save(organisateur, mine.atelier, **typed).status_code == 302
    assert Atelier.objects.values().get(pk=mine.atelier.pk) == before
    assert not mine.atelier.themes.exists()
    assert Seance.objects.values_list("rank", "objective").get(pk=mine.pk) == (1, "constats")
    before = Rencontre.objects.values("title", "kind", "etape", "demarche", "example").get(pk=mine.pk)
    typed = {"title": "Pirate", "kind": "forum", "demarche": elsewhere.pk, "example": "on"}
    assert save(organisateur, mine.rencontre, **typed).status_code == 302
    assert Rencontre.objects.values("title", "kind", "etape", "demarche", "example").get(pk=mine.pk) == before


def test_they_move_their_seance_with_the_reason_and_those_who_come_are_told(organisateur, mine, lieu):
    make_rencontre(lieu=make_lieu(name="Salle Jaurès"))
    make_inscription(rencontre=mine.rencontre)
    hall = Rencontre.objects.exclude(pk=mine.pk).get().lieu
    refused = save(organisateur, mine.rencontre, lieu=hall.pk)
    assert "Dites pourquoi le lieu change" in refusals(refused)[0]
    moved = save(organisateur, mine.rencontre, lieu=hall.pk, capacity=25, date_reason="Une fuite d’eau.")
    assert moved.status_code == 302
    mine.rencontre.refresh_from_db()
    assert (mine.rencontre.lieu, mine.rencontre.capacity) == (hall, 25)
    assert Envoi.objects.filter(subject_key__startswith=f"rencontre:{mine.pk}").count() == 1


def test_they_cancel_their_seance_and_announce_nothing(organisateur, mine):
    page = organisateur.get(change(mine.rencontre))
    assert [value for value, _ in page.context["adminform"].form.fields["state"].choices] == ["publiee", "annulee"]
    assert save(organisateur, mine.rencontre, state=RencontreState.DRAFT).status_code == 200
    draft = make_seance(mine.atelier, state=RencontreState.DRAFT).rencontre
    assert save(organisateur, draft, state=RencontreState.PUBLISHED, text="Nous préparons.").status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.text) == (RencontreState.DRAFT, "Nous préparons.")
    assert save(organisateur, mine.rencontre, state="annulee", cancel_reason="La salle a brûlé.").status_code == 302
    mine.rencontre.refresh_from_db()
    assert mine.rencontre.is_cancelled


def test_they_read_the_reminders_and_call_on_the_day(organisateur, mine, other):
    inscription = make_inscription(rencontre=mine.rencontre, phone="06 12 34 56 78")
    assert "06 12 34 56 78" in organisateur.get(f"{RENCONTRES}{mine.pk}/appels/").content.decode()
    called = {"inscription": inscription.pk, "jointe": "oui"}
    assert organisateur.post(f"{RENCONTRES}{mine.pk}/appels/", called).status_code == 302
    assert inscription.calls.get().reached
    assert organisateur.get(f"{RENCONTRES}{mine.pk}/rappels/").status_code == 200
    for name in ("appels", "rappels"):
        assert organisateur.get(f"{RENCONTRES}{other.pk}/{name}/").status_code == 404


# No other door


def test_nothing_is_added_or_deleted_whatever_is_forged(organisateur, user, mine):
    membre, colleague = make_membre(atelier=mine.atelier), make_user(is_staff=True)
    row = {"seances-TOTAL_FORMS": 2, "seances-1-rank": 2, "seances-1-starts_at_0": "2031-01-01"}
    row |= {"seances-1-starts_at_1": "18:00", "seances-1-precision": "heure", "seances-0-DELETE": "on"}
    row |= {"animations-TOTAL_FORMS": 2, "animations-INITIAL_FORMS": 1, "animations-1-user": colleague.pk}
    row |= {"animations-0-id": Animation.objects.get().pk, "animations-0-user": colleague.pk}
    row |= {"membres-0-DELETE": "on"}
    save(organisateur, mine.atelier, **row)
    assert list(Seance.objects.all()) == [mine]
    assert list(Animation.objects.values_list("user", flat=True)) == [user.pk]
    assert list(Membre.objects.all()) == [membre]
    for address, pk in ((ATELIERS, mine.atelier.pk), (RENCONTRES, mine.pk)):
        ticked = {"action": "delete_selected", "_selected_action": [pk], "post": "yes"}
        organisateur.post(address, ticked)
        assert organisateur.get(f"{address}add/").status_code == 403
        assert organisateur.post(f"{address}{pk}/delete/", {"post": "yes"}).status_code == 403
    assert list(Seance.objects.values_list("atelier__pk", "rencontre__pk")) == [(mine.atelier.pk, mine.pk)]


def test_rows_of_the_atelier_next_door_are_not_reached_through_their_own(organisateur, mine, other):
    make_membre(atelier=mine.atelier)
    foreign = make_membre(atelier=other.atelier, organisation="Intacte")
    stolen = {"seances-0-rencontre": other.pk, "seances-0-ordre_du_jour": "Pirate"}
    stolen |= {"membres-0-id": foreign.pk, "membres-0-organisation": "Pirate"}
    save(organisateur, mine.atelier, **stolen)
    other.refresh_from_db()
    foreign.refresh_from_db()
    assert (other.ordre_du_jour, foreign.organisation) == ("", "Intacte")
    for row in (other.atelier, other.rencontre):
        assert organisateur.get(change(row)).status_code == 302  # there is no such row among theirs
        assert organisateur.post(change(row), {"presentation": "Pirate", "capacity": 0}).status_code == 302
    assert Rencontre.objects.get(pk=other.pk).capacity is None


def test_the_history_and_the_way_to_the_site_are_those_of_their_own_rows(organisateur, mine, other):
    for own, foreign in ((mine.atelier, other.atelier), (mine.rencontre, other.rencontre)):
        kind = ContentType.objects.get_for_model(own).pk
        assert organisateur.get(f"/admin/r/{kind}/{own.pk}/").status_code == 302
        assert organisateur.get(f"/admin/r/{kind}/{foreign.pk}/").status_code == 404
        history = change(own).replace("/change/", "/history/")
        assert organisateur.get(history).status_code == 200
        assert organisateur.get(history.replace(str(own.pk), str(foreign.pk))).status_code == 302


@pytest.mark.parametrize("query", ["demarche__id__exact=1", "membres__personne__email__startswith=a", "themes=1"])
def test_a_filter_shows_no_row_but_theirs(organisateur, mine, other, query):
    answer = organisateur.get(f"{ATELIERS}?{query}")
    assert answer.status_code in {200, 400}
    assert "Arras" not in answer.content.decode()


def test_autocomplete_offers_their_own_seances_and_no_one(organisateur, mine, other):
    asked = {"app_label": "consultation", "model_name": "contribution", "field_name": "rencontre", "term": "la"}
    found = organisateur.get("/admin/autocomplete/", asked).json()["results"]
    assert [one["text"] for one in found] == ["La mienne"]
    for field in ("personne", "demarche", "theme"):
        assert organisateur.get("/admin/autocomplete/", asked | {"field_name": field}).status_code in {403, 404}


def test_choices_are_those_of_their_own_demarche(organisateur, demarche, mine, lieu):
    elsewhere = make_demarche(courante=False)
    make_rencontre(demarche=elsewhere, lieu=make_lieu(name="Zirconium"))
    make_rencontre(demarche=demarche, lieu=make_lieu(name="Palimpseste"), state=RencontreState.DRAFT)
    make_rencontre(demarche=demarche, lieu=make_lieu(name="Salle Jaurès"))
    page = organisateur.get(change(mine.rencontre)).content.decode()
    assert "Salle Jaurès" in page and "Salle des fêtes" in page
    assert "Zirconium" not in page and "Palimpseste" not in page
    foreign = elsewhere.rencontres.get().lieu
    assert save(organisateur, mine.rencontre, lieu=foreign.pk, date_reason="x").status_code == 200
    membre = make_membre(atelier=mine.atelier)
    college, theirs = make_college(demarche=demarche), make_college(demarche=elsewhere)
    assert save(organisateur, mine.atelier, **{"membres-0-college": theirs.pk}).status_code == 200
    assert save(organisateur, mine.atelier, **{"membres-0-college": college.pk}).status_code == 302
    membre.refresh_from_db()
    assert membre.college == college
    assert membre.came_by == "candidature"


def test_a_role_that_reads_changes_nothing_beside_their_own_atelier(client, user, demarche, mine, other):
    make_role(user=user, demarche=demarche, kind=RoleKind.LECTEUR)
    client.force_login(user)
    page = client.get(change(other.rencontre))
    assert page.status_code == 200 and not page.context["has_change_permission"]
    assert client.post(change(other.rencontre), {"title": "Pirate"}).status_code == 403
    assert save(client, mine.rencontre, text="Venez à pied.").status_code == 302


def test_the_responsable_of_another_demarche_adds_nothing_where_they_run_an_atelier(client, user, demarche, mine):
    make_role(user=user, demarche=make_demarche(courante=False), kind=RoleKind.RESPONSABLE)
    client.force_login(user)
    typed = posted(client.get(f"{ATELIERS}add/"), demarche=demarche.pk, rank=9, question="Une autre ?", town="Lens")
    assert client.post(f"{ATELIERS}add/", typed).status_code == 200
    ticked = {"action": "delete_selected", "_selected_action": [mine.pk], "post": "yes"}
    assert client.post(RENCONTRES, ticked).status_code == 403
    assert (Atelier.objects.count(), Rencontre.objects.count()) == (1, 1)


# From when, until when, and by whom it is given


@pytest.mark.parametrize(("days", "runs"), [(None, True), (1, True), (0, True), (-1, False)])
def test_an_animation_ends_at_the_end_of_its_last_day_for_doors_and_mails_alike(client, mine, days, runs):
    day = None if days is None else timezone.localdate() + timedelta(days=days)
    user = make_animation(atelier=mine.atelier, ends_on=day).user
    client.force_login(user)
    assert (client.get(change(mine.atelier)).status_code == 200) is runs
    assert (client.get(f"{RENCONTRES}{mine.pk}/appels/").status_code == 200) is runs
    assert (user in organisers(mine.rencontre)) is runs
    assert can_animate(again(user), mine.atelier) is can_organise(again(user), mine.rencontre) is runs


@pytest.mark.parametrize("lost", ["is_staff", "is_active"])
def test_whoever_left_the_team_runs_nothing_and_is_told_nothing(user, mine, lost):
    make_role(user=user, demarche=mine.atelier.demarche, kind=RoleKind.RESPONSABLE)
    assert organisers(mine.rencontre) == [user]
    User.objects.filter(pk=user.pk).update(**{lost: False})
    assert organisers(mine.rencontre) == []
    assert not can_animate(again(user), mine.atelier)
    assert not can_organise(again(user), mine.rencontre)


def team_page(demarche):
    return f"/admin/ateliers/atelier/equipe/{demarche.pk}/"


def test_a_responsable_alone_entrusts_an_atelier_of_their_demarche_by_address_until_a_day(client, user, demarche, mine):
    until, page = timezone.localdate() + timedelta(days=30), team_page(demarche)
    typed = {"email": "ali@example.org", "name": "Ali", "atelier": mine.atelier.pk, "ends_on": until.isoformat()}
    for kind in (RoleKind.LECTEUR, RoleKind.MODERATEUR, RoleKind.REDACTEUR):
        client.force_login(make_role(demarche=demarche, kind=kind).user)
        assert client.get(page).status_code == client.post(page, typed).status_code == 403
    client.force_login(user)
    assert client.post(page, typed).status_code in (403, 404), "nor an organisateur"
    boss = make_role(demarche=demarche, kind=RoleKind.RESPONSABLE).user
    client.force_login(boss)
    assert page in client.get(f"/admin/consultation/demarche/{demarche.pk}/equipe/").content.decode()
    beside = make_atelier(demarche=make_demarche(courante=False))
    theirs = make_animation(atelier=beside)
    wrong = (
        {"atelier": beside.pk},
        {"email": "ali"},
        {"email": boss.email},
        {"ends_on": "2011-01-27"},
        {"atelier": ""},
    )
    for changed in wrong:
        assert client.post(page, typed | changed).status_code == 422, changed
    assert client.post(page, {"role": theirs.pk, "finir": "oui"}).status_code == 404
    assert client.get(team_page(beside.demarche)).status_code == 404
    assert not User.objects.filter(email="ali@example.org").exists() and Trace.objects.count() == 0
    assert client.post(page, typed).status_code == 302
    held = Animation.objects.get(user__email="ali@example.org")
    assert (held.atelier, held.ends_on, held.user.is_staff) == (mine.atelier, until, True)
    assert "un code vous y est envoyé" in Envoi.objects.get(to="ali@example.org").body_text
    assert can_animate(again(held.user), mine.atelier)


def test_an_animation_given_changed_or_ended_is_written_down_told_and_ends_with_its_day(client, user, demarche, mine):
    boss, page = make_role(demarche=demarche, kind=RoleKind.RESPONSABLE).user, team_page(demarche)
    client.force_login(boss)
    held, today = Animation.objects.get(), timezone.localdate()
    for day in ("2090-01-01", "2090-01-01"):  # the second changes nothing
        assert client.post(page, {"role": held.pk, "changer": "oui", "ends_on": day}).status_code == 302
    assert client.post(page, {"role": held.pk, "finir": "oui"}).status_code == 302
    gone = client.post(page, {"role": held.pk, "finir": "oui"})
    assert gone.status_code == 404 and not again(user).is_staff, "the last thing that kept them in the team"
    typed = {"email": user.email, "name": "Ali", "atelier": mine.atelier.pk, "ends_on": today.isoformat()}
    assert client.post(page, typed).status_code == 302
    assert animations.end_past() == 0
    Animation.objects.update(ends_on=today - timedelta(days=1))
    assert (animations.end_past(), animations.end_past()) == (1, 0)
    noted = Trace.objects.exclude(whom=None).order_by("pk").values_list("act", "by", "whom", "scope", "subject")
    about = (user.pk, f"demarche:{demarche.pk}", f"atelier:{mine.atelier.pk}")
    said = [("role_change", boss.pk), ("role_fini", boss.pk), ("role_donne", boss.pk), ("role_fini", None)]
    assert list(noted) == [(act, by, *about) for act, by in said]
    assert [mail.to for mail in Envoi.objects.all()] == [user.email] * 4
    assert not again(user).is_staff
