"""What must never be false of textes: by raw SQL, past every page; and at the same moment."""

from __future__ import annotations

from threading import Event

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from consultation.actions import textes, textes_publish
from consultation.actions.contributions import change_state
from consultation.actions.textes_publish import Incomplete, next_version, publish
from consultation.choices import ContributionState, Nature, Origine, TexteKind, TexteState
from consultation.coverage import Coverage, untreated
from consultation.lacks import missing
from consultation.models import Citation, Contribution, Passage, Reponse, TexteVersion
from tests.factories import make_contribution, make_demarche, make_production, make_superuser
from tests.test_places import at_once
from tests.textes import answered, make_texte, passage, published, said, withdrawn

pytestmark = pytest.mark.django_db
PUBLISH = "UPDATE consultation_texteversion SET state = 'definitive', published_at = now() WHERE id = %s"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


def sql(statement, *params):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params[0] if params and isinstance(params[0], dict) else params)


def refused(statement, *params, by):
    with pytest.raises(IntegrityError) as raised:
        sql(statement, *params)
    assert raised.value.__cause__.diag.constraint_name == by
    return str(raised.value)


def left_out(case):
    """A texte that lacks one thing, and what is said of it."""
    texte, cited = make_texte(), said()
    made = passage(texte, cited)
    if case == "unanswered":
        return texte, f"Une contribution n’a ni citation ni réponse : {said().reference}."
    if case == "waiting":
        said(state=ContributionState.WAITING)
        return texte, "1 contribution reçue à temps attend d’être modérée."
    if case == "bare":
        passage(texte)
        return texte, "Sans source qu’on puisse lire : passage 2."
    if case == "dead":
        withdrawn(cited)
        return texte, "Sans source qu’on puisse lire : passage 1."
    if case == "empty":
        textes.remove(made)
        answered(texte, cited)
        return texte, "Ce texte n’a aucun passage."
    TexteVersion.objects.filter(pk=texte.draft.pk).update(received_before=None)
    return texte, "Il n’est pas arrêté : dites jusqu’à quel jour il traite les contributions reçues."


@pytest.mark.parametrize("case", ["unanswered", "waiting", "bare", "dead", "empty", "open"])
def test_what_lacks_one_thing_does_not_appear_through_any_door(case):
    texte, why = left_out(case)
    assert missing(texte.draft, final=True) == [why]
    with pytest.raises(Incomplete) as raised:
        publish(texte.draft, final=True, by=make_superuser())
    assert raised.value.sentences == [why]
    refused(PUBLISH, texte.draft.pk, by="texte_version_whole")
    texte.refresh_from_db()
    assert texte.current is None


def test_the_database_names_what_is_missing_and_counts_what_it_publishes():
    texte, cited, answers = make_texte(), said(), [said(origine=Origine.PAPER), said()]
    passage(texte, cited)
    passage(texte, title="Une liaison", liaison=True)
    assert answers[0].reference in refused(PUBLISH, texte.draft.pk, by="texte_version_whole")
    answered(texte, *answers)
    said(nature=Nature.QUESTION)
    said(parent=cited, stance="pour")
    said(state=ContributionState.REFUSED)
    make_contribution(submitted_at=timezone.now())  # received after the closing: the next texte's
    sql(PUBLISH, texte.draft.pk)
    texte.refresh_from_db()
    coverage = Coverage.of(texte.current)
    assert (coverage.taken_up, coverage.reponses, coverage.by_lot) == (1, {"non_retenue": 2}, 2)
    assert (coverage.origines, coverage.refused, coverage.left) == ({"en_ligne": 2, "papier": 1}, 1, 0)
    assert coverage.sentence.replace("\u00a0", " ") == (
        "Les 3 contributions (2 en ligne, 1 sur papier) ont été lues et traitées : "
        "1 reprise, 2 non reprises, avec un motif, dont 2 par lot."
    )


def test_a_contribution_counts_as_taken_up_through_the_productions_that_are_cited():
    texte, far = make_texte(), said()
    merged, kept = (make_production(submitted_at=timezone.now(), published_at=timezone.now()) for _ in range(2))
    Citation.objects.create(citing=merged.contribution, cited=far)
    Citation.objects.create(citing=kept.contribution, cited=merged.contribution)
    assert far in untreated(texte.draft)
    passage(texte, kept.contribution)
    assert far not in untreated(texte.draft)
    assert Coverage.of(texte.draft).taken_up == 1
    # What stands between them is no longer public: nobody could follow the way.
    withdrawn(merged.contribution)
    assert far in untreated(texte.draft)
    assert missing(texte.draft, final=True) == [f"Une contribution n’a ni citation ni réponse : {far.reference}."]


