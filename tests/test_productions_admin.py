"""« Productions de la séance » in the admin: who opens it, the tables and sheets, what is published and by whom."""

from __future__ import annotations

import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from ateliers.actions import devenirs, productions
from ateliers.admin.production_pages import ranges
from ateliers.links import table_path
from ateliers.models import Devenir, Fate, Production, Table, Words
from consultation.choices import ContributionState, RoleKind
from socle.registre.models import Entree
from tests.factories import (
    local,
    make_animation,
    make_atelier,
    make_production,
    make_reason,
    make_role,
    make_seance,
    make_superuser,
    make_table,
    make_user,
)

pytestmark = pytest.mark.django_db
WAITING = ContributionState.WAITING


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def atelier():
    return make_atelier(rank=5, town="Dunkerque")


@pytest.fixture
def seances(atelier):
    return [make_seance(atelier, starts_at=local(14 * number)) for number in (-1, 0, 1)]


@pytest.fixture
def organiser(client, atelier):
    user = make_user(is_staff=True)
    make_animation(user=user, atelier=atelier)
    client.force_login(user)
    return user


def page_of(seance, name="productions", *args):
    return reverse(f"admin:ateliers_seance_{name}", args=[seance.atelier_id, seance.rank, *args])


def flat(answer):
    return " ".join(answer.content.decode().replace("&nbsp;", " ").replace("\N{NO-BREAK SPACE}", " ").split())


def act(client, seance, name, **said):
    return client.post(page_of(seance), {"act": name} | said, follow=True)


WHO = {
    "anonymous": (lambda _: None, 302, 302),
    "without a role": (lambda _: make_user(is_staff=True), 404, 404),
    "lecteur": (lambda a: make_role(demarche=a.demarche, kind=RoleKind.LECTEUR).user, 200, 403),
    "modérateur": (lambda a: make_role(demarche=a.demarche, kind=RoleKind.MODERATEUR).user, 200, 403),
    "organiser of another": (lambda a: make_animation(atelier=make_atelier(demarche=a.demarche)).user, 404, 404),
    "organiser": (lambda a: make_animation(atelier=a).user, 200, 302),
    "responsable": (lambda a: make_role(demarche=a.demarche, kind=RoleKind.RESPONSABLE).user, 200, 302),
    "administrateur": (lambda _: make_superuser(), 200, 302),
}


@pytest.mark.parametrize("who", WHO)
def test_whoever_runs_the_atelier_changes_any_role_reads_nobody_else_comes_in(client, atelier, seances, who):
    person, reads, changes = WHO[who]
    table = make_table(seances[1])
    seances[1].sheets_printed = 4
    seances[1].save()
    waiting = make_production(seances[1], state=WAITING, table=table)
    if user := person(atelier):
        client.force_login(user)
    answer = client.get(page_of(seances[1]))
    assert answer.status_code == reads
    runs = changes == 302 and reads == 200
    if reads == 200:
        assert answer["Cache-Control"] == "private, no-store"
    link = client.get(page_of(seances[1], "table", table.number))
    assert (link.status_code == 200) is runs
    assert (table_path(table) in flat(link)) is runs
    assert table.nonce not in flat(answer)
    assert (client.get(page_of(seances[1], "fiches")).status_code == 200) is runs
    said = {"act": "publier", "lue": f"{waiting.pk}:{waiting.contribution.words_seal}"}
    assert client.post(page_of(seances[1]), said).status_code == changes
    waiting.contribution.refresh_from_db()
    assert waiting.contribution.is_published is runs


def test_a_table_is_opened_closed_renewed_and_its_link_follows(client, organiser, seances):
    seance = seances[1]
    assert "La table 1 est ouverte" in flat(act(client, seance, "ouvrir", label="Jeunes <b>"))
    table = Table.objects.get()
    first = table_path(table)
    assert "Jeunes &lt;b&gt;" in flat(client.get(page_of(seance)))
    assert client.get(first).status_code == 200
    act(client, seance, "fermer", table=table.pk)
    assert client.get(first).status_code == 410
    assert "renouvelez-le : l’ancien n’ouvre plus rien" in flat(client.get(page_of(seance)))
    act(client, seance, "renouveler", table=table.pk)
    table.refresh_from_db()
    assert client.get(first).status_code == 404
    assert client.get(table_path(table)).status_code == 200


