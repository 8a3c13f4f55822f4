"""What the pages of the rédacteurs ask of the database, and what the public ones weigh, at any size."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from consultation.actions import relectures, textes
from consultation.choices import RoleKind, TexteKind
from consultation.choices_adoption import ArticleOutcome
from consultation.coverage import untreated
from socle.pagecache.store import store
from tests.adopting import announced, decided, deliberated, filed, make_policy, make_report
from tests.factories import make_forum, make_role, make_superuser, make_theme
from tests.test_croisements import crossed, make_groups
from tests.test_regard import opened
from tests.textes import answered, make_texte, passage, published, said

pytestmark = pytest.mark.django_db
FIRST_VIEW = 14_600  # bytes: what one TCP window brings (design §8)
WORDS = "Il faut un train toutes les heures entre Lille et Dunkerque, même le dimanche, avec des places pour vélos."


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def staff():
    client = Client()
    client.force_login(make_role(kind=RoleKind.REDACTEUR).user)
    return client


def written(count):
    """A texte after another that was public, of so many passages, citations, copies, answers and readings."""
    first = make_texte()
    passage(first, said())
    published(first)
    texte = make_texte(kind=TexteKind.INTERMEDIAIRE)
    themes = [make_theme(demarche=texte.demarche) for _ in range(count)]
    rows = [said(title="Des trains", body=WORDS) for _ in range(count + 1)]
    for one in rows[:count]:
        textes.cite_passage(
            passage(texte, one, said(), themes=themes), first.current.passages.get(), quote="", by=make_superuser()
        )
    answered(texte, *(said() for _ in range(count)))
    relectures.draw(texte.draft, count, by=make_superuser())
    said(state="en_attente")
    return texte, rows[0]


# The session, the account and its role are three of them.
ASKED = {
    "change/": 6,
    "passages/1/": 6,
    "passages/1/?reste=1": 6,
    "passages/1/?copies=1": 6,
    "passages/1/?q=trains&reste=1": 7,
    "passages/1/?proches=": 7,
    "passages/1/?q=trains&reste=1&proches=": 8,
    "reponses/": 6,
    "reponses/?donnees=1": 6,
    "reponses/?q=trains": 7,
    "reponses/?q=trains&proches=": 8,
    "relectures/": 8,
    "publier/": 8,
}


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_of_the_table_ask_the_same_whatever_the_texte_holds(staff, count, django_assert_num_queries):
    texte, copied = written(count)
    for end, number in ASKED.items():
        address = f"/admin/consultation/texte/{texte.pk}/{end}{copied.pk if end.endswith('proches=') else ''}"
        with django_assert_num_queries(number, info=end):
            page = staff.get(address)
        assert page.status_code == 200
    assert f"{count} autre" in staff.get(f"/admin/consultation/texte/{texte.pk}/passages/1/?copies=1").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_of_the_vote_and_of_the_suites_ask_the_same(staff, count, django_assert_num_queries):
    report = make_report(passages=count + 1)
    adoption = deliberated(report)
    rows = list(report.current.passages.order_by("number"))
    for one in rows[:count]:
        filed(adoption, rows[0], text=f"La Région fait la chose {one.number} fois.")
        decided(adoption, one, ArticleOutcome.NOT_KEPT, reason="Non.")
    own = f"/admin/consultation/texte/{report.pk}/adoption/"
    for address, number in ((own, 8), (f"{own}1/", 6)):
        with django_assert_num_queries(number, info=address):
            assert staff.get(address).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_of_a_forum_a_vote_and_what_follows_fit_one_window(count):
    """Their style sheets and images with them; what a page says of long lists is for the tests of these lists."""
    groups = make_groups(count + 1)
    forum = make_forum()
    crossing = crossed(forum, groups)
    far = said(body=WORDS * 5)
    synthese = make_texte()
    passage(synthese, *(one.contribution for one in groups), said())
    opened(forum, synthese)
    answered(synthese, *untreated(synthese.draft))
    published(synthese)
    policy = make_policy(far, passages=count + 1)
    suite = announced(policy)
    report = policy.adopted_by.texte
    own = policy.get_absolute_url()
    addresses = [
        *(forum.get_absolute_url(), crossing.get_absolute_url(), reverse("croisements", args=[forum.pk])),
        *(reverse("regard", args=[forum.pk]), f"{own}suites/", f"/contributions/{far.reference}/"),
        *(reverse("adoption", args=[report.pk]), reverse("adoption_article", args=[report.pk, 1])),
        suite.get_absolute_url(),
    ]
    client = Client()
    for address in addresses:
        store.clear()
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert weight(answer.content) < FIRST_VIEW, address


def weight(html: bytes) -> int:
    """The page, and the files it names, compressed as they are served."""
    named = dict.fromkeys(re.findall(r'(?:href|src)="/static/([^"?]+\.(?:css|js|svg|png|webp))"', html.decode()))
    files = (Path(settings.BASE_DIR, "static", name).read_bytes() for name in named)
    return len(gzip.compress(html, 6)) + sum(len(gzip.compress(one, 9)) for one in files)
