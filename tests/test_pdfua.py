"""Every PDF that the portal makes is PDF/UA-1 (ISO 14289-1) for veraPDF, with all that people write."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from uuid import uuid4

import pytest
import typst
from django.utils import timezone

from ateliers.actions.comptes_rendus import Words
from ateliers.actions.lectures import number
from ateliers.minutes import build
from ateliers.models import Seance
from ateliers.printing.absents import sheet
from ateliers.printing.fiche import fiches
from consultation.actions.feuilles import prepare
from consultation.models import Inscription, Rencontre, Texte
from consultation.printing.attestation import attestation
from consultation.printing.contribution import paper_form
from consultation.printing.emargement import emargement
from consultation.printing.evaluation import evaluation_sheet
from consultation.printing.receipt import receipt
from consultation.texte_files.build import write
from socle.documents.actions import keep_pdf
from socle.documents.files import path_of
from socle.documents.models import MediaType
from socle.privacy.models import Visa
from socle.privacy.printing.bordereau import bordereau
from tests.factories import (
    local,
    make_college,
    make_commune,
    make_contribution,
    make_demarche,
    make_enjeu,
    make_identity,
    make_inscription,
    make_personne,
    make_production,
    make_rencontre,
    make_seance,
    make_superuser,
    make_theme,
)
from tests.minutes import adopted
from tests.papers import pdf, upload
from tests.textes import answered, make_texte, passage, published, said

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent
ALL = "Œuvre «\u00a0été\u00a0» – 🌍👩🏽‍🌾 שלום مرحبا 漢字 한국어 ไทย \x01\x0b\u202e <b>a</b> #raw(1) $x$ `c` @d ~"
LONG = "Un paragraphe qui dit pourquoi, et comment. " * 60
BODY = f"{ALL}\n{LONG}\n\n- une chose\n- {ALL}\n\nhttps://example.org/ {'m' * 4000}\n\n{LONG}"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch, settings, tmp_path):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    settings.DOCUMENT_STORAGE = tmp_path / "documents"


@pytest.fixture
def demarche():
    make_identity(region_name=f"Région {ALL}", postal_address=f"1, place\n{ALL}", contact_hours=ALL)
    return make_demarche(title=f"Démarche {ALL}", call=LONG, contributions_close_at=local(10))


@pytest.fixture
def seance(demarche) -> Seance:
    """Tonight, with its thème, what the absent said of it, and who is registered."""
    theme = make_theme(demarche=demarche, question=ALL)
    made = make_seance(starts_at=local(1, 18), precision="heure")
    made.atelier.question = ALL
    made.atelier.save(update_fields=["question"])
    made.atelier.themes.add(theme)
    Rencontre.objects.filter(pk=made.pk).update(title=f"Rendez-vous {ALL}")
    make_contribution(theme=theme, title=ALL, body=BODY)
    for rank in range(40):
        make_inscription(rencontre=made.rencontre, name=f"{ALL} {rank}", personne=make_personne())
    return Seance.objects.select_related("rencontre__demarche", "rencontre__lieu", "atelier__demarche").get(pk=made.pk)


def a_texte() -> Texte:
    """With its introduction, its notes, its figures and its annex."""
    theme, lille = make_theme(question=ALL), make_commune(name="Lille", epci_name=ALL)
    college = make_college(label=ALL)
    texte = make_texte(title=f"Synthèse {ALL}")
    rows = [
        said(title=ALL, body=BODY, theme=theme if n % 2 else None, commune=lille, college=college) for n in range(12)
    ]
    for n in range(3):
        passage(texte, *rows[n::4], quote="Un paragraphe", title=f"{n} {ALL}", text=BODY)
    answered(texte, *rows)
    return texte


def file_of(version, folder: Path, media_type: str = MediaType.PDF) -> bytes:
    write(version, media_type, folder / "texte", lambda _: None)
    return (folder / "texte").read_bytes()


def a_published_texte(seance, folder):
    texte = a_texte()
    published(texte)
    return [file_of(texte.current, folder)]


def a_draft_texte(seance, folder):
    return [file_of(a_texte().draft, folder)]


def an_annex(seance, folder):
    """Each volume of it."""
    with zipfile.ZipFile(io.BytesIO(file_of(a_texte().draft, folder, MediaType.ZIP))) as archive:
        return [archive.read(name) for name in archive.namelist() if name.endswith(".pdf")]


def a_compte_rendu(seance, folder):
    Rencontre.objects.filter(pk=seance.pk).update(starts_at=local(-1, 18))
    seance.rencontre.refresh_from_db()
    for rank in range(2):
        make_production(seance, title=f"{rank} {ALL}", body=BODY, minority=bool(rank))
    adopted(seance, Words(BODY, ALL, ((ALL, BODY), ("Le vélo", ""))))
    build(str(seance.pk), MediaType.PDF, folder / "minutes", lambda _: None)
    return [(folder / "minutes").read_bytes()]


def absents_read_aloud(seance, folder):
    number(seance)
    return [sheet(seance), sheet(seance, whole=True), sheet(seance, since=99)]


def fiches_to_write_on(seance, folder):
    return [fiches(seance, range(1, 6))]


def sheets_to_sign(seance, folder):
    nobody = Rencontre.objects.select_related("lieu", "demarche").get(pk=make_rencontre(title=ALL).pk)
    return [emargement(prepare(one.pk, make_superuser())) for one in (seance.rencontre, nobody)]


def an_evaluation(seance, folder):
    return [evaluation_sheet(seance.rencontre)]


def an_attestation(seance, folder):
    return [attestation(Inscription.objects.select_related("rencontre__lieu").first(), ALL)]


def a_paper_form(seance, folder):
    for rank in range(14):
        make_college(label=f"{rank} {ALL}")
        make_enjeu(sentence=f"{rank} {ALL}", demarche=seance.rencontre.demarche)
    return [paper_form(seance.rencontre.demarche)]


def a_receipt(seance, folder):
    return [receipt(make_contribution(title=ALL, submission_key=uuid4(), tracking_hash=b"x", submitted_at=local()))]


def slips_of_destruction(seance, folder):
    slip = {"record": "jamais_publiees", "subject": "close", "what": ALL, "rows": 3, "proposed_by": make_superuser()}
    visa = Visa(pk=1, proposed_at=timezone.now(), **slip)
    signed = Visa(pk=2, proposed_at=timezone.now(), reference=ALL, signed_by=ALL, signed_on=local().date(), **slip)
    return [bordereau(visa), bordereau(signed)]


def a_cahier_d_acteur(seance, folder):
    """An organisation's own, written again: what was PDF/UA stays it."""
    kept = keep_pdf(
        upload(pdf('Notre *position* : #link("https://example.org/")[la lire].', pages=2), "position.pdf"), None
    )
    return [path_of(kept).read_bytes()]


