"""What anyone reads of a group's productions: by séance, with what became of each, and nothing that nobody has read."""

from __future__ import annotations

import gzip
from pathlib import Path

import html5lib
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ateliers.actions import devenirs
from ateliers.models import Production
from ateliers.views.productions import PAGE
from consultation.actions.moderation import mask
from consultation.choices import ContributionState, How
from consultation.models import Citation
from consultation.templatetags.versions import marked
from socle.difference import difference
from socle.pagecache.store import store
from tests.factories import (
    local,
    make_atelier,
    make_contribution,
    make_demarche,
    make_production,
    make_seance,
    make_superuser,
    make_table,
)

pytestmark = pytest.mark.django_db
WAITING = ContributionState.WAITING
SVG = '"><svg onload=alert(1)>'


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    store.clear()
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def atelier():
    return make_atelier(rank=5)


@pytest.fixture
def seances(atelier):
    return [make_seance(atelier, starts_at=local(14 * number)) for number in (-1, 0, 1)]


@pytest.fixture
def table(seances):
    return make_table(seances[1])


def list_of(atelier, **query):
    return reverse("productions", args=[atelier.demarche.slug, atelier.rank], query=query)


def flat(answer):
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("&nbsp;", " ").replace("\N{NO-BREAK SPACE}", " ").split())


def publish(devenir):
    devenirs.publish(devenir, by=make_superuser())
    store.clear()


def reworded(table, production, title, body):
    seen = production.versions.latest("pk").pk
    return devenirs.reword(table, production, seen=seen, title=title, body=body)


def test_the_list_holds_what_is_published_by_seance_and_says_what_is_minority(client, atelier, seances):
    shown = make_production(seances[0], title="Constat partagé")
    make_production(seances[1], title="Avis des lycéens", minority=True)
    waiting = make_production(seances[1], title="Palimpseste", state=WAITING)
    make_production(seances[1], title="Palimpseste", state=ContributionState.WITHDRAWN)
    page = flat(client.get(list_of(atelier)))
    first, second = page.split("Séance 2 : propositions")
    assert "Séance 1 : constats" in first
    assert "Constat partagé" in first
    assert "Avis des lycéens" in second
    assert "point de vue minoritaire" in second
    assert "Palimpseste" not in page
    assert "Au travail : 2" in page
    sitemap = client.get("/sitemap.xml").text
    assert shown.get_absolute_url() in sitemap and waiting.get_absolute_url() not in sitemap


def test_merged_and_dropped_are_read_apart_with_the_reason(client, atelier, seances, table):
    dropped, merged, live = (make_production(seances[0], title=name) for name in ("Abandon", "Fusion", "Vivante"))
    publish(devenirs.drop(table, dropped, "Déjà dans la loi."))
    publish(devenirs.merge(table, [merged], live)[0])
    page = flat(client.get(list_of(atelier)))
    assert "Vivante" in page
    assert "Abandon<" not in page
    assert "Fusionnées : 1" in page
    page = flat(client.get(list_of(atelier, etat="abandonnees")))
    assert "Abandonnée à la séance 2 : Déjà dans la loi." in page
    page = flat(client.get(list_of(atelier, etat="fusionnees")))
    assert f"{live.contribution.reference}, « Vivante »" in page


def test_what_the_organiser_has_not_published_is_nowhere(client, atelier, seances, table):
    made, other = make_production(seances[0], title="Les mots d’avant"), make_production(seances[0])
    reworded(table, made, "Palimpseste", "Palimpseste")
    devenirs.drop(table, other, "Palimpseste")
    for address in (
        list_of(atelier),
        made.get_absolute_url(),
        other.get_absolute_url(),
        made.contribution.get_absolute_url(),
    ):
        assert "Palimpseste" not in flat(client.get(address)), address
    assert "Abandonnées" not in flat(client.get(list_of(atelier)))


