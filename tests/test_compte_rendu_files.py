"""The adopted minutes: the page, the PDF and the DOCX say the same; made once, whole or absent."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile

import pytest
from django.urls import reverse
from pypdf import PdfReader

from ateliers.actions import comptes_rendus as actions
from ateliers.actions.lectures import Said, number, tell
from ateliers.actions.renewal import renew_files
from consultation.models import Contribution
from socle.courriels.models import Envoi
from socle.publications import actions as publications
from socle.publications.models import Publication
from tests.factories import local, make_atelier, make_contribution, make_personne, make_production, make_theme
from tests.minutes import adopted, came, files_made, held, opened, taken_down, written
from tests.papers import taken

pytestmark = pytest.mark.django_db

HOSTILE = (
    "**gras** <script>alert(1)</script> {{ site_url }} #raw(1) `code` [lien](javascript:alert(1)) "
    '<w:t>mot</w:t> $x$ \\input{x} "><svg onload=alert(1)> @cite #import "a"'
)
SIGNS = "Œuvre – été ; «\u00a0voilà\u00a0» 🌍 שלום مرحبا"
WORDS = actions.Words(
    f"Un premier paragraphe.\n\n- une chose\n- une autre\n\n{HOSTILE}",
    "On se revoit le 7 mars.",
    (("Les bus du soir", f"Ils manquent.\nVraiment.\n\n{SIGNS}"), ("Le vélo", "")),
)


@pytest.fixture(autouse=True)
def documents(settings, tmp_path):
    settings.DOCUMENT_STORAGE = tmp_path / "documents"


@pytest.fixture
def seance():
    return held()


def address(seance, extension=""):
    where = [seance.atelier.demarche.slug, seance.atelier.rank, seance.rank]
    return reverse("compte_rendu_file", args=[*where, extension]) if extension else reverse("compte_rendu", args=where)


def whole(seance):
    """Minutes with a production, and with what the absent had said."""
    theme = make_theme(question="Comment se déplacer ?")
    seance.atelier.themes.add(theme)
    read = make_contribution(theme=theme, title="Lue dans la salle")
    make_contribution(theme=theme, title="Lue aussi")
    type(seance.rencontre).objects.filter(pk=seance.pk).update(starts_at=local(0, 0), precision="jour")
    seance.rencontre.refresh_from_db()
    number(seance)
    tell(seance, [Said(frozenset({1}), "ecartee", "Trop cher."), Said(frozenset({2}), "reprise", "")], None)
    type(seance.rencontre).objects.filter(pk=seance.pk).update(starts_at=local(-2, 18), precision="heure")
    seance.rencontre.refresh_from_db()
    make_production(seance, theme=theme, title="Un bus le soir", minority=True)
    came(seance)
    return read


def words(text: str) -> list[str]:
    """Letters and digits in their order, the numbers of the pages apart; a line may end anywhere."""
    return re.findall(r"\w", text)


def page_text(client, seance) -> str:
    shown = client.get(address(seance)).content.decode()
    article = re.search(r"<article>(.*)</article>", shown, re.DOTALL)[1]
    article = re.sub(r'<p class="buttons.*?</p>', "", article, flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", article)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return text


def pdf_text(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def docx_text(content: bytes, folder) -> str:
    """As LibreOffice opens it."""
    (folder / "minutes.docx").write_bytes(content)
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    command += ["--convert-to", "txt:Text (encoded):UTF8", "--outdir", str(folder), str(folder / "minutes.docx")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return (folder / "minutes.txt").read_text("utf-8-sig")


def test_nothing_is_told_before_the_adoption(client, seance):
    for make in (lambda _: None, written, opened):
        make(seance)
        for extension in ("", "pdf", "docx"):
            answered = client.get(address(seance, extension))
            assert answered.status_code == 404
            assert "Les bus" not in answered.content.decode()
    shown = client.get(seance.atelier.get_absolute_url()).content.decode()
    assert "Compte rendu en préparation" in shown and address(seance) not in shown


def test_page_pdf_and_docx_say_the_same_words_in_the_same_order(client, seance, tmp_path):
    whole(seance)
    adopted(seance, WORDS)
    files_made()
    on_screen = page_text(client, seance)
    pdf, docx = (taken(client.get(address(seance, extension))) for extension in ("pdf", "docx"))
    said = words(on_screen)
    for known in (
        "Les bus du soir",
        "Trop cher.",
        "point de vue minoritaire",
        "[lien](javascript:alert(1))",
        "#raw(1)",
    ):
        assert known in on_screen
    # In a word processor's file the title stands before what is over it.
    assert _after(words(docx_text(docx, tmp_path)), "Question") == _after(said, "Question")
    # Of what goes from right to left a PDF keeps the signs in the order in which they are drawn; an emoji is said by
    # its name there (socle.signs), and the end of the file says so.
    plain = re.sub(r"Participons\s*page \d+ sur \d+", "", pdf_text(pdf))
    plain = " ".join(plain.split()).replace("[globe tourné sur l’afrique et l’europe]", "", 1)
    in_pdf = _after(words(plain[: plain.index("Certains signes ne peuvent pas")]), "Question")
    assert _latin(in_pdf) == _latin(_after(said, "Question"))
    assert sorted(in_pdf) == sorted(_after(said, "Question"))


def _latin(found: list[str]) -> list[str]:
    return [sign for sign in found if sign < "\u0590"]


def _after(found: list[str], start: str) -> list[str]:
    return words("".join(found)[("".join(found)).index(start) :])


def test_pdf_is_tagged_and_nothing_in_either_file_acts(client, seance):
    whole(seance)
    adopted(seance, WORDS)
    files_made()
    pdf, docx = (taken(client.get(address(seance, extension))) for extension in ("pdf", "docx"))
    reader = PdfReader(io.BytesIO(pdf))
    assert reader.root_object["/MarkInfo"]["/Marked"] and reader.root_object["/Lang"].startswith("fr")
    assert b"pdfuaid:part" in reader.root_object["/Metadata"].get_object().get_data()
    links = {note.get_object()["/A"]["/URI"] for page in reader.pages for note in page.get("/Annots", [])}
    assert links and all(link.startswith("http://localhost:8000/contributions/") for link in links)
    with zipfile.ZipFile(io.BytesIO(docx)) as parts:
        document = parts.read("word/document.xml").decode()
        related = parts.read("word/_rels/document.xml.rels").decode()
    assert "<script" not in document and "&lt;script&gt;" in document
    assert "**gras**" in document and "javascript:" not in related
    assert set(re.findall(r'Target="(http[^"]+)"', related)) == links


def test_files_are_absent_until_they_are_whole(client, seance):
    adopted(seance)
    for extension in ("pdf", "docx"):
        making = client.get(address(seance, extension))
        assert (making.status_code, making["Retry-After"]) == (503, "60")
        assert "en préparation" in making.content.decode()
    assert "en préparation" in client.get(address(seance)).content.decode()
    files_made()
    for extension in ("pdf", "docx"):
        answered = client.get(address(seance, extension))
        assert answered.status_code == 200
        assert f"seance-1.{extension}" in answered["Content-Disposition"]
        assert answered["X-Content-Type-Options"] == "nosniff"
        taken(answered)
    assert "en préparation" not in client.get(address(seance)).content.decode()


def test_a_file_that_breaks_is_absent_then_made_and_the_other_does_not_wait(client, seance, monkeypatch):
    adopted(seance)

    def breaks(*_):
        raise RuntimeError("no pandoc")

    with monkeypatch.context() as broken:
        broken.setattr("socle.publications.pandoc.write", breaks)
        files_made()
    assert client.get(address(seance, "docx")).status_code == 503
    taken(client.get(address(seance, "pdf")))
    assert not publications.build_next()  # not at once: it would turn for ever
    Publication.objects.update(next_attempt_at=local(-1))
    files_made()
    assert taken(client.get(address(seance, "docx")))[:2] == b"PK"


def test_what_is_taken_down_leaves_the_page_and_the_files_are_made_again(client, seance):
    read = whole(seance)
    adopted(seance, WORDS)
    files_made()
    assert renew_files() == 0
    before = set(Publication.objects.values_list("document__path", flat=True))
    taken_down(read)
    assert renew_files() == 1
    assert client.get(address(seance, "pdf")).status_code == 503
    files_made()
    assert "Lue dans la salle" not in pdf_text(taken(client.get(address(seance, "pdf"))))
    assert "Lue dans la salle" not in client.get(address(seance)).content.decode()
    assert "Lue aussi" in client.get(address(seance)).content.decode()
    assert not before & set(Publication.objects.values_list("document__path", flat=True))
    assert renew_files() == 0


def test_links_lead_to_it_and_the_short_address_too(client, seance):
    adopted(seance)
    for page in (seance.atelier.get_absolute_url(), seance.rencontre.get_absolute_url()):
        assert address(seance) in client.get(page).content.decode()
    short = f"/ateliers/{seance.atelier.rank}/seances/1/compte-rendu/"
    assert client.get(short)["Location"] == address(seance)
    assert client.get(address(seance).replace("compte-rendu/", "compte-rendu.odt")).status_code == 404


@pytest.mark.parametrize("count", [1, 12])
def test_the_page_asks_the_same_number_of_questions_whatever_it_holds(client, count, django_assert_max_num_queries):
    theme = make_theme()
    atelier = make_atelier(themes=[theme])
    seance = held(0, atelier=atelier)
    for _ in range(count):
        make_contribution(theme=theme)
        make_production(seance, theme=theme)
        came(seance)
    number(seance)
    tell(seance, [Said(frozenset(range(1, count + 1)), "reprise", "")], None)
    type(seance.rencontre).objects.filter(pk=seance.pk).update(starts_at=local(-2, 18))
    seance.rencontre.refresh_from_db()
    points = tuple((f"Point {rank}", "Texte") for rank in range(count))
    adopted(seance, actions.Words("Bonjour", "", points))
    client.get("/")  # what all pages share is read once a process
    with django_assert_max_num_queries(8):
        client.get(address(seance))


def test_a_draft_demarche_shows_nothing(client, seance):
    adopted(seance)
    files_made()
    demarche = seance.atelier.demarche
    type(demarche).objects.filter(pk=demarche.pk).update(state="brouillon", courante=False)
    for extension in ("", "pdf", "docx"):
        assert client.get(address(seance, extension)).status_code == 404


def test_the_authors_who_were_read_are_told_once_each(seance):
    read = whole(seance)
    personne = make_personne()
    Contribution.objects.filter(pk=read.pk).update(personne=personne)
    Contribution.objects.filter(title="Lue aussi").update(personne=personne)
    adopted(seance)
    told = Envoi.objects.get(dedupe_key=f"compte-rendu:{seance.pk}:lues:{personne.pk}")
    assert "Trop cher." in told.body_text and "Lue aussi" in told.body_text
    assert told.to == personne.email
