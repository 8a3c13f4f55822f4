"""Questions: a named service owes each a public answer within a delay, and says when it is late."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from consultation import synthese
from consultation.actions.answers import save_answer
from consultation.actions.contributions import StaleState, change_state
from consultation.choices import ContributionState, Nature, RoleKind
from consultation.models import Contribution, Question, ServiceAnswer
from socle.registre.models import Entree
from tests.factories import (
    local,
    make_contribution,
    make_demarche,
    make_personne,
    make_reason,
    make_role,
    make_superuser,
    make_theme,
)
from tests.writing import mails, text_of

pytestmark = pytest.mark.django_db
LIST = "/admin/consultation/question/"
SAID = {"service": "Direction des transports", "body": "Oui, dès la rentrée."}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def demarche():
    return make_demarche(answer_days=30)


@pytest.fixture
def redacteur(client, demarche):
    user = make_role(demarche=demarche, kind=RoleKind.REDACTEUR).user
    client.force_login(user)
    return user


def ask(days_ago=0, **fields):
    """A published question, so many days ago."""
    defaults = {"nature": Nature.QUESTION, "title": "Le bus passera-t-il ?", "published_at": local(-days_ago, 12)}
    return make_contribution(**(defaults | fields))


def page_of(question):
    return f"{LIST}{question.pk}/change/"


def answer(question, **fields):
    return save_answer(Question.objects.get(pk=question.pk), by=make_superuser(), publish=True, **(SAID | fields))


def shown(client, **query):
    return [row.title for row in client.get(LIST, query).context["cl"].result_list]


# In the admin


def test_an_answer_is_drafted_then_published_and_its_author_told(client, redacteur, demarche):
    question = ask(personne=make_personne(email="alice@example.org"))
    page = client.get(page_of(question))
    client.post(page_of(question), SAID | {"body": "Brouillon.", "seal": ""})
    assert "Brouillon." not in text_of(Client().get(question.get_absolute_url()))
    assert (mails(), Entree.objects.filter(kind="question.reponse").count()) == ([], 0)
    seal = client.get(page_of(question)).context["form"].initial["seal"]
    assert client.post(page_of(question), SAID | {"seal": seal, "publier": "oui"}).status_code == 302
    public = text_of(Client().get(question.get_absolute_url()))
    assert "Direction des transports" in public and SAID["body"] in public and "Réponse attendue" not in public
    (message,) = mails()
    assert message.to == ["alice@example.org"] and SAID["body"] in message.body
    entry = Entree.objects.get(kind="question.reponse")
    assert (entry.subject, entry.facts) == (question.reference, {"service": "Direction des transports"})
    assert page.status_code == 200 and redacteur.email not in public


def test_a_correction_is_dated_and_nobody_is_written_to_twice(client, redacteur, demarche):
    question = ask(personne=make_personne())
    written = answer(question)
    assert len(mails()) == 1
    again = client.post(page_of(question), SAID | {"body": "Non.", "seal": written.seal, "publier": "oui"})
    assert again.status_code == 302
    written.refresh_from_db()
    assert written.corrected_at and written.corrected_at > written.published_at
    assert "corrigée le" in text_of(Client().get(question.get_absolute_url()))
    assert (mails(), Entree.objects.filter(kind="question.correction").count()) == ([], 1)


def test_saved_again_as_it_is_it_is_no_correction(demarche):
    question = ask()
    written = answer(question)
    assert answer(question, seal=written.seal).corrected_at is None


def test_nobody_is_told_at_an_address_that_is_not_proved(demarche):
    answer(ask(personne=make_personne(confirmed_at=None)))
    answer(ask(personne=None))
    assert mails() == []


def test_an_answer_written_meanwhile_is_not_written_over(client, redacteur, demarche):
    question = ask()
    answer(question, body="Celle d’une collègue.")
    response = client.post(page_of(question), SAID | {"seal": "", "publier": "oui"})
    page = text_of(response)
    assert (response.status_code, "Celle d’une collègue." in page, SAID["body"] in page) == (409, True, True)
    assert ServiceAnswer.objects.get().body == "Celle d’une collègue."
    seal = response.context["form"].data["seal"]
    client.post(page_of(question), SAID | {"seal": seal, "publier": "oui"})
    assert ServiceAnswer.objects.get().body == SAID["body"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"body": "", "publier": "oui"}, "Écrivez la réponse"),
        ({"service": ""}, "quel service"),
        ({"body": "é" * 10_001}, "10000 au plus"),
    ],
)
def test_an_error_keeps_what_was_written(client, redacteur, demarche, wrong, said):
    response = client.post(page_of(ask()), SAID | wrong)
    page = text_of(response)
    assert (response.status_code, said in page) == (422, True)
    assert (wrong | {"service": ""}).get("service") or wrong.get("body", SAID["body"]) in page
    assert not ServiceAnswer.objects.exists()


def test_a_question_withdrawn_meanwhile_is_not_answered(demarche):
    question = ask()
    read = Question.objects.get(pk=question.pk)
    change_state(question, ContributionState.WITHDRAWN, by=make_superuser(), reason=make_reason())
    with pytest.raises(StaleState, match="n’est plus publiée"):
        save_answer(read, **SAID, by=make_superuser(), publish=True)
    assert not ServiceAnswer.objects.exists()


def test_the_database_refuses_a_published_answer_without_text_or_service(demarche):
    question = ask()
    for said in ({"body": ""}, {"service": ""}):
        with pytest.raises(IntegrityError, match="service_answer_published_whole"), transaction.atomic():
            ServiceAnswer.objects.create(contribution=question, published_at=timezone.now(), **(SAID | said))


@pytest.mark.parametrize("kind", [RoleKind.LECTEUR, RoleKind.MODERATEUR])
def test_who_only_reads_does_not_answer(client, demarche, kind):
    question = ask()
    client.force_login(make_role(demarche=demarche, kind=kind).user)
    assert "pas d’y répondre" in text_of(client.get(page_of(question)))
    assert client.post(page_of(question), SAID | {"publier": "oui"}).status_code == 403
    assert not ServiceAnswer.objects.exists()


def test_the_list_is_what_waits_the_latest_first(client, redacteur, demarche):
    ask(5, title="Récente")
    ask(42, title="Douze jours")
    ask(31, title="Un jour")
    answer(ask(50, title="Répondue"))
    ask(title="Une proposition", nature=Nature.PROPOSITION)
    ask(title="Pas publiée", state=ContributionState.WAITING)
    ask(title="En réaction", parent=make_contribution(), stance="pour")
    make_contribution(demarche=make_demarche(), nature=Nature.QUESTION, title="Ailleurs")
    assert shown(client) == ["Douze jours", "Un jour", "Récente"]
    assert shown(client, reponse="retard") == ["Douze jours", "Un jour"]
    assert shown(client, reponse="donnee") == ["Répondue"]
    assert len(shown(client, reponse="toutes")) == 4
    page = text_of(client.get(LIST))
    assert "en retard de 12 jours" in page and "en retard de 1 jour" in page


# On the public page


@pytest.mark.parametrize(("days_ago", "late"), [(0, False), (30, False), (31, True)])
def test_until_when_an_answer_is_owed(client, demarche, days_ago, late):
    """The last day of the delay is still in time."""
    question = ask(days_ago)
    page = text_of(client.get(question.get_absolute_url()))
    assert ("aurait dû être donnée" in page, "Réponse attendue" in page) == (late, not late)
    assert (question in Contribution.objects.questions().overdue()) == late
    (row,) = Contribution.objects.questions().with_due_date()
    assert row.due_on == row.answer_due_on == timezone.localdate() + timedelta(days=30 - days_ago)


def test_what_is_no_question_is_owed_no_answer(client, demarche):
    page = text_of(client.get(make_contribution().get_absolute_url()))
    assert "Réponse attendue" not in page


def test_the_list_of_questions_says_how_many_wait(client, demarche):
    for days in (40, 45, 1):
        ask(days)
    for delay in (4, 10, 12):
        question = ask(20)
        answer(question)
        ServiceAnswer.objects.filter(contribution=question).update(published_at=local(delay - 20, 12))
    page = text_of(client.get("/contributions/", {"nature": "question"}))
    assert "Avec une réponse : 3, en attente : 3, dont en retard : 2, délai médian : 10 jours." in page
    assert "Avec une réponse" not in text_of(client.get("/contributions/"))


# Not counted in a synthèse


def test_a_synthese_counts_neither_questions_nor_reactions_and_lists_them_all(demarche, tmp_path):
    theme = make_theme(demarche=demarche)
    said = make_contribution(theme=theme)
    asked = ask(theme=theme)
    reacted = make_contribution(theme=theme, parent=said, stance="contre")
    assert list(Contribution.objects.for_synthese()) == [said]
    path = tmp_path / "synthese.csv"
    assert synthese.build(None, {"demarche": demarche.pk}, path, lambda _: None)
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";"))
    counts = {(row["partie"], row["intitulé"]): row["nombre"] for row in rows}
    assert counts["origine", "en ligne"] == "1"
    assert (counts["à part", "questions"], counts["à part", "réactions"]) == ("1", "1")
    listed = {row["référence"]: row["partie"] for row in rows if row["référence"]}
    assert listed == {said.reference: "contribution", asked.reference: "question", reacted.reference: "réaction"}
    (line,) = [row for row in rows if row["partie"] == "réaction"]
    assert (line["en réaction à"], line["position"]) == (said.reference, "contre")