def test_a_waiting_production_of_another_atelier_or_of_a_draft_has_no_page(client, atelier, seances):
    waiting = make_production(seances[0], state=WAITING)
    assert client.get(waiting.get_absolute_url()).status_code == 404
    published = make_production(seances[0])
    slug, reference = atelier.demarche.slug, published.contribution.reference
    for rank, name in ((6, reference), (5, "DP11-1"), (5, "x" * 90), (5, f"{reference}0"), (10**30, reference)):
        assert client.get(f"/demarches/{slug}/ateliers/{rank}/productions/{name}/").status_code == 404
    draft = make_demarche(state="brouillon")
    hidden = make_production(make_seance(make_atelier(demarche=draft), demarche=draft, starts_at=local()))
    assert client.get(hidden.get_absolute_url()).status_code == 404


def test_the_history_shows_both_versions_side_by_side_and_says_aloud_what_changed(client, seances, table):
    made = make_production(seances[0], title="Des bus", body="Un bus à 20 h.\nTous les soirs.")
    publish(reworded(table, made, "Des bus", "Un bus à 22 h.\nTous les soirs."))
    page = flat(client.get(made.get_absolute_url()))
    assert '<del><span class="sr-only">[retiré : </span>20 <span class="sr-only">]</span></del>' in page
    assert '<ins><span class="sr-only">[ajouté : </span>22 <span class="sr-only">]</span></ins>' in page
    assert "séance 1 (constats)" in page.lower()
    assert ": reformulée" in page


def test_hostile_words_stay_words_in_the_list_and_in_the_differences(client, atelier, seances, table):
    script = "<script>alert(1)</script>"
    made = make_production(seances[0], title=f"{script} un", body=f"{SVG} javascript:alert(1) **un**")
    publish(reworded(table, made, f"{script} deux", f"{SVG} [deux](javascript:alert(1))"))
    publish(devenirs.drop(table, make_production(seances[0], title=SVG, body=SVG), f"{SVG}{script}"))
    for address in (list_of(atelier), list_of(atelier, etat="abandonnees"), made.get_absolute_url()):
        html = client.get(address).content.decode()
        assert "<svg onload" not in html
        assert "<script>" not in html
        assert 'href="javascript' not in html
        html5lib.HTMLParser(strict=True).parse(html)


def test_differences_are_escaped_and_whole():
    before, after = "a <b>c</b>\n\nfin", "a <i>c</i>\n\nfin & suite"
    found = difference(before, after)
    assert "".join(piece.text for piece in found.before) == before
    assert "".join(piece.text for piece in found.after) == after
    said = '<del><span class="sr-only">[retiré&nbsp;: </span>&lt;b&gt;c&lt;/b&gt;<span class="sr-only">]</span></del>'
    assert marked(found.before) == f"a {said}\n\nfin"
    assert difference("", "").before == []


def test_once_a_passage_is_masked_the_words_of_before_are_shown_no_more(client, seances, table):
    made = make_production(seances[0], title="Un bus", body="Appelez Zébulon pour un bus.")
    publish(reworded(table, made, "Un bus", "Appelez Zébulon, le soir."))
    made.contribution.refresh_from_db()
    mask(made.contribution, by=make_superuser(), passages=["Zébulon"], reason="Un nom.")
    store.clear()
    page = flat(client.get(made.get_absolute_url()))
    assert "Zébulon" not in page
    assert "un passage a été masqué" in page.lower()
    assert "le soir." in page


def test_where_it_comes_from_and_who_takes_it_up_are_on_both_pages(client, seances):
    source, made = make_contribution(title="Le bus du soir"), make_production(seances[0], title="Des bus")
    Citation.objects.create(citing=made.contribution, cited=source)
    hidden = make_production(seances[0], title="Palimpseste", state=WAITING)
    Citation.objects.create(citing=hidden.contribution, cited=source)
    for address in (made.get_absolute_url(), made.contribution.get_absolute_url()):
        page = flat(client.get(address))
        assert "D’où elle vient" in page
        assert source.get_absolute_url() in page
    page = flat(client.get(source.get_absolute_url()))
    assert "Reprise par" in page
    assert made.contribution.get_absolute_url() in page
    assert "Palimpseste" not in page
    assert made.get_absolute_url() in flat(client.get(made.contribution.get_absolute_url()))


