"""Articles that are added by amendment, and the votes of amendments: what is said, what is held, what is read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from consultation.actions import adoption as actions
from consultation.actions.adoption import Votes
from consultation.actions.policy import make_policy
from consultation.actions.textes_publish import Incomplete, next_version
from consultation.choices import RoleKind
from consultation.choices_adoption import AmendementKind, AmendementState, ArticleOutcome
from consultation.models import TexteVersion
from consultation.owed import missing
from socle.registre.models import Entree
from tests.adopting import decided, deliberated, filed, make_report, presented
from tests.factories import make_role, make_superuser
from tests.test_textes_hold import PUBLISH, refused, sql
from tests.test_textes_public import read
from tests.textes import make_texte, published

pytestmark = pytest.mark.django_db
YES = Votes(61, 40, 12)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def enlarged():
    """A report of three passages: two articles are added after the first, one after the last, which is not kept."""
    report = make_report(passages=3)
    adoption = presented(report)
    first, second, third = adoption.version.passages.order_by("number")
    adds = {"kind": AmendementKind.ADDS, "title": "Un article de plus"}
    told = [filed(adoption, one, f"La Région ajoute {n}.", **adds) for n, one in enumerate((third, first, first), 1)]
    filed(adoption, second, "La Région renonce.", **adds)
    deliberated(report)
    for one in told:
        actions.settle(one, state=AmendementState.ADOPTED, given=YES, by=make_superuser())
    decided(adoption, third, ArticleOutcome.NOT_KEPT, reason="Hors de sa compétence.")
    actions.keep_the_others(adoption, by=make_superuser())
    return report


def test_an_article_added_by_amendment_has_its_place_and_this_amendment_for_its_source(enlarged, client):
    adoption = enlarged.adoption
    with pytest.raises(Incomplete, match="additionnel dont le sort n’est pas dit : orientation 2"):
        make_policy(adoption, title="Politique", by=make_superuser())
    actions.settle(adoption.amendements.get(number=4), state="rejete", given=Votes(), by=make_superuser())
    policy = make_policy(adoption, title="Politique", by=make_superuser())
    texts = list(policy.draft.passages.order_by("number").values_list("text", flat=True))
    assert texts == [
        *("La Région fait la chose 1.", "La Région ajoute 2.", "La Région ajoute 3.", "La Région fait la chose 2."),
        "La Région ajoute 1.",
    ]
    assert missing(policy.draft, final=True) == []
    client.force_login(make_role(demarche=enlarged.demarche, kind=RoleKind.REDACTEUR).user)
    table = client.get(f"/admin/consultation/texte/{policy.pk}/passages/2/").content.decode()
    assert "L’amendement n°&nbsp;2</a>, déposé par" in table and "citez ce dont ce passage est tiré" not in table
    keys = {"version": policy.draft.pk, "synthese": make_texte().draft.pk}
    for statement, why in {
        "UPDATE consultation_passage SET added_by_id = NULL WHERE version_id = %(version)s AND number = 2": (
            "Sans l’amendement qui l’a ajouté, ou avec celui d’un autre : article 2."
        ),
        "UPDATE consultation_passage SET number = CASE number WHEN 2 THEN 3 ELSE 2 END"
        " WHERE version_id = %(version)s AND number IN (2, 3)": (
            "Avec d’autres mots que ceux qui ont été votés : articles 2, 3."
        ),
        "UPDATE consultation_amendement SET state = 'rejete', votes_for = NULL, votes_against = NULL,"
        " abstentions = NULL WHERE number = 1": "Dans la politique sans avoir été voté : article 5.",
    }.items():
        with transaction.atomic():
            sql(statement, keys)
            assert why in missing(policy.draft, final=True)
            refused(PUBLISH, policy.draft.pk, by="politique_as_voted")
            transaction.set_rollback(True)
    # The amendment of a policy is no source of another texte.
    sql(
        "INSERT INTO consultation_passage (version_id, key, number, title, text, liaison, added_by_id)"
        " SELECT %(synthese)s, 1, 1, 'a', 'b', false, added_by_id FROM consultation_passage"
        " WHERE version_id = %(version)s AND number = 2",
        keys,
    )
    assert "Sans source qu’on puisse lire" in str(missing(TexteVersion.objects.get(pk=keys["synthese"]), final=True))
    published(policy)
    report = read(f"/textes/{enlarged.pk}/")
    for words in ("Article additionnel proposé après cette orientation", "(amendement n° 4, rejeté)"):
        assert words in report
    assert "Article additionnel : Un article de plus" in read(f"/textes/{enlarged.pk}/adoption/")
    proposed = read(f"/textes/{enlarged.pk}/adoption/1/")
    for words in ("Les articles proposés après cette orientation", "[ajouté : La Région ajoute 2.]"):
        assert words in proposed
    assert "l’amendement n° 2 l’a ajouté" in read(f"/textes/{policy.pk}/")
    born = read(f"/textes/{policy.pk}/passages/2/")
    for words in ("L’amendement n° 2", "l’a ajouté après l’orientation 1, par 61 voix pour", "plus de train."):
        assert words in born
    next_version(policy)
    published(policy, reason="Une source de plus.")
    assert policy.current.passages.get(number=2).added_by.number == 2
    assert "L’amendement n° 2" in read(f"/textes/{policy.pk}/passages/2/")


def test_the_team_files_an_additional_article_from_the_page_of_the_passage_it_follows(client):
    adoption = presented(make_report(passages=1))
    client.force_login(make_role(demarche=adoption.texte.demarche, kind=RoleKind.REDACTEUR).user)
    here = f"/admin/consultation/texte/{adoption.texte_id}/adoption/1/"
    words = {"title": "Un article", "text": "Des cars.", "motive": "Il en manque.", "author": "Le CESER"}
    refusal = client.post(here, {"act": "ajouter"} | words | {"title": ""})
    assert refusal.status_code == 422
    for said_of in ("Donnez un titre à cet article.", "Dites quel jour il a été déposé.", "Des cars."):
        assert said_of in refusal.content.decode()
    assert client.post(here, {"act": "ajouter", "filed_on": str(timezone.localdate())} | words).status_code == 302
    made = adoption.amendements.get()
    assert (made.kind, made.state, made.title) == ("ajoute", "depose", "Un article")
    assert Entree.objects.get(kind="amendement.depose").facts["apres"] == 1
    assert "article additionnel, déposé" in client.get(here).content.decode()


def test_votes_are_no_more_than_the_members_through_any_door():
    report = make_report(passages=1)
    one = filed(presented(report), report.current.passages.get())
    actions.settle(one, state=AmendementState.ADOPTED, given=Votes(100, 40, 12), by=make_superuser())
    with pytest.raises(ValidationError, match="152 voix"):
        deliberated(report)
    deliberated(report, members=152)
    refused("UPDATE consultation_adoption SET members = 151", by="votes_of_members")
    refused("UPDATE consultation_amendement SET votes_for = 101", by="votes_of_members")
    refused("UPDATE consultation_amendement SET state = 'retire'", by="amendement_as_voted")
    with pytest.raises(Incomplete, match="pourquoi il est corrigé"):
        actions.settle(one, state=AmendementState.REJECTED, given=Votes(), by=make_superuser())
    actions.settle(one, state=AmendementState.REJECTED, given=Votes(), by=make_superuser(), reason="Mal lu.")
    assert Entree.objects.filter(kind="amendement.sort").order_by("pk").last().facts["raison"] == "Mal lu."


def test_a_report_that_is_said_rejected_after_all_has_no_article_that_was_adopted():
    report = make_report(passages=1)
    adoption = deliberated(report)
    one = filed(adoption, adoption.version.passages.get())
    actions.settle(one, state=AmendementState.REJECTED, given=Votes(), by=make_superuser())
    actions.keep_the_others(adoption, by=make_superuser())
    refused("UPDATE consultation_adoption SET adopted = false, votes_for = 1", by="adoption_rejected_whole")
    with pytest.raises(Incomplete):
        deliberated(report, adopted=False, votes_for=40, votes_against=61)
    assert adoption.articles.exists()
    actions.deliberate(
        adoption, by=make_superuser(), reason="Lu à l’envers.", adopted=False, votes_for=40, votes_against=61
    )
    page = read(f"/textes/{report.pk}/adoption/")
    assert "le rapport est rejeté" in page and "Adoptée telle quelle" not in page
    assert "sans décompte des voix" in read(f"/textes/{report.pk}/adoption/1/")
    tomorrow = timezone.localdate() + timedelta(1)
    with pytest.raises(ValidationError, match="Le Conseil a délibéré"):
        filed(adoption, adoption.version.passages.get(), filed_on=tomorrow)
