"""The public pages, as anyone reads them: the same for everybody, small, complete, in good French."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import html5lib
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from consultation.choices import ContributionState, DemarcheState, Origine, RencontreState
from consultation.models import Demarche, Rencontre
from participons.boundaries import next_boundary
from participons.views import rencontres
from socle.dates import Precision, next_midnight
from socle.identity.models import SiteIdentity
from tests.factories import (
    local,
    make_atelier,
    make_contribution,
    make_demarche,
    make_enjeu,
    make_etape,
    make_forum,
    make_rencontre,
    make_seance,
    make_theme,
)
from tests.portal import PAGES, Portal, make_portal

pytestmark = pytest.mark.django_db

FIRST_VIEW = 14_600  # bytes: what one TCP window brings (design § 8)
QUERIES = 8
STATIC = Path(settings.BASE_DIR, "static")


@pytest.fixture
def portal() -> Portal:
    return make_portal()


def read(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def words(page: str) -> str:
    """The text of a page as it is read, without its mark-up."""
    root = html5lib.parse(page, namespaceHTMLElements=False)
    return "".join(root.find("body").itertext())


def flat(page: str) -> str:
    return " ".join(words(page).replace("\N{NO-BREAK SPACE}", " ").split())


def each_page(client, portal: Portal) -> Iterator[tuple[str, str]]:
    """The name of each public page, and what it holds."""
    for page in PAGES:
        yield page, read(client, portal.named[page])


def test_public_pages_are_the_same_for_everybody(client, portal):
    for page in PAGES:
        answer = client.get(portal.named[page])
        assert answer.status_code == 200, page
        assert not answer.cookies, page
        assert answer["Cache-Control"] == "public, no-cache", page
        assert "csrfmiddlewaretoken" not in answer.content.decode(), page


def test_public_pages_are_valid_html(client, portal):
    for page, html in each_page(client, portal):
        try:
            html5lib.HTMLParser(strict=True).parse(html)
        except html5lib.html5parser.ParseError as error:
            pytest.fail(f"{page}: {error}")


def test_public_pages_hold_nothing_the_policy_refuses(client, portal):
    for page, html in each_page(client, portal):
        assert "<script" not in html, page
        assert "<style" not in html, page
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)\s*=", html), page
        assert not re.search(r'<(img|link|script|iframe)[^>]+(src|href)="(https?:)?//', html), page


def test_public_pages_have_one_title_one_heading_and_a_language(client, portal):
    for page, html in each_page(client, portal):
        root = html5lib.parse(html, namespaceHTMLElements=False)
        assert root.get("lang") == "fr", page
        assert len(root.findall(".//h1")) == len(root.findall(".//main")) == 1, page
        title = " ".join(root.find(".//title").text.split())
        assert title.endswith(" – Participons"), page
        assert len(title) > len(" – Participons"), page
        assert root.find(".//a[@class='skip']").get("href") == "#contenu", page


def test_footers_hold_what_the_law_asks(client, portal):
    for page, html in each_page(client, portal):
        footer = html[html.index("<footer") :]
        assert "Accessibilité : non conforme" in flat(html), page
        for name in ("accessibilite", "mentions_legales", "donnees_personnelles", "contact"):
            assert f'href="{reverse(name)}"' in footer, page


def test_first_views_fit_one_window(client):
    portal = make_portal(3)
    css = gzip.compress((STATIC / "css/site.css").read_bytes(), 9)
    icon = gzip.compress((STATIC / "img/favicon.svg").read_bytes(), 9)
    for page, html in each_page(client, portal):
        assert len(gzip.compress(html.encode(), 6)) + len(css) + len(icon) < FIRST_VIEW, page


def test_query_counts_do_not_grow(client):
    counts: dict[int, dict[str, int]] = {}
    for number in (1, 3):
        portal = make_portal(number, courante=True)
        counts[number] = {page: queries_of(client, portal.named[page]) for page in PAGES}
        Demarche.objects.update(courante=False)
    assert counts[1] == counts[3]
    assert {page: count for page, count in counts[1].items() if count + 1 > QUERIES} == {}  # one more: the boundary


def queries_of(client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        read(client, address)
    return len(queries)


def test_texts_follow_french_typography(client, portal):
    for page, html in each_page(client, portal):
        text = words(html)
        assert not re.search(r"\w'\w", text), f"{page}: straight apostrophe"
        assert not re.search(r" [?!;:»]|« ", text), f"{page}: a space that may break"
        spaced = re.sub(r"[\N{NO-BREAK SPACE}][?!;»]", "", text)
        assert not re.search(r"[^\s\d][?!;»](?!\w)", spaced), f"{page}: no space at all"
        assert "  " not in re.sub(r"\s*\n\s*", "\n", text), f"{page}: two spaces"
        assert not re.search(r"\s[,.](?!\w)", text), f"{page}: a space before a comma or a full stop"
        assert "None" not in text, page


def test_no_link_leads_nowhere(client, portal):
    """Every address a public page shows answers."""
    seen: set[str] = set()
    for address in portal.addresses:
        for href in re.findall(r'href="(/[^"#]*)', read(client, address)):
            seen.add(href.replace("&amp;", "&"))
    assert seen
    for href in seen:
        if not href.startswith(settings.STATIC_URL):
            assert client.get(href).status_code in (200, 302), href


# What is not published


def test_draft_demarche_answers_nowhere(client):
    secret = "Un titre encore secret"
    make_portal()
    draft = make_demarche(state=DemarcheState.DRAFT, title=secret, code="BROU")
    make_etape(demarche=draft, rank=1, title=secret)
    theme = make_theme(demarche=draft, rank=1, question=secret)
    atelier = make_atelier(demarche=draft, rank=1, question=secret, town=secret)
    seance = make_seance(atelier, title=secret)
    forum = make_forum(demarche=draft, title=secret)
    make_contribution(theme=theme, title=secret)
    addresses = [
        *(reverse(name, args=[draft.slug]) for name in ("demarche", "cadre", "ateliers")),
        *(reverse(name, args=[draft.slug, 1]) for name in ("etape", "theme", "atelier")),
        *(reverse(name, args=[seance.pk]) for name in ("rencontre", "rencontre_ics")),
        reverse("rencontre", args=[forum.pk]),
        reverse("forum", args=[forum.pk]),
    ]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 404, address
        assert secret not in answer.content.decode()
    for name in ("accueil", "demarches", "rencontres", "forums", "agenda_ics", "sitemap", "plan_du_site"):
        page = read(client, reverse(name))
        assert secret not in page, name
        assert draft.slug not in page, name


def test_draft_rencontre_answers_nowhere(client):
    etape = make_etape()
    shown = make_rencontre(title="Rencontre annoncée", etape=etape)
    draft = make_rencontre(title="Rencontre secrète", etape=etape, state=RencontreState.DRAFT)
    for name in ("rencontre", "rencontre_ics"):
        assert client.get(reverse(name, args=[draft.pk])).status_code == 404
    slug = shown.demarche.slug
    for address in ("/", "/rencontres/", "/agenda.ics", "/sitemap.xml", f"/demarches/{slug}/etapes/1/"):
        page = read(client, address)
        assert "secrète" not in page, address
        assert f"/rencontres/{draft.pk}" not in page, address
    assert "annoncée" in read(client, "/rencontres/")


def test_contribution_that_is_not_published_shows_nowhere(client, portal):
    theme = make_theme(demarche=portal.demarche, rank=9)
    for state in set(ContributionState) - {ContributionState.PUBLISHED}:
        make_contribution(theme=theme, state=state, title="Phrase retenue")
    for page in (portal.named["accueil"], theme.get_absolute_url()):
        assert "Phrase retenue" not in read(client, page)
    assert "Personne n’a encore répondu" in read(client, theme.get_absolute_url())


# Short addresses


def test_short_addresses_lead_to_the_current_demarche_and_are_404_without_one(client, portal):
    names = {"/etapes/1/": "etape", "/themes/1/": "theme", "/ateliers/": "ateliers", "/ateliers/1/": "atelier"}
    for short, name in names.items():
        answer = client.get(short)
        assert answer.status_code == 302, short
        assert answer["Location"] == portal.named[name], short
    Demarche.objects.update(courante=False)
    for short in ("/etapes/1/", "/themes/1/", "/ateliers/1/"):
        answer = client.get(short)
        assert answer.status_code == 404, short
        assert "Cette page n’existe pas" in answer.content.decode(), short


def test_every_entry_of_the_menu_leads_somewhere_on_an_empty_portal(client):
    for address in re.findall(r'<a href="([^"]+)"', read(client, "/").split('class="menu"')[1].split("</ul>")[0]):
        assert client.get(address, follow=True).status_code == 200, address


# The étapes


@pytest.mark.parametrize(
    ("text", "times"), [("120 élus proposent leurs réflexions.", 1), ("On se réunit.", 1), ("1200 élus.", 1)]
)
def test_number_of_people_of_an_etape_is_said_once(client, text, times):
    etape = make_etape(people_count=120, people_label="élus", text=text)
    page = re.sub(r"<[^>]+>", "", read(client, etape.get_absolute_url()))
    assert len(re.findall(r"\b120\b", page)) == times


# The accueil


def test_accueil_without_a_demarche_says_so(client):
    page = read(client, "/")
    assert "Aucune consultation n’est ouverte" in page


def test_accueil_marks_both_etapes_when_they_overlap(client):
    make_etape(title="Les ateliers")
    make_etape(title="Le recueil")
    make_etape(
        title="Le forum",
        starts_on=timezone.localdate() + timedelta(days=40),
        ends_on=timezone.localdate() + timedelta(days=40),
    )
    page = read(client, "/")
    assert page.count("Nous sommes ici") == 2
    assert page.count('aria-current="step"') == 2
    assert "Prochaine étape" not in flat(page)


def test_accueil_names_the_next_etape_when_none_runs(client):
    today = timezone.localdate()
    make_etape(title="Le lancement", starts_on=today - timedelta(days=20), ends_on=today - timedelta(days=1))
    make_etape(title="Le forum", starts_on=today + timedelta(days=1), ends_on=today + timedelta(days=1))
    page = read(client, "/")
    assert "Nous sommes ici" not in page
    assert "Prochaine étape : Le forum" in flat(page)
    assert "Prochaine étape : Le forum" in flat(read(client, "/contact/"))


def test_etape_runs_on_its_last_day_and_not_on_the_next(client):
    today = timezone.localdate()
    etape = make_etape(starts_on=today, ends_on=today)
    assert "en cours" in flat(read(client, etape.get_absolute_url()))
    type(etape).objects.update(starts_on=today - timedelta(days=2), ends_on=today - timedelta(days=1))
    assert "passée" in flat(read(client, etape.get_absolute_url()))


def test_accueil_invites_to_contribute_while_it_is_open_else_to_come(client):
    make_etape()
    rencontre = make_rencontre(title="La réunion de Béthune")
    contribute = f'href="{reverse("contribution_new")}"'
    assert contribute in read(client, "/")
    Demarche.objects.update(contributions_close_at=timezone.now())
    page = read(client, "/")
    assert contribute not in page
    assert "Prochain rendez-vous" in page
    Rencontre.objects.filter(pk=rencontre.pk).delete()
    assert "On ne peut pas contribuer en ce moment" in read(client, "/")


def test_accueil_announces_each_enjeu_in_bold(client):
    make_enjeu(
        short_title="rendre l'action publique efficace", sentence="rendre l'action publique efficace pour favoriser"
    )
    assert "<strong>rendre l’action publique efficace</strong> pour favoriser" in read(client, "/")


def test_demonstration_dates_are_said_on_every_page_of_the_demarche(client, portal):
    assert "Dates de démonstration" not in read(client, "/")
    Demarche.objects.update(example_dates=True)
    for page in ("accueil", "atelier", "agenda", "séance"):
        assert "Dates de démonstration" in read(client, portal.named[page])


def test_other_demarche_does_not_invite_to_the_current_one_s_form(client):
    make_portal()
    other = make_portal(courante=False)
    for page in ("theme", "atelier", "etape", "demarche"):
        assert reverse("contribution_new") not in read(client, other.named[page])


# Rencontres


def test_rencontre_says_what_is_not_known_yet(client):
    rencontre = make_rencontre(other_title="Forum de lancement")
    text = flat(read(client, rencontre.get_absolute_url()))
    assert "horaire à préciser" in text
    assert "Lieu à préciser" in text
    assert "Forum de lancement" in text
    assert "Places" not in text
    past = make_rencontre(starts_at=local(-3))
    assert "horaire à préciser" not in flat(read(client, past.get_absolute_url()))


def test_etape_does_not_promise_the_hour_of_what_is_past(client):
    etape = make_etape()
    past = make_rencontre(etape=etape, starts_at=local(-3))
    assert "à préciser" not in flat(read(client, etape.get_absolute_url()))
    type(past).objects.update(starts_at=local(3))
    assert "horaire à préciser" in flat(read(client, etape.get_absolute_url()))


def test_rencontre_without_a_day_has_no_calendar(client):
    rencontre = make_rencontre(precision=Precision.MONTH, starts_at=local(40).replace(day=1))
    ics = reverse("rencontre_ics", args=[rencontre.pk])
    page = read(client, rencontre.get_absolute_url())
    assert ics not in page
    assert "jour et horaire à préciser" in flat(page)
    assert client.get(ics).status_code == 404


def test_cancelled_rencontre_says_so_everywhere(client):
    rencontre = make_rencontre(state=RencontreState.CANCELLED)
    assert "Ce rendez-vous est annulé" in flat(read(client, rencontre.get_absolute_url()))
    assert "annulé" in flat(read(client, "/rencontres/"))


def test_example_is_marked(client):
    rencontre = make_rencontre(example=True)
    assert "exemple" in flat(read(client, rencontre.get_absolute_url()))
    assert "exemple" in flat(read(client, "/rencontres/"))


def test_month_of_a_rencontre_is_coming_until_it_ends(client):
    first = timezone.localdate().replace(day=1)
    rencontre = make_rencontre(precision=Precision.MONTH, starts_at=local((first - timezone.localdate()).days))
    assert rencontre in Rencontre.objects.coming()


def test_agenda_shows_what_comes_first_then_what_is_past_page_by_page(client, monkeypatch):
    monkeypatch.setattr(rencontres, "PAGE", 2)
    days = [-5, -1, 1, 2, 7]
    made = {day: make_rencontre(title=f"Le jour {day}", starts_at=local(day)) for day in days}
    address, seen = "/rencontres/", []
    while address:
        page = read(client, address)
        seen += re.findall(r">Le jour (-?\d+)<", page)
        following = re.search(r'href="(\?apres=\d+)" rel="next"', page)
        address = "/rencontres/" + following[1] if following else ""
    assert [int(day) for day in seen] == [1, 2, 7, -1, -5]
    assert made[7].pk
    assert client.get("/rencontres/?apres=x").status_code == 404
    assert client.get("/rencontres/?apres=99999999999999999999").status_code == 404


def test_etape_shows_its_planned_period_and_each_change(client, portal):
    text = flat(read(client, portal.named["etape"]))
    assert "Prévu au départ : mars 2011." in text
    assert "mars 2011 → avril 2011" in text
    assert "La salle." in text
    assert "120 élus" in text


def test_ateliers_sort_by_rank_and_the_agenda_by_date(client):
    late, early = make_atelier(rank=1, town="Valenciennes"), make_atelier(rank=2, town="Étaples")
    make_seance(late, starts_at=local(9), title="Valenciennes, 1")
    make_seance(early, starts_at=local(2), title="Étaples, 1")
    ateliers = read(client, reverse("ateliers", args=[late.demarche.slug]))
    assert ateliers.index("Valenciennes") < ateliers.index("Étaples")
    agenda = read(client, "/rencontres/")
    assert agenda.index("Étaples, 1") < agenda.index("Valenciennes, 1")


def test_theme_leads_to_the_form_with_its_question_chosen(client, portal):
    assert f'href="{reverse("contribution_new")}?theme=1"' in read(client, portal.named["theme"])
    assert f'href="{reverse("contribution_new")}?theme=1"' in read(client, portal.named["atelier"])


def test_figures_of_a_theme_never_add_origins_together(client):
    theme = make_theme()
    for origine in (Origine.ONLINE, Origine.ONLINE, Origine.PAPER):
        make_contribution(theme=theme, origine=origine)
    text = flat(read(client, theme.get_absolute_url()))
    assert "Contributions publiées sur ce thème : 2 en ligne, 1 sur papier." in text


def test_missing_identity_leaves_no_hole(client):
    SiteIdentity.objects.all().delete()
    for name in ("contact", "mentions_legales", "accessibilite", "donnees_personnelles"):
        text = flat(read(client, reverse(name)))
        assert "à renseigner" not in text
        assert "None" not in text
        assert "Téléphone" not in text


# What machines read


def test_security_txt_has_a_contact_and_a_future_end(client, portal):
    lines = dict(line.split(": ", 1) for line in read(client, "/.well-known/security.txt").splitlines())
    assert lines["Contact"] == "mailto:securite@example.org"
    ends = datetime.fromisoformat(lines["Expires"])
    assert timezone.now() + timedelta(days=30) < ends < timezone.now() + timedelta(days=365)
    SiteIdentity.objects.all().delete()
    assert f"Contact: {settings.SITE_URL}/contact/" in read(client, "/.well-known/security.txt")


def test_robots_names_the_sitemap(client):
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in read(client, "/robots.txt")


def test_sitemap_holds_every_public_page(client, portal):
    root = ElementTree.fromstring(client.get("/sitemap.xml").content)
    found = {loc.text.removeprefix(settings.SITE_URL) for loc in root.findall(".//{*}loc")}
    beside = {reverse(name, args=[portal.demarche.slug, 1]) for name in ("atelier_groupe", "productions")}
    assert set(portal.addresses) | beside <= found
    for path in found:
        assert client.get(path).status_code == 200, path


# When pages change by themselves


def test_boundary_is_the_first_thing_to_change():
    now = local(1, 12)
    assert next_boundary(now) == next_midnight(now)
    demarche = make_demarche(contributions_close_at=local(1, 20))
    assert next_boundary(now) == local(1, 20)
    make_theme(demarche=demarche, contributions_close_at=local(1, 19))
    assert next_boundary(now) == local(1, 19)
    make_rencontre(demarche=demarche, precision=Precision.HOUR, starts_at=local(1, 14), ends_at=local(1, 16))
    assert next_boundary(now) == local(1, 14)
    assert next_boundary(local(1, 14)) == local(1, 16)
