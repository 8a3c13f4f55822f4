"""Whoever runs an atelier is reminded of minutes that nobody has opened: 3 and 7 days after, once each."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from ateliers.actions.late import due, remind_late
from socle.courriels.models import Envoi, State
from tests.factories import make_animation, make_atelier, make_role, make_seance, make_user
from tests.minutes import opened, written
from tests.reminding import paris, sent
from tests.test_places import at_once

pytestmark = pytest.mark.django_db
HELD = (2027, 3, 10)  # a Wednesday


@pytest.fixture
def seance():
    seance = make_seance(starts_at=paris(*HELD, 18), precision="heure")
    make_animation(atelier=seance.atelier, user=make_user(is_staff=True, email="anne@equipe.example"))
    return seance


def days(at):
    return [lead for _, lead, _ in due(at)]


@pytest.mark.parametrize(
    ("at", "leads"),
    [
        (paris(2027, 3, 10, 23), []),
        (paris(2027, 3, 13, 7, 59), []),
        (paris(2027, 3, 13, 8), [3]),
        (paris(2027, 3, 17, 7, 59), [3]),
        (paris(2027, 3, 17, 8), [7]),
        (paris(2027, 3, 24, 23, 59), [7]),
        (paris(2027, 3, 25, 0), []),
    ],
)
def test_they_are_due_at_eight_so_many_days_of_the_calendar_after(seance, at, leads):
    assert days(at) == leads


@pytest.mark.parametrize(
    ("held", "third_day"),
    [(paris(2027, 3, 26, 23, 30), paris(2027, 3, 29, 8)), (paris(2027, 10, 29, 23, 30), paris(2027, 11, 1, 8))],
)
def test_a_change_of_clocks_between_moves_nothing(held, third_day):
    seance = make_seance(starts_at=held, precision="heure")
    make_animation(atelier=seance.atelier)
    assert days(third_day - timedelta(minutes=1)) == []
    assert days(third_day) == [3]


def test_each_leaves_once_however_often_it_is_swept(seance):
    for _ in range(3):
        remind_late(paris(2027, 3, 13, 9))
    assert sent() == ["anne@equipe.example"]
    assert "s’est tenue il y a 3 jours" in mail.outbox[0].body
    assert f"/admin/ateliers/atelier/{seance.atelier_id}/seances/1/compte-rendu/" in mail.outbox[0].body
    for _ in range(3):
        remind_late(paris(2027, 3, 17, 9))
    assert sent() == ["anne@equipe.example"]
    assert Envoi.objects.count() == 2


def test_swept_by_many_at_once_each_leaves_once(transactional_db, seance):
    at_once([lambda: remind_late(paris(2027, 3, 13, 9))] * 6)
    assert Envoi.objects.count() == 1


def test_a_portal_that_was_stopped_sends_the_last_alone(seance):
    assert remind_late(paris(2027, 3, 18, 9)) == 1
    assert Envoi.objects.get().dedupe_key.endswith(f":7:{seance.atelier.animations.get().user_id}")


def test_minutes_that_are_opened_want_none_and_call_back_what_waits(seance):
    type(seance.rencontre).objects.filter(pk=seance.pk).update(starts_at=timezone.now() - timedelta(days=4))
    seance.rencontre.refresh_from_db()
    written(seance)
    assert remind_late() == 1
    opened(seance)
    assert remind_late() == 0
    assert Envoi.objects.get(dedupe_key__contains=":retard:").state == State.CANCELLED


@pytest.mark.parametrize(
    "changed",
    [
        {"state": "annulee", "cancel_reason": "La neige."},
        {"state": "brouillon"},
        {"precision": "mois"},
    ],
)
def test_none_for_a_seance_that_was_not_held(seance, changed):
    type(seance.rencontre).objects.filter(pk=seance.pk).update(**changed)
    assert days(paris(2027, 3, 14, 9)) == []


def test_whose_animation_is_over_or_account_closed_is_not_reminded_and_the_responsable_is(seance):
    animation = seance.atelier.animations.get()
    animation.ends_on = paris(2027, 3, 12).date()
    animation.save()
    make_animation(atelier=seance.atelier, user=make_user(is_staff=True, is_active=False))
    responsable = make_role(demarche=seance.atelier.demarche, kind="responsable")
    make_role(demarche=seance.atelier.demarche, kind="redacteur")
    assert [user for _, _, user in due(paris(2027, 3, 13, 9))] == [responsable.user_id]


def test_several_who_run_it_are_each_reminded(seance):
    make_animation(atelier=seance.atelier)
    make_animation(atelier=make_atelier())
    assert remind_late(paris(2027, 3, 13, 9)) == 2
