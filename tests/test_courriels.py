import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from socle.courriels import actions, sending, tasks
from socle.courriels.actions import forget_old
from socle.courriels.models import Envoi, State
from tests import smtp_sink
from tests.outbox import states, write, write_many

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bells(monkeypatch):
    rung = []
    monkeypatch.setattr("socle.doorbell.ring", rung.append)
    return rung


@pytest.fixture(autouse=True)
def _quiet(bells):
    """No broker in these tests: what is rung is listed."""


@pytest.fixture
def sink(settings):
    with smtp_sink.running(settings) as sink:
        yield sink


@pytest.fixture
def files(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    settings.MAILERS = {"default": {"BACKEND": "socle.courriels.backends.KeptMailBackend"}}
    return tmp_path / "courriels"


def test_mail_leaves_with_its_identity(sink, settings):
    settings.SITE_URL = "https://participons.example.fr"
    envoi = write(
        html="<p>Bonjour</p>",
        headers={"List-Unsubscribe": "<https://x.example/1>"},
        attachments=[{"name": "a.ics", "mimetype": "text/calendar", "content": "BEGIN:VCALENDAR\nEND:VCALENDAR"}],
    )
    tasks.send_due()
    envoi.refresh_from_db()
    assert (envoi.state, envoi.attempts, envoi.last_error) == (State.SENT, 1, "")
    [mail] = sink.accepted
    assert mail["Message-ID"] == envoi.message_id
    assert envoi.message_id.endswith("@participons.example.fr>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == "<https://x.example/1>"
    assert mail.get_body(("plain",)).get_content().splitlines() == ["Bonjour,", "", "À lundi."]
    assert mail.get_body(("html",)).get_content().strip() == "<p>Bonjour</p>"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["a.ics"]
    assert str(envoi) == f"courriel {envoi.pk}"


def test_batch_goes_through_one_connection(sink):
    write_many(12)
    assert actions.send_due(limit=50).sent == 12
    assert sink.connections == 1


def test_same_key_writes_one_mail_and_one_leaves(sink):
    first, second = write(), write(subject="Autre")
    assert first.pk == second.pk
    tasks.send_due()
    tasks.send_due()
    assert write().state == State.SENT
    assert len(sink.accepted) == 1


def test_same_key_in_two_transactions_at_once_is_one_row():
    start = threading.Barrier(2)

    def one():
        start.wait()
        with transaction.atomic():
            write()
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert Envoi.objects.count() == 1


def test_mail_of_a_rolled_back_change_does_not_exist(bells):
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert Envoi.objects.count() == 0
    write()
    assert "socle.courriels.tasks.send_due" in bells


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b"])
def test_line_break_in_subject_or_header_adds_no_header(sink, break_):
    write(
        subject=f"Rencontre{break_}Bcc: eve@example.org",
        headers={"List-Id": f"<a.example.org>{break_}X-Evil: 1"},
    )
    tasks.send_due()
    [mail] = sink.accepted
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None
    assert mail["Subject"] == "Rencontre Bcc: eve@example.org"


def test_nul_and_lone_surrogates_are_dropped(sink):
    write(subject="a\x00\ud800b", text="c\x00\udfffd", html="<p>\x00\ud800é</p>")
    tasks.send_due()
    [mail] = sink.accepted
    assert mail["Subject"] == "ab"
    assert mail.get_body(("plain",)).get_content().strip() == "cd"


def test_address_with_a_line_break_reaches_nobody_else(sink):
    actions.enqueue(to="a@example.org\r\nBcc: e@example.org", subject="s", text="t", dedupe_key="k")
    write()
    tasks.send_due()
    assert list(states().values()) == [State.FAILED, State.SENT]
    assert sink.addresses == {"alice@example.org": 1}


def test_unknown_header_and_large_attachment_are_mistakes():
    with pytest.raises(ValueError, match="Bcc"):
        write(headers={"Bcc": "eve@example.org"})
    with pytest.raises(ValueError, match="small"):
        write(attachments=[{"name": "a", "mimetype": "text/plain", "content": "x" * 200_000}])


def test_mail_is_neither_early_nor_late(sink):
    now = timezone.now()
    write("early", not_before=now + timedelta(hours=1))
    write("late", not_after=now - timedelta(minutes=1))
    write("right", not_after=now + timedelta(hours=1))
    tasks.send_due()
    assert list(states().values()) == [State.WAITING, State.ABANDONED, State.SENT]
    assert Envoi.objects.due(at=now + timedelta(hours=2)).count() == 1
    assert Envoi.objects.backlog().count() == 0


def test_cancelled_mails_stay(sink):
    write("alice", subject_key="rencontre:12")
    write("bob", subject_key="rencontre:123")
    assert actions.cancel("rencontre:12", "La rencontre est annulée.") == 1
    tasks.send_due()
    assert list(states().values()) == [State.CANCELLED, State.SENT]
    assert Envoi.objects.first().last_error == "La rencontre est annulée."
    with pytest.raises(ValueError, match="subject_key"):
        actions.cancel("", "x")


def test_mail_cancelled_while_it_leaves_tells_the_truth(sink):
    write(subject_key="rencontre:12")
    sink.on_data = lambda _: in_a_thread(lambda: actions.cancel("rencontre:12", "Annulée."))
    tasks.send_due()
    assert set(states().values()) == {State.SENT}


def test_mail_cancelled_while_it_is_refused_stays_cancelled(sink):
    envoi = write(subject_key="rencontre:12")
    [claimed] = sending._claim(5)
    actions.cancel("rencontre:12", "Annulée.")
    sending._write_problem(claimed, sending.Problem("450"))
    envoi.refresh_from_db()
    assert envoi.state == State.CANCELLED


def in_a_thread(work):
    def run():
        work()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def test_two_senders_at_once_send_each_mail_once(sink):
    write_many(40)
    start = threading.Barrier(3)

    def send():
        start.wait()
        tasks.send_due()
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert set(sink.addresses.values()) == {1}
    assert len(sink.addresses) == 40


def test_claims_follow_the_database_clock(sink, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2001, 1, 1, tzinfo=UTC))
    write()
    tasks.send_due()
    assert set(states().values()) == {State.SENT}


def test_resend_after_a_failure_keeps_the_id_and_after_success_takes_a_new_one(sink):
    sink.recipient_answers["alice@example.org"] = "550 no"
    envoi = write()
    assert not actions.resend(envoi)
    tasks.send_due()
    sink.recipient_answers.clear()
    assert actions.resend(envoi)
    tasks.send_due()
    assert sink.ids == {envoi.message_id: 1}
    assert actions.resend(envoi)
    tasks.send_due()
    assert len(sink.ids) == 2


def test_forgotten_address_leaves_nothing(files):
    sent = write("alice", dedupe_key="alice@example.org:1")
    tasks.send_due()
    write("alice", dedupe_key="waiting")
    write("bob")
    assert len(list(files.glob("*.eml"))) == 1
    assert actions.forget("ALICE@example.org") == 2
    assert not list(files.glob("*.eml"))
    rows = Envoi.objects.exclude(to="bob@example.org").values_list("to", "subject", "body_text", "state")
    assert sorted(rows) == [("", "", "", State.CANCELLED), ("", "", "", State.SENT)]
    assert not Envoi.objects.filter(dedupe_key__contains="alice").exists()
    assert not actions.resend(sent)
    tasks.send_due()
    assert states()["bob@example.org"] == State.SENT


def test_old_mails_lose_their_text_and_the_waiting_ones_keep_it(files):
    write("alice")
    tasks.send_due()
    write("bob")
    Envoi.objects.update(created_at=Now() - timedelta(days=100))
    forget_old()
    assert list(Envoi.objects.order_by("pk").values_list("body_text", flat=True)) == ["", "Bonjour,\n\nÀ lundi."]


@pytest.mark.parametrize(
    "fields", [{"state": "inconnu"}, {"state": State.SENT}, {"state": State.SENDING}, {"to": ""}, {"message_id": "<a>"}]
)
def test_rows_that_cannot_be_true_are_refused(fields):
    Envoi.objects.create(to="z@example.org", dedupe_key="z", message_id="<a>")
    row = {"to": "a@example.org", "dedupe_key": "k", "message_id": "<b>"} | fields
    with pytest.raises(ValidationError):
        Envoi(**row).validate_constraints()
    with pytest.raises(IntegrityError):
        Envoi.objects.create(**row)


def test_log_names_nobody(sink, caplog):
    caplog.set_level("DEBUG")
    sink.recipient_answers["p0@example.org"] = "550 <p0@example.org>"
    sink.recipient_answers["p1@example.org"] = "450 <p1@example.org>"
    write_many(3)
    tasks.send_due()
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("socle")]
    assert ours
    assert "@example" not in "".join(ours)
