"""What the database refuses for the register, by raw SQL; and each guard taken out once, to see that it was one."""

from threading import Barrier

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from socle.registre import actions
from socle.registre.actions import seal
from socle.registre.models import Entree
from tests.registering import chain_of, enter, guards
from tests.test_places import at_once

pytestmark = pytest.mark.django_db

SEAL = "number = {}, previous_hash = '{}', hash = repeat('a', 64)"
COLUMNS = {
    "id": "id + 1000",
    "recorded_at": "now()",
    "kind": "'contribution.retiree'",
    "subject": "'DP11-99'",
    "role": "'auteur'",
    "facts": """'{"motif": "Un autre"}'""",
    "fingerprint": "repeat('0', 64)",
    "demarche": "'une-autre'",
    "number": "12",
    "previous_hash": "repeat('1', 64)",
    "hash": "repeat('1', 64)",
}
BEFORE_THE_SEAL = set(COLUMNS) - {"number", "previous_hash", "hash"}


def sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_each_column_is_tried():
    assert set(COLUMNS) == {field.column for field in Entree._meta.concrete_fields}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_sealed_entry_never_changes(column):
    enter("contribution.publiee")
    seal()
    with pytest.raises(IntegrityError, match="L’entrée 1 du registre public est scellée"):
        sql(f"UPDATE registre_entree SET {column} = {COLUMNS[column]}")
    assert chain_of() == [1]


@pytest.mark.parametrize("column", sorted(BEFORE_THE_SEAL))
def test_an_entry_that_waits_only_receives_its_seal(column):
    enter("contribution.publiee")
    with pytest.raises(IntegrityError, match="elle attend seulement son sceau"):
        sql(f"UPDATE registre_entree SET {column} = {COLUMNS[column]}")


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("statement", ["DELETE FROM registre_entree", "TRUNCATE registre_entree CASCADE"])
def test_nothing_is_ever_deleted(statement, sealed):
    enter("contribution.publiee")
    if sealed:
        seal()
    with guards("ENABLE"), pytest.raises(IntegrityError, match="Rien ne s’efface du registre public"):
        sql(statement)
    assert Entree.objects.count() == 1


@pytest.mark.parametrize(
    "seal_sql",
    [
        SEAL.format(3, "{last}"),  # a gap
        SEAL.format(1, "{last}"),  # a second first one
        SEAL.format(1, "0" * 64),
        SEAL.format(2, "b" * 64),  # a fork
        SEAL.format(0, "{last}"),
        "number = 2",  # half a seal
        "hash = repeat('a', 64)",
    ],
)
def test_a_seal_follows_the_last_one_or_is_refused(seal_sql):
    enter("contribution.publiee")
    seal()
    last = Entree.objects.get().hash
    enter("contribution.retiree")
    with pytest.raises(IntegrityError):
        sql(f"UPDATE registre_entree SET {seal_sql.format(last=last)} WHERE number IS NULL")
    assert Entree.objects.to_seal().count() == 1
    assert seal() == 1
    assert chain_of() == [1, 2]


def test_no_entry_is_born_sealed():
    with pytest.raises(IntegrityError, match="qu’après avoir été inscrite"):
        Entree.objects.create(kind="contribution.publiee", number=1, previous_hash="0" * 64, hash="a" * 64)


def test_without_its_guards_the_register_would_be_rewritten():
    enter("contribution.publiee")
    seal()
    with guards("DISABLE"):
        sql("UPDATE registre_entree SET role = 'auteur'")
        sql("DELETE FROM registre_entree")
    assert not Entree.objects.exists()


# Two sealers


def seal_twice_at_once(monkeypatch) -> list:
    """Both have read the end of the chain and what waits before either writes: what a lost lock would allow."""
    for number in (1, 2):
        enter("contribution.publiee", subject=f"DP11-{number}", atomic=True)
    both_have_read = Barrier(2, timeout=20)
    content_of = actions.content_of

    def slow_content(entree):
        if entree.number == 1:
            both_have_read.wait()
        return content_of(entree)

    monkeypatch.setattr(actions, "_take_the_lock", lambda: True)
    monkeypatch.setattr(actions, "content_of", slow_content)
    return at_once([seal, seal])


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_database_lets_one_sealer_through(monkeypatch):
    results = seal_twice_at_once(monkeypatch)
    assert sorted(type(one).__name__ for one in results) == ["IntegrityError", "int"]
    assert chain_of() == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_and_the_guards_two_sealers_both_believe_they_sealed(monkeypatch):
    """The harness can fail: the second one wrote over sealed entries."""
    with guards("DISABLE"):
        assert seal_twice_at_once(monkeypatch) == [2, 2]


@pytest.mark.django_db(transaction=True)
def test_a_second_sealer_leaves_at_once():
    enter("contribution.publiee", atomic=True)
    with transaction.atomic():
        assert actions._take_the_lock()
        assert at_once([seal]) == [0]
    assert seal() == 1


@pytest.mark.django_db(transaction=True)
def test_a_sealer_that_breaks_leaves_the_chain_as_it_was(monkeypatch):
    for number in (1, 2):
        enter("contribution.publiee", subject=f"DP11-{number}", atomic=True)

    def broken():
        raise DatabaseError("the connection is lost")

    with monkeypatch.context() as patch:
        patch.setattr(actions, "bump", broken)
        with pytest.raises(DatabaseError):
            seal()
    assert Entree.objects.to_seal().count() == 2
    assert seal() == 2
    assert chain_of() == [1, 2]
