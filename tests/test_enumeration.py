"""Nobody learns who has an account: a known and an unknown address get the same answers, for the same work (T14).

`make bench ARGS=enumeration` takes two hundred samples of each, and their times.
"""

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from socle.comptes import actions
from socle.comptes.models import Personne, User
from socle.courriels.models import Envoi
from tests.alike import attempt
from tests.entering import BY_PASSWORD, DOORS
from tests.factories import make_demarche, make_personne, make_superuser, make_user

pytestmark = pytest.mark.django_db
NOBODY = "person@example.org"


def known(kind):
    """An address of as many letters as NOBODY's."""
    email = f"{kind}@example.org"
    if kind == "writer":  # without an account
        make_personne(email=email)
    elif kind == "codeon":  # without a password
        User.objects.create_user(email)
    elif kind == "member":
        make_superuser(email=email)
    else:
        make_user(email=email, is_active=False)
    return email


@pytest.mark.parametrize("door", [*DOORS, BY_PASSWORD])
@pytest.mark.parametrize("kind", ["member", "closed", "codeon", "writer"])
def test_a_known_and_an_unknown_address_are_answered_alike_for_the_same_work(door, kind, monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    make_demarche()
    addresses = [known(kind), NOBODY]
    attempt(door, "warmup@example.org")
    before = User.objects.count(), Personne.objects.count(), EmailAddress.objects.count()
    seen, work = [], []
    for email in addresses:
        with CaptureQueriesContext(connection) as queries:
            seen.append(attempt(door, email))
        work.append([one["sql"].partition(" ")[0] for one in queries])
    assert seen[0] == seen[1]
    assert work[0] == work[1]
    assert before == (User.objects.count(), Personne.objects.count(), EmailAddress.objects.count())
    mails = [list(Envoi.objects.filter(to=email).values_list("subject", flat=True)) for email in addresses]
    assert mails[0] == mails[1] == ([] if door == BY_PASSWORD else ["Votre code"])


def test_the_judge_sees_a_lookup_that_is_made_for_the_known_alone(monkeypatch):
    """The guard taken out: an account is looked for, and only those who have one are written to."""
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    real = actions.send_code

    def leaky(session, email, *rest):
        if User.objects.filter(email=email).exists():
            real(session, email, *rest)

    monkeypatch.setattr("socle.comptes.actions.send_code", leaky)
    make_demarche()
    assert attempt(DOORS[0], known("member")) != attempt(DOORS[0], NOBODY)
