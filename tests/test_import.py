"""What comes in: real exports of other tools, our own, and files that are none."""

import csv
import gzip
import io
import os
import zipfile
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from consultation.imports import readers
from consultation.models import Commune, Contribution, Decision
from socle.exports import actions as exports
from socle.exports.files import storage
from socle.pagecache.models import Generation
from socle.registre.models import Entree
from socle.text import clean_text
from tests.factories import (
    local,
    make_college,
    make_commune,
    make_contribution,
    make_demarche,
    make_enjeu,
    make_role,
    make_theme,
)

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
VARIANTS = (
    "variantes_import/mel_propositions_cp1252_pointvirgule_crlf.csv",
    "variantes_import/mel_propositions_utf8bom_virgule.csv",
    "variantes_import/mel_propositions_utf16_tabulation.tsv",
    "variantes_import/mel_propositions.xlsx",
    "mel_decidim_propositions.csv",
)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(tmp_path, settings):
    settings.EXPORT_STORAGE = tmp_path / "exports"


def shared(name):
    path = DATA / name
    if not path.exists():
        pytest.skip("the real consultations' data are not beside the repository")
    return path


def plain(text):
    """French spaces as a test writes them."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def run(path, demarche, *options):
    out = io.StringIO()
    call_command("import_contributions", str(path), "--demarche", demarche.slug, *options, stdout=out)
    return plain(out.getvalue())


def refused(path, demarche, *options):
    """The sentence, on a file from which nothing was written."""
    with pytest.raises(CommandError) as error:
        run(path, demarche, *options)
    assert not Contribution.objects.exists()
    return plain(str(error.value))


def decidim(tmp_path, *rows, header=("id", "title", "body", "created_at"), name="a.csv", encoding="utf-8"):
    path = tmp_path / name
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=";").writerows([header, *rows])
    return path


def originals():
    with shared("mel_decidim_propositions.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file, delimiter=";")}


@pytest.mark.parametrize("name", VARIANTS)
def test_decidim_export_gives_196_contributions_with_their_text(name):
    demarche = make_demarche()
    run(shared(name), demarche)
    expected = {
        key: (clean_text(row["title"], multiline=False), clean_text(row["body"], multiline=True))
        for key, row in originals().items()
    }
    found = {one.import_key: (one.title, one.body) for one in Contribution.objects.all()}
    assert len(found) == 196
    assert found == expected
    one = Contribution.objects.get(import_key="457")
    assert (one.origine, one.state, one.display) == ("import", "en_attente", "anonyme")
    assert one.submitted_at.isoformat() == "2019-01-24T21:29:15+00:00"


def test_second_import_of_any_variant_changes_nothing():
    demarche = make_demarche()
    for name in VARIANTS:
        run(shared(name), demarche)
    before = list(Contribution.objects.order_by("pk").values())
    assert len(before) == 196
    assert "196 déjà là" in run(shared(VARIANTS[0]), demarche)
    assert list(Contribution.objects.order_by("pk").values()) == before


def test_category_finds_the_theme_of_that_question_or_stays_beside_the_place():
    demarche = make_demarche()
    theme = make_theme(demarche=demarche, question="Transition écologique")
    report = run(shared(VARIANTS[0]), demarche)
    assert Contribution.objects.filter(theme=theme).count() == 30
    labels = set(Contribution.objects.values_list("place_label", flat=True))
    assert "participation.lillemetropole.fr, « Autre sujet »" in map(plain, labels)
    assert "aucun thème n’a cette question" in report


def test_capcollectif_export_keeps_the_sound_opinions_and_reports_the_others(tmp_path):
    path = tmp_path / "rua.csv"
    path.write_bytes(gzip.decompress(shared("rua_export_capcollectif.csv.gz").read_bytes()))
    demarche = make_demarche()
    assert "Rien n’a été écrit : 24 ligne(s)" in refused(path, demarche)
    report = run(path, demarche, "--keep-good")
    assert Contribution.objects.count() == 410
    assert "410 contributions reprises, 0 déjà là, 24 lignes refusées" in report
    assert "Ligne 742, " in report and "Ligne 6271, " in report
    assert "mise de côté : ce n’est pas une contribution (9601)" in report
    assert not Contribution.objects.filter(body__regex=r"\d\d/\d\d/\d{4} \d\d:\d\d$").exists()
    mended = Contribution.objects.get(import_key="6c4ca16e-ecf0-11e9-bb9d-0242ac110002")
    assert mended.body.endswith("Salaire Minimum de Croissance.")
    assert mended.submitted_at.isoformat() == "2019-10-12T13:01:00+00:00"
    assert "Ligne 7527, contributions_bodyText : la date" in report


def test_xls_is_read():
    demarche = make_demarche()
    run(shared("feamp_consultation.xls"), demarche)
    assert Contribution.objects.count() == 408
    assert Contribution.objects.get(import_key="1047").title == "Sur les suites données à cette consultation publique"


STRANGE = ["=1+1", "'=1+1", "- une liste\n- puis", "+33", "@moi", 'Des "guillemets" ; des\nlignes', "'alone", "_x0041_"]


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_our_own_export_comes_back_as_it_left(tmp_path, extension):
    old = make_demarche(code="OLD")
    theme, college, enjeu = make_theme(demarche=old), make_college(demarche=old), make_enjeu(demarche=old)
    commune = make_commune(name="Étaples")
    for text in STRANGE:
        make_contribution(demarche=old, title=text.replace("\n", " "), body=text, theme=theme, enjeux=[enjeu])
    long = "=" + "é😀x=" * 24_000
    whole = make_contribution(
        demarche=old,
        body=long,
        college=college,
        commune=commune,
        commune_name="Étaples-sur-Mer",
        display="nom",
        author_name="Zoé",
        speaks_as="organisation",
        organisation="Ligue",
        function="Trésorière",
        nature="question",
        origine="courrier",
        submitted_at=local(-3, 10, 20),
    )
    make_contribution(demarche=old, parent=whole, stance="contre", origine="telephone")
    path = tmp_path / f"a.{extension}"
    call_command("export_contributions", str(path), "--demarche", old.slug, verbosity=0)
    new = make_demarche(code="NEW")
    for made in (make_theme, make_college):
        made(demarche=new)
    make_enjeu(demarche=new)
    theme.__class__.objects.filter(demarche=new).update(question=theme.question)
    run(path, new)
    names = ["title", "body", "nature", "stance", "display", "author_name", "speaks_as", "organisation", "function"]
    names += ["commune_name", "commune", "submitted_at", "theme__question", "college__label", "enjeux__rank", "origine"]
    before = list(Contribution.objects.filter(demarche=old).order_by("pk").values(*names, "parent__title"))
    after = list(Contribution.objects.filter(demarche=new).order_by("pk").values(*names, "parent__title"))
    for row in before:
        row["submitted_at"] = row["submitted_at"].replace(second=0, microsecond=0)
    assert len(after) == len(STRANGE) + 2
    assert after == before
    run(path, new)
    run(path, old)
    assert Contribution.objects.count() == 2 * len(after), "in its own démarche it is already there"


def test_rows_are_published_with_their_decision_when_asked(tmp_path):
    path = decidim(tmp_path, ("1", "Un titre", "Un texte", "2019-01-24 22:29:15 +0100"))
    generation = Generation.objects.values_list("number", flat=True).first()
    run(path, make_demarche(), "--state", "publiee")
    one = Contribution.objects.get()
    assert one.is_published and one.published_at
    assert Decision.objects.get().to_state == "publiee"
    assert Entree.objects.values_list("kind", "facts").get() == ("contributions.reprises", {"nombre": 1})
    assert Generation.objects.values_list("number", flat=True).first() != generation


def test_a_line_that_answers_a_reaction_is_kept_and_answers_nothing(tmp_path):
    """Our own file, a reference changed by hand: two levels."""
    old, new = make_demarche(code="OLD1", courante=False), make_demarche(code="NEW1", slug="neuve", courante=False)
    first = make_contribution(demarche=old, title="La première")
    second = make_contribution(demarche=old, title="La réaction", parent=first, stance="pour")
    third = make_contribution(demarche=old, title="Celle de trop", parent=first, stance="contre")
    path = tmp_path / "own.csv"
    call_command("export_contributions", str(path), "--demarche", old.slug)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    changed = [line.replace(first.reference, second.reference) if third.reference in line else line for line in lines]
    path.write_text("\n".join(changed), encoding="utf-8")
    run(path, new)
    parents = dict(Contribution.objects.filter(demarche=new).values_list("title", "parent__title"))
    assert parents == {"La première": None, "La réaction": "La première", "Celle de trop": None}


BAD = [
    (("1", "Titre", "Texte", "hier"), "Ligne 3, created_at : « hier » n’est pas une date."),
    (("1", "", "Texte", ""), "Ligne 3, title : la cellule est vide."),
    (("1", "Titre", "", ""), "Ligne 3, body : la cellule est vide."),
    (("1", "Titre", "24/01/2019 10:20", ""), "Ligne 3, body : la date « 24/01/2019 10:20 » est à la place"),
    (("1", "Titre", "Texte"), "Ligne 3, toute la ligne : 3 colonnes au lieu de 4."),
    (("", "Titre", "Texte", ""), "Ligne 3, id : l’identifiant est vide"),
    (("good", "Titre", "Texte", ""), "Ligne 3, identifiant : l’identifiant « good » est déjà celui de la ligne 2."),
    (("1", "T" * 301, "Texte", ""), "Ligne 3, title : 301 caractères, 300 au plus."),
    (("1", "Titre", "Texte", "01/01/0219 10:00"), "Ligne 3, created_at : la date « 01/01/0219 10:00 » n’est pas"),
]


@pytest.mark.parametrize(("row", "sentence"), BAD, ids=range(len(BAD)))
def test_bad_row_is_said_by_line_and_nothing_is_written(tmp_path, row, sentence, capsys):
    demarche = make_demarche()
    path = decidim(tmp_path, ("good", "Bon titre", "Bon texte", ""), row)
    with pytest.raises(CommandError, match="Rien n’a été écrit"):
        call_command("import_contributions", str(path), "--demarche", demarche.slug)
    assert sentence in plain(capsys.readouterr().out)
    assert not Contribution.objects.exists()
    run(path, demarche, "--keep-good")
    assert Contribution.objects.get().title == "Bon titre"


def test_line_number_counts_the_lines_inside_cells(tmp_path):
    path = decidim(tmp_path, ("1", "Titre", "un\ndeux\ntrois", ""), ("2", "", "Texte", ""))
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("import_contributions", str(path), "--demarche", make_demarche().slug, stdout=out)
    assert "Ligne 5, title" in out.getvalue()


def test_dry_run_writes_nothing(tmp_path):
    path = decidim(tmp_path, ("1", "Titre", "Texte", ""))
    assert "1 contribution à reprendre" in run(path, make_demarche(), "--dry-run")
    assert not Contribution.objects.exists()


def test_row_imported_before_with_another_text_is_left_and_said(tmp_path):
    demarche = make_demarche()
    run(decidim(tmp_path, ("1", "Titre", "Texte", "")), demarche)
    report = run(decidim(tmp_path, ("1", "Titre", "Un autre texte", "")), demarche)
    assert Contribution.objects.get().body == "Texte"
    assert "1 déjà là avec un autre texte" in report


def test_control_and_bidi_characters_are_removed_and_ends_of_line_are_one(tmp_path):
    run(decidim(tmp_path, ("1", "Ti\u202etre\x07", "un\r\ndeux\rtrois\x0b", "")), make_demarche())
    one = Contribution.objects.get()
    assert (one.title, one.body) == ("Titre", "un\ndeux\ntrois")


def test_utf16_without_mark_is_recognised(tmp_path):
    path = decidim(tmp_path, ("1", "Élan", "L’été à Étaples", ""), encoding="utf-16-le")
    run(path, make_demarche())
    assert Contribution.objects.get().body == "L’été à Étaples"


def zip_of(entries):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
NONE = {
    "png": (PNG, "Ce fichier est une image PNG"),
    "empty": (b"", "Le fichier est vide."),
    "only ends of line": (b"\n\n", "Le fichier est vide"),
    "nul": (b"id;title;body\n1;Titre;Te\0xte\n", "La ligne 2 contient un caractère nul"),
    "unknown layout": (
        (";".join(f"c{n}" for n in range(200)) + "\n").encode(),
        "200 colonnes qu’aucun format connu n’explique. Colonnes manquantes (export de Participons : référence, titre",
    ),
    "too many columns": (b"id;title;body" + b";" * 600, "603 colonnes"),
    "no encoding": (b"id;title;body\n1;\x81\x8d;\x90\n", "n’est pas un texte lisible"),
    "zip": (zip_of({"a.txt": "a"}), "une archive ZIP, pas un classeur"),
    "damaged zip": (b"PK\x03\x04" + b"abc" * 100, "archive abîmée"),
    "damaged xlsx": (zip_of({"[Content_Types].xml": "<a", "xl/workbook.xml": "no"}), "ne s’ouvre pas"),
    "damaged xls": (b"\xd0\xcf\x11\xe0" + b"x" * 600, "ne s’ouvre pas"),
    "open quote": (b'id;title;body\n1;Titre;"' + b"a;\n" * 200_000, "La lecture s’arrête à la ligne 2"),
    "pdf": (b"%PDF-1.7 ...", "un document PDF"),
}


@pytest.mark.parametrize("case", NONE)
def test_file_that_is_none_gets_a_sentence(tmp_path, case):
    content, sentence = NONE[case]
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert sentence in refused(path, make_demarche())


def test_absent_file_and_unknown_demarche_get_a_sentence(tmp_path):
    assert "ne s’ouvre pas" in refused(tmp_path / "none.csv", make_demarche())
    with pytest.raises(CommandError, match="Il n’y a pas de démarche"):
        call_command("import_contributions", str(tmp_path / "none.csv"), "--demarche", "inconnue")


def test_limits_of_size_and_rows_refuse_before_reading_all(tmp_path, monkeypatch):
    path = decidim(tmp_path, *[(str(n), "Titre", "Texte", "") for n in range(20)])
    monkeypatch.setattr(readers, "MAX_ROWS", 10)
    assert "plus de 10 lignes" in refused(path, make_demarche())


def test_workbook_that_opens_into_gigabytes_is_refused_unopened(tmp_path):
    bomb = zip_of({"[Content_Types].xml": "<a/>", "xl/worksheets/sheet1.xml": b"0" * (readers.MAX_SHEET_BYTES + 1)})
    assert len(bomb) < 1_000_000
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(bomb)
    assert "une fois ouvert" in refused(path, make_demarche())


def test_xlsx_with_dates_and_numbers_is_read(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["id", "title", "body", "created_at"])
    book.active.append([12, "Titre", "Texte", local(-2, 9, 30).replace(tzinfo=None)])
    book.save(tmp_path / "a.xlsx")
    run(tmp_path / "a.xlsx", make_demarche())
    one = Contribution.objects.get()
    assert (one.import_key, one.submitted_at) == ("12", local(-2, 9, 30))


def test_xlsx_is_known_by_its_content_whatever_its_name(tmp_path):
    """The admin keeps it between two steps under a name of its own."""
    book = openpyxl.Workbook()
    book.active.append(["id", "title", "body", "created_at"])
    book.active.append([12, "Titre", "Texte", local(-2).replace(tzinfo=None)])
    book.save(tmp_path / "a.xlsx")
    run((tmp_path / "a.xlsx").rename(tmp_path / "import-token"), make_demarche())
    assert Contribution.objects.get().title == "Titre"


def test_communes_are_loaded_and_loaded_again():
    for _ in range(2):
        call_command("import_communes", str(shared("communes_hdf.csv")), verbosity=0)
    assert Commune.objects.count() == 3782
    abbecourt = Commune.objects.get(insee_code="02001")
    assert (abbecourt.name, abbecourt.sort_key, abbecourt.population) == ("Abbécourt", "abbecourt", 518)
    assert abbecourt.epci_name == "CA Chauny Tergnier La Fère"


def test_communes_with_a_missing_column_are_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("code_insee,nom\n59001,Abancourt\n")
    with pytest.raises(CommandError, match="Il manque les colonnes departement"):
        call_command("import_communes", str(path))


LIST = "/admin/consultation/contribution/"


@pytest.fixture
def responsable(client):
    """She runs the démarche, and is logged in."""
    role = make_role(kind="responsable")
    client.force_login(role.user)
    return role


def upload(client, demarche, path, **fields):
    with path.open("rb") as file:
        data = {"file": file, "demarche": demarche.pk, "layout": "", "state": "en_attente"} | fields
        return client.post(f"{LIST}import/", data)


def token_of(response):
    return response.context["asked"]["token"]


def test_admin_import_shows_then_writes_then_changes_nothing(client, responsable):
    path = shared(VARIANTS[0])
    page = upload(client, responsable.demarche, path)
    assert "196 contributions à reprendre" in page.content.decode()
    assert not Contribution.objects.exists()
    done = client.post(f"{LIST}import/confirmer/", {"token": token_of(page)}, follow=True)
    assert "196 contributions reprises" in done.content.decode()
    assert Contribution.objects.count() == 196
    assert "Il n’y a rien à reprendre" in upload(client, responsable.demarche, path).content.decode()


def test_admin_import_reports_by_line_and_can_keep_the_good_ones(client, responsable, tmp_path):
    path = decidim(tmp_path, ("1", "Bon", "Texte", ""), ("2", "<script>", "Texte", "hier"), ("3", "", "T", ""))
    page = upload(client, responsable.demarche, path)
    text = page.content.decode()
    assert "« hier » n’est pas une date." in plain(text)
    assert "<td>3</td>" in text and "<td>4</td>" in text and "<script>" not in text.split("<main")[-1]
    confirm = {"token": token_of(page)}
    client.post(f"{LIST}import/confirmer/", confirm)
    assert not Contribution.objects.exists(), "not without saying so"
    client.post(f"{LIST}import/confirmer/", confirm | {"keep_good": "1"})
    assert Contribution.objects.get().title == "Bon"


def test_admin_import_refuses_what_is_no_file_with_a_sentence(client, responsable, tmp_path):
    for case in ("png", "nul", "unknown layout"):
        content, sentence = NONE[case]
        path = tmp_path / "a.csv"
        path.write_bytes(content)
        page = upload(client, responsable.demarche, path)
        assert sentence in plain(page.content.decode())
    path.write_bytes(b"")
    assert upload(client, responsable.demarche, path).status_code == 200
    assert not [path for path in storage().iterdir() if path.name.startswith("import-")]


def test_kept_file_belongs_to_one_session_and_goes_away(client, responsable, tmp_path):
    path = decidim(tmp_path, ("1", "Titre", "Texte", ""))
    confirm = {"token": token_of(upload(client, responsable.demarche, path))}
    other = Client()
    other.force_login(make_role(kind="responsable", demarche=responsable.demarche).user)
    assert other.post(f"{LIST}import/confirmer/", confirm)["Location"] == f"{LIST}import/"
    assert client.get(f"{LIST}import/confirmer/")["Location"] == f"{LIST}import/"
    earlier = {"token": "of-another-preview"}
    assert client.post(f"{LIST}import/confirmer/", earlier)["Location"] == f"{LIST}import/"
    for kept in storage().glob("import-*"):
        os.utime(kept, (0, 0))
    exports.purge()
    assert client.post(f"{LIST}import/confirmer/", confirm)["Location"] == f"{LIST}import/"
    assert not Contribution.objects.exists()


def test_importing_needs_to_run_the_demarche(client, tmp_path):
    demarche = make_demarche()
    path = decidim(tmp_path, ("1", "Titre", "Texte", ""))
    for kind in ("lecteur", "moderateur", "redacteur"):
        client.force_login(make_role(demarche=demarche, kind=kind).user)
        assert client.get(f"{LIST}import/").status_code == 403
        assert upload(client, demarche, path).status_code == 403
    client.force_login(make_role(kind="responsable", demarche=make_demarche()).user)
    assert upload(client, demarche, path).status_code == 200, "not one of the choices"
    assert "asked" not in upload(client, demarche, path).context


def test_right_lost_between_the_two_steps_writes_nothing(client, responsable, tmp_path):
    page = upload(client, responsable.demarche, decidim(tmp_path, ("1", "Titre", "Texte", "")))
    responsable.delete()
    assert client.post(f"{LIST}import/confirmer/", {"token": token_of(page)}).status_code == 403
    assert not Contribution.objects.exists()
