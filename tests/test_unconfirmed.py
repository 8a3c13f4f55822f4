"""A contribution whose author never opens the mail: reminded once, listed to staff, never lost."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from consultation import limits, tasks
from consultation.actions import unconfirmed
from consultation.actions.contributions import change_state
from consultation.choices import ContributionState, DecisionCause, RoleKind
from consultation.models import Contribution, Decision, Demarche
from participons.celery import BELLS
from socle.courriels.models import Envoi
from tests.factories import archived, make_contribution, make_demarche, make_personne, make_role, make_superuser
from tests.test_places import at_once
from tests.writing import SAID, contribute, follow, link_in, mails, text_of

pytestmark = pytest.mark.django_db
LIST = "/admin/consultation/contribution/jamais-confirmees/"
HOUR = timedelta(hours=1)
TO_CONFIRM, WAITING = ContributionState.TO_CONFIRM, ContributionState.WAITING


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


def older(contribution, age):
    """As if it had been sent that long before."""
    Contribution.objects.filter(pk=contribution.pk).update(submitted_at=F("submitted_at") - age)
    contribution.refresh_from_db()
    return contribution


def unopened(age=49 * HOUR, email="alice@example.org", **fields):
    personne = make_personne(email=email, confirmed_at=None)
    return older(make_contribution(state=TO_CONFIRM, personne=personne, **fields), age)


def reminders():
    return Envoi.objects.filter(dedupe_key__endswith=":confirmation:rappel")


def sweep():
    tasks.remind_unconfirmed()
    return reminders().count()


# The reminder


@pytest.mark.django_db(transaction=True)
def test_after_48_hours_one_reminder_that_confirms_and_holds_nothing_of_the_text(client):
    make_demarche()
    contribution = contribute(client, email="alice@example.org", display="nom", author_name="Alice Martin")
    mails()
    assert sweep() == 0
    older(contribution, 48 * HOUR)
    assert [sweep() for _ in range(3)] == [1, 1, 1]
    (message,) = mails()
    assert message.to == ["alice@example.org"]
    assert message.subject == "Votre contribution sur Participons attend votre confirmation"
    whole = message.body + message.alternatives[0].content
    for word in (SAID["title"], SAID["body"], "Alice Martin", follow(contribution).split("/")[2]):
        assert word not in whole
    assert whole.count("/contributions/confirmer/") == 2
    assert "le seul rappel" in whole
    assert "C’est confirmé" in text_of(client.post(link_in(message)))
    contribution.refresh_from_db()
    assert contribution.state == WAITING


@pytest.mark.parametrize(
    ("age", "written"),
    [
        (48 * HOUR - timedelta(minutes=1), 0),
        (48 * HOUR, 1),
        (7 * 24 * HOUR - timedelta(minutes=1), 1),
        (7 * 24 * HOUR, 0),
        (90 * 24 * HOUR, 0),
    ],
)
def test_not_before_48_hours_nor_past_the_seven_days(age, written):
    unopened(age)
    assert sweep() == written


def test_it_is_useless_once_the_seven_days_are_over():
    contribution = unopened()
    sweep()
    assert reminders().get().not_after == contribution.submitted_at + timedelta(days=7)


@pytest.mark.parametrize("state", [WAITING, ContributionState.PUBLISHED, ContributionState.REFUSED])
def test_what_is_not_to_confirm_is_not_reminded(state):
    older(make_contribution(state=state, personne=make_personne(confirmed_at=None)), 49 * HOUR)
    assert sweep() == 0


def test_nor_without_an_address_nor_for_an_archived_demarche():
    older(make_contribution(state=TO_CONFIRM), 49 * HOUR)
    unopened()
    for demarche in Demarche.objects.all():
        archived(demarche)
    assert sweep() == 0


def test_an_address_that_had_its_mails_of_the_hour_has_its_turn_later():
    unopened()
    unopened(email="bob@example.org")
    for _ in range(3):
        limits.mail_allowed("Alice@example.org")
    assert sweep() == 1
    assert reminders().get().to == "bob@example.org"
    later = timezone.now() + HOUR
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr("socle.limiter.actions.timezone.now", lambda: later)
        assert sweep() == 2


def test_rows_that_are_refused_hold_back_nobody(monkeypatch):
    monkeypatch.setattr(unconfirmed, "REMINDER_BATCH", 2)
    for number in range(5):
        unopened(email=f"p{number}@example.org")
    for number in (0, 1):
        for _ in range(3):
            limits.mail_allowed(f"p{number}@example.org")
    assert sweep() == 3


def test_confirmed_while_the_sweep_runs_it_is_left_alone(monkeypatch):
    contribution = unopened()

    def confirms_meanwhile(_email):
        change_state(contribution, WAITING, by=None, cause=DecisionCause.RULE)
        return True

    monkeypatch.setattr(unconfirmed, "mail_allowed", confirms_meanwhile)
    assert sweep() == 0


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_write_one_reminder_each():
    for number in range(5):
        unopened(email=f"p{number}@example.org")
    results = at_once([unconfirmed.remind_unconfirmed] * 4)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert reminders().count() == 5


def test_the_bell_rings():
    assert "consultation.tasks.remind_unconfirmed" in BELLS


# The list of the staff, and taking one in


@pytest.fixture
def moderator(client):
    role = make_role(kind=RoleKind.MODERATEUR)
    client.force_login(role.user)
    return role.user


def take(client, contribution):
    return client.post(LIST, {"contribution": contribution.pk}, follow=True)


def test_staff_see_them_with_their_age_oldest_first(client, moderator):
    unopened(3 * 24 * HOUR, title="La plus jeune")
    unopened(30 * 24 * HOUR, email="b@example.org", title="La plus vieille")
    make_contribution(title="Publiée")
    page = text_of(client.get(LIST))
    assert page.index("La plus vieille") < page.index("La plus jeune")
    assert "30 jours" in page
    assert "Publiée" not in page
    assert "example.org" not in page
    assert page.count("Faire entrer</button>") == 1
    assert reverse("admin:consultation_contribution_unconfirmed") in text_of(
        client.get("/admin/consultation/contribution/")
    )


def test_after_the_seven_days_a_moderator_takes_one_in_and_decides(client, moderator):
    contribution = unopened(8 * 24 * HOUR)
    assert "attend maintenant une décision" in text_of(take(client, contribution))
    contribution.refresh_from_db()
    assert contribution.state == WAITING
    decision = Decision.objects.get()
    assert (decision.cause, decision.by) == (DecisionCause.MODERATION, moderator)
    assert "adresse non vérifiée" in text_of(client.get("/admin/consultation/contribution/"))
    assert not mails()
    assert "ont été confirmées" in text_of(client.get(LIST))


def test_before_it_is_its_authors_to_confirm(client, moderator):
    contribution = unopened(6 * 24 * HOUR)
    assert "Faire entrer</button>" not in text_of(client.get(LIST))
    assert "Rien n’a été changé" in text_of(take(client, contribution))
    contribution.refresh_from_db()
    assert contribution.state == TO_CONFIRM


def test_taken_in_twice_it_has_one_decision(client, moderator):
    contribution = unopened(8 * 24 * HOUR)
    take(client, contribution)
    assert "Rien n’a été changé" in text_of(take(client, contribution))
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("pk", ["", "0", "-1", "abc", "9" * 30, "²"])
def test_an_odd_number_is_no_error(client, moderator, pk):
    assert client.post(LIST, {"contribution": pk}).status_code == 404


def test_a_lecteur_reads_and_takes_nothing(client):
    client.force_login(make_role(kind=RoleKind.LECTEUR).user)
    contribution = unopened(8 * 24 * HOUR)
    assert "Faire entrer</button>" not in text_of(client.get(LIST))
    assert take(client, contribution).status_code == 404
    contribution.refresh_from_db()
    assert contribution.state == TO_CONFIRM


def test_those_of_another_demarche_are_not_there(client, moderator):
    other = make_demarche(courante=False)
    contribution = unopened(8 * 24 * HOUR, demarche=other, title="Ailleurs")
    assert "Ailleurs" not in text_of(client.get(LIST))
    assert take(client, contribution).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_taken_in_then_confirmed_its_author_is_told_what_follows(client):
    make_demarche()
    contribution = contribute(client, email="alice@example.org")
    path = link_in(mails()[0])
    older(contribution, 8 * 24 * HOUR)
    unconfirmed.take_in(contribution, make_superuser())
    assert "Oui, c’est bien moi" in text_of(client.get(path))
    assert "C’est confirmé" in text_of(client.post(path))
    assert "déjà confirmé" in text_of(client.post(path))
    contribution.refresh_from_db()
    assert contribution.personne.is_confirmed
    assert contribution.state == WAITING
    change_state(contribution, ContributionState.PUBLISHED, by=make_superuser())
    assert [message.to for message in mails()] == [["alice@example.org"]]


@pytest.mark.django_db(transaction=True)
def test_somebody_known_is_told_nothing_of_what_another_typed_their_address_on(client):
    make_demarche()
    make_personne(email="alice@example.org")
    contribution = contribute(client, email="alice@example.org")
    mails()
    older(contribution, 8 * 24 * HOUR)
    unconfirmed.take_in(contribution, make_superuser())
    contribution.refresh_from_db()
    assert contribution.address_unverified
    change_state(contribution, ContributionState.PUBLISHED, by=make_superuser())
    assert mails() == []
