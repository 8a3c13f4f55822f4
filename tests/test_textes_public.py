"""What anyone reads of textes: each passage with where it comes from, each contribution with what became of it."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from consultation import numero
from consultation.actions import textes, textes_order
from consultation.actions.textes_publish import next_version
from consultation.choices import ReponseKind, TexteKind
from consultation.models import Citation, Contribution, Passage
from socle.pagecache.store import store
from tests.factories import (
    make_atelier,
    make_college,
    make_commune,
    make_etape,
    make_production,
    make_seance,
    make_superuser,
)
from tests.textes import answered, make_texte, passage, published, said, withdrawn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


def read(address: str, status: int = 200) -> str:
    answer = Client().get(address)
    assert answer.status_code == status, address
    return re.sub(r"\s+", " ", strip_tags(answer.content.decode()).replace("&nbsp;", " ").replace("\u00a0", " "))


@pytest.fixture
def group():
    """What a group made of one contribution."""
    seance = make_seance(make_atelier(town="Dunkerque"))
    made = make_production(seance, title="Un billet unique", organisation="Groupe de l’atelier 1 – Dunkerque")
    Citation.objects.create(citing=made.contribution, cited=said(title="Un seul ticket"))
    return made


def test_nothing_of_a_draft_can_be_read():
    texte = make_texte(title="Palimpseste")
    passage(texte, said(), title="Palimpseste")
    assert "Palimpseste" not in read("/textes/")
    for address in (f"/textes/{texte.pk}/", f"/textes/{texte.pk}/passages/1/", f"/textes/{texte.pk}/versions/1/"):
        read(address, 404)
    published(texte)
    textes.add(next_version(texte), textes.Words("Second palimpseste", ""))
    assert "Second palimpseste" not in read(f"/textes/{texte.pk}/")
    read(f"/textes/{texte.pk}/passages/2/", 404)
    read(f"/textes/{texte.pk}/versions/2/", 404)


def test_an_etape_shows_what_was_written_in_it():
    etape = make_etape(title="Le lancement")
    texte = make_texte(etape=etape, title="Synthèse du printemps")
    passage(texte, said())
    assert "Ce qui a été écrit" not in read(etape.get_absolute_url())
    published(texte, final=False)
    page = read(etape.get_absolute_url())
    assert "Synthèse du printemps version provisoire" in page
    assert "Étape 1 : Le lancement" in read(f"/textes/{texte.pk}/")


def test_a_definitive_texte_says_exactly_what_it_treated():
    texte = make_texte(title="Synthèse du printemps")
    passage(texte, said(), said(), title="Des trains", text="Il est demandé des trains.")
    answered(texte, said(), kind=ReponseKind.PLANNED)
    published(texte)
    page = read(f"/textes/{texte.pk}/")
    assert "Les 3 contributions (3 en ligne) ont été lues et traitées : 2 reprises, 1 avec une réponse motivée." in page
    assert "1. Des trains" in page
    assert "2 sources" in page
    assert "déjà prévue : 1" in page
    assert "Synthèse du printemps" in read("/textes/")


def test_a_provisional_texte_shows_its_shortfall_first():
    texte = make_texte()
    passage(texte, said())
    said()
    published(texte, final=False)
    page = read(f"/textes/{texte.pk}/")
    assert "1 sur 2 contributions traitées" in page
    assert "ont été lues et traitées" not in page


def test_a_passage_says_where_it_comes_from_down_to_the_contributions(group):
    texte, lille = make_texte(), make_commune(name="Lille", epci_name="Métropole européenne de Lille")
    spoken = said(title="Plus de bus", body="Un bus le soir.", college=make_college(label="Élu"), commune=lille)
    made = passage(texte, spoken, quote="bus le soir")
    textes.cite(made, group.contribution, how="nuance", quote="", by=make_superuser())
    published(texte, final=False)
    later = make_texte(kind=TexteKind.RAPPORT)
    textes.cite_passage(passage(later), made, quote="", by=make_superuser())
    published(later, final=False)
    page = read(f"/textes/{texte.pk}/passages/1/")
    for words in ("« bus le soir »", "Plus de bus", "Élu", "Lille", "nuance", "Un billet unique"):
        assert words in page
    for where in (page, read(f"/textes/{later.pk}/passages/1/")):  # the same ones lead to what cites it
        assert "Origine En ligne : 2" in where
        assert "En atelier : 1" in where
        assert "Métropole européenne de Lille : 1" in where
        assert "Atelier 1 – Dunkerque : 1" in where


def test_a_source_that_was_withdrawn_leaves_its_reference_and_the_counts(group):
    texte, gone = make_texte(), said(title="Zirconium", body="Le zirconium partout.")
    passage(texte, gone, group.contribution, quote="")
    textes.cite(texte.draft.passages.get(), gone, quote="zirconium partout", by=make_superuser())
    published(texte, final=False)
    withdrawn(gone)
    page = read(f"/textes/{texte.pk}/passages/1/")
    assert "irconium" not in page
    assert f"{gone.reference} , retirée depuis" in page.replace(f"{gone.reference},", f"{gone.reference} ,")
    assert "2 sources" in read(f"/textes/{texte.pk}/")


def test_a_contribution_tells_its_way_through_the_productions_and_the_textes(group):
    far = Citation.objects.get().cited
    texte = make_texte(kind=TexteKind.INTERMEDIAIRE)
    made = passage(texte, group.contribution, said(), title="Un billet")
    published(texte, final=False)
    later = make_texte(kind=TexteKind.RAPPORT)
    textes.cite_passage(passage(later, title="Circuler"), made, quote="", by=make_superuser())
    published(later, final=False)
    page = read(f"/contributions/{far.reference}/")
    steps = [
        "Reprise par une production d’atelier",
        "Groupe de l’atelier 1 – Dunkerque : « Un billet unique »",
        "Par là, reprise au passage 1 de la synthèse intermédiaire",
        "« Un billet », version provisoire",
        "Par là, reprise à l’orientation 1 du rapport d’orientations",
    ]
    assert [page.index(step) for step in steps] == sorted(page.index(step) for step in steps)
    assert "Avec une autre, reprise au passage 1" in read(f"/contributions/{group.contribution.reference}/")
    stops = ["Reçue", "Publiée", "En atelier", "Synthèse intermédiaire", "Dans le rapport"]
    shown = drawn(f"/contributions/{far.reference}/")
    assert (sorted(shown[:5]), shown[5:]) == (sorted(stops), ["Dans la politique", "Suites données"])


def drawn(address: str) -> list[str]:
    """The stops of the drawing; those to come are there too."""
    return re.findall(r"<text[^>]*>([^<]+)", Client().get(address).content.decode())


def test_a_contribution_shows_the_answer_once_it_is_public():
    texte, one = make_texte(), said()
    passage(texte, said())
    answered(texte, one, kind=ReponseKind.NOT_OURS, passed_to="la Métropole", reason="La voirie est à elle.")
    assert "La voirie" not in read(f"/contributions/{one.reference}/")
    published(texte)
    page = read(f"/contributions/{one.reference}/")
    assert "Réponse : hors compétence, transmise à la Métropole" in page
    assert "La voirie est à elle." in page
    assert "La voirie est à elle." in read(f"/textes/{texte.pk}/reponses/")
    assert drawn(f"/contributions/{one.reference}/") == ["Reçue", "Publiée", "Réponse donnée"]


def test_a_correction_is_the_next_version_with_its_reason_and_its_differences():
    texte = make_texte()
    first, second = (passage(texte, said(), title=title, text="Des trains lents.") for title in ("Un", "Deux"))
    published(texte)
    draft = next_version(texte)
    first, second = draft.passages.order_by("number")
    textes.write(first, textes.Words("Un", "Des trains rapides."), first.seal)
    moved = textes.add(draft, textes.Words("Trois", "", liaison=True))
    textes_order.move(moved, 1, 3)
    cited = second.citations.get().cited
    textes_order.remove(second, second.seal)
    answered(texte, cited)
    published(texte, reason="Le mot était faux.")
    page = read(f"/textes/{texte.pk}/versions/2/")
    for words in ("Le mot était faux.", "[retiré : lents", "[ajouté : rapides", "« Trois » : ajouté", "« Deux » : ôté"):
        assert words in page
    # Addresses never break: a passage keeps its key, whatever its number; one that is gone says since when.
    assert "Passage 2, version définitive" in read(f"/textes/{texte.pk}/passages/1/")
    assert "n’est plus dans le texte depuis la version 2" in read(f"/textes/{texte.pk}/passages/2/")
    html = Client().get(f"/textes/{texte.pk}/").content.decode()
    assert all(f'id="passage-{key}"' in html for key in (1, 2, 3))
    assert "une version plus récente l’a remplacée" in read(f"/textes/{texte.pk}/versions/1/").lower()


def weight(html: bytes, *sheets: str) -> int:
    files = ("css/site.css", "css/textes.css", "img/favicon.svg", *sheets)
    kept = (Path(settings.BASE_DIR, "static", name).read_bytes() for name in files)
    return sum(len(gzip.compress(one, 9)) for one in kept) + len(gzip.compress(html, 6))


def asked(client: Client, address: str) -> tuple[int, bytes]:
    store.clear()
    with CaptureQueriesContext(connection) as captured:
        page = client.get(address)
    assert page.status_code == 200
    questions = [one["sql"] for one in captured if "SAVEPOINT" not in one["sql"]]
    assert len(questions) <= 8, [address, *(sql[:90] for sql in questions)]
    return len(questions), page.content


def test_no_page_asks_more_as_textes_grow_and_each_fits_one_window(group):
    """A texte of one passage, then one of 400 that cites and answers more, in two versions: ≤ 8 queries each."""
    texte, far = make_texte(), Citation.objects.get().cited
    number = numero.numero_of(far.submission_key)
    Contribution.objects.filter(pk=far.pk).update(tracking_hash=numero.tracking_hash(number))
    passage(texte, group.contribution)
    answered(texte, said())
    published(texte, final=False)
    client, own = Client(), f"/textes/{texte.pk}/"
    addresses = [
        *("/textes/", own, f"{own}passages/1/", f"{own}reponses/", f"{own}versions/1/"),
        *(f"/contributions/{far.reference}/", f"/suivi/{number}/"),
    ]
    before = [asked(client, address)[0] for address in addresses]
    draft = next_version(texte)
    words = "Il est demandé un train par heure entre les villes, et des places pour les vélos à toute heure. " * 6
    Passage.objects.bulk_create(
        Passage(version=draft, key=key, number=key, title=f"Passage {key} sur les trains", text=f"{key} {words}")
        for key in range(2, 401)
    )
    for one in draft.passages.filter(number__in=(1, 2, 200, 399)):
        textes.cite(one, said(body=words), quote=words[:95], by=make_superuser())
        textes.cite(one, far, quote="", by=make_superuser())
    answered(texte, said(), said())
    published(texte, final=False, reason="La suite.")
    after = [*addresses, f"{own}versions/2/", f"{own}?passage=399", f"{own}passages/200/"]
    pages = [asked(client, address) for address in after]
    same = [3, 5, 6]  # a first version has no other before it: the texte and its versions ask once more
    assert [pages[place][0] for place in same] == [before[place] for place in same]
    for address, (_, html) in zip(after, pages, strict=True):
        assert weight(html, "css/versions.css", "css/parcours.css") < 14_600, address
    shown = pages[after.index(f"{own}?passage=399")][1].decode()
    assert 'id="passage-399"' in shown
    assert 'id="passage-1"' not in shown
