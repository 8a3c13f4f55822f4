"""Who is reminded, when and of what: at 8 h, so many days of the calendar before."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from consultation.actions.rappels import remind_due
from consultation.choices import InscriptionState, Mode, Presence, RencontreState
from consultation.inscription_links import holder_path
from consultation.models import Demarche, Inscription, Rappel, Rencontre
from consultation.models.rappel import WhyNot
from socle.courriels.models import Envoi
from socle.dates import Precision
from tests.factories import make_atelier, make_demarche, make_lieu, make_personne, make_rencontre, make_seance
from tests.reminding import event_of, paris, planned, registered, sent, swept

pytestmark = pytest.mark.django_db

START = paris(2099, 3, 12, 18)
WEEK_BEFORE, EVE = paris(2099, 3, 5, 8), paris(2099, 3, 11, 8)
INSTANT = timedelta(microseconds=1)


def test_each_lead_reminds_once_at_eight_in_the_morning():
    person = registered(planned(START)).personne.email
    assert swept(WEEK_BEFORE - INSTANT) == []
    assert swept(WEEK_BEFORE) == [person]
    assert swept(WEEK_BEFORE) == []
    assert swept(EVE - INSTANT) == []
    assert swept(EVE) == [person]
    assert swept(START - INSTANT) == []


def test_the_mail_says_all_that_is_needed_to_come():
    lieu = make_lieu(name="Kursaal", town="Dunkerque", access="Bus 3.", step_free="Par la rue.", room_plan="Au fond.")
    seance = make_seance(
        starts_at=START, precision=Precision.HOUR, lieu=lieu, ordre_du_jour="1. Les transports\n2. Les horaires"
    )
    inscription = registered(seance.rencontre)
    swept(EVE)
    [message] = mail.outbox
    assert message.subject.startswith("Rappel, jeudi 12 mars 2099, à 18\N{NO-BREAK SPACE}h")
    said = " ".join(message.body.split())
    for words in ("c’est demain", "Kursaal, Dunkerque", "Bus 3.", "Par la rue.", "Au fond.", "1. Les transports"):
        assert words in said
    assert settings.SITE_URL + holder_path(inscription.personne_id) in said
    assert "Les transports" in message.alternatives[0].content
    event = event_of(message)
    assert event["DTSTART"].dt == START
    assert str(event["SUMMARY"]) == seance.rencontre.title


@pytest.mark.parametrize(
    "changes",
    [
        {"state": RencontreState.CANCELLED},
        {"state": RencontreState.DRAFT},
        {"precision": Precision.MONTH},
        {"precision": Precision.SEASON},
    ],
)
def test_a_rencontre_without_a_day_or_that_is_not_announced_reminds_nobody(changes):
    registered(planned(START, **changes))
    assert swept(EVE) == []


def test_a_rencontre_of_a_demarche_that_is_not_open_reminds_nobody():
    registered(planned(START, demarche=make_demarche(state="brouillon", courante=False)))
    assert swept(EVE) == []


@pytest.mark.parametrize("state", [InscriptionState.WAITING, InscriptionState.CANCELLED])
def test_who_has_no_place_is_not_reminded(state):
    registered(planned(START), state=state)
    assert swept(EVE) == []


def test_an_unproved_address_is_not_written_to():
    registered(planned(START), personne=make_personne(confirmed_at=None))
    assert swept(EVE) == []


def test_without_an_hour_it_is_counted_from_its_day():
    registered(planned(paris(2099, 3, 12), precision=Precision.DAY))
    assert swept(WEEK_BEFORE - INSTANT) == []
    assert len(swept(WEEK_BEFORE)) == 1
    assert "horaire à préciser" in " ".join(mail.outbox[0].body.split())
    assert event_of(mail.outbox[0])["DTSTART"].dt == START.date()
    assert swept(paris(2099, 3, 12)) == [], "its day has come"


@pytest.mark.parametrize(("of_demarche", "of_rencontre", "expected"), [
    ("7,1", "", [7, 1]),
    ("7,1", "15,2", [15, 2]),
    ("7,1", "0", []),
    ("0", "", []),
    ("0", "3", [3]),
    ("1,1,7", "", [7, 1]),
])  # fmt: skip
def test_the_leads_are_those_of_the_rencontre_or_else_of_its_demarche(of_demarche, of_rencontre, expected):
    registered(planned(START, reminder_days=of_rencontre, demarche=make_demarche(reminder_days=of_demarche)))
    days = [days for days in range(20, 0, -1) if swept(paris(2099, 3, 12, 9) - timedelta(days=days))]
    assert days == expected


@pytest.mark.parametrize("wrong", ["", "a", "7;1", "100", "-1", "7,,1", "1 2", "99999999999999999999"])
def test_no_list_of_days_can_stop_the_sweep(wrong):
    demarche = make_demarche()
    with pytest.raises(IntegrityError), transaction.atomic():
        Demarche.objects.filter(pk=demarche.pk).update(reminder_days=wrong)
    if wrong:
        rencontre = make_rencontre()
        with pytest.raises(IntegrityError), transaction.atomic():
            Rencontre.objects.filter(pk=rencontre.pk).update(reminder_days=wrong[:40])


def test_who_registered_late_is_told_that_it_is_tomorrow():
    late = registered(planned(START, reminder_days="15,7,1"), created_at=paris(2099, 3, 9, 12))
    assert swept(paris(2099, 3, 9, 12)) == []
    assert [row.why_not for row in Rappel.objects.all()] == [WhyNot.CLOSER, WhyNot.LATE]
    assert swept(EVE) == [late.personne.email]


def test_who_registered_on_the_day_is_told_that_it_is_today():
    late = registered(planned(START), created_at=paris(2099, 3, 12, 15))
    assert swept(paris(2099, 3, 12, 15)) == [late.personne.email]
    assert "c’est aujourd’hui" in mail.outbox[0].body
    assert swept(START) == [], "it has begun"


def test_who_got_a_place_late_is_reminded_as_who_registered_late():
    registered(planned(START), promoted_at=paris(2099, 3, 9, 12))
    assert swept(paris(2099, 3, 9, 12)) == []
    assert len(swept(EVE)) == 1


def test_after_a_long_silence_only_the_closest_reminder_leaves():
    registered(planned(START))
    assert len(swept(EVE)) == 1
    assert dict(Rappel.objects.values_list("days", "why_not")) == {7: WhyNot.CLOSER, 1: ""}


def test_a_reminder_is_useless_once_its_rencontre_has_begun():
    registered(planned(START))
    remind_due(EVE)
    assert Envoi.objects.get().not_after == START


def test_several_on_one_day_are_one_mail():
    """Séances six days apart: the eve of one is a week before the other."""
    atelier = make_atelier()
    people = [make_personne() for _ in range(2)]
    for starts_at in (START, START + timedelta(days=6)):
        rencontre = make_seance(atelier, starts_at=starts_at, precision=Precision.HOUR).rencontre
        for personne in people:
            registered(rencontre, personne=personne)
    swept(WEEK_BEFORE)
    assert swept(EVE) == sorted(personne.email for personne in people)
    message = mail.outbox[0]
    assert "2 rendez-vous, le premier demain" in message.subject
    body = " ".join(message.body.split())
    assert "c’est demain" in body and "c’est dans 7 jours" in body
    assert message.attachments[0].content.count("BEGIN:VEVENT") == 2
    assert Rappel.objects.filter(why_not="", envoi__isnull=True).count() == 0


def test_two_demarches_write_two_mails():
    personne = make_personne()
    for _ in range(2):
        registered(planned(START, demarche=make_demarche()), personne=personne)
    assert swept(EVE) == [personne.email] * 2


def test_the_address_to_follow_from_afar_goes_to_those_alone_who_do():
    rencontre = planned(START, mode=Mode.BOTH, remote_url="https://visio.example.org/secret")
    far = registered(rencontre, presence=Presence.REMOTE).personne.email
    registered(rencontre)
    swept(EVE)
    told = {message.to[0]: "visio.example.org/secret" in message.body for message in mail.outbox}
    assert told == {address: address == far for address in told}
    assert len(told) == 2


def test_nothing_is_decided_by_the_clock_of_the_process(monkeypatch):
    """A worker ten minutes ahead, or behind, reminds at the same instants."""
    rencontre = planned(timezone.now() + timedelta(days=30), reminder_days="1")
    registered(rencontre)
    for minutes in (-10, 10, 60 * 24 * 29 + 60 * 12):
        skewed = timezone.now() + timedelta(minutes=minutes)
        monkeypatch.setattr("django.utils.timezone.now", lambda skewed=skewed: skewed)
        assert remind_due() == 0
        monkeypatch.undo()
    Inscription.objects.update(created_at=paris(2011, 1, 1))
    Rencontre.objects.update(reminder_days="31")
    monkeypatch.setattr("django.utils.timezone.now", lambda: paris(2011, 1, 1))
    assert remind_due() == 1
    monkeypatch.undo()
    assert len(sent()) == 1


@pytest.mark.parametrize(("day", "utc"), [
    ((2099, 3, 29, 1, 30), "20990329T003000Z"),
    ((2099, 3, 29, 3, 30), "20990329T013000Z"),
    ((2099, 10, 25, 1, 30), "20991024T233000Z"),
    ((2099, 10, 25, 3, 30), "20991025T023000Z"),
])  # fmt: skip
def test_on_the_nights_when_the_clocks_change_it_is_reminded_on_the_eve(day, utc):
    rencontre = planned(paris(*day), ends_at=paris(*day) + timedelta(hours=1), reminder_days="1")
    registered(rencontre)
    eve = paris(*day[:2], day[2] - 1, 8)
    assert swept(eve - INSTANT) == []
    assert len(swept(eve)) == 1
    assert "c’est demain" in mail.outbox[0].body
    assert event_of(mail.outbox[0])["DTSTART"].to_ical().decode() == utc


@pytest.mark.parametrize("fold", [0, 1])
def test_the_hour_that_comes_twice_is_two_instants(fold):
    """On 25 October 2099 it is 02:30 twice; the second time is an hour after the first."""
    starts_at = paris(2099, 10, 25, 2, 30).replace(fold=fold)
    rencontre = planned(starts_at, reminder_days="1")
    registered(rencontre)
    assert len(swept(paris(2099, 10, 24, 8))) == 1
    assert event_of(mail.outbox[0])["DTSTART"].to_ical().decode() == f"20991025T0{fold}3000Z"


def test_the_hour_that_never_comes_is_the_one_after():
    """On 29 March 2099 it is never 02:30: what was planned then begins at 03:30, and is reminded on the eve."""
    rencontre = planned(paris(2099, 3, 29, 2, 30), reminder_days="1")
    registered(rencontre)
    rencontre.refresh_from_db()
    assert rencontre.when_label == "dimanche 29 mars 2099, à 3\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30"
    assert len(swept(paris(2099, 3, 28, 8))) == 1