def test_the_code_on_the_screen_is_drawn_without_style_nor_script(client, organiser, seances):
    table = make_table(seances[1])
    html = client.get(page_of(seances[1], "table", table.number)).content.decode()
    drawn = re.search(r'<img class="code"\s+src="(data:image/svg\+xml[^"]+)"', html)[1]
    assert "path" in drawn
    assert not re.search("style|script", drawn)


def test_a_table_of_another_seance_is_nobody_elses_to_close(client, organiser, seances):
    stranger = make_table(make_seance(make_atelier(), starts_at=local()))
    for name in ("fermer", "renouveler"):
        assert act(client, seances[1], name, table=stranger.pk).status_code == 404
    assert act(client, seances[1], "fermer", table="9" * 40).status_code == 404
    assert client.post(page_of(seances[1]), {"act": "autre"}).status_code == 404
    stranger.refresh_from_db()
    assert stranger.closed_at is None


def test_sheets_are_numbered_printed_and_those_not_typed_yet_are_listed(client, organiser, seances):
    seance = seances[1]
    assert "Les fiches 1 à 5 sont prêtes" in flat(act(client, seance, "fiches", count="5"))
    assert "Les fiches 6 à 8 sont prêtes" in flat(act(client, seance, "fiches", count="3"))
    for number in (2, 5):
        make_production(seance, sheet=number)
    assert "Pas encore recopiées : 1, 3 à 4, 6 à 8." in flat(client.get(page_of(seance)))
    answer = client.get(page_of(seance, "fiches"))
    paper = PdfReader(io.BytesIO(answer.content))
    words = " ".join(page.extract_text() for page in paper.pages)
    assert [number for number in range(1, 9) if f"n° {number}" in words.replace("\xa0", " ")] == [1, 3, 4, 6, 7, 8]
    assert len(paper.pages) == 3
    assert f"/fiche/{seance.pk}/8" in words
    for wrong in ("0", "201", "dix", "9" * 30, ""):
        assert "Aucune fiche n’est numérotée" in flat(act(client, seance, "fiches", count=wrong))


def test_ranges_are_said_as_people_do():
    assert ranges([]) == ""
    assert ranges([1, 2, 3, 7, 9, 10]) == "1 à 3, 7, 9 à 10"


def test_what_is_ticked_is_published_at_once_by_decisions_of_the_organiser(client, organiser, seances):
    two = [make_production(seances[1], state=WAITING) for _ in range(2)]
    left = make_production(seances[1], state=WAITING)
    lue = [f"{one.pk}:{one.contribution.words_seal}" for one in two]
    assert "Publiées : 2." in flat(act(client, seances[1], "publier", lue=lue))
    for one in two:
        decision = one.contribution.decisions.get()
        assert (decision.by, decision.to_state) == (organiser, ContributionState.PUBLISHED)
        assert client.get(one.contribution.get_absolute_url()).status_code == 200
    left.contribution.refresh_from_db()
    assert left.contribution.state == WAITING
    assert set(Entree.objects.filter(kind="contribution.publiee").values_list("role", flat=True)) == {"organisateur"}


def test_what_gives_somebody_away_is_pointed_out_and_left_unticked(client, organiser, seances):
    spotted = make_production(seances[1], state=WAITING, body="Appelez le 06 12 34 56 78.")
    make_production(seances[1], state=WAITING)
    page = flat(client.get(page_of(seances[1])))
    assert "on y voit : numéro de téléphone" in page
    box = page[page.index(f'value="{spotted.pk}:') :][:200]
    assert "checked" not in box[: box.index(">")]
    assert page.count("checked") == 1


def test_words_that_changed_since_they_were_read_are_not_published(client, organiser, seances):
    made = make_production(seances[1], state=WAITING)
    seal = made.contribution.words_seal
    type(made.contribution).objects.filter(pk=made.pk).update(title="D’autres mots")
    page = flat(act(client, seances[1], "publier", lue=f"{made.pk}:{seal}"))
    assert "Publiées : 0." in page
    assert "ses mots ont changé entre-temps" in page
    assert not Production.objects.published().exists()


