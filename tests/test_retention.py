"""What is over goes by itself, under one table that the public page shows; whoever is concerned is told before."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from consultation.choices import ContributionState
from consultation.models import Abonnement
from socle.comptes.models import Personne, User
from socle.courriels.models import Envoi
from socle.privacy import tasks
from socle.privacy.actions import keeping, leaving
from socle.privacy.models import Depart, RetentionRun
from socle.privacy.retention import kept_for
from tests.factories import (
    make_abonnement,
    make_contribution,
    make_demarche,
    make_personne,
    make_soutien,
    make_superuser,
    make_user,
)
from tests.leaving import ADDRESS
from tests.writing import text_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LONG_AGO = timezone.now() - timedelta(days=4000)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch, settings, tmp_path):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    settings.EXPORT_STORAGE = settings.VAR_DIR = tmp_path


def days_pass(days: int) -> None:
    """For the mails and the departures: their dates go back."""
    back = timedelta(days=days)
    Envoi.objects.update(created_at=F("created_at") - back)
    Depart.objects.update(next_attempt_at=F("next_attempt_at") - back, asked_at=F("asked_at") - back)


def old_personne(**fields):
    return make_personne(created_at=LONG_AGO, confirmed_at=LONG_AGO, **fields)


def test_each_line_has_a_reason_a_verb_and_a_place_on_the_public_page(client):
    page = text_of(client.get("/donnees-personnelles/"))
    for kind, keeping_of in settings.RETENTION.items():
        assert import_string(keeping_of.verb), kind
        assert keeping_of.days > 0
        for words in (keeping_of.what, keeping_of.why, keeping_of.start):
            assert words in page, kind
    for words in ("mission d’intérêt public", "consentement", "RGPD, article 6"):
        assert words in page


def test_a_run_is_written_down_and_nothing_is_erased_before_its_time():
    tasks.enforce()
    assert not RetentionRun.objects.exists()
    ended = make_abonnement(ended_at=timezone.now() - kept_for("abonnements") - DAY, end_reason="desinscription")
    recent = make_abonnement(ended_at=timezone.now() - kept_for("abonnements") + DAY, end_reason="desinscription")
    running = make_abonnement(confirmed_at=LONG_AGO)
    tasks.enforce()
    assert set(Abonnement.objects.values_list("pk", flat=True)) == {recent.pk, running.pk}
    assert RetentionRun.objects.values_list("kind", "rows").get() == ("abonnements", 1)
    assert ended.pk


def test_an_address_nobody_confirmed_leaves_what_was_never_confirmed_then_goes():
    old = timezone.now() - kept_for("jamais_confirmees") - DAY
    alice = make_personne(email=ADDRESS, confirmed_at=None, created_at=old)
    said = make_contribution(personne=alice, state=ContributionState.TO_CONFIRM, submitted_at=old)
    make_personne(confirmed_at=None)  # of today
    supporter = make_personne(confirmed_at=None, created_at=old)
    make_soutien(personne=supporter)
    tasks.enforce()
    said.refresh_from_db()
    assert said.personne is None
    assert not Personne.objects.filter(email=ADDRESS).exists()
    assert Personne.objects.filter(pk=supporter.pk).exists()
    assert Personne.objects.filter(confirmed_at=None).count() == 2


def test_an_account_nobody_opens_is_warned_at_30_and_7_days_then_closed():
    alice = old_personne(email=ADDRESS)
    sleeping = timezone.now() - kept_for("comptes") + 29 * DAY
    user = make_user(email=ADDRESS, personne=alice, date_joined=LONG_AGO, last_login=sleeping)
    make_user(last_login=timezone.now())
    make_user(is_staff=True, date_joined=LONG_AGO)
    make_superuser(date_joined=LONG_AGO)
    told = []
    for _ in range(40):
        keeping.forget_accounts()
        told.append(Envoi.objects.count() if User.objects.filter(pk=user.pk).exists() else None)
        days_pass(1)
    assert (told[0], told[22], told[23], told[29], told[30]) == (1, 1, 2, 2, None)
    assert list(Envoi.objects.order_by("pk").values_list("to", "subject")) == [
        (ADDRESS, "Votre compte sera supprimé dans 30 jours"),
        (ADDRESS, "Votre compte sera supprimé dans 7 jours"),
    ]
    assert User.objects.count() == 3
    assert Personne.objects.filter(pk=alice.pk).exists(), "what she did keeps its own delay"


def test_who_logs_in_after_the_warnings_keeps_their_account():
    user = make_user(date_joined=LONG_AGO)
    keeping.forget_accounts()
    days_pass(25)
    keeping.forget_accounts()
    days_pass(8)
    User.objects.update(last_login=timezone.now())
    assert keeping.forget_accounts() == 0
    assert Envoi.objects.count() == 2
    assert User.objects.filter(pk=user.pk).exists()


def test_an_identity_goes_three_years_after_the_last_act_told_a_month_before():
    alice, bob, carol = old_personne(email=ADDRESS), old_personne(), old_personne()
    make_contribution(personne=alice, submitted_at=LONG_AGO)
    make_soutien(personne=bob)
    make_user(personne=carol)
    tasks.enforce()
    tasks.enforce()
    assert Depart.objects.get().personne == alice
    assert "au terme de sa durée" in Envoi.objects.get().body_text
    days_pass(29)
    tasks.erase_due()
    assert Personne.objects.filter(pk=alice.pk).exists()
    days_pass(2)
    tasks.erase_due()
    assert not Personne.objects.filter(pk=alice.pk).exists()
    assert Personne.objects.filter(pk__in=[bob.pk, carol.pk]).count() == 2


@pytest.mark.parametrize("sign", ["act", "stay"])
def test_a_sign_of_life_keeps_an_identity(sign):
    alice = old_personne(email=ADDRESS)
    demarche = make_demarche()
    keeping.forget_identities()
    if sign == "act":
        make_contribution(personne=alice, demarche=demarche)
    else:
        leaving.give_up(alice)
    days_pass(31)
    tasks.erase_due()
    assert Personne.objects.filter(pk=alice.pk).exists()
    assert keeping.forget_identities() == 0


def test_those_who_left_are_not_forgotten_twice():
    make_personne(email="0123456789abcdef@efface.invalid", confirmed_at=None, created_at=LONG_AGO)
    tasks.enforce()
    assert Personne.objects.left().count() == 1