# By what draws each: the Typst sources of the house, and an organisation's program.
KINDS = {
    "written.typ": (a_published_texte, a_draft_texte, an_annex, a_compte_rendu),
    "absents.typ": (absents_read_aloud,),
    "fiche.typ": (fiches_to_write_on,),
    "emargement.typ": (sheets_to_sign,),
    "evaluation.typ": (an_evaluation,),
    "attestation.typ": (an_attestation,),
    "contribution.typ": (a_paper_form,),
    "receipt.typ": (a_receipt,),
    "bordereau.typ": (slips_of_destruction,),
    "": (a_cahier_d_acteur,),
}
ALL_KINDS = [make for kinds in KINDS.values() for make in kinds]


@pytest.mark.parametrize("make", ALL_KINDS, ids=lambda make: make.__name__)
def test_each_pdf_is_pdf_ua(make, seance, tmp_path, validator):
    for rank, content in enumerate(make(seance, tmp_path)):
        path = tmp_path / f"{rank}.pdf"
        path.write_bytes(content)
        assert validator.violations(path) == []


def test_no_paper_is_forgotten():
    found = [
        path
        for floor in ("socle", "consultation", "ateliers", "forums", "participons")
        for path in (ROOT / floor).rglob("*.typ")
    ]
    sources = {path.name for path in found if "show: paper" in path.read_text()}
    assert sources == set(KINDS) - {""}


BROKEN = {
    "no standard": (b'#set document(title: "a")\n= a', {}, "5-1 "),
    "no tags": (b'#set document(title: "a")\n= a', {"pdf_tags": False}, "7.1-11 "),
    "no title": (b"= a", {}, "7.1-9 "),
    "a sign without a drawing": ('#set document(title: "a")\n漢字'.encode(), {}, "7.21.8-1 "),
    "a picture without words": (b'#set document(title: "a")\n#figure(rect())', {}, "7.3-1 "),
}


@pytest.mark.parametrize(("source", "how", "rule"), BROKEN.values(), ids=BROKEN)
def test_the_validator_sees_what_is_broken(source, how, rule, tmp_path, validator):
    path = tmp_path / "broken.pdf"
    path.write_bytes(typst.compile(source, ignore_system_fonts=True, **how))
    assert [one for one in validator.violations(path) if one.startswith(rule)]


def test_what_is_no_pdf_is_not_called_valid(tmp_path, validator):
    path = tmp_path / "not.pdf"
    path.write_bytes(b"%PDF-1.7 no more")
    with pytest.raises(RuntimeError):
        validator.violations(path)
