"""A rédacteur's work, through the pages: passages, sources, answers, publication; and what each page refuses."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils.html import strip_tags

from consultation.actions import textes
from consultation.choices import ContributionState, RoleKind
from consultation.coverage import Coverage
from consultation.imports.run import import_contributions
from consultation.models import Citation, Contribution, Passage, Reponse, Texte
from socle.registre.models import Entree
from tests.factories import local, make_demarche, make_role, make_theme
from tests.test_import import shared
from tests.textes import answered, make_texte, passage, published, said

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def staff():
    client = Client()
    client.force_login(make_role(kind=RoleKind.REDACTEUR).user)
    return client


def address(texte: Texte, end: str = "change/") -> str:
    return f"/admin/consultation/texte/{texte.pk}/{end}"


def read(answer) -> str:
    said = strip_tags(answer.content.decode()).replace("&nbsp;", " ").replace("\u00a0", " ")
    return re.sub(r"\s+", " ", said)


def test_a_texte_is_begun_framed_and_filled_through_the_pages(staff):
    demarche, theme = make_role().demarche, make_theme()
    begun = {"demarche": demarche.pk, "kind": "synthese", "title": "Synthèse du printemps"}
    assert staff.post("/admin/consultation/texte/add/", begun).status_code == 302
    texte = Texte.objects.get()
    seal = texte.draft.seal
    framed = {"act": "cadre", "title": "Synthèse de mai", "last_day": str(local(-1).date()), "seal": seal}
    assert staff.post(address(texte), framed | {"introduction": "Voici."}).status_code == 302
    assert texte.draft.received_before == local()
    added = {"act": "ajouter", "title": "Des trains", "text": "Il en faut.\n\nPlus souvent.", "themes": [theme.pk]}
    made = staff.post(address(texte), added, follow=True)
    assert "Passage 1 ajouté" in read(made)
    one = Passage.objects.get()
    assert (one.title, list(one.themes.all()), Texte.objects.get().title) == ("Des trains", [theme], "Synthèse de mai")


def test_citing_takes_the_words_as_they_were_selected_and_refuses_others(staff):
    """On the page apostrophes are curly, spaces do not break, lists have no dash: the words are those of the text."""
    texte, one = make_texte(), said(body="Voici l'idée :\n- un train ;\n- un bus ?", title="Idée")
    made = passage(texte)
    page = address(texte, f"passages/{made.key}/?q=train")
    quoted = {"act": "citer", "contribution": one.pk, "how": "nuance"}
    wrong = staff.post(page, quoted | {"quote": "un train et un bus"})
    assert wrong.status_code == 422
    assert "Ces mots ne sont pas dans ce que vous citez" in read(wrong)
    assert "un train et un bus" in wrong.content.decode()
    assert not Citation.objects.exists()
    right = staff.post(page, quoted | {"quote": "« l’idée\u00a0: un train\u00a0; un bus\u00a0? »"})
    assert right.headers["Location"] == page  # the same search
    citation = Citation.objects.get()
    assert (citation.quote, citation.how) == ("l'idée :\n- un train ;\n- un bus ?", "nuance")


def seal_in(answer) -> str:
    return re.search(r'name="seal" value="([0-9a-f]+)" id="id_passage_seal"', answer.content.decode())[1]


def test_the_second_of_two_redacteurs_is_told_shown_what_differs_and_chooses(staff):
    texte, theme = make_texte(), make_theme()
    made = passage(texte, title="Un", text="Premier.")
    page = address(texte, f"passages/{made.key}/")
    mine = {"act": "ecrire", "title": "Un", "text": "Il faut des trains la nuit.", "seal": made.seal}
    textes.write(made, textes.Words("Un", "Il faut des trains le soir."), made.seal)
    answer = staff.post(page, mine)
    assert answer.status_code == 409
    for words in ("quelqu’un d’autre a écrit ici", "[retiré : le soir.]", "[ajouté : la nuit.]"):
        assert words in read(answer)
    assert "Il faut des trains la nuit.</textarea>" in answer.content.decode()
    assert Passage.objects.get().text == "Il faut des trains le soir."  # until it is chosen
    assert staff.post(page, mine | {"seal": seal_in(answer), "joindre": "1"}).status_code == 302
    both = "Il faut des trains le soir.\n\nIl faut des trains la nuit."
    assert Passage.objects.get().text == both
    # What differs may be in the themes alone; and the same words said twice are no conflict.
    stale = Passage.objects.get().seal
    textes.write(Passage.objects.get(), textes.Words("Un", both, themes=[theme]), stale)
    again = {"act": "ecrire", "title": "Un", "text": both, "seal": stale}
    assert staff.post(page, again).status_code == 409
    assert staff.post(page, again | {"themes": [theme.pk]}).status_code == 302
    # The same of what comes before the passages.
    seal = texte.draft.seal
    textes.frame(texte.draft, introduction="La sienne.", received_before=local(), seal=seal)
    told = staff.post(address(texte), {"act": "cadre", "title": "T", "introduction": "La mienne.", "seal": seal})
    assert told.status_code == 409
    assert "[retiré : sienne.]" in read(told)


def test_what_is_being_written_is_kept_by_itself_and_never_over_somebody_else(staff):
    made = passage(make_texte(), title="Un", text="Premier.")
    page = address(made.version.texte, f"passages/{made.key}/")
    typed = {"act": "garder", "title": "Un", "text": "Premier jet.", "seal": made.seal}
    kept = staff.post(page, typed)
    assert kept.json()["said"].startswith("Enregistré à ")
    assert kept.json()["seal"] == Passage.objects.get().seal != made.seal
    assert staff.post(page, typed).status_code == 200  # sent twice by a bad network
    unsaid = staff.post(page, typed | {"title": ""})
    assert (unsaid.status_code, unsaid.json()["said"]) == (422, "Pas enregistré. Donnez un titre à ce passage.")
    textes.write(made, textes.Words("Un", "Un collègue."), Passage.objects.get().seal)
    stopped = staff.post(page, typed | {"text": "La suite.", "seal": kept.json()["seal"]})
    assert stopped.status_code == 409
    assert "« Enregistrer » montre les deux textes" in stopped.json()["said"].replace("\u00a0", " ")
    assert Passage.objects.get().text == "Un collègue."


def test_one_citation_or_one_answer_covers_those_that_say_nearly_the_same(staff):
    """Copies, with a few words of one's own before, another order, other spellings; and not what only looks close."""
    body = "Il faut un train toutes les heures entre Lille et Dunkerque, même le dimanche, avec des places pour vélos."
    texte, one = make_texte(), said(title="Des trains", body=body)
    copy = said(title="Des trains", body=body.replace("Il faut", "Il faut").upper())
    longer = said(title="Les trains", body=f"Bonjour à tous. {body} Merci.")
    said(title="Des trains", body="Il faut un train de nuit entre Lille et Nice, et des places pour dormir.")
    made = passage(texte)
    page = address(texte, f"passages/{made.key}/")
    assert "1 autre en dit autant" in read(staff.get(page))
    firsts = read(staff.get(f"{page}?copies=1"))
    assert one.reference in firsts
    assert copy.reference not in firsts
    around = f"{page}?proches={one.pk}"
    assert f"presque la même chose que {one.reference}" in read(staff.get(around))
    grouped = {"act": "citer_groupe", "how": "reprend", "contribution": one.pk}
    wrong = staff.post(around, grouped | {"quote": "un avion"})
    assert wrong.status_code == 422
    assert staff.post(around, grouped | {"quote": "un train toutes les heures"}).headers["Location"] == around
    quotes = dict(Citation.objects.values_list("cited", "quote"))
    assert quotes == dict.fromkeys((one.pk, longer.pk), "un train toutes les heures") | {copy.pk: ""}
    textes.remove(made)
    answer = {"kind": "deja_prevue", "reason": "C’est prévu.", "toutes": "1"}
    staff.post(address(texte, f"reponses/?proches={longer.pk}"), answer)
    assert set(Reponse.objects.values_list("contribution", flat=True)) == {one.pk, copy.pk, longer.pk}


