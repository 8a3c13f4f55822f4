"""`manage.py verify_registre`: one byte of the file or one column of the table is enough to be found and named."""

import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from socle.registre.actions import seal
from socle.registre.models import Entree, EntreeKey
from socle.registre.sealing import LINE_KEYS, canonical, seal_of
from socle.registre.verify import BrokenEntryError, verify
from tests.registering import enter, guards, lines

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent
DATES = {"titre": "Les ateliers", "avant": "mars 2011", "apres": "avril 2011", "raison": "Grève « surprise »\nà Lille"}


@pytest.fixture
def register():
    """Five sealed entries of several kinds."""
    enter("contribution.publiee", text="Un texte")
    enter("contribution.refusee", subject="DP11-43", facts={"motif": "Hors du sujet"})
    enter("etape.date", subject="etape:3", role="responsable", facts=DATES)
    enter("contribution.retiree", role="auteur")
    enter("contribution.publiee", subject="DP11-44", role="règle de la démarche")
    seal()
    return lines()


@pytest.fixture
def path(register, tmp_path):
    path = tmp_path / "registre.jsonl"
    path.write_bytes(b"".join(register))
    return path


def said(path) -> str:
    out = io.StringIO()
    call_command("verify_registre", path, stdout=out)
    return out.getvalue()


def refusal(path) -> str:
    with pytest.raises(CommandError) as raised:
        call_command("verify_registre", path)
    assert raised.value.returncode == 1
    return str(raised.value)


# The file


def test_a_file_that_is_whole_is_said_so_with_its_last_seal(path, register):
    last = json.loads(register[-1])["sceau"]
    assert said(path) == (
        f"Le fichier est intact : 5 entrées, dernier sceau {last}.\nLa table dit la même chose, et rien de plus.\n"
    )


def test_each_byte_changed_in_turn_is_found_and_its_entry_named(register):
    whole = b"".join(register)
    number, names = 1, []
    for byte in whole:
        names.append(number)
        number += byte == ord("\n")
    for place, byte in enumerate(whole):
        for other in {byte ^ 1, byte ^ 0x20, ord("\n"), 0} - {byte}:
            changed = whole[:place] + bytes([other]) + whole[place + 1 :]
            with pytest.raises(BrokenEntryError) as raised:
                verify(io.BytesIO(changed))
            assert raised.value.number == names[place], (place, byte, other)


@given(data=st.data())
def test_bytes_cut_added_or_moved_anywhere_are_found(data):
    whole = b"".join(made_once())
    start = data.draw(st.integers(0, len(whole) - 1))
    end = data.draw(st.integers(start, min(len(whole), start + 400)))
    between = data.draw(st.binary(max_size=5) | st.just(b"\n") | st.just(whole[start:end] * 2))
    changed = whole[:start] + between + whole[end:]
    if whole.startswith(changed) and (not changed or changed.endswith(b"\n")):
        return  # the same, or its beginning: an older file
    differing = (place for place, pair in enumerate(zip(whole, changed, strict=False)) if pair[0] != pair[1])
    intact = next(differing, min(len(whole), len(changed)))
    with pytest.raises(BrokenEntryError) as raised:
        verify(io.BytesIO(changed))
    assert raised.value.number == whole[:intact].count(b"\n") + 1


def made_once(kept: list[bytes] = []) -> list[bytes]:  # noqa: B006 (one register for all the examples)
    if not kept:
        for number in range(5):
            enter("contribution.publiee", subject=f"DP11-{number}")
        seal()
        kept += lines()
    return kept


def test_an_entry_left_out_repeated_or_moved_is_named(path, register):
    one, two, three, four, five = register
    for order, number in (
        ([one, two, four, five], 3),
        ([one, two, two, three, four, five], 3),
        ([one, three, two, four, five], 2),
        ([two, three, four, five], 1),
    ):
        path.write_bytes(b"".join(order))
        assert f"Entrée {number} : elle manque, ou son numéro a été changé." in refusal(path)


def test_an_entry_changed_and_sealed_again_no_longer_leads_to_the_next_one(path, register):
    entry = json.loads(register[2])
    del entry["sceau"]
    entry["role"] = "auteur"
    register[2] = (canonical(entry | {"sceau": seal_of(entry)}) + "\n").encode()
    with pytest.raises(BrokenEntryError, match="Entrée 4 : elle ne suit pas l’entrée d’avant"):
        verify(io.BytesIO(b"".join(register)))
    path.write_bytes(b"".join(register))
    assert refusal(path) == "Entrée 3 : la table ne dit plus la même chose que le fichier."