def test_a_later_texte_treats_what_came_since_and_no_more():
    texte, cited = make_texte(), said()
    passage(texte, cited)
    published(texte)
    late = said()
    following = make_texte(kind=TexteKind.INTERMEDIAIRE)
    assert list(untreated(following.draft)) == [late]
    passage(following, late)
    assert published(following).figures["origines"] == {"en_ligne": 1}


@pytest.fixture
def whole():
    """A definitive texte: a passage that quotes, an answer; and the same again, being written."""
    texte, cited, other = make_texte(), said(body="Il faut plus de trains."), said()
    passage(texte, cited, quote="plus de trains")
    answered(texte, other)
    published(texte)
    return texte


VERSION = "UPDATE consultation_texteversion SET {} WHERE id = %(version)s"
PASSAGES = "SELECT id FROM consultation_passage WHERE version_id = %(version)s"
PUBLISHED = {
    VERSION.format("introduction = 'autre'"): "texte_version_stays",
    VERSION.format("figures = '{}'"): "texte_version_stays",
    VERSION.format("state = 'brouillon', published_at = NULL"): "texte_version_stays",
    "DELETE FROM consultation_texteversion WHERE id = %(version)s": "texte_version_stays",
    "UPDATE consultation_passage SET text = 'autre' WHERE version_id = %(version)s": "passage_published_stays",
    "DELETE FROM consultation_passage WHERE version_id = %(version)s": "passage_published_stays",
    "INSERT INTO consultation_passage (version_id, key, number, title, text, liaison)"
    " VALUES (%(version)s, 9, 9, 'a', '', true)": "passage_published_stays",
    f"INSERT INTO consultation_passage_themes (passage_id, theme_id) SELECT id, 1 FROM ({PASSAGES}) p": (
        "passage_published_stays"
    ),
    f"UPDATE consultation_citation SET how = 'diverge' WHERE citing_passage_id IN ({PASSAGES})": (
        "citation_published_stays"
    ),
    f"UPDATE consultation_citation SET quote = 'trains' WHERE citing_passage_id IN ({PASSAGES})": (
        "citation_published_stays"
    ),
    f"DELETE FROM consultation_citation WHERE citing_passage_id IN ({PASSAGES})": "citation_published_stays",
    "UPDATE consultation_reponse SET reason = 'autre' WHERE texte_id = %(texte)s": "reponse_published_stays",
    "UPDATE consultation_reponse SET until = 9 WHERE texte_id = %(texte)s": "reponse_published_stays",
    "DELETE FROM consultation_reponse WHERE texte_id = %(texte)s": "reponse_published_stays",
    "UPDATE consultation_texte SET current_id = NULL WHERE id = %(texte)s": "texte_keeps_its_place",
    "UPDATE consultation_texte SET first_published_at = now() WHERE id = %(texte)s": "texte_keeps_its_place",
    "UPDATE consultation_texte SET kind = 'bilan' WHERE id = %(texte)s": "texte_keeps_its_place",
}


@pytest.mark.parametrize("writing", [False, True])
def test_what_was_published_is_neither_rewritten_nor_deleted(whole, writing):
    """The next version is other rows: writing it opens nothing of this one."""
    if writing:
        next_version(whole)
    for statement, by in PUBLISHED.items():
        refused(statement, {"version": whole.current_id, "texte": whole.pk}, by=by)


def test_a_quote_of_a_published_version_may_go_blank_and_only_that(whole):
    sql("UPDATE consultation_citation SET quote = ''")
    assert Citation.objects.get().quote == ""


@pytest.mark.parametrize("masked", [False, True])
def test_words_that_go_are_quoted_nowhere_any_more_and_the_counts_stay(whole, masked):
    figures, quoted = whole.current.figures, Contribution.objects.filter(body__contains="trains")
    if masked:
        quoted.update(body="Il faut […].", masked_at=timezone.now())
    else:
        withdrawn(quoted.get(), by_author=True)
    assert Citation.objects.get().quote == ""
    assert TexteVersion.objects.get(pk=whole.current_id).figures == figures


