"""The one declaration of the columns: what is open rests on what is open, and no cell is a formula."""

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from consultation import data as consultation_data
from consultation.columns import COLUMNS, OPEN_COLUMNS, SHOWN_BY_CHOICE
from socle.exports.formats import XLSX_CELL, split_cell
from socle.exports.formulas import neutralise, neutralised_sql, restore
from socle.personaldata import NEVER, OPEN

RISKY = st.text(alphabet="'=+-@\t\r\na é", max_size=8)


def access_of(path):
    model, _, field = path.rpartition(".")
    return consultation_data.FIELDS[model][field]


@pytest.mark.parametrize("column", OPEN_COLUMNS, ids=lambda column: column.name)
def test_open_column_rests_on_open_fields_or_on_what_the_author_chose_to_show(column):
    for path in column.fields:
        if access_of(path) != OPEN:
            assert SHOWN_BY_CHOICE[path] in column.sql


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_no_column_rests_on_a_field_that_never_leaves(column):
    assert column.fields
    assert all(access_of(path) != NEVER for path in column.fields)


def test_headers_and_names_are_unique():
    assert len({column.header for column in COLUMNS}) == len({column.name for column in COLUMNS}) == len(COLUMNS)


@pytest.mark.parametrize("sign", list("=+-@\t\r"))
def test_cell_that_a_spreadsheet_would_run_gets_a_quote(sign):
    assert neutralise(f"{sign}1") == f"'{sign}1"
    assert neutralise(f"'{sign}1") == f"''{sign}1"


@given(RISKY | st.text())
def test_restoring_gives_back_what_was_neutralised(text):
    assert restore(neutralise(text)) == text


@pytest.mark.django_db
def test_sql_and_python_neutralise_alike():
    @given(st.lists(RISKY, min_size=1, max_size=50))
    def agree(texts):
        with connection.cursor() as cursor:
            sql = f"SELECT {neutralised_sql('x')} FROM unnest(%s::text[]) WITH ORDINALITY AS u(x, n) ORDER BY n"
            cursor.execute(sql, [texts])
            assert [row[0] for row in cursor.fetchall()] == [neutralise(text) for text in texts]

    agree()


def test_long_cell_is_split_without_loss():
    text = "é😀" * 40_000
    pieces = split_cell(text)
    assert "".join(pieces) == text
    assert all(len(piece.encode("utf-16-le")) // 2 < XLSX_CELL for piece in pieces)
