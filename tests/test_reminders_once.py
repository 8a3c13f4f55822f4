"""One reminder for each person and each date, whoever sweeps, however often, whatever dies meanwhile."""

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, connection, transaction

from consultation.actions import rappels
from consultation.actions.inscriptions import cancel
from consultation.actions.rencontres import Known, tell_cancelled
from consultation.choices import RencontreState
from consultation.models import Rappel, Rencontre
from socle.courriels import actions as courriels
from socle.courriels.models import Envoi, State
from tests.factories import make_personne, make_superuser
from tests.outbox import let_time_pass
from tests.reminding import paris, planned, registered, sent, swept
from tests.test_places import at_once

START, EVE = paris(2099, 3, 12, 18), paris(2099, 3, 11, 8)


@pytest.mark.django_db(transaction=True)
def test_four_sweeps_at_once_write_one_reminder_each(monkeypatch):
    monkeypatch.setattr(rappels, "PEOPLE", 7)
    people = sorted(registered(planned(START)).personne.email for _ in range(20))

    def sweep():
        while rappels.remind_due(EVE):
            pass

    assert at_once([sweep] * 4) == [None] * 4
    assert Envoi.objects.count() == 20
    assert sent() == people


@pytest.mark.django_db
def test_the_key_refuses_a_second_reminder_of_the_same_date():
    inscription = registered(planned(START))
    rappels.remind_due(EVE)
    done = Rappel.objects.get(days=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Rappel.objects.create(inscription=inscription, days=1, starts_at=done.starts_at)


class KilledWorker(EmailBackend):
    """Dies with the mail that it has just handed over, before writing it down."""

    at = frozenset({3, 8, 14})
    tried = 0

    def send_messages(self, messages):
        type(self).tried += 1
        super().send_messages(messages)
        if type(self).tried in self.at:
            raise SystemExit
        return len(messages)


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_forgets_nobody(monkeypatch, settings):
    """T41: everybody is served, at most one mail more for each death, and under the same Message-ID."""
    people = [registered(planned(START)).personne.email for _ in range(20)]
    rappels.remind_due(EVE)
    monkeypatch.setattr(KilledWorker, "tried", 0)
    settings.MAILERS = {"default": {"BACKEND": "tests.test_reminders_once.KilledWorker"}}
    deaths = 0
    while Envoi.objects.unfinished().exists():
        let_time_pass()
        try:
            courriels.send_due(6)
        except SystemExit:
            deaths += 1
    received = [message.to[0] for message in mail.outbox]
    assert deaths == len(KilledWorker.at)
    assert set(received) == set(people)
    assert len(received) == len(people) + deaths
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == len(people)


@pytest.mark.django_db
def test_a_place_given_back_before_the_mail_leaves_is_not_reminded():
    inscription = registered(planned(START))
    rappels.remind_due(EVE)
    cancel(inscription)
    assert sent() == []
    assert swept(EVE) == []


@pytest.mark.django_db
def test_what_shared_the_mail_of_a_place_given_back_is_reminded_all_the_same():
    personne = make_personne()
    kept, given_back = (registered(planned(START), personne=personne) for _ in range(2))
    rappels.remind_due(EVE)
    cancel(given_back)
    assert Envoi.objects.filter(state=State.CANCELLED, dedupe_key__startswith="rappel:").count() == 1
    assert swept(EVE) == [personne.email]
    assert kept.rencontre.title in mail.outbox[0].body
    assert given_back.rencontre.title not in mail.outbox[0].body


@pytest.mark.django_db(transaction=True)
def test_a_rencontre_cancelled_during_a_sweep_is_not_reminded():
    """Whichever is first, the other one waits for the rencontre's row and sees what was done."""
    staff = make_superuser()
    rencontres = [planned(START) for _ in range(6)]
    for rencontre in rencontres:
        registered(rencontre)

    def cancel_one(rencontre):
        with transaction.atomic():
            locked = Rencontre.objects.select_for_update().get(pk=rencontre.pk)
            known = Known.of(locked)
            locked.state, locked.cancel_reason = RencontreState.CANCELLED, "La salle est fermée."
            locked.save(update_fields=["state", "cancel_reason"])
            tell_cancelled(locked, known, staff)

    def sweep():
        while rappels.remind_due(EVE):
            pass

    done = at_once([sweep, sweep, *(lambda one=one: cancel_one(one) for one in rencontres)])
    assert done == [None] * len(done)
    assert not Envoi.objects.unfinished().filter(dedupe_key__startswith="rappel:").exists()
    assert Envoi.objects.unfinished().count() == len(rencontres), "each is told that it is cancelled"


@pytest.mark.django_db(transaction=True)
def test_a_sweep_waits_for_whoever_is_moving_the_rencontre():
    """Deterministic: the row is held while the sweep begins, and the sweep sees what was committed."""
    rencontre = planned(START)
    registered(rencontre)
    with transaction.atomic():
        Rencontre.objects.select_for_update().get(pk=rencontre.pk)
        done = at_once([_impatient_sweep])
    assert "lock timeout" in str(done[0])


def _impatient_sweep():
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '300ms'")
    return rappels.remind_due(EVE)
