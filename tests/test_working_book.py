"""The working book of the rédacteurs: a sheet for each thing, and one that explains them."""

from __future__ import annotations

import openpyxl
import pytest

from consultation.models import Reponse
from participons.cahier import SHEETS, write_book
from tests.factories import local, make_atelier, make_inscription, make_production, make_seance
from tests.test_textes_files import small_texte

pytestmark = pytest.mark.django_db


def test_the_working_book_has_a_sheet_for_each_thing_and_one_that_explains_them(tmp_path):
    texte = small_texte()
    seance = make_seance(make_atelier(town="Dunkerque"), starts_at=local(-3, 18), precision="heure")
    make_production(seance, title="Un billet unique")
    make_inscription(rencontre=seance.rencontre, attended_at=seance.rencontre.starts_at)
    make_inscription(rencontre=seance.rencontre)
    path = tmp_path / "cahier.xlsx"
    draft = texte.draft
    draft.texte = texte
    write_book(draft, path, lambda _: None)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["LISEZ-MOI", *(sheet.name for sheet in SHEETS)]
    told = [tuple(row) for row in book["LISEZ-MOI"].iter_rows(min_row=7, values_only=True)]
    assert {sheet.name for sheet in SHEETS} <= {row[0] for row in told}
    rows = {sheet.name: list(book[sheet.name].iter_rows(values_only=True)) for sheet in SHEETS}
    for sheet in SHEETS:
        assert list(rows[sheet.name][0]) == [column.header for column in sheet.columns]
        assert all((column.header, column.description) in {row[1:] for row in told} for column in sheet.columns)
    by_title = {row[6]: row for row in rows["Contributions"][1:]}
    assert by_title["Plus de bus"][7] == "'=Un bus le soir."
    assert [by_title[title][10:] for title in ("Plus de bus", "Une piscine")] == [("reprise", "1"), ("réponse", None)]
    assert rows["Productions"][1][1:5] == ("1 – Dunkerque", 1, "non", "Un billet unique")
    assert rows["Citations"][1][:2] == (1, "Des bus") and rows["Citations"][1][5] == "bus le soir"
    assert (rows["Réponses"][1][2], rows["Réponses"][1][5]) == ("non retenue", "non")
    assert rows["Inscriptions"][1][3:] == (2, 0, 0, 1, 0, 0)
    assert Reponse.objects.count() == len(rows["Réponses"]) - 1
