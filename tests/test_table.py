"""The page of a table, by HTTP: many productions typed in a row by whoever holds its link, and nobody else."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ateliers import limits
from ateliers.actions import tables as actions
from ateliers.links import TABLE, table_path
from ateliers.models import Objective, Production, ProductionVersion, Table
from consultation.choices import ContributionState, Nature, Origine, RencontreState, SpeaksAs
from consultation.models import Contribution
from socle.dates import Precision, local_midnight
from socle.limiter.actions import Limit
from tests.factories import (
    local,
    make_atelier,
    make_contribution,
    make_demarche,
    make_enjeu,
    make_lieu,
    make_production,
    make_seance,
    make_table,
    make_theme,
)

pytestmark = pytest.mark.django_db
WAITING = ContributionState.WAITING


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def table() -> Table:
    return make_table(make_seance(starts_at=local(hour=18), precision=Precision.HOUR, objective=Objective.CONSTATS))


def typed(**fields):
    """What the form of the page posts."""
    said = {"title": "Trop peu de bus", "body": "Après 20 h, rien ne part.", "nature": "reflexion"}
    return {"submission_key": uuid4().hex} | said | fields


def post(client, table, **fields):
    return client.post(table_path(table), typed(**fields))


def flat(answer):
    return " ".join(answer.content.decode().split())


def test_what_a_table_types_is_a_contribution_of_its_seance_that_waits(client):
    lieu = make_lieu(town="Dunkerque")
    theme, enjeu = make_theme(), make_enjeu()
    atelier = make_atelier(themes=[theme], town="Dunkerque", rank=5)
    table = make_table(make_seance(atelier, starts_at=local(hour=18), precision=Precision.HOUR, lieu=lieu))
    assert post(client, table, enjeux=["1"], minority="on", sheet="7").status_code == 303
    made = Production.objects.get()
    said = made.contribution
    assert (said.origine, said.state, said.rencontre, said.theme) == (
        Origine.SEANCE,
        WAITING,
        lieu.rencontres.get(),
        theme,
    )
    assert (said.speaks_as, said.organisation) == (SpeaksAs.GROUP, "Groupe de l’atelier 5 – Dunkerque")
    assert (said.nature, said.personne, said.people_count, said.tracking_hash) == (Nature.REFLEXION, None, None, None)
    assert "Dunkerque" in said.place_label
    assert [*said.enjeux.all()] == [enjeu]
    assert (made.table, made.sheet, made.minority) == (table, 7, True)
    version = ProductionVersion.objects.get()
    assert (version.title, version.body, version.seance) == (said.title, said.body, table.seance)
    assert client.get(said.get_absolute_url()).status_code == 404


def test_the_page_offers_the_next_one_and_shows_what_each_table_wrote(client, table):
    other = make_table(table.seance)
    post(client, table, title="Le nôtre")
    post(client, other, title="Celui des voisins")
    page = client.get(table_path(table))
    assert page.status_code == 200
    assert page["Cache-Control"] == "private, no-store"
    mine, others = flat(page).split("Écrites aux autres tables")
    assert "Le nôtre" in mine
    assert "Celui des voisins" not in mine
    assert "Celui des voisins" in others
    assert f"table {other.number}" in others


def test_the_same_form_sent_twice_is_one_production(client, table):
    sent = typed()
    for _ in range(2):
        assert client.post(table_path(table), sent).status_code == 303
    assert Production.objects.count() == Contribution.objects.count() == 1


def test_the_key_of_somebody_elses_contribution_is_refused_and_everything_typed_stays(client, table):
    foreign = make_contribution()
    answer = post(client, table, submission_key=foreign.submission_key.hex)
    assert answer.status_code == 409
    assert "Après 20 h, rien ne part." in flat(answer)
    assert Production.objects.count() == 0


def test_a_sheet_typed_twice_is_refused_and_says_which_production_has_it(client, table):
    post(client, table, sheet="3", title="La première")
    answer = post(client, make_table(table.seance), sheet="3", title="La seconde")
    assert answer.status_code == 409
    reference = Production.objects.get().contribution.reference
    assert f"La fiche 3 est déjà recopiée : c’est {reference}, « La première »." in flat(answer)
    assert 'value="La seconde"' in flat(answer)
    assert post(client, make_table(make_seance(table.seance.atelier, starts_at=local())), sheet="3").status_code == 303


def test_it_cites_what_it_comes_from(client, table):
    first, second = make_contribution(), make_contribution()
    own = make_production(table.seance, state=WAITING)
    post(client, table, cites=f"{first.reference.lower()}, {second.reference} {own.contribution.reference};")
    made = Production.objects.latest("pk").contribution
    assert {one.cited_id for one in made.citations.all()} == {first.pk, second.pk, own.pk}


@pytest.mark.parametrize("which", ["waiting", "refused", "of another démarche", "of another group", "made up"])
def test_a_reference_that_nobody_may_read_is_said_and_what_was_typed_stays(client, table, which):
    code = table.seance.atelier.demarche.code
    elsewhere = make_seance(starts_at=local())
    named = {
        "waiting": lambda: make_contribution(state=WAITING).reference,
        "refused": lambda: make_contribution(state=ContributionState.REFUSED).reference,
        "of another démarche": lambda: make_contribution(demarche=make_demarche()).reference,
        "of another group": lambda: make_production(elsewhere, state=WAITING).contribution.reference,
        "made up": lambda: f"{code}-999999999999999999",
    }[which]()
    answer = post(client, table, cites=named)
    assert answer.status_code == 422
    assert named in flat(answer)
    assert "Aucune contribution publiée de cette démarche" in flat(answer)
    assert "Après 20 h, rien ne part." in flat(answer)


def test_a_theme_is_asked_only_where_the_atelier_works_on_several(client):
    themes = [make_theme(), make_theme()]
    table = make_table(make_seance(make_atelier(themes=themes), starts_at=local()))
    assert themes[1].question in flat(client.get(table_path(table)))
    post(client, table, theme=str(themes[1].rank))
    assert Contribution.objects.get().theme == themes[1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("title", ""), ("title", "x" * 161), ("body", ""), ("body", "x" * 4001), ("nature", "question")),
        *(("sheet", "0"), ("sheet", "9" * 30), ("sheet", "dix"), ("cites", "x" * 401), ("cites", "a\x00b")),
        *(("submission_key", "non"), ("submission_key", "")),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client, table, field, value):
    answer = post(client, table, **{"title": "Un titre gardé", "body": "Un texte gardé.", field: value})
    assert answer.status_code == 422
    assert 'id="erreurs"' in flat(answer)
    for name, kept in (("title", "Un titre gardé"), ("body", "Un texte gardé.")):
        assert name == field or kept in flat(answer)
    assert Production.objects.count() == 0


def test_bytes_that_are_no_text_give_no_500(client, table):
    raw = f"submission_key={uuid4()}&nature=reflexion&title=%ED%A0%80%00a&body=b%FF&cites=%00&sheet=%00".encode()
    answer = client.post(table_path(table), raw, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (303, 422)
    odd = {"garder": "9" * 30, "annuler": "²"}
    for name in ("table_before", "table_merge"):
        assert client.post(table_path(table, name), odd).status_code in (404, 422)


def test_corrected_the_same_evening_by_any_table_the_words_before_stay_with_the_team(client, table):
    post(client, table)
    made = Production.objects.get()
    neighbour = make_table(table.seance)
    address = table_path(neighbour, "table_correct", made.pk)
    assert "Trop peu de bus" in flat(client.get(address))
    seen = made.versions.get().pk
    answer = client.post(address, {"title": "Plus de bus le soir", "body": "Rien après 20 h.", "seen": seen})
    assert answer.status_code == 303
    made.contribution.refresh_from_db()
    assert made.contribution.title == "Plus de bus le soir"
    assert [one.replaced_at is None for one in made.versions.order_by("pk")] == [False, True]
    assert made.contribution.versions.get().title == "Trop peu de bus"


def test_whoever_corrects_second_sees_both_texts_and_loses_nothing(client, table):
    post(client, table)
    made = Production.objects.get()
    seen, address = made.versions.get().pk, table_path(table, "table_correct", made.pk)
    client.post(address, {"title": "Plus de bus", "body": "Après 20 h, rien ne part de la gare.", "seen": seen})
    late = client.post(
        address, {"title": "Trop peu de bus", "body": "Après 20 h, rien ne part du lycée.", "seen": seen}
    )
    assert late.status_code == 409
    assert "quelqu’un d’autre vient d’écrire" in flat(late)
    assert "[retiré&nbsp;: </span>de la gare." in flat(late)
    assert "[ajouté&nbsp;: </span>du lycée." in flat(late)
    latest = made.versions.get(replaced_at__isnull=True)
    assert f'value="{latest.pk}"' in flat(late)
    assert latest.body.endswith("la gare.")
    again = {"title": "Trop peu de bus", "body": "Ni gare, ni lycée.", "seen": latest.pk}
    assert client.post(address, again).status_code == 303
    made.contribution.refresh_from_db()
    assert made.contribution.body == "Ni gare, ni lycée."


def test_once_published_a_table_corrects_nothing_any_more(client, table):
    made = make_production(table.seance, table=table)
    address = table_path(table, "table_correct", made.pk)
    assert "elle ne se corrige plus d’ici" in flat(client.get(address))
    for fields in ({"title": "Pirate", "body": "Pirate", "seen": made.versions.get().pk}, {"retirer": "oui"}):
        client.post(address, fields)
    made.contribution.refresh_from_db()
    assert made.contribution.title != "Pirate"
    assert made.contribution.state == ContributionState.PUBLISHED


def test_typed_by_mistake_it_is_taken_back_and_its_sheet_may_be_typed_again(client, table):
    post(client, table, sheet="4")
    made = Production.objects.get()
    assert client.post(table_path(table, "table_correct", made.pk), {"retirer": "oui"}).status_code == 303
    made.contribution.refresh_from_db()
    assert made.contribution.state == ContributionState.WITHDRAWN
    assert post(client, table, sheet="4").status_code == 303


# What a link opens, and when.


def test_a_link_opens_its_own_seance_and_nothing_else(client, table):
    post(client, table)
    stranger = make_table(make_seance(make_atelier(), starts_at=local()))
    made = Production.objects.get()
    for name in ("table_correct", "table_reword"):
        assert client.get(table_path(stranger, name, made.pk)).status_code == 404
        assert client.post(table_path(stranger, name, made.pk), {"title": "x", "body": "y"}).status_code == 404
    assert made.contribution.title not in flat(client.get(table_path(stranger)))


def test_a_link_that_nobody_signed_opens_nothing(client, table):
    forged = [
        "n-importe-quoi",
        signing.Signer(salt="autre").sign_object([table.pk, table.nonce]),
        signing.Signer(salt=TABLE).sign_object([table.pk, "autre nonce"]),
        signing.Signer(salt=TABLE).sign_object([table.pk + 1, table.nonce]),
        signing.Signer(salt=TABLE).sign_object(["x"]),
        signing.Signer(salt=TABLE).sign_object({"pk": table.pk}),
    ]
    for signed in forged:
        for answer in (
            client.get(reverse("table", args=[signed])),
            client.post(reverse("table", args=[signed]), typed()),
        ):
            assert answer.status_code == 404, signed
            assert "Ce lien n’ouvre aucune table" in flat(answer)
    assert Production.objects.count() == 0


def test_closed_or_renewed_the_link_writes_nothing_and_gives_back_what_was_typed(client, table):
    old = table_path(table)
    actions.close_table(table)
    answer = client.post(old, typed())
    assert answer.status_code == 409
    assert "L’organisateur l’a fermée." in flat(answer)
    assert "Après 20 h, rien ne part." in flat(answer)
    actions.renew_link(table)
    assert client.post(old, typed()).status_code == 404
    table.refresh_from_db()
    assert client.get(table_path(table)).status_code == 200
    assert Production.objects.count() == 0


BEGINS = local(hour=18)


@pytest.mark.parametrize(
    ("at", "status"),
    [
        (local_midnight(timezone.localdate(BEGINS)) - timedelta(seconds=1), 410),
        (local_midnight(timezone.localdate(BEGINS)), 200),
        (local_midnight(timezone.localdate(BEGINS) + timedelta(days=2)) - timedelta(seconds=1), 200),
        (local_midnight(timezone.localdate(BEGINS) + timedelta(days=2)), 410),
    ],
)
def test_a_link_opens_on_the_day_and_stops_at_the_end_of_the_day_after(client, monkeypatch, at, status):
    table = make_table(make_seance(starts_at=BEGINS, precision=Precision.HOUR), opened_at=BEGINS - timedelta(days=30))
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)
    assert client.get(table_path(table)).status_code == status


def test_renewed_long_after_it_opens_again_until_the_evening_after(table):
    later = timezone.now() + timedelta(days=20)
    Table.objects.filter(pk=table.pk).update(opened_at=later)
    table.refresh_from_db()
    assert table.is_open(later)
    assert table.is_open(later + timedelta(hours=23))
    assert not table.is_open(local_midnight(timezone.localdate(later) + timedelta(days=2)))


def test_a_cancelled_seance_has_no_open_table():
    table = make_table(make_seance(starts_at=local(), state=RencontreState.CANCELLED))
    assert not table.is_open()


def test_a_seance_without_a_day_opens_its_tables_when_they_are_given():
    assert make_table(make_seance(starts_at=local(60), precision=Precision.MONTH)).is_open()


def test_a_link_that_escaped_types_so_much_and_no_more(client, table, monkeypatch):
    monkeypatch.setattr(limits, "HOURLY", Limit("table", 2, timedelta(hours=1)))
    assert [post(client, table).status_code for _ in range(3)] == [303, 303, 429]
    assert Production.objects.count() == 2
    assert post(client, make_table(table.seance)).status_code == 303


def test_without_its_token_nothing_is_written_and_what_was_typed_is_given_back(table):
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(table_path(table), typed())
    assert answer.status_code == 403
    assert "Après 20 h, rien ne part." in flat(answer)
    assert Production.objects.count() == 0


# The code of a sheet.


def sheet(table, number=2):
    type(table.seance).objects.filter(pk=table.seance_id).update(sheets_printed=10)
    return reverse("fiche", args=[table.seance_id, number])


def test_the_code_of_a_sheet_leads_to_the_typing_on_the_device_of_a_scribe_alone(client, table):
    address = sheet(table)
    stranger = Client().get(address)
    assert stranger.status_code == 200
    assert "pas encore recopiée" in flat(stranger)
    assert table.nonce not in flat(stranger)
    client.get(table_path(table))
    answer = client.get(address)
    assert answer["Location"] == f"{table_path(table)}?fiche=2"
    assert 'value="2"' in flat(client.get(answer["Location"]))
    actions.close_table(table)
    assert client.get(address).status_code == 200


def test_the_code_of_a_sheet_leads_its_reader_to_what_became_of_it(client, table):
    address = sheet(table)
    made = make_production(table.seance, sheet=2, state=WAITING)
    answer = client.get(address)
    assert "recopiée" in flat(answer)
    assert made.contribution.title not in flat(answer)
    published = make_production(table.seance, sheet=5)
    assert client.get(sheet(table, 5))["Location"] == published.get_absolute_url()


def test_a_sheet_that_was_never_printed_is_not_there(client, table):
    assert client.get(sheet(table, 11)).status_code == 404
    assert client.get(f"/fiche/{10**30}/{10**30}/").status_code == 404


@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_page_of_a_table_asks_as_much_whatever_was_typed(client, table, count):
    for _ in range(count):
        make_production(table.seance, table=table, state=WAITING)
        make_production(table.seance, table=make_table(table.seance), state=WAITING)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get(table_path(table))
    assert len(asked) <= 10, [one["sql"][:80] for one in asked]
