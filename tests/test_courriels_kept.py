"""Mails kept in files, where no server is set."""

import os

import pytest
from django.db.models.functions import Now

from socle.courriels import kept, tasks
from socle.courriels.models import Envoi, State
from tests.outbox import states, write

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def files(settings, tmp_path, monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    settings.VAR_DIR = tmp_path
    settings.MAILERS = {"default": {"BACKEND": "socle.courriels.backends.KeptMailBackend"}}
    return tmp_path / "courriels"


def test_kept_mails_are_private_whole_and_counted(files):
    envoi = write(subject="Été <b>")
    tasks.send_due()
    [path] = files.iterdir()
    assert (files.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
    [mail] = kept.newest()
    assert (mail.subject, mail.to, mail.copies) == ("Été <b>", "alice@example.org", 1)
    Envoi.objects.update(state=State.WAITING, sent_at=None, next_attempt_at=Now())
    tasks.send_due()
    [again] = kept.newest()
    assert (again.name, again.copies) == (mail.name, 2)
    assert envoi.message_id[1:33] in again.name


@pytest.mark.parametrize(
    "name", ["../secret.eml", "..%2Fsecret.eml", "/etc/passwd", "20260101-000000-..eml", "", "a\x00.eml", "absent.eml"]
)
def test_kept_mails_are_read_in_their_folder_only(files, name):
    (kept.folder().parent / "secret.eml").write_text("Subject: no\n\nno")
    assert kept.read(name) is None


def test_mail_of_another_message_id_is_kept_under_its_fingerprint(files):
    from django.core.mail import EmailMessage

    for _ in range(2):
        EmailMessage("s", "b", to=["a@example.org"], headers={"Message-ID": "<../../x@y>"}).send()
    [mail] = kept.newest()
    assert mail.copies == 2


def test_disk_that_refuses_keeps_the_mail_waiting(files, monkeypatch):
    write()
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
    tasks.send_due()
    assert set(states().values()) == {State.WAITING}
    assert list(files.iterdir()) == []