def test_of_another_seance_nothing_is_published_from_here(client, organiser, seances):
    stranger = make_production(make_seance(make_atelier(), starts_at=local()), state=WAITING)
    act(client, seances[1], "publier", lue=f"{stranger.pk}:{stranger.contribution.words_seal}")
    kept = devenirs.keep(make_table(seances[1]), make_production(seances[0]))
    act(client, seances[0], "publier_devenirs", lue=kept.pk)
    assert act(client, seances[0], "annuler", devenir=kept.pk).status_code == 404
    assert not Production.objects.published().filter(pk=stranger.pk).exists()
    assert not Devenir.objects.published().exists()


def test_what_the_seance_did_is_read_with_its_differences_published_and_undone(client, organiser, seances):
    made, table = make_production(seances[0], body="Un bus à 20 h."), make_table(seances[1])
    words = {"title": made.contribution.title, "body": "Un bus à 22 h, dites-le à a@example.org."}
    devenir = devenirs.reword(table, made, seen=made.versions.get().pk, **words)
    page = flat(client.get(page_of(seances[1])))
    assert "[retiré : </span>20 " in page
    assert "on y voit : adresse électronique" in page
    assert "Publiées : 1." in flat(act(client, seances[1], "publier_devenirs", lue=devenir.pk))
    made.contribution.refresh_from_db()
    assert made.contribution.body == words["body"]
    assert "elle reste dans l’historique" in flat(act(client, seances[1], "annuler", devenir=devenir.pk))
    made.contribution.refresh_from_db()
    assert made.contribution.body == "Un bus à 20 h."
    assert Devenir.objects.get().undone_at


def refusal(production):
    seance = production.seance
    return reverse("admin:ateliers_production_refus", args=[seance.atelier_id, seance.rank, production.pk])


def refuse(client, production, **said):
    given = {"reason": make_reason().pk, "seen": production.contribution.words_seal}
    return client.post(refusal(production), given | said, follow=True)


def test_what_will_not_appear_is_a_decision_with_its_reason_that_the_table_reads(client, organiser, seances):
    table = make_table(seances[1])
    made = make_production(seances[1], state=WAITING, table=table)
    assert refusal(made) in flat(client.get(page_of(seances[1])))
    assert made.contribution.body in flat(client.get(refusal(made)))
    unsaid = refuse(client, made, reason="")
    assert unsaid.status_code == 422
    assert "Choisissez un motif : le groupe le lira" in flat(unsaid)
    assert not made.contribution.decisions.exists()
    reason = make_reason(label="Hors du sujet").pk
    assert "ne paraîtra pas" in flat(refuse(client, made, reason=reason, message="Dites-le <b>au forum</b>."))
    decision = made.contribution.decisions.get()
    assert (decision.by, decision.to_state, decision.reason.label) == (organiser, "refusee", "Hors du sujet")
    assert client.get(made.contribution.get_absolute_url()).status_code == 404
    assert "Hors du sujet" in flat(client.get(page_of(seances[1])))
    page = flat(client.get(table_path(table)))
    assert "Elle ne paraîtra pas. Motif : Hors du sujet. Dites-le &lt;b&gt;au forum&lt;/b&gt;." in page
    assert list(Entree.objects.values_list("kind", "role")) == [("contribution.refusee", "organisateur")]


@pytest.mark.parametrize("who", ["anonymous", "without a role", "lecteur", "modérateur", "organiser of another"])
def test_nobody_who_does_not_run_the_atelier_refuses_from_here(client, atelier, seances, who):
    made = make_production(seances[1], state=WAITING)
    if user := WHO[who][0](atelier):
        client.force_login(user)
    assert client.get(refusal(made)).status_code == {"lecteur": 403, "modérateur": 403, "anonymous": 302}.get(who, 404)
    refuse(client, made)
    made.contribution.refresh_from_db()
    assert made.contribution.state == WAITING


def test_an_organiser_refuses_by_no_other_door(client, organiser, seances):
    made = make_production(seances[1], state=WAITING)
    said = {"to_state": "refusee", "reason": make_reason().pk, "seen": made.contribution.words_seal}
    client.post(reverse("admin:consultation_contribution_change", args=[made.pk]), said)
    several = {"action": "refuse_selection", "_selected_action": made.pk, "confirmed": "oui", "count": "1"}
    client.post(reverse("admin:consultation_contribution_changelist"), several | said)
    other = make_production(make_seance(make_atelier(), starts_at=local()), state=WAITING)
    client.post(refusal(made).replace(f"/{made.pk}/refus", f"/{other.pk}/refus"), said)
    assert not type(made.contribution).objects.filter(state="refusee").exists()