def test_cutting_joining_and_moving_keep_the_sources(staff):
    texte, one, other = make_texte(), said(), said()
    made = passage(texte, one, text="A.\n\nB.\n\nC.")
    passage(texte, other, title="Fin", text="D.")
    page = address(texte, f"passages/{made.key}/")
    staff.post(page, {"act": "couper", "place": "1", "seal": made.seal})
    parts = list(Passage.objects.order_by("number").values_list("title", "text"))
    assert parts == [("Un passage", "A."), ("Un passage (suite)", "B.\n\nC."), ("Fin", "D.")]
    assert Citation.objects.filter(cited=one).count() == 2
    rest = Passage.objects.get(number=2)
    staff.post(address(texte, f"passages/{rest.key}/"), {"act": "reunir", "seal": rest.seal})
    joined = Passage.objects.get(number=2)
    assert joined.text == "B.\n\nC.\n\nFin\n\nD."
    assert set(joined.citations.values_list("cited", flat=True)) == {one.pk, other.pk}
    staff.post(address(texte), {"act": "deplacer", "key": joined.key, "place": "1"})
    assert list(Passage.objects.order_by("number").values_list("key", flat=True)) == [joined.key, made.key]


def test_answers_are_given_one_by_one_or_to_all_that_a_search_finds_and_taken_back(staff):
    texte, one = make_texte(), said(title="Une piscine")
    buses = [said(title=f"Un autobus {number}") for number in range(3)]
    page, words = address(texte, "reponses/"), {"kind": "non_retenue", "reason": "Ce n’est pas retenu."}
    assert staff.post(page, words).status_code == 422  # nothing was ticked
    unsaid = staff.post(page, {"kind": "hors_competence", "reason": "Non.", "contribution": one.pk})
    assert "Dites à qui elles sont transmises." in read(unsaid)
    staff.post(page, words | {"contribution": one.pk})
    staff.post(f"{page}?q=autobus", words | {"toutes": "1"})
    assert Reponse.objects.get(contribution=one).lot is None
    assert len({reponse.lot for reponse in Reponse.objects.filter(contribution__in=buses)}) == 1
    assert (Coverage.of(texte.draft).left, Coverage.of(texte.draft).by_lot) == (0, 3)
    assert "Toutes sont citées, ou ont leur réponse." in read(staff.get(page))
    staff.post(page, {"act": "reprendre", "contribution": one.pk})
    assert Coverage.of(texte.draft).left == 1
    # Cited after all, it is answered no more.
    textes.cite(passage(texte), buses[0], quote="", by=make_role().user)
    assert not Reponse.objects.filter(contribution=buses[0]).exists()