def test_the_next_version_begins_as_the_last_and_says_why_it_comes(whole):
    draft = next_version(whole)
    first, copy = whole.current.passages.get(), draft.passages.get()
    assert (copy.key, copy.title, copy.citations.get().quote) == (first.key, first.title, "plus de trains")
    assert missing(draft, final=True) == []
    with pytest.raises(Incomplete, match="Dites pourquoi"):
        publish(draft, final=True, by=make_superuser())
    refused(PUBLISH, draft.pk, by="texte_version_says_why")
    refused(PUBLISH.replace("definitive", "provisoire"), draft.pk, by="texte_version_whole")
    assert next_version(whole) == draft
    published(whole, reason="Une faute au premier passage.")
    assert (whole.current.number, whole.versions.count()) == (2, 2)


CITE = "INSERT INTO consultation_citation ({}, how, quote, created_at) VALUES (%s, %s, 'reprend', %s, now())"


def test_one_on_each_side_of_a_citation_of_one_demarche_to_the_letter():
    texte, cited = make_texte(), said(body="Il faut des trains.")
    made, other = passage(texte), said(demarche=make_demarche(), body="Il faut des trains.")
    both = CITE.replace("(%s", "(%s, %s")
    refused(
        both.format("citing_passage_id, citing_id, cited_id"), made.pk, cited.pk, cited.pk, "", by="citation_by_one"
    )
    neither = "citing_passage_id, cited_passage_id, cited_id"
    refused(both.format(neither), made.pk, made.pk, cited.pk, "", by="citation_of_one")
    by_passage = CITE.format("citing_passage_id, cited_id")
    refused(by_passage, made.pk, other.pk, "", by="citation_of_its_demarche")
    refused(by_passage, made.pk, cited.pk, "il faut des trains", by="citation_quotes_exactly")
    withdrawn(cited)
    refused(by_passage, made.pk, cited.pk, "des trains", by="citation_quotes_exactly")


def test_a_passage_cites_a_texte_that_was_public_before_its_own(whole):
    earlier, following = whole.current.passages.get(), make_texte(kind=TexteKind.RAPPORT)
    made = passage(following)
    textes.cite_passage(made, earlier, quote="des trains", by=make_superuser())
    assert missing(following.draft, final=True) == []
    between = CITE.format("citing_passage_id, cited_passage_id")
    refused(between, passage(make_texte()).pk, made.pk, "", by="citation_earlier_texte")  # not public
    published(following)
    mine = next_version(whole).passages.get()
    refused(between, mine.pk, following.current.passages.get().pk, "", by="citation_earlier_texte")
    refused(between, mine.pk, earlier.pk, "", by="citation_earlier_texte")  # its own texte


def test_nothing_comes_back_into_itself(whole):
    first, second = (make_production() for _ in range(2))
    Citation.objects.create(citing=first.contribution, cited=second.contribution)
    both = CITE.format("citing_id, cited_id")
    refused(both, second.pk, first.pk, "", by="citation_no_circle")
    # Through a texte: a production comes from a passage, whose next version would come from it.
    Citation.objects.create(citing=second.contribution, cited_passage=whole.current.passages.get())
    draft = next_version(whole)
    by_passage = CITE.format("citing_passage_id, cited_id")
    refused(by_passage, draft.passages.get().pk, first.pk, "", by="citation_no_circle")


def test_an_answer_goes_to_what_is_public_in_the_version_that_is_written(whole):
    insert = (
        "INSERT INTO consultation_reponse (texte_id, contribution_id, kind, reason, passed_to, since, given_at)"
        " VALUES (%s, %s, 'non_retenue', 'Non.', '', %s, now())"
    )
    one = said()
    refused(insert, whole.pk, one.pk, 1, by="reponse_published_stays")  # nothing is being written
    next_version(whole)
    refused(insert, whole.pk, one.pk, 1, by="reponse_published_stays")
    for hidden in (said(state=ContributionState.WITHDRAWN), said(demarche=make_demarche())):
        refused(insert, whole.pk, hidden.pk, 2, by="reponse_of_its_demarche")
    sql(insert, whole.pk, one.pk, 2)
    refused(insert, whole.pk, one.pk, 2, by="reponse_once")
    # What version 1 says stays; version 2 may say no more of it.
    before = Reponse.objects.get(since=1)
    answered_anew = textes.take_back(whole.draft, [before.contribution_id])
    assert (answered_anew, Reponse.objects.of_version(whole.current).count()) == (1, 1)
    assert list(Reponse.objects.of_version(whole.draft).values_list("contribution", flat=True)) == [one.pk]