def test_once_public_or_in_other_words_or_holding_others_it_is_not_refused(client, organiser, seances):
    public, changed = make_production(seances[1]), make_production(seances[1], state=WAITING)
    assert "Retirer ce qui est publié revient à la modération" in flat(client.get(refusal(public)))
    assert refuse(client, public).status_code == 409
    assert "ses mots ont changé entre-temps" in flat(refuse(client, changed, seen="0" * 64))
    holding = make_production(seances[1], state=WAITING)
    devenirs.merge(make_table(seances[1]), [make_production(seances[0])], holding)
    told = flat(refuse(client, holding))
    assert "d’autres productions ont été fusionnées dans celle-ci" in told
    assert not type(public.contribution).objects.filter(state="refusee").exists()


def test_once_the_seance_has_begun_its_organiser_keeps_what_the_tables_left_undecided(client, organiser, seances):
    held = seances[1]
    rows = [make_production(seances[0]) for _ in range(3)]
    reworded, left = rows[1:]
    ticked = [f"{one.pk}:{one.versions.get().pk}" for one in rows[:2]]
    assert "Rien n’est gardé : la séance n’a pas commencé" in flat(act(client, held, "garder", lue=ticked))
    type(held.rencontre).objects.filter(pk=held.pk).update(starts_at=local(-1))
    page = flat(client.get(page_of(held)))
    assert "dont rien n’est dit (3)" in page
    assert all(value in page for value in ticked)
    words = Words("D’autres mots", "Un autre texte.")
    productions.renew(Production.objects.with_history().get(pk=reworded.pk), seances[0], words)
    told = flat(act(client, held, "garder", lue=ticked))
    assert "Une production est gardée." in told
    assert f"{reworded.contribution.reference} (ses mots ont changé)" in told
    assert list(Devenir.objects.values_list("production", "fate", "published_at")) == [(rows[0].pk, Fate.KEPT, None)]
    assert "dont rien n’est dit (2)" in told
    assert "aucune production n’était cochée" in flat(act(client, held, "garder"))
    assert left.contribution.title in told


def test_what_stands_on_an_unread_production_is_not_offered(client, organiser, seances):
    made = make_production(seances[0], state=WAITING)
    devenirs.keep(make_table(seances[1]), made)
    page = flat(client.get(page_of(seances[1])))
    assert f"{made.contribution.reference} n’est pas publiée : publiez-la d’abord." in page
    assert 'name="lue"' not in page


def test_hostile_words_stay_words_on_the_page_of_the_team(client, organiser, seances):
    said = {"title": "<script>alert(1)</script>", "body": '"><svg onload=alert(1)>'}
    made = make_production(seances[0], **said)
    make_production(seances[1], state=WAITING, **said)
    devenirs.drop(make_table(seances[1], label="<b>"), made, '"><svg onload=alert(1)>')
    html = client.get(page_of(seances[1])).content.decode()
    assert "<svg onload" not in html
    assert "<script>alert" not in html


@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_page_asks_as_much_whatever_was_typed(client, organiser, seances, count):
    table = make_table(seances[1])
    for number in range(count):
        make_production(seances[1], state=WAITING, table=table, sheet=number + 1)
        made = make_production(seances[0])
        devenirs.keep(table, made)
        done = devenirs.keep(table, make_production(seances[0]))
        devenirs.publish(done, by=organiser)
        make_production(seances[0])
    type(seances[1].rencontre).objects.filter(pk=seances[1].pk).update(starts_at=local(-1))
    with CaptureQueriesContext(connection) as asked:
        client.get(page_of(seances[1]))
    assert len(asked) <= 26, [one["sql"][:90] for one in asked]


def test_the_rank_of_a_seance_where_a_group_has_written_is_no_longer_asked(client, seances):
    client.force_login(make_superuser())
    make_production(seances[0])
    html = client.get(reverse("admin:ateliers_atelier_change", args=[seances[0].atelier_id])).content.decode()
    ranks = [box for box in re.findall(r"<input[^>]*>", html) if re.search(r'name="seances-\d-rank"', box)]
    assert ["disabled" in box for box in ranks] == [True, False, False]


def test_the_atelier_leads_to_the_productions_of_each_seance(client, seances):
    client.force_login(make_superuser())
    page = flat(client.get(reverse("admin:ateliers_atelier_change", args=[seances[1].atelier_id])))
    assert page_of(seances[1]) in page
