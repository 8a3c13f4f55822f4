"""Mails that get their words when they leave: kept once found, tried again, or called off with the reason."""

import pytest
from django.core import mail

from socle.courriels import actions
from socle.courriels.models import Envoi, State
from socle.courriels.words import NothingToSayError, words

pytestmark = pytest.mark.django_db
HERE = "tests.test_courriels_unwritten"


@pytest.fixture(autouse=True)
def _writers(settings, monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    settings.MAIL_WRITERS = {"mot": f"{HERE}.write"}


def write(facts):
    if facts["about"] == "nothing":
        raise NothingToSayError("Il n’y a plus rien à dire.")
    if facts["about"] == "broken":
        raise LookupError("no such template")
    file = {"name": "un.txt", "mimetype": "text/plain", "content": "joint"}
    return words("  Un\nobjet ", f"À propos de {facts['about']}\0", "<p>HTML</p>", [file])


def enqueue(about="rien", key="un", to="alice@example.org"):
    actions.enqueue_unwritten(to=to, writer="mot", facts={"about": about}, dedupe_key=key)
    return Envoi.objects.get(dedupe_key=key)


def test_the_words_are_found_when_it_leaves_cleaned_and_kept():
    envoi = enqueue("Lens")
    assert (envoi.state, envoi.subject, envoi.body_text) == (State.WAITING, "", "")
    assert actions.send_due().sent == 1
    [message] = mail.outbox
    assert (message.subject, message.body, message.to) == ("Un objet", "À propos de Lens", ["alice@example.org"])
    assert [part[0] for part in message.attachments] == ["un.txt"]
    envoi.refresh_from_db()
    assert (envoi.state, envoi.body_text, envoi.body_html) == (State.SENT, "À propos de Lens", "<p>HTML</p>")


def test_one_key_is_one_mail():
    enqueue("first")
    enqueue("second")
    assert list(Envoi.objects.values_list("facts", flat=True)) == [{"about": "first"}]


def test_words_that_were_found_are_not_looked_for_again(settings):
    envoi = enqueue("Lens")
    actions.send_due()
    settings.MAIL_WRITERS = {}
    assert actions.resend(envoi)
    assert actions.send_due().sent == 1
    assert mail.outbox[1].body == "À propos de Lens"


def test_a_mail_that_cannot_be_written_waits_and_holds_nobody(settings):
    broken = enqueue("broken")
    enqueue("Lens", key="deux")
    counts = actions.send_due()
    assert (counts.sent, counts.postponed) == (1, 1)
    broken.refresh_from_db()
    assert (broken.state, broken.attempts) == (State.WAITING, 1) and "LookupError" in broken.last_error


def test_with_nothing_left_to_say_it_does_not_leave_and_the_row_says_why():
    envoi = enqueue("nothing")
    actions.send_due()
    envoi.refresh_from_db()
    assert (envoi.state, envoi.last_error) == (State.CANCELLED, "Il n’y a plus rien à dire.")
    assert mail.outbox == []


def test_one_that_failed_before_it_was_written_can_leave_again():
    envoi = enqueue("Lens")
    Envoi.objects.update(state=State.FAILED)
    assert actions.resend(envoi)
    assert actions.send_due().sent == 1


def test_who_is_erased_leaves_no_fact_behind():
    enqueue("Lens")
    assert actions.forget("Alice@example.org") == 1
    envoi = Envoi.objects.get()
    assert (envoi.to, envoi.writer, envoi.facts, envoi.state) == ("", "", {}, State.CANCELLED)