def test_when_one_may_answer_is_said_in_words(client, atelier, seances):
    make_production(seances[0])
    page = flat(client.get(list_of(atelier)))
    assert "Vous pouvez réagir en ligne à chacune" in page
    assert f"Le groupe se retrouve le {seances[1].rencontre.when_label}".replace("\N{NO-BREAK SPACE}", " ") in page
    type(atelier.demarche).objects.filter(pk=atelier.demarche_id).update(takes_reactions=False)
    store.clear()
    assert "On ne peut pas réagir en ligne en ce moment" in flat(client.get(list_of(atelier)))


def test_reactions_to_a_production_are_taken_like_any_other(client, seances):
    made = make_production(seances[0])
    assert "Réagir à cette production" in flat(client.get(made.get_absolute_url()))
    assert client.get(reverse("reagir", args=[made.contribution.reference])).status_code == 200


def test_lists_search_feed_and_open_data_have_them_and_no_figure_adds_them_up(client, atelier, seances):
    make_production(seances[0], title="Des bus articulés")
    make_contribution(title="Un vélo")
    page = flat(client.get(reverse("contributions")))
    assert "1 en ligne, 1 en atelier" in page
    only = flat(client.get(reverse("contributions", query={"origine": "seance"})))
    assert "Des bus articulés" in only
    assert "Un vélo" not in only
    assert "Des bus <mark>articulés</mark>" in flat(client.get(reverse("contributions", query={"q": "articulé"})))
    assert "Des bus articulés" in client.get(reverse("flux_contributions")).content.decode()
    data = client.get(reverse("donnees_contributions", args=[atelier.demarche.slug]))
    assert "Des bus articulés" in b"".join(data.streaming_content).decode("utf-8-sig")


def test_the_atelier_says_how_many_and_short_addresses_lead_there(client, atelier, seances):
    made = make_production(seances[0])
    page = flat(client.get(atelier.get_absolute_url()))
    assert "1 publiée" in page
    assert client.get("/ateliers/5/productions/")["Location"] == list_of(atelier)
    short = f"/ateliers/5/productions/{made.contribution.reference}/"
    assert client.get(short)["Location"] == made.get_absolute_url()


def test_an_empty_list_says_when_there_will_be_something(client, atelier):
    assert "paraît ici le lendemain" in flat(client.get(list_of(atelier)))
    assert "Au travail : 0" in flat(client.get(list_of(atelier, etat="n’importe", apres="forgé")))


def many(seances, table, count):
    for number in range(count):
        made = make_production(seances[0], title=f"Production {number}", body="Une phrase assez longue. " * 14)
        publish(reworded(table, made, f"Production {number} encore", "Une autre phrase, plus longue encore. " * 9))
        Citation.objects.create(citing=made.contribution, cited=make_contribution(), how=How.TAKES_UP)
    return Production.objects.latest("pk")


FIRST_VIEW = ("css/site.css", "css/versions.css", "img/favicon.svg")


@pytest.mark.parametrize("count", [1, 3, 60])
def test_pages_ask_as_much_whatever_there_is_and_their_first_view_fits_one_window(
    client, atelier, seances, table, count
):
    made = many(seances, table, count)
    weight = sum(len(gzip.compress(Path(settings.BASE_DIR, "static", name).read_bytes(), 9)) for name in FIRST_VIEW)
    pages = [one.get_absolute_url() for one in (made, made.contribution, atelier)]
    for address in (list_of(atelier), *pages):
        store.clear()
        with CaptureQueriesContext(connection) as asked:
            page = client.get(address)
        assert page.status_code == 200
        assert len(asked) <= 8, [address, *(one["sql"][:90] for one in asked)]
        assert weight + len(gzip.compress(page.content, 6)) < 14_600, address


def test_the_list_is_read_page_by_page_without_losing_one(client, atelier, seances):
    for number in range(PAGE + 5):
        make_production(seances[number % 2], title=f"Production-{number:03}")
    address, seen = list_of(atelier), []
    while address:
        page = client.get(address).content.decode()
        seen += [word[:14] for word in page.split(">") if word.startswith("Production-")]
        _, _, rest = page.partition('rel="next"')
        link = page[: page.find('rel="next"')].rpartition('href="')[2].partition('"')[0] if rest else ""
        address = list_of(atelier) + link.replace("&amp;", "&") if link else ""
    assert len(seen) == len(set(seen)) == PAGE + 5