def test_what_is_missing_is_listed_and_a_provisional_version_may_appear_with_it(staff):
    texte, left = make_texte(), said()
    passage(texte, said())
    page = address(texte, "publier/")
    assert f"n’a ni citation ni réponse : {left.reference}." in read(staff.get(page))
    forced = staff.post(page, {"etat": "definitive"})
    assert forced.status_code == 409
    assert "Rien n’a paru." in read(forced)
    appeared = staff.post(page, {"etat": "provisoire"})
    assert appeared.headers["Location"] == f"/textes/{texte.pk}/"
    assert Entree.objects.get().facts | {} == {"titre": "Synthèse d’essai", "version": 1, "traitees": "1 sur 2"}
    assert staff.get(page).status_code == 404  # nothing is being written any more
    staff.post(address(texte), {"act": "suivante"})
    staff.post(address(texte, "reponses/"), {"kind": "hors_sujet", "reason": "Ailleurs.", "toutes": "1"})
    assert staff.post(page, {"etat": "definitive"}).status_code == 409  # it does not say why
    assert staff.post(page, {"etat": "definitive", "reason": "Elle est complète."}).status_code == 302
    assert Texte.objects.get().current.figures["reste"] == 0


def test_a_texte_is_deleted_until_it_has_appeared(staff):
    texte = make_texte()
    passage(texte, said())
    answered(texte, said())
    assert staff.post(address(texte, "delete/"), {"post": "yes"}).status_code == 302
    assert not Texte.objects.exists()
    assert not Citation.objects.exists()
    kept = make_texte()
    passage(kept, said())
    published(kept, final=False)
    assert staff.post(address(kept, "delete/"), {"post": "yes"}).status_code == 403


