"""What may never be false of adopted minutes, by raw SQL and at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from ateliers.actions import comptes_rendus as actions
from ateliers.actions.lectures import number
from ateliers.models import CompteRendu, Lecture, Point, Remarque, Seance
from consultation.actions.contributions import StaleState
from socle.courriels.models import Envoi
from socle.publications import actions as publications
from socle.publications.models import Publication
from tests.factories import local, make_atelier, make_contribution, make_seance, make_superuser, make_theme
from tests.minutes import adopted, animator, came, held, opened, relecture_over, seal_of, written
from tests.papers import pdf
from tests.test_places import at_once


def sql(statement, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def seance(db):
    """Adopted, with a remark, a point and a lecture."""
    seance = held()
    inscription = came(seance)
    opened(seance)
    remarque = actions.remark(inscription, seance, "Il manque le train.", uuid4())
    actions.answer(seance, remarque.pk, words="C’est ajouté.", taken_up=True, by=animator(seance))
    Lecture.objects.create(seance=seance, contribution=make_contribution(), number=1, outcome="reprise")
    relecture_over(seance)
    actions.adopt(seance, animator(seance), seal_of(seance))
    return seance


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ateliers_compterendu SET introduction = 'autre' WHERE seance_id = %s",
        "UPDATE ateliers_compterendu SET state = 'ouvert', adopted_by_id = NULL WHERE seance_id = %s",
        "UPDATE ateliers_compterendu SET figures = '{}' WHERE seance_id = %s",
        "DELETE FROM ateliers_compterendu WHERE seance_id = %s",
        "UPDATE ateliers_point SET title = 'autre' WHERE compte_rendu_id = %s",
        "DELETE FROM ateliers_point WHERE compte_rendu_id = %s",
        "INSERT INTO ateliers_point (compte_rendu_id, rank, title, text) VALUES (%s, 9, 'a', '')",
        "UPDATE ateliers_remarque SET answer = 'autre' WHERE compte_rendu_id = %s",
        "UPDATE ateliers_remarque SET words = 'autre', inscription_id = NULL WHERE compte_rendu_id = %s",
        "DELETE FROM ateliers_remarque WHERE compte_rendu_id = %s",
        "UPDATE ateliers_lecture SET outcome = 'discutee' WHERE seance_id = %s",
        "DELETE FROM ateliers_lecture WHERE seance_id = %s",
    ],
)
def test_what_is_adopted_is_neither_rewritten_nor_deleted(seance, statement):
    with pytest.raises(IntegrityError, match="adopté"):
        sql(statement, seance.pk)


def test_nothing_is_added_to_what_is_adopted_nor_moved_to_it(seance):
    with pytest.raises(IntegrityError, match="adopté"), transaction.atomic():
        Remarque.objects.create(compte_rendu_id=seance.pk, words="Encore", submission_key=uuid4())
    with pytest.raises(IntegrityError, match="adopté"), transaction.atomic():
        Lecture.objects.create(seance=seance, contribution=make_contribution(), number=2)
    other = held()
    written(other)
    with pytest.raises(IntegrityError, match="adopté"):
        sql("UPDATE ateliers_point SET compte_rendu_id = %s, rank = 50 WHERE compte_rendu_id = %s", seance.pk, other.pk)
    with pytest.raises(IntegrityError, match="adopté"):
        sql("UPDATE ateliers_point SET compte_rendu_id = %s, rank = 50 WHERE compte_rendu_id = %s", other.pk, seance.pk)


def test_a_remark_may_lose_who_made_it(seance):
    """Whoever leaves the portal leaves: what they said stays, without them."""
    sql("UPDATE ateliers_remarque SET inscription_id = NULL WHERE compte_rendu_id = %s", seance.pk)
    assert Remarque.objects.get().inscription_id is None


def test_none_is_adopted_with_a_remark_that_waits(db):
    seance = held()
    opened(seance)
    actions.remark(came(seance), seance, "Il manque le train.", uuid4())
    with pytest.raises(IntegrityError, match="attend sa réponse"):
        sql(
            "UPDATE ateliers_compterendu SET state = 'adopte', adopted_at = now(), adopted_by_id = %s"
            " WHERE seance_id = %s",
            make_superuser().pk,
            seance.pk,
        )


def test_what_was_read_is_not_read_at_another_seance_unless_it_was_kept_for_later(db):
    atelier = make_atelier()
    first, second = held(-9, atelier=atelier), held(-2, atelier=atelier)
    contribution = make_contribution()
    read = Lecture.objects.create(seance=first, contribution=contribution, number=1)
    with pytest.raises(IntegrityError, match="déjà été lue"), transaction.atomic():
        Lecture.objects.create(seance=second, contribution=contribution, number=1)
    Lecture.objects.filter(pk=read.pk).update(outcome="reportee")
    Lecture.objects.create(seance=second, contribution=contribution, number=1)
    # Another atelier reads it for itself.
    Lecture.objects.create(seance=held(), contribution=contribution, number=1)


def test_many_editors_at_once_write_once_and_the_others_are_told(transactional_db):
    seance = held()
    seal = seal_of(seance)
    words = [actions.Words(f"Texte {n}", "", ((f"Point {n}", ""),)) for n in range(8)]
    done = at_once([lambda one=one: actions.write(seance, one, seal) for one in words])
    assert [type(one) for one in done if not isinstance(one, StaleState)] == [CompteRendu]
    kept = CompteRendu.objects.get()
    assert kept.introduction.removeprefix("Texte ") == Point.objects.get().title.removeprefix("Point ")


@pytest.mark.parametrize("turn", range(5))
def test_adopted_and_remarked_at_the_same_moment_no_remark_is_left_unanswered(transactional_db, monkeypatch, turn):
    seance = held()
    people = [came(seance) for _ in range(6)]
    by = animator(seance)
    opened(seance)
    seal = seal_of(seance)
    # The night in which the delay ends: some still have the day before.
    monkeypatch.setattr(actions, "missing_to_adopt", still_unanswered)
    tries = [lambda one=one: actions.remark(one, seance, "Attendez !", uuid4()) for one in people]
    done = at_once([*tries, lambda: actions.adopt(seance, by, seal)])
    refused = [one for one in done if isinstance(one, Exception)]
    assert all(isinstance(one, StaleState | actions.NotYet) for one in refused), refused
    if CompteRendu.objects.get().is_adopted:
        assert Remarque.objects.count() == 0
    else:
        assert Remarque.objects.count() == 6
    adopted_now = CompteRendu.objects.adopted().exists()
    assert not (adopted_now and Remarque.objects.filter(answered_at=None).exists())


def still_unanswered(compte_rendu):
    waiting = compte_rendu.remarques.filter(answered_at__isnull=True).count()
    return [f"{waiting} remarques attendent."] if waiting else []


def test_without_the_lock_the_database_still_lets_no_remark_be_lost(transactional_db, monkeypatch):
    """The adoption has counted no remark when one is written: the trigger waits for it and refuses."""
    seance = held()
    inscription, by = came(seance), animator(seance)
    opened(seance)
    relecture_over(seance)
    seal, counted, remarked = seal_of(seance), Event(), Event()
    monkeypatch.setattr(actions, "locked", lambda seance: CompteRendu.objects.get(seance=seance))

    def slow_count(_):
        counted.set()
        assert remarked.wait(10)
        return []

    monkeypatch.setattr(actions, "missing_to_adopt", slow_count)

    def adopt():
        try:
            return actions.adopt(seance, by, seal)
        except Exception as error:  # noqa: BLE001 (handed to the test)
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        adopting = pool.submit(adopt)
        assert counted.wait(10)
        key = uuid4()
        Remarque.objects.create(compte_rendu_id=seance.pk, inscription=inscription, words="Vite", submission_key=key)
        remarked.set()
        assert isinstance(adopting.result(), IntegrityError)
    assert not CompteRendu.objects.adopted().exists()


def test_one_form_sent_many_times_at_once_is_one_remark(transactional_db):
    seance = held()
    inscription, key = came(seance), uuid4()
    opened(seance)
    done = at_once([lambda: actions.remark(inscription, seance, "Une fois.", key)] * 6)
    assert {one.pk for one in done} == {Remarque.objects.get().pk}


def test_adopted_by_two_at_once_it_is_told_once(transactional_db):
    seance = held()
    came(seance)
    opened(seance)
    relecture_over(seance)
    seal, people = seal_of(seance), [animator(seance) for _ in range(4)]
    done = at_once([lambda by=by: actions.adopt(seance, by, seal) for by in people])
    assert sum(isinstance(one, CompteRendu) for one in done) == 1
    assert Envoi.objects.filter(dedupe_key__contains=":adopte:").count() == 1
    assert Publication.objects.count() == 2


def test_printed_for_two_seances_at_once_each_contribution_is_read_once(transactional_db):
    theme = make_theme()
    atelier = make_atelier(themes=[theme])
    seances = [make_seance(atelier, starts_at=local(days, 18), precision="heure") for days in (1, 8)]
    for _ in range(12):
        make_contribution(theme=theme)
    loaded = list(Seance.objects.select_related("rencontre", "atelier").filter(pk__in=[one.pk for one in seances]))
    done = at_once([lambda one=one: number(one) for one in loaded * 3])
    assert [one for one in done if isinstance(one, Exception)] == []
    assert Lecture.objects.count() == Lecture.objects.values("contribution").distinct().count() == 12
    for seance in seances:
        numbers = list(Lecture.objects.filter(seance=seance).order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))


def test_made_by_several_workers_at_once_each_file_is_made_once(transactional_db, settings, tmp_path, monkeypatch):
    settings.DOCUMENT_STORAGE = tmp_path / "documents"
    adopted(held())
    made, content = [], pdf()

    def builder(_, kind, path, alive):
        made.append(kind)
        path.write_bytes(content)

    monkeypatch.setattr(publications, "builder_of", lambda _: builder)
    at_once([publications.build_next] * 6)
    assert sorted(made) == sorted(set(made)) and len(made) == 2
    assert Publication.objects.ready().count() == 2
