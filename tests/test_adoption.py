"""A report is presented, amended, voted, and becomes the policy: what is said, what is held, what is read of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from consultation.actions import adoption as actions
from consultation.actions import textes
from consultation.actions.adoption import Votes
from consultation.actions.contributions import StaleState
from consultation.actions.textes_publish import Incomplete, publish
from consultation.choices import How, RoleKind, TexteKind, TexteState
from consultation.choices_adoption import AmendementState, ArticleOutcome
from consultation.lacks import missing
from consultation.models import Adoption, TexteVersion
from socle.registre.models import Entree
from tests.adopting import decided, deliberated, filed, make_policy, make_report, presented
from tests.factories import make_demarche, make_rencontre, make_role, make_superuser
from tests.test_textes_hold import PUBLISH, refused, sql, while_publishing
from tests.test_textes_public import drawn, read
from tests.textes import make_texte, passage, published, said

pytestmark = pytest.mark.django_db
YES = Votes(61, 40, 12)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def voted():
    """A report of four passages: kept, amended, kept in part, not kept; its policy is written and not published."""
    said_of = said(title="Des trains le soir")
    report = make_report(said_of, passages=4)
    adoption = presented(report)
    first, second, third, fourth = adoption.version.passages.order_by("number")
    change = filed(adoption, second, "La Région fait la chose chaque soir.")
    no = filed(adoption, first, "La Région ne fait rien.", author="Une commission")
    adoption = deliberated(report)
    actions.settle(change, state=AmendementState.ADOPTED, given=YES, by=make_superuser())
    actions.settle(no, state=AmendementState.REJECTED, given=Votes(3, 100, 10), by=make_superuser())
    decided(adoption, second, ArticleOutcome.AMENDED, "Orientation 2", "La Région fait la chose chaque soir.")
    decided(adoption, third, ArticleOutcome.IN_PART, "Orientation 3", "La Région essaie.", reason="Faute de budget.")
    decided(adoption, fourth, ArticleOutcome.NOT_KEPT, reason="Hors de sa compétence.")
    assert actions.keep_the_others(adoption) == 1
    return actions.make_policy(adoption, title="Politique régionale", by=make_superuser())


def test_the_policy_is_the_report_with_what_was_voted_and_its_parcours_goes_through(voted):
    articles = list(voted.draft.passages.order_by("number"))
    assert [(one.number, one.title, one.text) for one in articles] == [
        (1, "Orientation 1", "La Région fait la chose 1."),
        (2, "Orientation 2", "La Région fait la chose chaque soir."),
        (3, "Orientation 3", "La Région essaie."),
    ]
    assert [one.citations.get().how for one in articles] == [How.TAKES_UP, How.QUALIFIES, How.QUALIFIES]
    assert missing(voted.draft, final=True) == []
    published(voted)
    report = voted.adopted_by.texte
    steps = read(f"/contributions/{articles[0].citations.get().cited_passage.citations.get().cited.reference}/")
    told = [
        "Reprise à l’orientation 1 du rapport",
        "Amendement n° 2 à l’orientation qui la reprend, rejeté",
        "Délibération du Conseil régional : orientation 1, qui la reprend, adoptée telle quelle",
        "Par là, reprise à l’article 1 de la politique adoptée",
    ]
    assert [steps.index(words) for words in told] == sorted(steps.index(words) for words in told)
    dropped = report.current.passages.get(number=4).citations.get().cited
    stops = ["Reçue", "Publiée", "Dans le rapport", "Non retenue au vote"]  # and nothing more is announced
    assert drawn(f"/contributions/{dropped.reference}/") == stops
    page = read(f"/textes/{report.pk}/adoption/")
    for words in (
        "Avis favorable avec réserves.",
        "Délibération n° 2011-06-12 : le rapport est adopté, par 61 voix pour, 40 contre, 12 abstentions.",
        "Adoptée après amendement",
        "Non retenu",
        "Hors de sa compétence.",
    ):
        assert words in page
    changed = read(f"/textes/{report.pk}/adoption/2/")
    for words in ("[retiré : 2.]", "[ajouté : chaque soir.]", "Le soir, il n’y a plus de train.", "61 voix pour"):
        assert words in changed
    assert "Adoptée après amendement par le Conseil régional" in read(f"/textes/{report.pk}/passages/2/")
    assert Client().get(f"/textes/{voted.pk}/adoption/").status_code == 404  # the report's, at one address
    kinds = Entree.objects.order_by("pk").values_list("kind", flat=True)
    assert [kind for kind in kinds if kind.startswith(("adoption", "amendement"))] == [
        *("adoption.presente", "amendement.depose", "amendement.depose", "adoption.avis", "adoption.deliberation"),
        *("amendement.sort", "amendement.sort"),
    ]
    assert "Verts" not in str(list(Entree.objects.values_list("facts", flat=True)))


BESIDE_THE_VOTE = {
    "UPDATE consultation_passage SET text = 'Autre chose.' WHERE version_id = %(version)s AND number = 1": (
        "Avec d’autres mots que ceux qui ont été votés : article 1."
    ),
    "DELETE FROM consultation_citation WHERE citing_passage_id IN"
    " (SELECT id FROM consultation_passage WHERE version_id = %(version)s AND number = 2)": (
        "Sans citation de l’orientation du rapport dont il vient : article 2."
    ),
    "INSERT INTO consultation_passage (version_id, key, number, title, text, liaison)"
    " VALUES (%(version)s, 9, 9, 'De plus', '', true)": "Dans la politique sans avoir été voté : article 4.",
    "UPDATE consultation_amendement SET state = 'depose', votes_for = NULL, votes_against = NULL, abstentions = NULL"
    " WHERE number = 2": "Avec un amendement dont le sort n’est pas dit : orientation 1.",
    "UPDATE consultation_article SET text = 'Rien de tel.' WHERE outcome = 'amende'": (
        "Dite amendée, avec d’autres mots que ceux de l’amendement adopté : orientation 2."
    ),
    "DELETE FROM consultation_article WHERE outcome = 'non_retenu'": "Sans décision : orientation 4.",
}


@pytest.mark.parametrize("statement", BESIDE_THE_VOTE)
def test_no_policy_says_anything_but_what_was_voted(voted, statement):
    draft = voted.draft
    sql(statement, {"version": draft.pk})
    why = BESIDE_THE_VOTE[statement]
    assert why in missing(draft, final=True)
    with pytest.raises(Incomplete) as raised:
        publish(draft, final=True, by=make_superuser())
    assert why in raised.value.sentences
    refused(PUBLISH, draft.pk, by="politique_as_voted")


def test_a_policy_without_its_vote_does_not_appear_and_what_was_voted_stays():
    alone = make_texte(kind=TexteKind.POLITIQUE, closed=False)
    passage(alone, said())
    refused(PUBLISH, alone.draft.pk, by="politique_as_voted")
    assert "n’est pas enregistrée" in missing(alone.draft, final=True)[0]
    policy = make_policy()
    for statement, by in {
        "UPDATE consultation_adoption SET votes_for = 99": "adoption_stays",
        "DELETE FROM consultation_adoption": "adoption_stays",
        "UPDATE consultation_article SET outcome = 'tel_quel'": "article_stays",
        "DELETE FROM consultation_article": "article_stays",
        "INSERT INTO consultation_amendement (adoption_id, number, passage_id, author, filed_on, title, text, motive,"
        " state) SELECT adoption_id, 9, passage_id, 'a', now(), 'a', '', 'a', 'depose' FROM consultation_article"
        " LIMIT 1": "amendement_stays",
    }.items():
        refused(statement, by=by)
    with pytest.raises(StaleState):
        actions.give_avis(policy.adopted_by, by=make_superuser(), avis="favorable", reason="Une faute.")


def test_the_acts_come_in_their_order_and_a_correction_says_why():
    report, today = make_report(passages=1), timezone.localdate()
    adoption = presented(report, today)
    early = {"avis_on": today - timedelta(1), "avis": "favorable", "avis_text": "", "avis_url": ""}
    with pytest.raises(ValidationError, match="vient avec la présentation"):
        actions.give_avis(adoption, by=make_superuser(), **early)
    with pytest.raises(ValidationError, match="vient après l’avis"):
        actions.deliberate(adoption, by=make_superuser(), deliberation_on=today, deliberation_number="1", adopted=True)
    refused("UPDATE consultation_adoption SET adopted = true", by="adoption_deliberation_after_avis")
    only = adoption.version.passages.get()
    with pytest.raises(Exception, match="La délibération qui adopte vient d’abord"):
        decided(adoption, only, ArticleOutcome.AS_SUCH)


def test_what_is_voted_is_of_the_report_that_was_presented_and_of_its_demarche(voted):
    other, elsewhere = make_report(passages=1, title="Un autre rapport"), make_demarche(courante=False)
    keys = {
        "passage": other.current.passages.get().pk,
        "texte": make_texte(demarche=elsewhere, kind=TexteKind.POLITIQUE, closed=False).pk,
        "seance": make_rencontre(demarche=elsewhere).pk,
        "other": presented(other).pk,
        "version": other.current.pk,
    }
    for statement, by in {
        "UPDATE consultation_amendement SET passage_id = %(passage)s WHERE number = 1": "amendement_of_its_report",
        "UPDATE consultation_amendement SET adoption_id = %(other)s WHERE number = 1": "amendement_of_its_report",
        "UPDATE consultation_article SET passage_id = %(passage)s WHERE outcome = 'amende'": "article_of_its_report",
        "UPDATE consultation_adoption SET politique_id = %(texte)s WHERE id <> %(other)s": "adoption_of_report",
        "UPDATE consultation_adoption SET seance_id = %(seance)s WHERE id <> %(other)s": "adoption_of_report",
        "UPDATE consultation_adoption SET texte_id = texte_id, version_id = %(version)s WHERE id <> %(other)s": (
            "adoption_of_report"
        ),
    }.items():
        refused(statement, keys, by=by)


@pytest.mark.django_db(transaction=True)
def test_a_vote_corrected_at_the_moment_the_policy_appears_waits_and_is_refused(voted, monkeypatch):
    no = voted.adopted_by.amendements.get(number=2)
    version, refusal = while_publishing(
        voted, monkeypatch, lambda: actions.settle(no, state=AmendementState.ADOPTED, given=YES, by=make_superuser())
    )
    assert version.state == TexteState.FINAL
    assert isinstance(refusal, StaleState), refusal
    no.refresh_from_db()
    assert no.state == AmendementState.REJECTED


def test_votes_agree_with_what_is_said_of_them_and_a_correction_says_why():
    adoption = deliberated(make_report(passages=1))
    refused("UPDATE consultation_adoption SET adopted = false", by="adoption_as_voted")
    sql("UPDATE consultation_adoption SET votes_against = votes_for")  # the president's vote counts double
    given = {"avis_on": adoption.avis_on, "avis": "favorable", "avis_text": "", "avis_url": ""}
    with pytest.raises(Incomplete, match="pourquoi il est corrigé"):
        actions.give_avis(adoption, by=make_superuser(), **given)
    actions.give_avis(adoption, by=make_superuser(), reason="Mal lu.", **given)
    assert Entree.objects.filter(kind="adoption.avis").order_by("pk").last().facts["raison"] == "Mal lu."
    assert Adoption.objects.get().avis == "favorable"


def test_a_report_that_is_not_public_is_not_presented_and_another_texte_is_no_report():
    draft = make_texte(kind=TexteKind.RAPPORT)
    passage(draft, said())
    with pytest.raises(StaleState):
        presented(draft)
    synthese = make_texte()
    textes.add(synthese.draft, textes.Words("Une liaison", "", liaison=True))
    version = published(synthese, final=False)
    statement = (
        "INSERT INTO consultation_adoption (texte_id, version_id, presented_on, avis, avis_text, avis_url,"
        " deliberation_number, deliberation_url) VALUES (%s, %s, now(), '', '', '', '', '')"
    )
    refused(statement, synthese.pk, version.pk, by="adoption_of_report")
    refused(statement, draft.pk, TexteVersion.objects.get(texte=draft).pk, by="adoption_of_report")


def test_the_team_records_an_adoption_from_its_pages(client):
    report = make_report(passages=2)
    client.force_login(make_role(demarche=report.demarche, kind=RoleKind.REDACTEUR).user)
    here, today = f"/admin/consultation/texte/{report.pk}/adoption/", str(timezone.localdate())

    def send(address, act, status=302, **typed):
        answer = client.post(address, {"act": act} | typed)
        assert answer.status_code == status, answer.content.decode()
        return answer.content.decode()

    assert "Dites quel jour il a été présenté." in send(here, "presenter", 422)
    assert "Ce jour n’est pas venu" in send(here, "presenter", 422, on="2099-01-01")
    send(here, "presenter", on=today)
    assert "Enregistrez d’abord" not in client.get(here).content.decode()
    early = str(timezone.localdate() - timedelta(3))
    assert "vient avec la présentation" in send(here, "avis", 422, avis_on=early, avis="favorable")
    send(here, "avis", avis_on=today, avis="favorable")
    assert "pourquoi il est corrigé" in send(
        here, "avis", 422, avis_on=today, avis="defavorable", avis_text="Mes mots."
    )
    voted = {"deliberation_on": today, "deliberation_number": "12", "adopted": "oui", "abstentions": "0"}
    assert "disent le contraire" in send(here, "deliberer", 422, **voted, votes_for="3", votes_against="4")
    send(here, "deliberer", **voted, votes_for="61", votes_against="40")
    first = f"{here}1/"
    words = {"title": "Orientation 1", "text": "La Région agit.", "motive": "C’est mieux.", "author": "Le CESER"}
    send(first, "deposer", **words, filed_on=today)
    assert "Donnez les trois nombres" in send(first, "sort", 422, number="1", state="adopte", votes_for="9")
    send(first, "sort", number="1", state="adopte", votes_for="9", votes_against="1", abstentions="0")
    page = client.get(first).content.decode()
    assert "La Région agit.</textarea>" in page  # what was adopted is offered as what was voted
    assert "Dites pourquoi" in send(first, "decider", 422, outcome="non_retenu")
    send(first, "decider", outcome="amende", title="Orientation 1", text="La Région agit.")
    assert "Sans décision : orientation 2." in client.get(here).content.decode().replace("\u00a0", " ")
    send(here, "politique", title="Trop tôt")
    assert not Adoption.objects.get().politique
    send(here, "autres")
    send(here, "politique", title="Politique")
    policy = Adoption.objects.get().politique
    assert list(policy.draft.passages.order_by("number").values_list("text", flat=True)) == [
        "La Région agit.",
        "La Région fait la chose 2.",
    ]
    published(policy)
    assert "ce qui a été voté reste tel quel" in client.get(here).content.decode()
    for act, typed in (("presenter", {"on": early}), ("avis", {"avis_on": today, "avis": "defavorable"})):
        told = client.post(here, {"act": act, "reason": "Une faute."} | typed, follow=True).content.decode()
        assert "Rien n’est enregistré" in told
