"""The files of a texte: the same passages, notes and counts in each; whole or absent; nothing that is gone."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils.html import strip_tags
from pypdf import PdfReader

from consultation.actions import textes
from consultation.actions.textes_files import renew_files
from consultation.actions.textes_publish import next_version
from consultation.choices import ContributionState, RoleKind
from consultation.coverage import Coverage
from consultation.imports.run import import_contributions
from consultation.models import Citation, Contribution, Texte
from consultation.texte_files.build import write
from socle.documents.models import EXTENSIONS as NAMED
from socle.exports import actions as exports
from socle.exports.models import Export, State
from socle.publications.models import Publication
from tests.factories import (
    make_college,
    make_commune,
    make_identity,
    make_role,
    make_superuser,
    make_theme,
)
from tests.minutes import files_made
from tests.papers import taken
from tests.test_import import shared
from tests.textes import answered, make_texte, passage, published, said, withdrawn

pytestmark = pytest.mark.django_db
EXTENSIONS = ("pdf", "docx", "odt")
MEDIA_TYPES = {extension: media_type for media_type, extension in NAMED.items()}
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch, settings, tmp_path):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    settings.DOCUMENT_STORAGE, settings.EXPORT_STORAGE = tmp_path / "documents", tmp_path / "exports"


def public_file(texte: Texte, extension: str) -> bytes:
    return taken(Client().get(f"/textes/{texte.pk}/export.{extension}"))


def plain(text: str) -> str:
    """Letters, digits and signs: a line may end anywhere."""
    return re.sub(r"\s+", "", text.replace("\u00ad", ""))


def parts_of(content: bytes, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return ElementTree.fromstring(parts.read(name))


def said_in(element: ElementTree.Element) -> str:
    return plain("".join(element.itertext()))


def docx_read(content: bytes) -> tuple[str, list[str]]:
    """All its words, and its notes."""
    notes = parts_of(content, "word/footnotes.xml").findall(f"{WORD}footnote")
    told = [said_in(one) for one in notes if one.get(f"{WORD}type") is None]
    return said_in(parts_of(content, "word/document.xml")), told


def odt_read(content: bytes) -> tuple[str, list[str]]:
    root = parts_of(content, "content.xml")
    notes = [said_in(one) for one in root.iter(f"{TEXT}note-body")]
    for parent in list(root.iter()):
        for note in parent.findall(f"{TEXT}note"):
            note.clear()
    return said_in(root), notes


def pdf_read(content: bytes) -> tuple[str, list[str]]:
    """Its notes stand at the bottom of the pages, each after its number."""
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    words = plain("".join(re.sub(r"\n[^\n]*page \d+ sur \d+\s*$", "", page) for page in pages))
    return words, []


def opened(content: bytes, extension: str, folder: Path) -> bytes:
    """As LibreOffice shows it."""
    (folder / f"texte.{extension}").write_bytes(content)
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf"]
    command += ["--outdir", str(folder), str(folder / f"texte.{extension}")]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return (folder / "texte.pdf").read_bytes()


def structure(element):
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        one = kid.get_object()
        if isinstance(one, dict) and "/S" in one:
            yield str(one["/S"])
            yield from structure(one)


def tags_of(content: bytes) -> list[str]:
    """The tags of a PDF, in the order in which they are read; nothing in it acts."""
    root = PdfReader(io.BytesIO(content)).root_object
    assert "/JavaScript" not in root.get("/Names", {}) and "/OpenAction" not in root
    return list(structure(root["/StructTreeRoot"].get_object()))


def metropolis() -> Texte:
    """The 196 contributions of Lille: twelve passages with their sources, an answer to all the others, published."""
    demarche = make_role().demarche
    import_contributions(shared("mel_decidim_propositions.csv"), demarche, state=ContributionState.PUBLISHED)
    rows = list(Contribution.objects.for_synthese().order_by("pk"))
    Contribution.objects.filter(pk__in=[row.pk for row in rows[:60]]).update(theme=make_theme(question="La nature ?"))
    texte, by = make_texte(title="Synthèse de la métropole"), make_superuser()
    for start in range(12):
        made = passage(
            texte, title=f"Ce que dit le passage {start + 1}", text=f"Il est demandé.\n\n- ceci {start}\n- cela"
        )
        for one in rows[start::40]:
            textes.cite(made, one, how="reprend", quote=" ".join(one.body.split()[:6]), by=by)
    cited = set(Citation.objects.values_list("cited", flat=True))
    answered(texte, *(row for row in rows if row.pk not in cited))
    published(texte)
    return Texte.objects.select_related("current").get()


def test_the_real_synthese_of_a_metropolis_says_the_same_in_three_formats(tmp_path, validator):
    texte = metropolis()
    assert Client().get(f"/textes/{texte.pk}/export.pdf").status_code == 503
    files_made()
    read = {"pdf": pdf_read, "docx": docx_read, "odt": odt_read}
    content = {extension: public_file(texte, extension) for extension in EXTENSIONS}
    words, notes = {}, {}
    for extension in EXTENSIONS:
        words[extension], notes[extension] = read[extension](content[extension])
    (tmp_path / "texte.pdf").write_bytes(content["pdf"])
    assert validator.violations(tmp_path / "texte.pdf") == []
    tags = tags_of(content["pdf"])
    citations = list(Citation.objects.order_by("citing_passage__number", "pk").select_related("cited__demarche"))
    assert tags.count("/LI") >= 24 and tags.count("/TOCI") >= 15
    assert len(citations) == sum(len(range(start, 196, 40)) for start in range(12)) == tags.count("/Note")
    expected = [plain(f"{one.cited.reference}: « {one.quote} »".replace("'", "’")) for one in citations]
    assert [one.replace("'", "’") for one in notes["docx"]] == expected
    assert [one.replace("'", "’") for one in notes["odt"]] == expected
    coverage = Coverage.of(texte.current)
    kept = [plain(coverage.sentence), "196", f"Reprises{coverage.taken_up}"]
    kept += [plain(f"{number}. Ce que dit le passage {number}") for number in range(1, 13)]
    kept += [plain(f"{row.reference}, ") for row in Contribution.objects.for_synthese()]
    for extension in EXTENSIONS:
        assert [one for one in kept if one not in words[extension]] == [], extension
        assert "1.Lanature?60" in words[extension] and "Autresujet136" in words[extension]
    lost = [one for one in expected if one not in words["pdf"].replace("'", "’")]
    assert lost == []
    for extension in ("docx", "odt"):
        pages = [
            page.extract_text() for page in PdfReader(io.BytesIO(opened(content[extension], extension, tmp_path))).pages
        ]
        shown = plain("".join(pages))
        assert [one for one in kept[3:15] if one not in shown] == [], extension
        for number, page in enumerate(pages, 1):
            assert plain(f"page {number} sur {len(pages)}") in plain(page) and texte.title in page, (extension, number)
    page = strip_tags(Client().get(f"/textes/{texte.pk}/").content.decode())
    assert all(name in page for name in ("(PDF, ", "(DOCX, ", "(ODT, ")) and "ZIP" not in page


@pytest.mark.parametrize("extension", ["docx", "odt"])
def test_a_word_processor_opens_what_hostile_words_make(extension, tmp_path):
    hostile = "a\x01\x0b\x0c\x1f\ufffe\u202e <w:t>&amp;</w:t> ]]> 🌍 שלום 漢字"
    texte = make_texte(title=f"Titre {hostile}")
    passage(
        texte, said(title=hostile, body=f"{hostile} mot " * 50), title=f"Passage {hostile}", text=f"- {hostile}\n- b"
    )
    make_identity(site_name=hostile)
    write(texte.draft, MEDIA_TYPES[extension], tmp_path / "made", lambda _: None)
    shown = pdf_read(opened((tmp_path / "made").read_bytes(), extension, tmp_path))[0]
    assert all(plain(words) in shown for words in ("1.Passagea", "<w:t>&amp;</w:t> ]]>", "versiondetravail"))


def small_texte() -> Texte:
    """Two origins, a collège, a territory, somebody who came, a quote."""
    lille = make_commune(name="Lille", epci_name="Métropole européenne de Lille")
    texte = make_texte(title="Synthèse du printemps")
    spoken = said(title="Plus de bus", body="=Un bus le soir.", college=make_college(label="Élu"), commune=lille)
    passage(texte, spoken, quote="bus le soir", title="Des bus")
    answered(texte, said(title="Une piscine", origine="papier"))
    return texte


def test_what_is_taken_down_leaves_the_files_and_each_version_has_its_own():
    texte = small_texte()
    published(texte)
    files_made()
    assert "busle" in pdf_read(public_file(texte, "pdf"))[0]
    assert renew_files() == 0
    withdrawn(Citation.objects.get().cited)
    assert renew_files() == 1
    gone = Client().get(f"/textes/{texte.pk}/export.pdf")
    assert (gone.status_code, gone["Retry-After"]) == (503, "60")
    assert "en préparation" in Client().get(f"/textes/{texte.pk}/").content.decode()
    files_made()
    for extension, read in (("pdf", pdf_read), ("docx", docx_read), ("odt", odt_read)):
        words, notes = read(public_file(texte, extension))
        told = words + "".join(notes)
        assert "busle" not in told and "Plusdebus" not in told
        assert "retiréedepuis:sesmotsnesontplusmontrés" in told
        assert "Retiréesdepuislapublication1" in told  # the frozen numbers and those of today agree
    assert renew_files() == 0
    draft = next_version(texte)
    draft.passages.get()
    textes.add(draft, textes.Words("Une liaison", "Elle relie.", liaison=True))
    textes.cite(draft.passages.get(number=1), said(title="Des trains"), quote="", by=make_superuser())
    published(texte, reason="Une suite.")
    assert Client().get(f"/textes/{texte.pk}/export.odt").status_code == 503
    files_made()
    assert (
        "Unerelie" not in odt_read(public_file(texte, "odt"))[0]
        and "Ellerelie." in odt_read(public_file(texte, "odt"))[0]
    )
    assert Publication.objects.count() == 3


def test_the_annex_of_a_large_texte_is_an_archive_of_its_own(monkeypatch):
    monkeypatch.setattr("consultation.texte_files.document.ANNEX_MOST", 1)
    monkeypatch.setattr("consultation.texte_files.document.NOTES_MOST", 0)
    monkeypatch.setattr("consultation.texte_files.volumes.NOTES_MOST", 0)
    monkeypatch.setattr("consultation.texte_files.volumes.BLOCKS", 2)
    texte = small_texte()
    published(texte)
    files_made()
    one, other = Contribution.objects.order_by("pk")
    for extension, read in (("pdf", pdf_read), ("docx", docx_read), ("odt", odt_read)):
        words, notes = read(public_file(texte, extension))
        assert plain("1 source : leurs références et les mots cités sont dans l’annexe.") in words, extension
        assert plain("l’annexe est un fichier à part") in words and "Unepiscine" not in words and not notes, extension
    with zipfile.ZipFile(io.BytesIO(public_file(texte, "zip"))) as archive:
        names = archive.namelist()
        assert names[:3] == ["sources-01.pdf", "contributions-01.pdf", "contributions-02.pdf"]
        assert names[3:] == ["contributions.csv", "LISEZ-MOI.txt"]
        told = "".join(pdf_read(archive.read(name))[0] for name in names[:3])
        assert (
            plain("bus le soir") in told
            and plain(f"{one.reference} – Plus de bus (en ligne, Élu ; reprise : passage 1)") in told
        )
        assert plain(f"{other.reference} – Une piscine (sur papier ; réponse : non retenue)") in told
        assert b"'=Un bus le soir." in archive.read("contributions.csv")
    assert "L’annexe, toutes les contributions" in Client().get(f"/textes/{texte.pk}/").content.decode()


def test_only_what_is_published_is_given():
    texte = small_texte()
    for extension in (*EXTENSIONS, "zip", "exe"):
        assert Client().get(f"/textes/{texte.pk}/export.{extension}").status_code == 404
    published(texte)
    for extension in ("zip", "exe", "pdf/", "jpg"):
        assert Client().get(f"/textes/{texte.pk}/export.{extension}").status_code == 404
    Publication.objects.all().delete()  # it appeared before the portal made files
    assert renew_files() == 0
    assert Publication.objects.count() == 3


def test_the_team_asks_for_a_draft_and_gets_it_alone_plainly_marked():
    texte = small_texte()
    role = make_role(kind=RoleKind.REDACTEUR)
    client = Client()
    client.force_login(role.user)
    address = f"/admin/consultation/texte/{texte.pk}/change/"
    assert "Cahier de travail (XLSX)" in client.get(address).content.decode()
    for extension in (*EXTENSIONS, "xlsx"):
        asked = client.post(address, {"act": "fichier", "fichier": extension})
        assert asked["Location"] == "/admin/exports/export/"
        assert exports.build_next()
        export = Export.objects.first()
        assert (export.state, export.error) == (State.READY, "")
        assert "version-de-travail" in export.download_name and export.download_name.endswith(extension)
        answer = client.get(f"/exports/{export.pk}/")
        content = taken(answer)
        if extension == "pdf":
            words = pdf_read(content)[0]
            assert "VERSIONDETRAVAIL" in words and words.count("versiondetravail") >= 3
        elif extension != "xlsx":
            assert "(versiondetravail)" in said_in(
                parts_of(content, "word/document.xml" if extension == "docx" else "content.xml")
            )
        stranger = Client()
        stranger.force_login(make_role(kind=RoleKind.REDACTEUR, demarche=texte.demarche).user)
        assert stranger.get(f"/exports/{export.pk}/").status_code == 404
    assert client.post(address, {"act": "fichier", "fichier": "exe"}).status_code == 404
    Export.objects.update(state=State.BUILDING, total=8, rows=2)
    assert '<progress max="100" value="25"' in client.get("/admin/exports/export/").content.decode()
