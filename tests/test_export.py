"""What leaves: the command's files, read back as a spreadsheet would."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from openpyxl.utils.escape import unescape

from consultation.columns import OPEN_COLUMNS, STAFF_COLUMNS
from consultation.models import Contribution, Demarche
from tests.factories import (
    local,
    make_college,
    make_commune,
    make_contribution,
    make_demarche,
    make_enjeu,
    make_personne,
    make_theme,
)

ROOT = Path(__file__).resolve().parent.parent
STRANGE = {
    "formula": '=HYPERLINK("http://evil.example";"clic")',
    "quoted formula": "'=1+1",
    "plus": "+33 3 20 00 00 00",
    "list": "- un\n- deux",
    "at": "@SUM(A1)",
    "quotes": 'Il dit : "oui ; non", puis s’en va',
    "accents": "Œuvre à Étaples, 12,50 €",
    "emoji and rtl": "👩‍👩‍👧 שלום مرحبا",
    "backslash": "\\N \\. \\t C:\\temp",
    "percent": "100 % d’accord %s %(x)s",
    "xlsx escape": "_x0041_ _x000D_",
    "alone": "\\.",
}


def export(path, *options):
    call_command("export_contributions", str(path), *options, verbosity=0)
    return path


def read_csv(path):
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";"))


def read_xlsx(path):
    book = openpyxl.load_workbook(path, read_only=True)
    header, *rows = book.active.iter_rows(values_only=True)
    book.close()
    # openpyxl leaves the escapes of the format as they are; a spreadsheet reads them.
    texts = [[unescape(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    return [dict(zip(header, row, strict=False)) for row in texts]


def read_jsonl(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.django_db
def test_csv_opens_right_in_a_french_spreadsheet(tmp_path):
    make_contribution(title="Un titre", body="Deux\nlignes ; et « é »")
    raw = export(tmp_path / "a.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfr\xc3\xa9f\xc3\xa9rence;")
    assert raw.endswith(b"\r\n")
    lines = raw.split(b"\r\n")
    assert len(lines) == 3, "CRLF between rows, LF in cells"
    assert '"Deux\nlignes ; et « é »"'.encode() in lines[1]
    assert '""' not in raw.decode(), "an empty cell is empty"


@pytest.mark.django_db
def test_each_format_says_the_same_and_no_cell_is_a_formula(tmp_path):
    for name, text in STRANGE.items():
        make_contribution(title=text.replace("\n", " ")[:160], body=f"{text}", author_name=name, display="nom")
    found = [
        [row["texte"] for row in read_csv(export(tmp_path / "a.csv"))],
        [row["texte"] for row in read_xlsx(export(tmp_path / "a.xlsx"))],
        [row["body"] for row in read_jsonl(export(tmp_path / "a.jsonl"))],
    ]
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == len(STRANGE)
    assert not [text for text in found[0] if text[0] in "=+-@\t\r"]
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} <= {"s", "n", "d"}


@pytest.mark.django_db
def test_dates_are_those_of_paris(tmp_path):
    make_contribution(submitted_at=local(0, 0, 30), published_at=local(0, 14, 5))
    day = f"{local():%Y-%m-%d}"
    row = read_csv(export(tmp_path / "a.csv"))[0]
    assert (row["reçue le"], row["publiée le"]) == (f"{day} 00:30", f"{day} 14:05")
    cells = read_xlsx(export(tmp_path / "a.xlsx"))[0]
    assert f"{cells['reçue le']:%Y-%m-%d %H:%M}" == f"{day} 00:30"


@pytest.mark.django_db
def test_long_text_continues_in_more_columns_of_the_sheet(tmp_path):
    body = "=" + "é😀x=" * 25_000
    make_contribution(body=body[:100_000])
    row = read_xlsx(export(tmp_path / "a.xlsx"))[0]
    parts = [row["texte"]] + [row[key] for key in row if key and key.startswith("texte (suite")]
    assert "".join(part.removeprefix("'") for part in parts if part) == body[:100_000]


@pytest.mark.django_db
def test_public_file_has_only_what_is_published(tmp_path):
    make_contribution(title="Visible")
    for state in ("a_confirmer", "en_attente", "refusee", "retiree"):
        make_contribution(title=f"Cachée {state}", state=state)
    make_contribution(title="Brouillon", demarche=make_demarche(state="brouillon"))
    assert [row["titre"] for row in read_csv(export(tmp_path / "a.csv", "--public"))] == ["Visible"]
    assert len(read_csv(export(tmp_path / "b.csv"))) == 6


@pytest.mark.django_db
def test_public_file_has_no_personal_field(tmp_path):
    personne = make_personne(email="secret@example.org")
    hidden = {"author_name": "Nom Caché", "organisation": "Org Cachée", "function": "Fonction Cachée"}
    make_contribution(personne=personne, commune_name="Commune Tapée", display="anonyme", **hidden)
    make_contribution(personne=personne, display="nom", author_name="Nom Choisi")
    shown = {"speaks_as": "organisation", "organisation": "Org Montrée", "function": "Présidente"}
    make_contribution(**shown)
    for extension in ("csv", "jsonl"):
        text = export(tmp_path / f"a.{extension}", "--public").read_text("utf-8-sig")
        for word in ("secret@", "Nom Caché", "Org Cachée", "Fonction Cachée", "Commune Tapée"):
            assert word not in text
        for word in ("Nom Choisi", "Org Montrée", "Présidente"):
            assert word in text
    assert list(read_csv(tmp_path / "a.csv")[0]) == [column.header for column in OPEN_COLUMNS]
    assert list(read_csv(export(tmp_path / "b.csv"))[0]) == [column.header for column in STAFF_COLUMNS]


@pytest.mark.django_db
@pytest.mark.parametrize(("people", "shown"), [(10, "CU d’Essai"), (11, "Petiteville")])
def test_commune_is_replaced_by_its_epci_under_eleven_people(tmp_path, people, shown):
    commune = make_commune(name="Petiteville", insee_code="59001", epci_name="CU d’Essai", epci_code="200000001")
    college = make_college()
    for _ in range(people):
        make_contribution(commune=commune, college=college)
    other = make_contribution(commune=commune, college=make_college())
    make_contribution(commune=commune, college=college, state="en_attente")
    rows = {row["référence"]: row for row in read_csv(export(tmp_path / "a.csv", "--public"))}
    assert rows.pop(other.reference)["territoire"] == "CU d’Essai"
    assert {row["territoire"] for row in rows.values()} == {shown}
    code = "59001" if people >= 11 else "200000001"
    assert {row["territoire (code)"] for row in rows.values()} == {code}


@pytest.mark.django_db
def test_one_person_who_writes_eleven_times_is_one_person(tmp_path):
    commune = make_commune(name="Petiteville", epci_name="CU d’Essai")
    personne = make_personne()
    for _ in range(11):
        make_contribution(commune=commune, personne=personne)
    assert {row["territoire"] for row in read_csv(export(tmp_path / "a.csv", "--public"))} == {"CU d’Essai"}


@pytest.mark.django_db
def test_relations_are_in_their_columns(tmp_path):
    theme = make_theme(question="=Quelle question ?")
    enjeux = [make_enjeu(), make_enjeu()]
    first = make_contribution(theme=theme, enjeux=enjeux)
    answer = make_contribution(parent=first, stance="pour", theme=theme)
    unseen = make_contribution(state="en_attente")
    make_contribution(parent=unseen, stance="contre")
    rows = {row["référence"]: row for row in read_csv(export(tmp_path / "a.csv", "--public"))}
    assert rows[first.reference]["thème"] == "'=Quelle question ?"
    assert rows[first.reference]["enjeux (rangs)"] == "1, 2"
    assert rows[answer.reference]["en réaction à"] == first.reference
    assert unseen.reference not in {row["en réaction à"] for row in rows.values()}


@pytest.mark.django_db
def test_one_demarche_is_exported_alone_and_an_unknown_one_is_said(tmp_path):
    mine = make_contribution(demarche=make_demarche())
    make_contribution(demarche=make_demarche())
    rows = read_csv(export(tmp_path / "a.csv", "--demarche", mine.demarche.slug))
    assert [row["référence"] for row in rows] == [mine.reference]
    with pytest.raises(CommandError, match="Il n’y a pas de démarche"):
        export(tmp_path / "b.csv", "--demarche", "inconnue")
    assert not (tmp_path / "b.csv").exists()


@pytest.mark.django_db
def test_failed_export_leaves_the_earlier_file_and_nothing_else(tmp_path, monkeypatch):
    make_contribution()
    before = export(tmp_path / "a.csv").read_bytes()
    monkeypatch.setattr("consultation.exporting._JOINS", "FROM nowhere")
    with pytest.raises(Exception, match="nowhere"):
        export(tmp_path / "a.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert (tmp_path / "a.csv").read_bytes() == before


MEASURE = """
import re, sys
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
from consultation.models import Contribution
def peak():  # in kB; getrusage() would count what the parent held before
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
Contribution.objects.first()
idle = peak()
call_command("export_contributions", sys.argv[1], verbosity=0)
print(peak() - idle)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")
@pytest.mark.django_db(transaction=True)
def test_memory_stays_flat_whatever_the_number_of_rows(tmp_path, database_url):
    fill(make_demarche(), 20_000)
    env = os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "participons.settings"}
    readers = {"csv": read_csv, "xlsx": xlsx_rows, "jsonl": read_jsonl}
    for extension, reader in readers.items():
        path = tmp_path / f"a.{extension}"
        command = [sys.executable, "-c", MEASURE, str(path)]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert 0 < int(done.stdout) < 60 * 1024, extension  # kB
        assert len(reader(path)) == Contribution.objects.count() == 20_000, extension


def xlsx_rows(path: Path) -> list[bytes]:
    """Under the header; cell by cell, twenty thousand of them take longer to read than to write."""
    with zipfile.ZipFile(path) as book:
        return re.findall(rb"<row ", book.read("xl/worksheets/sheet1.xml"))[1:]


def fill(demarche: Demarche, number: int) -> None:
    """Many rows of about a thousand characters, written by the server itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO consultation_contribution (demarche_id, nature, title, body, display, author_name, speaks_as,
                organisation, function, commune_name, origine, place_label, state, submitted_at, published_at,
                submission_key, import_source, import_key, example, stance)
            SELECT %s, 'proposition', 'Titre ' || n, repeat('Un texte assez long, ' || n || '. ', 40), 'anonyme', '',
                'personnel', '', '', '', 'import', '', 'publiee', now(), now(), gen_random_uuid(), 'essai', n, false, ''
            FROM generate_series(1, %s) n
            """,
            [demarche.pk, number],
        )
