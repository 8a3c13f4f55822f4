"""What anyone reads of textes: each passage with where it comes from, each contribution with what became of it."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from consultation.actions import textes, textes_order
from consultation.actions.contributions import change_state
from consultation.actions.textes_publish import next_version
from consultation.choices import ContributionState, How, Nature, ReponseKind, TexteKind
from consultation.models import Citation, Passage, ServiceAnswer, Texte, TexteVersion
from socle.dates import Precision, moment_label
from socle.pagecache.store import store
from tests.factories import (
    make_atelier,
    make_college,
    make_commune,
    make_contribution,
    make_etape,
    make_production,
    make_reason,
    make_seance,
    make_superuser,
)
from tests.textes import answered, followed, guards_asleep, make_texte, passage, published, said, withdrawn

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
        "Elle a nourri une production du groupe de l’atelier 1 – Dunkerque",
        "« Un billet unique »",
        "Par là, elle est reprise au passage 1 de la synthèse intermédiaire",
        "« Un billet », version provisoire",
        "Par là, elle est reprise à l’orientation 1 du rapport d’orientations",
    ]
    assert [page.index(step) for step in steps] == sorted(page.index(step) for step in steps)
    assert "Avec une autre, elle est reprise au passage 1" in read(f"/contributions/{group.contribution.reference}/")
    stops = ["Reçue", "Publiée", "En atelier", "Synthèse intermédiaire", "Dans le rapport"]
    shown = drawn(f"/contributions/{far.reference}/")
    assert (sorted(shown[:5]), shown[5:]) == (sorted(stops), ["Dans la politique", "Suites données"])


def test_what_a_passage_does_with_a_contribution_is_said_as_it_is():
    """Alone, with one or several; merged, qualified, left; twice cited; since when, whatever was corrected later."""
    texte, one, other, last = make_texte(), said(), said(), said()
    passage(texte, one, other, last)
    for how in (How.MERGES, How.QUALIFIES, How.DIVERGES):
        textes.cite(passage(texte, other), one, how=how, quote="", by=make_superuser())
    passage(texte, last)
    published(texte)
    of = "de la synthèse des contributions"
    page = read(one.get_absolute_url())
    for words in (
        f"Avec 2 autres, elle est reprise au passage 1 {of}",
        f"Avec une autre, elle est fusionnée au passage 2 {of}",
        f"Avec une autre, elle est citée au passage 3 {of}, qui la nuance",
        f"Avec une autre, elle est citée au passage 4 {of}, qui s’en écarte",
    ):
        assert words in page
    assert f"Elle est reprise au passage 5 {of}" in read(last.get_absolute_url())
    assert "Dans la synthèse (4)" in drawn(one.get_absolute_url())

    since = timezone.now() - timedelta(days=3)
    with guards_asleep("consultation_texteversion"), guards_asleep("consultation_texte"):
        TexteVersion.objects.update(published_at=since)
        Texte.objects.update(first_published_at=since)
    draft = next_version(texte)
    for link in Citation.objects.filter(citing_passage__version=draft).select_related("citing_passage"):
        if (link.citing_passage.number == 1) == (link.cited == other) and link.cited != last:
            textes.uncite(link.citing_passage, link.pk)
    published(texte, reason="Une relecture.")
    page = read(one.get_absolute_url())
    day = moment_label(since, None, Precision.DAY)
    assert f"Avec une autre, elle est reprise au passage 1 {of} {day}" in page, "not that of the correction"
    assert "passage 2" not in page
    withdrawn(last)
    assert f"Avec une autre, elle est reprise au passage 1 {of}" in read(one.get_absolute_url()), "counts stay"


def test_what_was_taken_down_keeps_its_parcours_for_whoever_wrote_it():
    texte, gone, no = make_texte(), said(), make_contribution(state=ContributionState.WAITING)
    passage(texte, gone, said())
    published(texte)
    withdrawn(gone, by_author=True)
    read(gone.get_absolute_url(), 410)
    own = followed(gone)
    assert "Avec une autre, elle est reprise au passage 1" in read(own)
    assert drawn(own) == ["Reçue", "Publiée", "Dans la synthèse", "Retirée"]
    change_state(no, ContributionState.REFUSED, by=make_superuser(), reason=make_reason(label="Hors du sujet"))
    own = followed(no)
    page = read(own)
    assert "Motif : Hors du sujet" in page and "La suite s’écrira ici" not in page
    assert drawn(own) == ["Reçue", "Non publiée"]


def test_a_question_is_answered_on_both_pages():
    one = said(nature=Nature.QUESTION)
    own = followed(one)
    assert "La suite s’écrira ici : la réponse d’un service de la Région" in read(own)
    ServiceAnswer.objects.create(contribution=one, service="Les transports", body="Oui.", published_at=timezone.now())
    for address in (own, one.get_absolute_url()):
        assert re.search(r"Réponse donnée [^.]* Les transports", read(address))
        assert drawn(address) == ["Reçue", "Publiée", "Réponse donnée"]


def test_a_parcours_ends_even_where_the_database_held_a_circle(group):
    """None can be written (trigger `citation_holds`): it sleeps here."""
    far = Citation.objects.get().cited
    with guards_asleep("consultation_citation"):
        Citation.objects.create(citing=far, cited=group.contribution)
    assert "Elle a nourri une production du groupe" in read(far.get_absolute_url())


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
    assert "La synthèse des contributions lui répond : hors compétence, transmise à la Métropole" in page
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
    own_page = followed(far)
    passage(texte, group.contribution)
    answered(texte, said())
    published(texte, final=False)
    client, own = Client(), f"/textes/{texte.pk}/"
    addresses = [
        *("/textes/", own, f"{own}passages/1/", f"{own}reponses/", f"{own}versions/1/"),
        *(f"/contributions/{far.reference}/", own_page),
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
