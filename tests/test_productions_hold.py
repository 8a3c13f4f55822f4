"""What must never be false of productions: by raw SQL, past every form; and many tables at the same moment."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from ateliers.actions import devenirs, productions, tables
from ateliers.models import Devenir, Production, ProductionVersion
from ateliers.refusals import Overtaken, SheetTyped, TableShut
from consultation.choices import ContributionState, Origine
from consultation.models import Contribution
from tests.factories import (
    local,
    make_atelier,
    make_contribution,
    make_production,
    make_seance,
    make_superuser,
    make_table,
)

pytestmark = pytest.mark.django_db
WORDS = {"title": "Un titre", "body": "Un texte."}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def seances():
    """Three of one atelier; the second is held today."""
    atelier = make_atelier()
    return [make_seance(atelier, starts_at=local(14 * number)) for number in (-1, 0, 1)]


def refused(sql, *params, by):
    with pytest.raises(IntegrityError) as raised, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
    assert raised.value.__cause__.diag.constraint_name == by


INSERT = "INSERT INTO ateliers_production (contribution_id, seance_id, table_id, minority) VALUES (%s, %s, %s, false)"
DEVENIR = (
    "INSERT INTO ateliers_devenir (production_id, seance_id, fate, into_id, reason, decided_at)"
    " VALUES (%s, %s, %s, %s, '', now())"
)


def test_a_production_is_a_contribution_gathered_in_its_seance(seances):
    first, second, _ = seances
    said = {"demarche": first.atelier.demarche}
    online = make_contribution(**said, rencontre=first.rencontre)
    elsewhere = make_contribution(**said, rencontre=second.rencontre, origine=Origine.SEANCE)
    nowhere = make_contribution(**said, origine=Origine.SEANCE)
    for row in (online, elsewhere, nowhere):
        refused(INSERT, row.pk, first.pk, None, by="production_of_its_seance")
    right = make_contribution(**said, rencontre=first.rencontre, origine=Origine.SEANCE)
    refused(INSERT, right.pk, first.pk, make_table(second).pk, by="production_of_its_seance")


@pytest.mark.parametrize("column", ["origine = 'en_ligne'", "rencontre_id = NULL"])
def test_the_contribution_of_a_production_stays_what_it_is(seances, column):
    made = make_production(seances[0])
    refused(f"UPDATE consultation_contribution SET {column} WHERE id = %s", made.pk, by="production_of_its_seance")


def test_words_are_those_of_a_seance_of_its_atelier_its_first_or_later(seances):
    made, stranger = make_production(seances[1]), make_seance(make_atelier(), starts_at=local())
    insert = (
        "INSERT INTO ateliers_productionversion (production_id, seance_id, title, body, written_at)"
        " VALUES (%s, %s, 'a', 'b', now())"
    )
    for seance in (seances[0], stranger):
        refused(insert, made.pk, seance.pk, by="production_version_in_turn")


def test_words_that_were_written_are_not_written_over(seances):
    make_production(seances[0])
    refused("UPDATE ateliers_productionversion SET title = 'Pirate'", by="production_version_stays")


def test_a_group_decides_on_what_came_from_an_earlier_seance_of_its_own(seances):
    first, second, _ = seances
    made, stranger = make_production(second), make_production(make_seance(make_atelier(), starts_at=local(-20)))
    refused(DEVENIR, made.pk, second.pk, "gardee", None, by="devenir_in_turn")
    refused(DEVENIR, made.pk, first.pk, "gardee", None, by="devenir_in_turn")
    refused(DEVENIR, stranger.pk, second.pk, "gardee", None, by="devenir_in_turn")


def test_one_is_merged_into_another_of_the_same_atelier_that_existed_by_then(seances):
    first, second, third = seances
    made = make_production(first)
    later, stranger = make_production(third), make_production(make_seance(make_atelier(), starts_at=local(-20)))
    for into in (later, stranger):
        refused(DEVENIR, made.pk, second.pk, "fusionnee", into.pk, by="devenir_in_turn")
    refused(DEVENIR, made.pk, second.pk, "fusionnee", made.pk, by="devenir_no_circle")


def test_what_is_merged_never_comes_back_into_itself(seances):
    first, second, third = seances
    one, two, three = (make_production(first) for _ in range(3))
    Devenir.objects.create(production=one, seance=second, fate="fusionnee", into=two)
    Devenir.objects.create(production=two, seance=third, fate="fusionnee", into=three)
    refused(DEVENIR, three.pk, third.pk, "fusionnee", one.pk, by="devenir_no_circle")
    undone = Devenir.objects.get(production=two)
    Devenir.objects.filter(pk=undone.pk).update(undone_at=local())
    Devenir.objects.create(production=three, seance=third, fate="fusionnee", into=one)
    refused("UPDATE ateliers_devenir SET undone_at = NULL WHERE id = %s", undone.pk, by="devenir_no_circle")


@pytest.mark.parametrize("at", [0, 1])
def test_where_a_group_has_written_the_order_of_its_seances_stays(seances, at):
    made = make_production(seances[0])
    Devenir.objects.create(production=made, seance=seances[1], fate="gardee")
    sql = "UPDATE ateliers_seance SET rank = 9 WHERE rencontre_id = %s"
    refused(sql, seances[at].pk, by="seance_keeps_its_rank")


def test_a_group_decides_once_at_a_seance_and_again_only_once_it_is_undone(seances):
    made = make_production(seances[0])
    kept = Devenir.objects.create(production=made, seance=seances[1], fate="gardee")
    refused(DEVENIR, made.pk, seances[1].pk, "gardee", None, by="devenir_once")
    Devenir.objects.filter(pk=kept.pk).update(undone_at=local())
    Devenir.objects.create(production=made, seance=seances[1], fate="gardee")


# At the same moment.


def at_once(works):
    """Each in a thread of its own, let go together; what each returned, or raised."""
    barrier, said = threading.Barrier(len(works)), [None] * len(works)

    def run(place, work):
        try:
            barrier.wait()
            said[place] = work()
        except Exception as error:  # noqa: BLE001 (told by the test)
            said[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def kinds(said):
    return sorted(type(one).__name__ for one in said)


def write(table, **said):
    return productions.write(table, **{"submission_key": uuid4(), "nature": "proposition"} | WORDS | said)


@pytest.mark.django_db(transaction=True)
def test_eight_scribes_who_type_without_a_pause_lose_nothing(seances):
    every = [make_table(seances[1]) for _ in range(8)]

    def scribe(table):
        keys = [uuid4() for _ in range(25)]
        for key in keys:
            write(table, submission_key=key, title=f"table {table.number}")
            write(table, submission_key=key, title=f"table {table.number}")  # sent again after a cut
        return len(keys)

    assert at_once([lambda table=table: scribe(table) for table in every]) == [25] * 8
    assert Production.objects.count() == ProductionVersion.objects.count() == 200
    for table in every:
        assert table.productions.filter(contribution__title=f"table {table.number}").count() == 25


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_eight_times_at_once_is_one_production(seances):
    table, key = make_table(seances[1]), uuid4()
    said = at_once([lambda: write(table, submission_key=key).pk for _ in range(8)])
    assert said == [Production.objects.get().pk] * 8


@pytest.mark.django_db(transaction=True)
def test_one_sheet_typed_at_two_tables_at_once_is_typed_once(seances):
    two = [make_table(seances[1]) for _ in range(2)]
    said = at_once([lambda table=table: write(table, sheet=3) for table in two])
    assert kinds(said) == ["Production", "SheetTyped"]
    assert isinstance(next(one for one in said if isinstance(one, Exception)), SheetTyped)
    assert Contribution.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_", range(5))
def test_two_tables_that_reword_at_once_the_second_is_told_and_nothing_is_lost(seances, _):
    made, two = make_production(seances[0]), [make_table(seances[1]) for _ in range(2)]
    seen = made.versions.get().pk

    def reword(table):
        return devenirs.reword(table, made, seen=seen, title=f"De la table {table.number}", body="Un texte.")

    said = at_once([lambda table=table: reword(table) for table in two])
    assert kinds(said) == ["Devenir", "Overtaken"]
    late = next(one for one in said if isinstance(one, Overtaken))
    winner = ProductionVersion.objects.get(seance=seances[1])
    assert late.production.latest.pk == winner.pk
    assert Devenir.objects.get().fate == "reformulee"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_", range(5))
def test_mergings_that_would_meet_at_once_never_make_a_circle(seances, _):
    four = [make_production(seances[0]) for _ in range(4)]
    two = [make_table(seances[1]) for _ in range(4)]
    pairs = zip(two, four, [*four[1:], four[0]], strict=True)
    said = at_once([lambda table=t, one=a, into=b: devenirs.merge(table, [one], into) for t, a, b in pairs])
    assert not [one for one in said if not isinstance(one, (list, devenirs.Refusal))]
    onward = dict(Devenir.objects.values_list("production", "into"))
    for start in onward:
        place, steps = start, 0
        while place in onward:
            place, steps = onward[place], steps + 1
            assert steps < 5


@pytest.mark.django_db(transaction=True)
def test_a_table_closed_while_eight_type_has_what_it_acknowledged_and_nothing_after(seances):
    table = make_table(seances[1])
    said = at_once([*[lambda: write(table) for _ in range(8)], lambda: tables.close_table(table)])
    written = [one for one in said if isinstance(one, Production)]
    assert len(written) + sum(isinstance(one, TableShut) for one in said) == 8
    assert Production.objects.count() == len(written)
    with pytest.raises(TableShut):
        write(table)


@pytest.mark.django_db(transaction=True)
def test_two_organisers_who_number_sheets_at_once_never_give_a_number_twice(seances):
    given = at_once([lambda: list(tables.print_sheets(seances[1], 20)) for _ in range(4)])
    assert sorted(number for numbers in given for number in numbers) == list(range(1, 81))


@pytest.mark.django_db(transaction=True)
def test_published_while_it_is_corrected_only_words_that_were_read_appear(seances):
    made, table = make_production(seances[1], state=ContributionState.WAITING), make_table(seances[1])
    user, seal, seen = make_superuser(), made.contribution.words_seal, made.versions.get().pk
    fields = {"seen": seen, "title": "D’autres mots", "body": "Un texte.", "minority": False}
    at_once(
        [
            lambda: productions.publish(Production.objects.get(pk=made.pk), by=user, seen=seal),
            lambda: productions.correct(table, made, **fields),
        ]
    )
    made.contribution.refresh_from_db()
    assert made.contribution.is_published == (made.contribution.words_seal == seal)