def test_a_text_that_says_the_same_otherwise_is_not_the_register(path, register):
    """Spaces, escapes, the order of the keys, the ends of lines, a mark at the start: what a tool may do on its way."""
    entry = json.loads(register[0])
    for line in (
        json.dumps(entry).encode() + b"\n",
        json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() + b"\n",
        register[0].replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + register[0],
        register[0].replace("modérateur".encode(), b"mod\\u00e9rateur"),
    ):
        path.write_bytes(line + b"".join(register[1:]))
        assert "Entrée 1 : la ligne n’est pas écrite comme le registre l’écrit." in refusal(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Ce fichier est vide"),
        (gzip.compress(b"{}", mtime=0), "Ce fichier est compressé (gzip)"),
        (b"\x00\xff\xfe" * 5000, "Entrée 1 : la ligne est coupée avant sa fin"),
        (b"[" * 100_000 + b"\n", "Entrée 1 : la ligne n’est pas écrite"),
        (b'{"numero":' + b"9" * 5000 + b"}\n", "Entrée 1 : la ligne n’est pas écrite"),
        (b"null\n", "Entrée 1 : la ligne n’est pas écrite"),
        (b"<!DOCTYPE html>\n", "Entrée 1 : la ligne n’est pas écrite"),
    ],
)
def test_what_is_no_register_is_refused_in_french(tmp_path, content, sentence):
    path = tmp_path / "registre.jsonl"
    path.write_bytes(content)
    assert sentence in refusal(path)


def test_a_download_cut_short_is_named(path):
    path.write_bytes(path.read_bytes()[:-40])
    assert "Entrée 5 : la ligne est coupée avant sa fin, le fichier est incomplet." in refusal(path)


def test_a_file_that_is_not_there_is_said(tmp_path):
    assert "Le fichier ne peut pas être lu" in refusal(tmp_path / "absent.jsonl")
    assert "Le fichier ne peut pas être lu" in refusal(tmp_path)


def test_a_file_without_line_ends_is_not_read_whole(monkeypatch):
    monkeypatch.setattr("socle.registre.verify.LONGEST_LINE", 10)
    endless = io.BytesIO(b"a" * 1000)
    with pytest.raises(BrokenEntryError):
        verify(endless)
    assert endless.tell() == 10


# The table


def rewrite(sql: str, *params) -> None:
    """What somebody does who holds the database: the guards put to sleep first."""
    with guards("DISABLE"), connection.cursor() as cursor:
        cursor.execute(sql, params)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("recorded_at", "2011-01-27 10:00+01"),
        ("kind", "contribution.retiree"),
        ("subject", "DP11-99"),
        ("role", "auteur"),
        ("facts", '{"motif": "Un autre"}'),
        ("fingerprint", "0" * 64),
        ("demarche", "une-autre"),
        ("number", 12),
        ("previous_hash", "1" * 64),
        ("hash", "1" * 64),
    ],
)
def test_each_column_changed_in_the_table_is_found_and_named(path, column, value):
    rewrite(f"UPDATE registre_entree SET {column} = %s WHERE number = 2", value)
    assert refusal(path).startswith("Entrée 2 : ")


def test_every_column_that_the_line_holds_is_tried_above():
    tried = {
        mark.args[1][index][0]
        for mark in test_each_column_changed_in_the_table_is_found_and_named.pytestmark
        if mark.name == "parametrize"
        for index in range(len(mark.args[1]))
    }
    assert tried == {field.name for field in Entree._meta.concrete_fields} - {"id"}
    assert len(tried) == len(LINE_KEYS)


def test_a_row_taken_out_of_the_table_is_named(path):
    rewrite("DELETE FROM registre_entree WHERE number = 4")
    assert refusal(path) == "Entrée 4 : elle est dans le fichier et manque dans la table."


def test_a_table_put_back_to_an_earlier_day_is_said(path):
    rewrite("DELETE FROM registre_entree WHERE number > 3")
    assert refusal(path) == "Entrée 4 : elle est dans le fichier et n’est plus dans la table."


def test_an_older_file_is_whole_and_says_how_many_more(path, register):
    path.write_bytes(b"".join(register[:2]))
    assert "La table dit la même chose, et 3 entrées de plus : le fichier est plus ancien." in said(path)
    rewrite("UPDATE registre_entree SET role = 'auteur' WHERE number = 5")
    assert refusal(path) == "Entrée 5 : son contenu ou son sceau a été changé (dans la table, au-delà du fichier)."


def test_a_chain_forged_whole_is_found_by_the_table(path):
    """Each seal is right: only who holds the table, or noted the last seal, can tell."""
    EntreeKey.objects.all().delete()
    rewrite("DELETE FROM registre_entree")
    for number in range(5):
        enter("contribution.publiee", subject=f"DP11-{number}")
    seal()
    assert refusal(path) == "Entrée 1 : la table ne dit plus la même chose que le fichier."


def test_without_a_database_the_file_alone_is_checked_at_the_command_line(path):
    nowhere = {**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}
    command = [sys.executable, ROOT / "manage.py", "verify_registre", path]
    done = subprocess.run(command, env=nowhere, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("Le fichier est intact : 5 entrées, dernier sceau ")
    assert done.stdout.endswith("La base ne répond pas : le fichier n’a pas été comparé à la table.\n")
    assert (done.returncode, done.stderr) == (0, "")
    path.write_bytes(path.read_bytes().replace(b"DP11-43", b"DP11-99"))
    done = subprocess.run(command, env=nowhere, capture_output=True, text=True, check=False)
    assert done.stderr == "CommandError: Entrée 2 : son contenu ou son sceau a été changé.\n"
    assert done.returncode == 1
