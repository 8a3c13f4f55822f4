"""How many may contribute from one connection: a mairie passes, a robot is stopped, nobody shuts the door on others."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from consultation import limits, links
from consultation.models import Contribution
from consultation.views.write import wait_label
from socle.courriels.models import Envoi
from socle.limiter.actions import remaining
from tests.factories import make_demarche, make_personne, make_user
from tests.writing import FORM, SAID, text_of

pytestmark = pytest.mark.django_db
MAIRIE = "203.0.113.7"


@pytest.fixture(autouse=True)
def demarche(monkeypatch, settings):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    return make_demarche()


def post(email="", network=MAIRIE, client=None, **fields):
    """One person, with a browser of their own."""
    said = SAID | {"submission_key": str(uuid.uuid4()), "email": email} | fields
    return (client or Client()).post(FORM, said, HTTP_X_FORWARDED_FOR=network)


def small(monkeypatch, **counts):
    """The same rule, in smaller numbers."""
    for name, count in counts.items():
        old = getattr(limits, name)
        monkeypatch.setattr(limits, name, type(old)(old.name, count, old.per))


def test_sixty_people_at_a_mairie_in_an_hour_pass():
    for number in range(60):
        response = post(email=f"p{number}@example.org" if number % 2 else "")
        assert response.status_code == 303, number
    assert Contribution.objects.count() == 60


def test_beyond_them_one_passes_with_an_address_and_the_text_of_others_stays(monkeypatch):
    small(monkeypatch, WITHOUT_EMAIL=3, WITH_EMAIL=5)
    for _ in range(3):
        post()
    response = post()
    assert response.status_code == 429
    assert SAID["body"] in text_of(response)
    assert "ou indiquez une adresse électronique" in text_of(response)
    assert [post(email=f"p{number}@example.org").status_code for number in range(3)] == [303, 303, 429]


def test_a_robot_is_stopped_with_and_without_addresses():
    answers = [post().status_code for _ in range(limits.WITHOUT_EMAIL.count + 10)]
    assert answers.count(303) == limits.WITHOUT_EMAIL.count
    left = limits.WITH_EMAIL.count - limits.WITHOUT_EMAIL.count
    answers = [post(email=f"r{number}@example.org").status_code for number in range(left + 10)]
    assert answers.count(303) == left
    assert answers[-10:] == [429] * 10


def test_what_is_refused_is_not_counted(monkeypatch):
    """A robot that insists does not shut the door on those who give an address."""
    small(monkeypatch, WITHOUT_EMAIL=2, WITH_EMAIL=4)
    for _ in range(20):
        post()
    assert post(email="alice@example.org").status_code == 303


def test_who_confirms_gives_one_back(monkeypatch, client):
    small(monkeypatch, WITHOUT_EMAIL=1, WITH_EMAIL=2)
    for name in ("alice", "bob"):
        assert post(email=f"{name}@example.org").status_code == 303
    assert post(email="carole@example.org").status_code == 429
    first = Contribution.objects.order_by("pk").first()
    path = links.confirmation_path(first, first.personne)
    for _ in range(3):  # once is once
        client.post(path, HTTP_X_FORWARDED_FOR=MAIRIE)
    assert post(email="carole@example.org").status_code == 303
    assert post(email="denis@example.org").status_code == 429


def test_a_robot_with_mailboxes_stops_at_the_limit_of_the_day(monkeypatch, client):
    small(monkeypatch, WITHOUT_EMAIL=1, WITH_EMAIL=2, WITH_EMAIL_DAILY=4)
    sent = 0
    for number in range(8):
        if post(email=f"r{number}@robot.example").status_code == 303:
            sent += 1
            last = Contribution.objects.order_by("pk").last()
            client.post(links.confirmation_path(last, last.personne), HTTP_X_FORWARDED_FOR=MAIRIE)
    assert sent == 4


def test_another_network_is_not_concerned(monkeypatch):
    small(monkeypatch, WITHOUT_EMAIL=1)
    assert [post().status_code, post().status_code] == [303, 429]
    assert post(network="198.51.100.9").status_code == 303
    assert post(network="2001:db8:1:2::1").status_code == 303
    assert post(network="2001:db8:1:2:ffff::9").status_code == 429  # the same /64


def test_a_forged_forwarded_address_changes_nothing(monkeypatch, settings):
    small(monkeypatch, WITHOUT_EMAIL=2)
    # What stands left of our proxy's word was written by the client.
    answers = [post(network=f"10.0.0.{number}, {MAIRIE}").status_code for number in range(4)]
    assert answers == [303, 303, 429, 429]
    # Reached without a proxy of ours, the header is not read at all.
    settings.TRUSTED_PROXIES = []
    answers = [post(network=f"10.0.0.{number}").status_code for number in range(4)]
    assert answers == [303, 303, 429, 429]


def test_a_mistake_and_a_second_click_count_for_nothing(monkeypatch):
    small(monkeypatch, WITHOUT_EMAIL=1)
    key = str(uuid.uuid4())
    assert [post(title="").status_code for _ in range(3)] == [422] * 3
    assert [post(submission_key=key).status_code for _ in range(3)] == [303] * 3
    assert post().status_code == 429


def test_three_mails_an_hour_to_one_address_over_all_forms(client):
    """The form, « renvoyer », another address for another contribution: one count."""
    first, second = (post(email=email) for email in ("alice@example.org", "bob@example.org"))
    number = f"/suivi/{numero_in(client, first)}/"
    client.post(number, {"renvoyer": "1"})
    client.post(f"/suivi/{numero_in(client, second)}/", {"email": "ALICE@example.org"})
    for _ in range(3):
        client.post(number, {"renvoyer": "1"})
        post(email=" Alice@Example.org ")
    assert Envoi.objects.filter(to__iexact="alice@example.org").exclude(state="annule").count() == 3


def numero_in(client, response) -> str:
    page = text_of(client.get(response.url))
    return page.split("/suivi/")[1].split("/")[0] if "/suivi/" in page else ""


def test_the_address_of_an_account_is_counted_but_never_written_to(client, monkeypatch):
    personne = make_personne(email="alice@example.org")
    client.force_login(make_user(email="alice@example.org", personne=personne))
    for _ in range(5):
        assert post(email="alice@example.org", client=client).status_code == 303
    assert not Envoi.objects.exists()


@pytest.mark.parametrize(
    ("wait", "label"),
    [(10, "1 minute"), (61, "2 minutes"), (5400, "90 minutes"), (5401, "2 heures"), (86_399, "24 heures")],
)
def test_the_wait_is_said_as_people_say_it(wait, label):
    assert wait_label(timedelta(seconds=wait)).replace("\u00a0", " ") == label


def test_no_network_is_written_down(demarche):
    post()
    assert remaining(limits.WITHOUT_EMAIL, MAIRIE, timezone.now()) < limits.WITHOUT_EMAIL.count
    contribution = Contribution.objects.get()
    assert MAIRIE not in str(vars(contribution))
