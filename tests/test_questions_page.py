"""« Questions fréquentes »: of the démarches that run, then the portal's own; each has its address, and is found."""

import re

import pytest
from django.urls import reverse

from consultation.choices import DemarcheState
from consultation.models import FrequentQuestion
from participons.questions import ALL, GROUPS
from tests.factories import make_demarche, make_superuser
from tests.test_admin_demarche import posted
from tests.test_public_pages import flat, read

pytestmark = pytest.mark.django_db

PAGE = "/questions/"


def ask(demarche, question="Et le bus du soir ?", answer="Il passe à 22 h.\n- du lundi\n- au jeudi", **fields):
    return FrequentQuestion.objects.create(demarche=demarche, question=question, answer=answer, **fields)


def test_those_of_the_current_demarche_come_first_by_rank(client):
    other, current = make_demarche(title="Les lycées", courante=False), make_demarche(title="La démocratie")
    ask(other, "Et la cantine ?")
    ask(current, "La seconde ?", rank=2)
    ask(current, "La première ?", rank=1)
    text = flat(read(client, PAGE))
    shown = [
        text.rindex(words)
        for words in ("La démocratie", "La première ?", "La seconde ?", "Les lycées", "Et la cantine ?")
    ]
    assert shown == sorted(shown)
    assert shown[-1] < text.rindex(GROUPS[0][0])


@pytest.mark.parametrize("state", [DemarcheState.DRAFT, DemarcheState.ARCHIVED])
def test_those_of_a_demarche_that_does_not_run_are_nowhere(client, state):
    make_demarche()
    ask(make_demarche(state=state, courante=False), "Encore secret ?")
    assert "secret" not in read(client, PAGE)
    assert "Encore" not in flat(read(client, "/recherche/?q=secret")).replace("« secret »", "")


def test_what_staff_wrote_is_text(client):
    ask(make_demarche(), "<script>alert(1)</script>", '"><svg onload=alert(1)>\n[lien](javascript:alert(1))')
    page = read(client, PAGE)
    assert "<script" not in page and "<svg" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "[lien](javascript:alert(1))" in page


def test_every_line_of_the_contents_leads_to_its_question(client):
    ask(make_demarche())
    page = read(client, PAGE)
    anchors = re.findall(r'href="#([\w-]+)"', page.split("<main")[1])
    assert len(anchors) == len(set(anchors)) == len(ALL) + 1
    for anchor in anchors:
        assert page.count(f'id="{anchor}"') == 1


def test_each_link_of_an_answer_leads_somewhere(client):
    make_demarche()
    for question in ALL:
        for name, label in question.links:
            assert client.get(reverse(name)).status_code == 200, (question.anchor, label)


@pytest.mark.parametrize(("words", "anchor"), [("pseudonyme", "moins-de-15-ans"), ("registres", "verifier")])
def test_the_portal_s_own_are_found(client, words, anchor):
    page = read(client, f"/recherche/?q={words}")
    assert f'href="/questions/#{anchor}"' in page
    assert "Questions fréquentes" in flat(page.split("<main")[1])


def test_those_of_a_demarche_are_found(client):
    one = ask(make_demarche())
    assert f'href="/questions/#{one.anchor}"' in read(client, "/recherche/?q=bus")
    assert "#question-" not in read(client, "/recherche/?q=bus -soir")


# What the answers say is what the portal does.


def test_nothing_answered_is_undone_by_the_portal(client):
    """The addresses that the answers lean on without a link, and the words of the form they name."""
    make_demarche()
    form = flat(read(client, reverse("contribution_new")))
    for words in ("J’ai moins de 15 ans", "Anonyme", "Sous un pseudonyme", "Au nom d’une classe ou d’un groupe"):
        assert words in form
    for name in ("suivi_corriger", "suivi_retirer", "suivi_reexamen"):
        assert reverse(name, args=["2222-2222-2222"])
    assert reverse("signaler", args=["DP11-1"])


def test_a_question_written_by_staff_appears_at_once(client):
    demarche = make_demarche()
    assert "Et le bus" not in read(client, PAGE)
    client.force_login(make_superuser())
    url = reverse("admin:consultation_demarche_change", args=[demarche.pk])
    typed = {
        "frequent_questions-TOTAL_FORMS": 1,
        "frequent_questions-0-rank": 0,
        "frequent_questions-0-question": "Et le bus ?",
        "frequent_questions-0-answer": "Il passe.",
    }
    assert client.post(url, posted(client.get(url)) | typed).status_code == 302
    assert "Et le bus ?" in flat(read(client, PAGE))
