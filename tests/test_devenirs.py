"""From séance to séance: kept, reworded, merged, dropped with the reason; undone with a trace; two tables at once."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ateliers.actions import devenirs as actions
from ateliers.actions import productions
from ateliers.links import table_path
from ateliers.models import Devenir, Fate, Production, ProductionVersion, Words
from ateliers.refusals import Refusal
from consultation.actions.moderation import mask
from consultation.choices import ContributionState, How
from consultation.models import Citation
from tests.factories import local, make_atelier, make_production, make_seance, make_superuser, make_table

pytestmark = pytest.mark.django_db
WAITING = ContributionState.WAITING


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def seances():
    """Three of one atelier; the second is held today."""
    atelier = make_atelier()
    return [make_seance(atelier, starts_at=local(14 * number)) for number in (-1, 0, 1)]


@pytest.fixture
def table(seances):
    return make_table(seances[1])


def flat(answer):
    return " ".join(answer.content.decode().split())


def before(table, *args):
    return table_path(table, "table_before", *args)


def reword(client, table, production, **fields):
    said = {"title": "D’autres mots", "body": "Un autre texte.", "seen": production.versions.latest("pk").pk}
    return client.post(table_path(table, "table_reword", production.pk), said | fields)


def fates(production):
    return list(Devenir.objects.standing().filter(production=production).values_list("fate", flat=True))


def test_the_page_lists_what_the_group_still_works_on_and_nothing_else(client, seances, table):
    live = make_production(seances[0], title="Encore au travail")
    waiting = make_production(seances[0], title="Pas encore lue", state=WAITING)
    gone = {
        "née aujourd’hui": make_production(seances[1], title="née aujourd’hui"),
        "refusée": make_production(seances[0], title="refusée", state=ContributionState.REFUSED),
        "retirée": make_production(seances[0], title="retirée", state=ContributionState.WITHDRAWN),
        "d’un autre": make_production(make_seance(make_atelier(), starts_at=local(-9)), title="d’un autre"),
    }
    page = flat(client.get(before(table)))
    assert live.contribution.title in page
    assert waiting.contribution.title in page
    assert [title for title in gone if title in page] == []
    for production in gone.values():
        assert client.post(before(table), {"garder": production.pk}).status_code == 404
        assert reword(client, table, production).status_code == 404


def test_one_tap_keeps_it_and_twice_is_once(client, seances, table):
    made = make_production(seances[0])
    for _ in range(2):
        assert client.post(before(table), {"garder": made.pk}).status_code == 303
    assert fates(made) == [Fate.KEPT]


def test_all_that_are_left_are_kept_as_they_were_read_and_what_changed_meanwhile_is_left(client, seances, table):
    two = [make_production(seances[0]) for _ in range(2)]
    reworded, dropped, again = (make_production(seances[0]) for _ in range(3))
    stranger = make_production(make_seance(make_atelier(), starts_at=local(-9)))
    actions.keep(table, again)
    page = flat(client.get(before(table)))
    lue = re.findall(r'name="lue" value="([0-9]+:[0-9]+)"', page)
    assert len(lue) == 4
    assert "Garder ces 4 productions" in page
    other = make_table(seances[1])
    productions.renew(Production.objects.with_history().get(pk=reworded.pk), seances[0], Words("Corrigé", "Après."))
    actions.drop(other, dropped, "Hors du sujet.")
    sent = {"tout": "oui", "lue": [*lue, f"{again.pk}:{again.versions.get().pk}", f"{stranger.pk}:1", "x:y", ""]}
    for _ in range(2):
        told = flat(client.post(before(table), sent, follow=True))
        assert "3 productions sont gardées." in told
        assert f"{reworded.contribution.reference} (ses mots ont changé)" in told
        assert f"{dropped.contribution.reference} (elle vient d’être notée « abandonnée »)" in told
        assert stranger.contribution.reference not in told
    assert [fates(one) for one in (*two, again)] == [[Fate.KEPT]] * 3
    assert [fates(one) for one in (reworded, dropped, stranger)] == [[], [Fate.DROPPED], []]


def test_reworded_it_has_the_words_of_both_seances_and_the_public_still_reads_the_first(client, seances, table):
    made = make_production(seances[0], title="Les premiers mots")
    page = table_path(table, "table_reword", made.pk)
    assert "Les premiers mots" in flat(client.get(page))
    assert reword(client, table, made).status_code == 303
    assert [one.title for one in ProductionVersion.objects.standing().filter(production=made)] == [
        "Les premiers mots",
        "D’autres mots",
    ]
    made.contribution.refresh_from_db()
    assert made.contribution.title == "Les premiers mots"
    assert reword(client, table, made, title="Les troisièmes").status_code == 303  # the same evening, once more
    standing = ProductionVersion.objects.standing().filter(production=made)
    assert [one.title for one in standing] == ["Les premiers mots", "Les troisièmes"]
    assert made.versions.get(title="D’autres mots").replaced_at


def test_the_second_table_to_reword_is_told_sees_the_difference_and_loses_nothing(client, seances, table):
    made, other = make_production(seances[0], title="Les bus"), make_table(seances[1])
    seen = made.versions.get().pk
    assert reword(client, table, made, body="Des bus le soir.").status_code == 303
    late = reword(client, other, made, body="Des bus la nuit.", seen=seen)
    assert late.status_code == 409
    page = flat(late)
    assert "quelqu’un d’autre vient d’écrire" in page
    assert "[retiré&nbsp;: </span>le soir." in page
    assert "[ajouté&nbsp;: </span>la nuit." in page
    assert "Des bus la nuit.</textarea>" in page
    latest = made.versions.latest("pk")
    assert latest.body == "Des bus le soir."
    assert f'name="seen" value="{latest.pk}"' in page
    assert reword(client, other, made, body="Des bus le soir et la nuit.").status_code == 303
    assert {one.body for one in made.versions.all()} >= {"Des bus le soir.", "Des bus le soir et la nuit."}


def test_dropped_it_says_why_or_it_is_not(client, seances, table):
    made = make_production(seances[0])
    address = table_path(table, "table_reword", made.pk)
    assert client.post(address, {"abandonner": "oui", "reason": " "}).status_code == 422
    assert fates(made) == []
    assert client.post(address, {"abandonner": "oui", "reason": "Déjà dans la loi."}).status_code == 303
    assert fates(made) == [Fate.DROPPED]
    answer = reword(client, table, made)
    assert answer.status_code == 409
    assert "abandonnée" in flat(answer)
    assert "Un autre texte." in flat(answer)


def test_several_become_one_that_is_written_and_says_where_it_comes_from(client, seances, table):
    two = [make_production(seances[0]) for _ in range(2)]
    said = {"productions": [one.pk for one in two], "into": "nouvelle", "title": "Les deux", "body": "Ensemble."}
    sent = said | {"submission_key": uuid4().hex, "reason": "Elles disent la même chose."}
    for _ in range(2):
        assert client.post(table_path(table, "table_merge"), sent).status_code == 303
    made = Production.objects.get(seance=seances[1])
    assert {one.into for one in Devenir.objects.all()} == {made}
    assert set(Citation.objects.values_list("citing", "cited", "how")) == {(made.pk, one.pk, How.MERGES) for one in two}


def test_one_is_merged_into_one_that_exists(client, seances, table):
    one, into = make_production(seances[0]), make_production(seances[0])
    said = {"productions": [one.pk], "into": into.pk, "submission_key": uuid4().hex}
    assert client.post(table_path(table, "table_merge"), said).status_code == 303
    assert fates(one) == [Fate.MERGED]
    assert fates(into) == []


@pytest.mark.parametrize("into", ["nouvelle", "itself", "of another"])
def test_a_merging_that_makes_no_sense_is_refused_whole(client, seances, table, into):
    one = make_production(seances[0])
    stranger = make_production(make_seance(make_atelier(), starts_at=local(-9)))
    target = {"nouvelle": "nouvelle", "itself": one.pk, "of another": stranger.pk}[into]
    said = {"productions": [one.pk], "into": target, "title": "x", "body": "y", "submission_key": uuid4().hex}
    assert client.post(table_path(table, "table_merge"), said).status_code == 422
    assert Devenir.objects.count() == 0
    assert Production.objects.filter(seance=seances[1]).count() == 0


def test_into_one_that_was_dropped_meanwhile_nothing_is_merged(seances, table):
    one, into = make_production(seances[0]), make_production(seances[0])
    actions.drop(table, into, "Hors du sujet.")
    with pytest.raises(Refusal, match="elle-même fusionnée, abandonnée"):
        actions.merge(table, [one], into)


def test_undone_by_a_table_it_is_to_decide_again_and_its_trace_stays(client, seances, table):
    one, into = make_production(seances[0]), make_production(seances[0])
    actions.merge(table, [one], into)
    merged = Devenir.objects.get()
    assert client.post(before(table), {"annuler": merged.pk}).status_code == 303
    merged.refresh_from_db()
    assert merged.undone_at
    assert Citation.objects.count() == 0
    assert client.post(before(table), {"garder": one.pk}).status_code == 303
    assert fates(one) == [Fate.KEPT]


def test_a_rewording_that_is_undone_gives_the_former_words_back(client, seances, table):
    made = make_production(seances[0], title="Les premiers mots")
    reword(client, table, made)
    client.post(before(table), {"annuler": Devenir.objects.standing().get().pk})
    assert Production.objects.with_history().get(pk=made.pk).words.title == "Les premiers mots"
    assert made.versions.count() == 2


def test_a_table_undoes_only_what_its_own_seance_decided_and_is_not_public(client, seances, table):
    made, third = make_production(seances[0]), make_table(seances[2], opened_at=local())
    kept = actions.keep(table, made)
    with pytest.raises(Refusal):
        actions.take_back(make_table(make_seance(make_atelier(), starts_at=local())), kept)
    assert client.post(before(third), {"annuler": kept.pk}).status_code == 409  # not its day yet
    actions.publish(kept, by=make_superuser())
    assert client.post(before(table), {"annuler": kept.pk}).status_code == 303
    kept.refresh_from_db()
    assert kept.undone_at is None


def test_what_was_merged_or_dropped_does_not_come_back_at_the_next_seance(seances, table):
    rows = {fate: make_production(seances[0]) for fate in Fate.values}
    born = make_production(seances[1])
    actions.keep(table, rows[Fate.KEPT])
    actions.reword(
        table, rows[Fate.REWORDED], seen=rows[Fate.REWORDED].versions.get().pk, title="Autrement", body="Un texte."
    )
    actions.drop(table, rows[Fate.DROPPED], "Hors du sujet.")
    actions.merge(table, [rows[Fate.MERGED]], born)
    assert set(Production.objects.before(seances[2])) == {rows[Fate.KEPT], rows[Fate.REWORDED], born}


# What the organiser publishes of it.


def test_published_the_words_of_the_seance_are_those_of_the_contribution(seances, table):
    made, by = make_production(seances[0], title="Avant"), make_superuser()
    devenir = actions.reword(table, made, seen=made.versions.get().pk, title="Après", body="Un texte.")
    actions.publish(devenir, by=by)
    made.contribution.refresh_from_db()
    assert made.contribution.title == "Après"
    kept = made.contribution.versions.get()
    assert (kept.title, kept.cause, kept.by) == ("Avant", "seance", by)
    actions.undo(Devenir.objects.get(), by=by)
    made.contribution.refresh_from_db()
    assert made.contribution.title == "Avant"


def test_nothing_of_what_stands_on_an_unread_production_is_published(seances, table):
    one, into = make_production(seances[0]), make_production(seances[1], state=WAITING)
    unread = make_production(seances[0], state=WAITING)
    actions.merge(table, [one], into)
    actions.keep(table, unread)
    for devenir in Devenir.objects.all():
        with pytest.raises(Refusal, match="n’est pas publiée"):
            actions.publish(devenir, by=make_superuser())
    assert not Devenir.objects.published().exists()


def test_what_was_undone_since_it_was_read_is_not_published(seances, table):
    kept = actions.keep(table, make_production(seances[0]))
    actions.take_back(table, kept)
    with pytest.raises(Refusal, match="changée depuis"):
        actions.publish(kept, by=make_superuser())


def test_once_a_later_seance_has_decided_the_earlier_decision_stands(seances, table):
    made = make_production(seances[0])
    kept = actions.keep(table, made)
    Devenir.objects.create(production=made, seance=seances[2], fate=Fate.KEPT)
    with pytest.raises(Refusal, match="à une séance d’après"):
        actions.undo(kept, by=make_superuser())


def test_words_that_were_masked_come_back_by_no_undoing_and_are_shown_to_no_table(client, seances, table):
    by, made = make_superuser(), make_production(seances[0], body="Appelez Zébulon pour un bus.")
    mask(made.contribution, by=by, passages=["Zébulon"], reason="Un nom.")
    assert "Zébulon" not in flat(client.get(before(table)))
    assert "Zébulon" not in flat(client.get(table_path(table, "table_reword", made.pk)))
    devenir = actions.reword(table, made, seen=made.versions.get().pk, title="Un bus", body="Demandez un bus.")
    actions.publish(devenir, by=by)
    with pytest.raises(Refusal, match="masqué"):
        actions.undo(Devenir.objects.standing().get(), by=by)


@pytest.mark.parametrize("count", [1, 3, 60])
@pytest.mark.parametrize("page", ["table_before", "table_merge"])
def test_the_pages_of_before_ask_as_much_whatever_there_is(client, seances, table, count, page):
    for number in range(count):
        made = make_production(seances[0])
        if number % 3 == 1:
            actions.keep(table, made)
    with CaptureQueriesContext(connection) as asked:
        client.get(table_path(table, page))
    assert len(asked) <= 12, [one["sql"][:80] for one in asked]
