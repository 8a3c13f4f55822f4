"""One reminder for each person and each date, whoever rings and how often."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from consultation.actions import rencontres
from consultation.choices import InscriptionState, RencontreState
from socle.courriels import actions as courriels
from socle.courriels.models import Envoi
from socle.dates import Precision
from tests.factories import local, make_inscription, make_lieu, make_personne, make_rencontre
from tests.test_places import at_once

pytestmark = pytest.mark.django_db


def soon(**fields):
    starts_at = timezone.now() + timedelta(days=2)
    return make_rencontre(**({"starts_at": starts_at, "precision": Precision.HOUR} | fields))


def test_a_due_rencontre_reminds_each_confirmed_person_once():
    rencontre = soon(lieu=make_lieu(name="Kursaal", town="Dunkerque"))
    inscription = make_inscription(rencontre=rencontre)
    assert rencontres.remind_due() == 1
    assert rencontres.remind_due() == 0
    courriels.send_due()
    assert [message.to for message in mail.outbox] == [[inscription.personne.email]]
    body = mail.outbox[0].body
    assert rencontre.title in mail.outbox[0].subject
    assert "Kursaal, Dunkerque" in body
    assert rencontre.when_label in body
    assert rencontre.get_absolute_url() in body


@pytest.mark.parametrize(
    "changes",
    [
        {"state": RencontreState.CANCELLED},
        {"state": RencontreState.DRAFT},
        {"starts_at": local(9)},
        {"starts_at": local(-1)},
        {"precision": Precision.MONTH},
        {"precision": Precision.SEASON},
    ],
)
def test_a_rencontre_that_is_not_due_reminds_nobody(changes):
    make_inscription(rencontre=soon(**changes))
    assert rencontres.remind_due() == 0


@pytest.mark.parametrize("state", [InscriptionState.WAITING, InscriptionState.CANCELLED])
def test_who_has_no_place_is_not_reminded(state):
    make_inscription(rencontre=soon(), state=state)
    assert rencontres.remind_due() == 0


def test_an_unproved_address_is_not_written_to():
    make_inscription(rencontre=soon(), personne=make_personne(confirmed_at=None))
    assert rencontres.remind_due() == 0


def test_a_moved_rencontre_is_reminded_once_more():
    inscription = make_inscription(rencontre=soon())
    rencontres.remind_due()
    rencontre = inscription.rencontre
    rencontre.starts_at += timedelta(days=1)
    rencontre.save(update_fields=["starts_at"])
    assert rencontres.remind_due() == 1


def test_a_reminder_is_useless_once_its_rencontre_has_begun():
    inscription = make_inscription(rencontre=soon())
    rencontres.remind_due()
    assert Envoi.objects.get().not_after == inscription.rencontre.starts_at


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_write_one_reminder_each():
    for _ in range(5):
        make_inscription(rencontre=soon())
    results = at_once([rencontres.remind_due] * 4)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert Envoi.objects.count() == 5
