"""A rédacteur's work, through the pages: passages, sources, answers, publication; and what each page refuses."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.html import strip_tags

from consultation.actions import textes, textes_order
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
    # The same of what comes before the passages, its title with it.
    seal, kept = texte.draft.seal, {"introduction": "", "received_before": local()}
    textes.frame(texte.draft, **kept, title="Le sien", seal=seal)
    mine = {"title": "Le mien", "last_day": str(local(-1).date()), "introduction": "La mienne.", "seal": seal}
    stopped = staff.post(address(texte), mine | {"act": "garder_cadre"})
    assert (stopped.status_code, "quelqu’un d’autre a écrit ici" in stopped.json()["said"]) == (409, True)
    told = staff.post(address(texte), mine | {"act": "cadre"})
    assert told.status_code == 409
    for words in ("[retiré : sien]", "[ajouté : mien]", "[ajouté : La mienne.]"):
        assert words in read(told)
    assert Texte.objects.get().title == "Le sien"
    texte.refresh_from_db()
    again = staff.post(address(texte), mine | {"act": "cadre", "seal": texte.draft.seal}, follow=True)
    assert "Le cadre du texte est enregistré." in read(again)
    assert (Texte.objects.get().title, texte.draft.introduction) == ("Le mien", "La mienne.")


def test_a_new_passage_is_kept_while_it_is_written_and_is_one_passage_whatever_is_sent_again(staff):
    texte, sent_as = make_texte(), uuid4()
    typed = {"title": "Un", "text": "Premier jet.", "submission_key": sent_as}
    untitled = staff.post(address(texte), typed | {"act": "garder", "title": ""})
    assert (untitled.status_code, untitled.json()["said"]) == (422, "Pas enregistré. Donnez un titre à ce passage.")
    answers = [staff.post(address(texte), typed | {"act": "garder"}) for _ in range(2)]  # a bad network
    kept = answers[1].json()
    assert kept == answers[0].json() | {"said": kept["said"]}
    assert "c’est le passage 1" in kept["said"]
    assert kept["address"] == address(texte, f"passages/{Passage.objects.get().key}/")
    more = typed | {"text": "Premier jet, plus long.", "seal": kept["seal"]}
    again = staff.post(kept["address"], more | {"act": "garder"}).json()
    ended = staff.post(kept["address"], more | {"act": "ajouter", "seal": again["seal"]}, follow=True)
    assert "Passage 1 ajouté : citez maintenant ses sources." in read(ended)
    assert Passage.objects.get().text == "Premier jet, plus long."
    # Sent again from a page that was left open: the same words are the same passage, others are shown beside it.
    assert staff.post(address(texte), more | {"act": "ajouter", "seal": ""}).status_code == 302
    other = staff.post(address(texte), typed | {"act": "ajouter", "text": "Une autre idée."})
    assert other.status_code == 409
    assert "[ajouté : Une autre idée.]" in read(other)
    assert Passage.objects.get().text == "Premier jet, plus long."
    joined = typed | {"act": "ajouter", "text": "Une autre idée.", "joindre": "1", "seal": seal_in(other)}
    assert staff.post(address(texte), joined).status_code == 302
    assert Passage.objects.get().text == "Premier jet, plus long.\n\nUne autre idée."
    for forged in ("x", "\x00", "9" * 50):
        assert staff.post(address(texte), typed | {"act": "ajouter", "submission_key": forged}).status_code == 422
    foreign = make_texte(demarche=texte.demarche)
    assert "a ôté ce passage" in read(staff.post(address(foreign), typed | {"act": "ajouter"}, follow=True))


@pytest.mark.parametrize("appeared", [True, False])
def test_what_was_typed_into_what_is_no_longer_written_is_given_back(staff, appeared):
    """A colleague published the version, or took the passage away, while somebody was writing in it."""
    texte = make_texte()
    made = passage(texte, said())
    page, typed = address(texte, f"passages/{made.key}/"), {"title": "Un", "text": "Trois heures de travail."}
    if appeared:
        published(texte)
    else:
        textes_order.remove(made, made.seal)
    stopped = staff.post(page, typed | {"act": "garder", "seal": made.seal})
    assert stopped.status_code == 409
    assert ("a publié cette version" if appeared else "a ôté ce passage") in stopped.json()["said"]
    back = staff.post(page, typed | {"act": "ecrire", "seal": made.seal})
    assert back.status_code == 409
    assert "Trois heures de travail.</textarea>" in back.content.decode()
    assert staff.get(page).status_code == 404
    if appeared:
        for end, lost in (
            ("change/", {"act": "cadre", "introduction": "Perdu ?"}),
            ("reponses/", {"reason": "Perdu ?"}),
        ):
            assert "Perdu ?</textarea>" in staff.post(address(texte, end), lost).content.decode()
    else:
        key = re.search(r'name="submission_key" value="([^"]+)"', back.content.decode())[1]
        again = staff.post(address(texte), typed | {"act": "ajouter", "submission_key": key})
        assert again.status_code == 302
        assert Passage.objects.get().text == "Trois heures de travail."


def test_nothing_a_colleague_did_meanwhile_is_undone_without_a_word(staff):
    """Another quote of the same contribution, a passage rewritten before it is taken away, a source already gone."""
    texte, one = make_texte(), said(body="Un train, un bus, un vélo.")
    made, colleague = passage(texte), make_role().user
    page = address(texte, f"passages/{made.key}/")
    textes.cite(made, one, quote="un bus", by=colleague)
    citing = {"act": "citer", "how": "reprend", "contribution": one.pk, "quote": "un vélo", "seen": ""}
    told = staff.post(page, citing, follow=True)
    assert "quelqu’un d’autre a cité cette contribution ici" in read(told)
    assert "« un bus »" in read(told)
    citation = Citation.objects.get()
    staff.post(page, citing | {"seen": citation.seal})
    assert Citation.objects.get().quote == "un vélo"
    removing = {"act": "oter", "seal": made.seal}
    textes.write(made, textes.Words("Un", "Récrit."), made.seal)
    assert "quelqu’un d’autre a écrit ici" in read(staff.post(page, removing, follow=True))
    gone = {"act": "decrocher", "citation": citation.pk}
    assert "Source ôtée." in read(staff.post(page, gone, follow=True))
    assert "Un collègue avait déjà ôté cette source." in read(staff.post(page, gone, follow=True))
    removed = staff.post(page, removing | {"seal": Passage.objects.get().seal}, follow=True)
    assert "« Un » est ôté, avec ses sources." in read(removed)


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
    textes_order.remove(made, made.seal)
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
    second = address(texte, f"passages/{rest.key}/")
    shown = read(staff.get(second))
    assert "Réunir avec le suivant 3. Fin" in shown
    stale = staff.post(second, {"act": "reunir", "seal": rest.seal, "suivant": made.key}, follow=True)
    assert "ce n’est plus le même passage qui suit" in read(stale)
    last = Passage.objects.get(number=3)
    textes.cite(last, one, quote=one.title, by=make_role().user)
    staff.post(second, {"act": "reunir", "seal": rest.seal, "suivant": last.key})
    joined = Passage.objects.get(number=2)
    assert joined.text == "B.\n\nC.\n\nFin\n\nD."
    assert set(joined.citations.values_list("cited", flat=True)) == {one.pk, other.pk}
    assert joined.citations.get(cited=one).quote == one.title  # that only the second of the two quoted
    moving = {"act": "deplacer", "key": joined.key, "place": "1"}
    assert "quelqu’un d’autre a changé l’ordre" in read(staff.post(address(texte), moving | {"seen": 1}, follow=True))
    moved = staff.post(address(texte), moving | {"seen": 2}, follow=True)
    assert "porte le numéro 1" in read(moved)
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
    given = Reponse.objects.get(contribution=one)
    found = read(staff.get(f"{page}?donnees=1&q={one.reference.lower()}"))
    assert one.reference in found
    assert buses[0].reference not in found
    taken = {"act": "reprendre", "reponse": given.pk}
    assert "Réponse annulée" in read(staff.post(page, taken, follow=True))
    assert "un collègue a déjà annulé cette réponse" in read(staff.post(page, taken, follow=True))
    assert Coverage.of(texte.draft).left == 1
    # A colleague was first: what was typed stays in the form; of several, who did not get it is said.
    staff.post(page, words | {"contribution": one.pk})
    late = staff.post(page, words | {"reason": "Déjà prévu en mai.", "contribution": one.pk})
    assert late.status_code == 409
    assert "Déjà prévu en mai.</textarea>" in late.content.decode()  # where nothing is left to answer too
    extra = said()
    part = staff.post(page, words | {"contribution": [one.pk, extra.pk]}, follow=True)
    assert "Une contribution a sa réponse." in read(part)
    assert "avaient déjà été citées, ou avaient leur réponse : rien n’y est changé (1)" in read(part)
    lot = Reponse.objects.get(contribution=buses[1])
    told = staff.post(page, {"act": "reprendre", "reponse": lot.pk, "lot": "1"}, follow=True)
    assert "3 réponses annulées" in read(told)
    staff.post(f"{page}?q=autobus", words | {"toutes": "1"})
    # Cited after all, it is answered no more.
    cited = {"act": "citer", "how": "reprend", "contribution": buses[0].pk, "seen": ""}
    told = staff.post(address(texte, f"passages/{passage(texte).key}/"), cited, follow=True)
    assert "Citée. La réponse qui lui était donnée est annulée" in read(told)
    assert not Reponse.objects.filter(contribution=buses[0]).exists()


def test_what_is_missing_is_listed_and_a_provisional_version_may_appear_with_it(staff):
    texte, left = make_texte(), said()
    passage(texte, said())
    page = address(texte, "publier/")
    assert f"n’a ni citation ni réponse : {left.reference}." in read(staff.get(page))
    forced = staff.post(page, {"etat": "definitive"})
    assert forced.status_code == 409
    assert "Rien n’a paru." in read(forced)
    appeared = staff.post(page, {"etat": "provisoire"}, follow=True)
    assert "La version 1, provisoire, est en ligne." in read(appeared)
    assert f'href="/textes/{texte.pk}/"' in appeared.content.decode()
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
        assert "reprise au passage" in steps.lower() or "lui répond : non retenue" in steps
