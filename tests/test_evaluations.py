"""What people thought of a rencontre: asked once, by a link of their own, on the screen or on paper."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from consultation.actions import evaluations as actions
from consultation.choices import Answering, RencontreState
from consultation.evaluation_links import evaluation_path
from consultation.evaluations import closes_at
from consultation.forms.evaluation import PapersForm
from consultation.models import Evaluation, Inscription
from consultation.printing.evaluation import evaluation_sheet
from socle.courriels.models import Envoi
from socle.dates import Precision
from tests.factories import local, make_animation, make_identity, make_personne, make_role, make_seance, make_user
from tests.reminding import sent
from tests.staying import came, over
from tests.test_soutiens_at_once import parallel

pytestmark = pytest.mark.django_db
ANSWERS = {"clear": "4", "heard": "3", "fair": "", "useful": "1", "again": "2"}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


def asked(at=None) -> list[str]:
    """Who is written to by a sweep at that instant."""
    while actions.ask_due(at):
        pass
    return sent()


def posted(client, inscription, **marks):
    return client.post(evaluation_path(inscription.pk), ANSWERS | marks)


def flat(answer) -> str:
    return " ".join(answer.content.decode().replace("&nbsp;", " ").replace("\N{NO-BREAK SPACE}", " ").split())


def test_whoever_came_is_asked_once_the_day_after_from_eight(mailoutbox):
    inscription = came(over())
    assert asked(local(0, 7, 59)) == []
    assert asked(local(0, 8)) == [inscription.personne.email]
    assert evaluation_path(inscription.pk) in mailoutbox[0].body
    assert asked(local(0, 8)) == asked(local(9)) == []


def test_who_is_noted_late_is_asked_late_and_nobody_after_thirty_days():
    rencontre = over(starts_at=local(-10, 18), ends_at=local(-10, 20), precision=Precision.HOUR)
    late = came(rencontre)
    assert asked(closes_at(rencontre)) == []
    assert asked(closes_at(rencontre) - timedelta(seconds=1)) == [late.personne.email]


def test_a_rencontre_that_ends_after_midnight_is_asked_about_the_day_after_that():
    rencontre = over(starts_at=local(-2, 22), ends_at=local(-1, 1), precision=Precision.HOUR)
    inscription = came(rencontre)
    assert asked(local(-1, 8)) == []
    assert asked(local(0, 8)) == [inscription.personne.email]


def test_nobody_else_is_asked():
    rencontre = over()
    came(rencontre, attended_at=None)
    came(rencontre, personne=make_personne(confirmed_at=None))
    came(rencontre, has_evaluated=True)
    came(over(state=RencontreState.CANCELLED))
    came(over(precision=Precision.MONTH))
    came(over(starts_at=local(0, 1)))
    assert asked(local(0, 9)) == []


@pytest.mark.django_db(transaction=True)
def test_four_sweeps_at_once_ask_each_person_once():
    rencontre = over()
    people = sorted(came(rencontre).personne.email for _ in range(30))
    assert parallel([lambda: actions.ask_due(local(0, 9)) for _ in range(4)]) == []
    assert sorted(Envoi.objects.values_list("to", flat=True)) == people


def test_five_questions_are_asked_without_naming_anybody(client):
    inscription = came(over(), name="Alice Dupont")
    answer = client.get(evaluation_path(inscription.pk))
    page = flat(answer)
    assert answer["Cache-Control"] == "private, no-store"
    assert all(sentence in page for sentence in Evaluation.sentences().values())
    assert all(word in page for word in ("Tout à fait", "Plutôt", "Plutôt pas", "Pas du tout", "Sans réponse"))
    assert "Alice" not in page and inscription.personne.email not in page


def test_an_answer_is_kept_once_and_said_to_be(client):
    inscription = came(over())
    assert posted(client, inscription).status_code == 303
    inscription.refresh_from_db()
    assert inscription.has_evaluated
    [kept] = Evaluation.objects.all()
    assert (kept.clear, kept.heard, kept.fair, kept.useful, kept.again) == (4, 3, None, 1, 2)
    assert "Merci, c’est reçu." in flat(client.get(evaluation_path(inscription.pk)))
    again = posted(client, inscription, clear="1")
    assert "Votre avis est déjà reçu" in flat(again)
    assert list(Evaluation.objects.values_list("clear", flat=True)) == [4]


@pytest.mark.django_db(transaction=True)
def test_one_link_posted_twenty_times_at_once_is_one_evaluation():
    inscription = came(over())
    assert parallel([lambda: posted(Client(), inscription) for _ in range(20)]) == []
    assert Evaluation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_people_at_once_are_twenty_evaluations():
    rencontre = over()
    people = [came(rencontre) for _ in range(20)]
    assert parallel([lambda one=one: posted(Client(), one) for one in people]) == []
    assert Evaluation.objects.count() == Inscription.objects.filter(has_evaluated=True).count() == 20
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM consultation_evaluation")
        assert cursor.fetchone() == (1,), "none is left alone in its transaction"


def test_nothing_answered_is_nothing_sent(client):
    inscription = came(over())
    answer = client.post(evaluation_path(inscription.pk), dict.fromkeys(ANSWERS, ""))
    assert answer.status_code == 422
    assert "Répondez à une question au moins." in flat(answer)
    assert not Evaluation.objects.exists()
    inscription.refresh_from_db()
    assert not inscription.has_evaluated


@pytest.mark.parametrize("mark", ["5", "0", "-1", "4.0", "1e9", "9" * 400, "\0", "\ud800", "tout à fait"])
def test_a_mark_that_is_none_is_an_error_never_a_failure(client, mark):
    answer = posted(client, came(over()), clear=mark.encode("utf-8", "surrogatepass"))
    assert answer.status_code == 422
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize(("late", "status"), [(timedelta(seconds=-1), 200), (timedelta(), 410)])
def test_the_closing_instant_is_closed(client, monkeypatch, late, status):
    inscription = came(over())
    at = closes_at(inscription.rencontre) + late
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)
    assert client.get(evaluation_path(inscription.pk)).status_code == status
    posted(client, inscription)
    assert Evaluation.objects.exists() is (status == 200)


def test_a_link_that_is_nobody_s_or_of_who_did_not_come_opens_nothing(client):
    absent = came(over(), attended_at=None)
    cut = evaluation_path(absent.pk)[:-4] + "/"
    for path in (evaluation_path(absent.pk), evaluation_path(10**9), cut, "/avis/x/", "/avis/%00/"):
        assert client.get(path).status_code in (404, 400), path
    posted(client, absent)
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        ("4 3 – 4 2", [(4, 3, None, 4, 2)]),
        ("43-42\n\n  1,2,3,4,- \r\n4\t4\t4\t4\t4", [(4, 3, None, 4, 2), (1, 2, 3, 4, None), (4, 4, 4, 4, 4)]),
        ("4;3;—;4;2", [(4, 3, None, 4, 2)]),
    ],
)
def test_a_line_is_a_paper(lines, kept):
    form = PapersForm({"lines": lines, "key": ""})
    assert form.is_valid()
    assert [tuple(marks.values()) for marks in form.cleaned_data["lines"]] == kept


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("4 3 2 1", ["Ligne 1, « 4 3 2 1 » : il faut cinq réponses"]),
        ("44444\n4 5 3 2 1\n\n123456", ["Ligne 2, « 4 5 3 2 1 »", "Ligne 4, « 123456 »"]),
        ("- - - - -", ["Ligne 1 : cette feuille ne répond à rien"]),
        ("٤٣٢١٤", ["Ligne 1, « ٤٣٢١٤ »"]),
        ("\0\ud800", ["Tapez une ligne pour chaque feuille"]),
        ("44444\n" * 301, ["300 feuilles au plus"]),
        ("4" * 10_001, ["C’est trop long"]),
    ],
)
def test_wrong_lines_are_named_and_nothing_is_kept_until_all_are_right(lines, said):
    form = PapersForm({"lines": lines, "key": ""})
    assert not form.is_valid()
    assert all(one in " ".join(form.errors["lines"]) for one in said)


@pytest.fixture
def organiser(client):
    """The organisateur of an atelier, who holds no role on its démarche; and a séance of yesterday."""
    seance = make_seance(starts_at=local(-1))
    client.force_login(make_animation(atelier=seance.atelier).user)
    return client, seance.rencontre


def papers_page(rencontre) -> str:
    return reverse("admin:consultation_rencontre_avis", args=[rencontre.pk])


def test_papers_are_typed_by_whoever_organises_and_one_pile_is_kept_once(organiser):
    client, rencontre = organiser
    form = {"lines": "4 3 – 4 2\n4 4 4 4 4", "key": str(uuid4())}
    for said in ("2 feuilles sont enregistrées.", "Ces feuilles étaient déjà enregistrées"):
        answer = client.post(papers_page(rencontre), form, follow=True)
        assert said in flat(answer)
        assert Evaluation.objects.filter(source=Answering.PAPER).count() == 2


def test_papers_with_an_error_are_shown_again_whole(organiser):
    client, rencontre = organiser
    answer = client.post(papers_page(rencontre), {"lines": "4 3 – 4 2\n9 9", "key": str(uuid4())})
    assert answer.status_code == 422
    assert "4 3 – 4 2\n9 9" in answer.content.decode() and "Ligne 2, « 9 9 »" in flat(answer)
    assert not Evaluation.objects.exists()


def test_papers_wait_for_the_rencontre_and_belong_to_its_organisers(organiser):
    client, rencontre = organiser
    rencontre.starts_at = local(3)
    rencontre.save(update_fields=["starts_at"])
    form = {"lines": "44444", "key": str(uuid4())}
    assert "une fois la rencontre commencée" in flat(client.post(papers_page(rencontre), form))
    elsewhere = over()
    assert client.post(papers_page(elsewhere), form).status_code == 404
    client.force_login(make_role(user=make_user(is_staff=True), demarche=elsewhere.demarche).user)
    assert client.get(papers_page(elsewhere)).status_code == 403, "a modérateur does not run it"
    assert not Evaluation.objects.exists()


def test_the_sheet_asks_what_the_screen_asks_on_one_tagged_page():
    make_identity()
    reader = PdfReader(io.BytesIO(evaluation_sheet(over(title="La réunion « de Lens » = #1"))))
    [page] = reader.pages
    text = " ".join(page.extract_text().replace("\N{NO-BREAK SPACE}", " ").split())
    assert all(sentence in text for sentence in Evaluation.sentences().values())
    assert "tout à fait (4)" in text and "pas du tout (1)" in text and "La réunion « de Lens » = #1" in text
    assert reader.root_object["/MarkInfo"]["/Marked"] and reader.root_object["/Lang"].startswith("fr")
    assert b"pdfuaid:part" in reader.root_object["/Metadata"].get_object().get_data()
    assert (page.mediabox.width, page.mediabox.height) == (pytest.approx(419.5, abs=1), pytest.approx(595.3, abs=1))


def test_the_sheet_is_set_in_twelve_points_or_more():
    sizes = set()

    def note(text, _matrix, _text_matrix, _font, size):
        if re.search(r"\w", text):
            sizes.add(round(size, 1))

    PdfReader(io.BytesIO(evaluation_sheet(over()))).pages[0].extract_text(visitor_text=note)
    assert min(sizes) >= 12


def test_a_person_who_is_no_more_present_has_no_say(client):
    inscription = came(over())
    Inscription.objects.filter(pk=inscription.pk).update(attended_at=None)
    with transaction.atomic():
        assert actions.answer(inscription, {"clear": 4}) == actions.Received.ALREADY
    assert not Evaluation.objects.exists()