def test_a_lecteur_reads_the_table_and_changes_nothing():
    texte = make_texte()
    made = passage(texte, said())
    client = Client()
    client.force_login(make_role(kind=RoleKind.LECTEUR).user)
    assert "Un passage" in read(client.get(address(texte)))
    for end in (f"passages/{made.key}/", "reponses/", "publier/"):
        assert client.get(address(texte, end)).status_code == 403
        assert client.post(address(texte, end), {"act": "oter"}).status_code == 403
    assert client.post(address(texte), {"act": "suivante"}).status_code == 403


def test_hostile_addresses_and_forms_are_refused_in_words(staff):
    texte = make_texte()
    made = passage(texte)
    page = address(texte, f"passages/{made.key}/")
    for query in ("?theme=99&origine=x&q=%26%7C!", "?apres=forged", "?q=" + "a" * 5000):
        assert staff.get(page + query).status_code == 200
        assert staff.get(address(texte, "reponses/") + query).status_code == 200
    for act in ("citer", "decrocher", "couper", "reunir", "inconnu", ""):
        forged = {"act": act, "contribution": "9" * 30, "citation": "x", "place": "-1", "seal": "\x00", "how": "tue"}
        assert staff.post(page, forged).status_code in (302, 404, 422), act
    other = passage(make_texte(demarche=make_demarche()))
    assert staff.get(address(other.version.texte)).status_code == 404
    assert (
        staff.post(
            page, {"act": "citer", "how": "reprend", "contribution": said(demarche=other.version.texte.demarche).pk}
        ).status_code
        == 404
    )


def test_every_real_contribution_of_a_metropolis_is_cited_or_answered_and_the_synthese_appears(staff):
    """The 196 of Lille: twelve passages, each with its sources, an answer to all the others, a definitive version."""
    demarche = make_role().demarche
    import_contributions(shared("mel_decidim_propositions.csv"), demarche, state=ContributionState.PUBLISHED)
    rows = list(Contribution.objects.for_synthese().order_by("pk"))
    assert len(rows) == 196
    texte = make_texte()
    for number, cited in enumerate(rows[start::80] for start in range(12)):
        staff.post(address(texte), {"act": "ajouter", "title": f"Passage {number + 1}", "text": cited[0].title})
        made = Passage.objects.get(number=number + 1)
        page = address(texte, f"passages/{made.key}/")
        for one in cited:
            words = " ".join(one.body.split()[:6])
            said_of = {"act": "citer", "contribution": one.pk, "how": "reprend", "quote": words}
            assert staff.post(page, said_of).status_code == 302, one.body[:80]
    answers = {"kind": "non_retenue", "reason": "Cette proposition n’est pas retenue à cette étape.", "toutes": "1"}
    assert staff.post(address(texte, "reponses/"), answers).status_code == 302
    assert staff.post(address(texte, "publier/"), {"etat": "definitive"}).status_code == 302
    taken_up = Citation.objects.count()
    coverage = Coverage.of(Texte.objects.get().current)
    assert (coverage.total, coverage.taken_up, coverage.by_lot, coverage.left) == (196, taken_up, 196 - taken_up, 0)
    page = read(Client().get(f"/textes/{texte.pk}/"))
    assert (
        f"Les 196 contributions (196 reprises d’un autre outil) ont été lues et traitées : {taken_up} reprises" in page
    )
    for one in rows[::50]:
        steps = read(Client().get(f"/contributions/{one.reference}/"))
        assert "reprise au passage" in steps.lower() or "Réponse : non retenue" in steps
