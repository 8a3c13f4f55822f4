"""The form that contributes, to print: the questions of the screen, readable by all, from data that is never markup."""

import io
import json
import re
from pathlib import Path

import pytest
from django.db import transaction
from pypdf import PdfReader

from consultation.forms.contribution import ContributionForm
from consultation.models import Demarche
from consultation.printing import contribution as printing
from consultation.templatetags.prose import typo
from socle.identity.models import SiteIdentity
from socle.pagecache.actions import bump
from socle.pagecache.store import store
from socle.papers import render
from tests.factories import local, make_college, make_demarche, make_enjeu, make_identity, make_theme

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = "/contributions/formulaire.pdf"
pytestmark = pytest.mark.django_db


@pytest.fixture
def demarche():
    demarche = make_demarche(title="Écrivons la suite", contributions_close_at=local(30, 18))
    make_identity()
    make_theme(demarche=demarche, question="Comment associer les habitants ?")
    make_enjeu(demarche=demarche, sentence="élargir le cercle de ceux qui décident")
    make_college(demarche=demarche, label="Association")
    return demarche


def words(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


def read(client) -> str:
    response = client.get(ADDRESS)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    return words(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages))


def test_paper_asks_what_the_screen_asks_in_the_same_words(client, demarche):
    shown = read(client)
    form = ContributionForm(demarche=demarche)
    asked = [name for name in form.fields if name not in ("precisions", "submission_key")]
    assert {"theme", "title", "body", "minor", "display", "email"} <= set(asked)
    for name in asked:
        assert words(typo(form.fields[name].label)) in shown
        for _, label in getattr(form.fields[name], "choices", []):
            assert words(label) in shown


def test_paper_says_where_it_goes_until_when_and_what_becomes_of_it(client, demarche):
    shown = read(client)
    said = ["1, place de la Région", "59000 Lille", "03 00 00 00 00", "de 9 h à 17 h", "jusqu’au", "à 18 h"]
    said += ["Cadre réservé à l’équipe", "Numéro de suivi", "J’ai moins de 15 ans", "Vos données", "effacée", "CNIL"]
    assert [words for words in said if words not in shown] == []


def test_paper_is_tagged_in_french_with_a_title(client, demarche):
    reader = PdfReader(io.BytesIO(client.get(ADDRESS).content))
    root = reader.root_object
    assert reader.metadata.title == "Contribuer sur papier, Écrivons la suite"
    assert root["/Lang"].startswith("fr")
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    assert all(page.mediabox.width == pytest.approx(595.3, abs=1) for page in reader.pages)


def test_paper_is_set_in_twelve_points_or_more(client, demarche):
    sizes = set()

    def note(text, _matrix, _text_matrix, _font, size):
        if text.strip():
            sizes.add(round(size, 1))

    for page in PdfReader(io.BytesIO(client.get(ADDRESS).content)).pages:
        page.extract_text(visitor_text=note)
    assert min(sizes) >= 12


def test_a_portal_with_nothing_filled_in_still_prints(client):
    make_demarche(contributions_close_at=None)
    SiteIdentity.objects.all().delete()
    shown = read(client)
    assert "Où le rendre" in shown
    assert "Par la poste" not in shown
    assert "jusqu’au" not in shown


def test_closing_at_midnight_is_said_with_the_last_day():
    assert printing.until(Demarche(contributions_close_at=local(0))).count(" à ") == 0
    assert re.search(r"à 18\u00a0h$", printing.until(Demarche(contributions_close_at=local(0, 18))))


def test_no_demarche_no_form(client):
    assert client.get(ADDRESS).status_code == 404


HOSTILE = [
    '#read("/etc/hostname")',
    '#image("http://127.0.0.1:9/a.png")',
    '#import "@preview/cetz:0.3.0"',
    '#import "http://127.0.0.1:9/a.typ"',
    '"); #panic("x")',
    "= Titre *gras* _italique_ $x^2$ `code` <étiquette> @renvoi // remarque",
    "</script><svg onload=alert(1)>",
    "\\u{41} \u200f\u05d0 👩‍👩‍👧 𝔘",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_written_stays_text_wherever_it_is(text):
    demarche = make_demarche(title=text, call=text, owner=text[:160])
    make_identity(region_name=text[:120], postal_address=text, contact_hours=text)
    make_theme(demarche=demarche, question=text)
    make_enjeu(demarche=demarche, sentence=text)
    make_college(demarche=demarche, label=text)
    reader = PdfReader(io.BytesIO(printing.paper_form(demarche)))
    shown = words(" ".join(page.extract_text() for page in reader.pages))
    start = re.match(r"[\x20-\x7e]{1,20}", text)[0].rstrip()
    assert shown.replace("’", "'").count(start.replace("’", "'")) >= 5
    assert reader.metadata.title.startswith("Contribuer sur papier")


@pytest.mark.parametrize(
    "source",
    [
        '#read("/etc/hostname")',
        '#read("../outside.txt")',
        '#import "@preview/cetz:0.3.0": canvas',
        '#image("http://127.0.0.1:9/a.png")',
    ],
)
def test_a_source_reads_what_papers_share_and_nothing_else(tmp_path, source):
    """Even ours could not: no other file, no package, no address (T32)."""
    (tmp_path / "outside.txt").write_text("canari")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "a.typ").write_text(f'#set document(title: "a")\n{source}')
    with pytest.raises(Exception, match=r"not found|outside|failed|access|download|load") as refused:
        render(inside / "a.typ", {})
    assert "canari" not in str(refused.value)


def test_sources_ship_no_font_and_ask_for_none_of_the_machine():
    floors = ("socle", "consultation", "ateliers", "forums", "participons")
    folders = [folder for floor in floors for folder in (ROOT / floor).rglob("printing")]
    kept = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in kept} <= {".py", ".typ", ".pyc"}
    asked = re.findall(r'font: "([^"]+)"', "".join(path.read_text() for path in kept if path.suffix == ".typ"))
    assert set(asked) == {"Libertinus Serif", "DejaVu Sans Mono"}


@pytest.mark.django_db(transaction=True)
def test_form_is_drawn_once_for_everybody(client, monkeypatch):
    demarche = make_demarche()
    with transaction.atomic():
        bump()  # nothing is kept before the first publication
    store.clear()
    drawn = []
    monkeypatch.setattr("consultation.views.papers.printed", lambda one: drawn.append(one.pk) or b"%PDF-1.7")
    for query in ("", "?a=1", "?a=2"):
        assert client.get(ADDRESS + query).content == b"%PDF-1.7"
    assert client.head(ADDRESS).status_code == 200
    assert drawn == [demarche.pk]


def test_data_is_only_text_and_lists(demarche):
    assert json.loads(json.dumps(printing.data_of(demarche))) == printing.data_of(demarche)