# At the same moment: committed transactions, on connections of their own.


@pytest.fixture
def ready(transactional_db):
    """A texte that lacks nothing, and a contribution received in time that a moderator has in hand."""
    texte = make_texte()
    passage(texte, said())
    return texte, said(state=ContributionState.REFUSED)


def while_publishing(texte, monkeypatch, meanwhile):
    """`meanwhile` begins once the texte has been counted, before it is committed; what both returned or raised."""
    counted, done = Event(), Event()
    enter = textes_publish.enter_texte

    def slowly(*args):
        counted.set()
        done.wait(1)  # the other one is held back, or has finished
        enter(*args)

    monkeypatch.setattr(textes_publish, "enter_texte", slowly)

    def other():
        counted.wait(5)
        result = meanwhile()
        done.set()
        return result

    return at_once([lambda: publish(texte.draft, final=True, by=make_superuser()), other])


def republished(contribution):
    """What a réexamen does."""
    with transaction.atomic():
        found = Contribution.objects.select_related("demarche").get(pk=contribution.pk)
        change_state(found, ContributionState.PUBLISHED, by=make_superuser(), cause="reexamen")
    return TexteVersion.objects.published().count()


def untrusted(name, table="consultation_contribution"):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} {name}")


@pytest.mark.parametrize("guarded", [True, False])
def test_a_contribution_published_at_the_same_moment_does_not_slip_through(ready, monkeypatch, guarded):
    """It waits, and is the next texte's; without the guard it appears while the texte says that nothing is left."""
    texte, late = ready
    if not guarded:
        untrusted("DISABLE TRIGGER contribution_held")
    try:
        version, seen = while_publishing(texte, monkeypatch, lambda: republished(late))
    finally:
        untrusted("ENABLE TRIGGER contribution_held")
    assert version.figures["reste"] == 0
    assert seen == (1 if guarded else 0)  # textes that were public when it appeared
    after = make_texte(kind=TexteKind.INTERMEDIAIRE)
    assert list(untreated(after.draft)) == [late]


def test_a_texte_counts_what_is_published_just_before_it(ready):
    """The other order: the moderator was first, and has not committed yet."""
    texte, late = ready
    changed, asked = Event(), Event()

    def moderator():
        with transaction.atomic():
            republished(late)
            changed.set()
            asked.wait(1)

    def redacteur():
        changed.wait(5)
        try:
            return publish(texte.draft, final=True, by=make_superuser())
        finally:
            asked.set()

    _, refusal = at_once([moderator, redacteur])
    assert isinstance(refusal, Incomplete)
    assert late.reference in str(refusal)


def test_a_source_withdrawn_at_the_same_moment_waits_until_the_texte_has_appeared(ready, monkeypatch):
    texte, _ = ready
    only = Citation.objects.get().cited

    def gone():
        with transaction.atomic():
            withdrawn(only)
        return TexteVersion.objects.published().count()

    version, seen = while_publishing(texte, monkeypatch, gone)
    assert (version.figures["sans_source"], seen) == (0, 1)


def test_a_citation_taken_away_at_the_same_moment_is_refused(ready, monkeypatch):
    texte, _ = ready
    made = Passage.objects.get()
    citation = made.citations.get()
    version, refusal = while_publishing(texte, monkeypatch, lambda: Citation.objects.filter(pk=citation.pk).delete())
    assert version.state == TexteState.FINAL
    assert "citation_published_stays" in str(refusal.__cause__.diag.constraint_name)


@pytest.mark.parametrize("guarded", [True, False])
def test_two_redacteurs_at_once_never_write_over_each_other(transactional_db, monkeypatch, guarded):
    made = passage(make_texte())
    seal = made.seal
    if not guarded:
        monkeypatch.setattr("consultation.models.Passage.seal", seal)
    results = at_once([lambda n=n: textes.write(made, textes.Words(f"Titre {n}", ""), seal) for n in range(4)])
    wrote = [one for one in results if isinstance(one, Passage)]
    assert len(wrote) == (1 if guarded else 4)
    if guarded:
        assert Passage.objects.get().title == wrote[0].title
        assert all("quelqu’un d’autre" in str(one) for one in results if one not in wrote)
