"""How moderation goes, in figures: right by the day of the portal, on the démarches one reads, at any size."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from consultation.choices import ContributionState
from consultation.models import Contribution, Decision, Demarche
from consultation.moderation_figures import figures
from tests.factories import make_contribution, make_demarche, make_personne, make_reason, make_role, make_user
from tests.moderating import FIGURES, LIST, WAITING, make_waiting
from tests.writing import text_of

pytestmark = pytest.mark.django_db
S = ContributionState


@pytest.fixture
def demarche():
    return make_demarche()


def decide(contribution, at, to_state=S.PUBLISHED, reason=None, from_state=WAITING):
    return Decision.objects.create(
        contribution=contribution,
        from_state=from_state,
        to_state=to_state,
        by=make_user(is_staff=True),
        reason=reason,
        decided_at=at,
    )


def received(at, **fields):
    return make_contribution(submitted_at=at, **fields)


def of(first, last, demarches=None):
    return figures(demarches or Demarche.objects.all(), first, last)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 3, 28, 22, 59, tzinfo=UTC), date(2026, 3, 28)),  # 23:59, winter
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), date(2026, 3, 29)),  # midnight of the day with 23 hours
        (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), date(2026, 3, 29)),  # 23:59, summer
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),  # the day with 25 hours
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 26)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_each_act_is_counted_on_its_day_by_the_clock_of_the_portal(demarche, instant, day):
    decide(received(instant), instant)
    for first, last in ((day, day), (day - timedelta(days=2), day + timedelta(days=2))):
        bars = {bar.start: (bar.received, bar.published) for bar in of(first, last).bars}
        assert bars.pop(day) == (1, 1)
        assert set(bars.values()) <= {(0, 0)}
    for other in (day - timedelta(days=1), day + timedelta(days=1)):
        found = of(other, other)
        assert (found.received, found.published) == (0, 0)


def test_a_long_period_is_counted_by_months(demarche):
    received(datetime(2026, 1, 31, 22, 59, tzinfo=UTC))
    received(datetime(2026, 1, 31, 23, 0, tzinfo=UTC))
    found = of(date(2026, 1, 15), date(2026, 6, 15))
    assert found.by_month
    assert [bar.start for bar in found.bars] == [date(2026, month, 1) for month in range(1, 7)]
    assert [bar.received for bar in found.bars[:3]] == [1, 1, 0]


def test_waiting_times_are_counted_from_the_confirmed_address(demarche):
    start = datetime(2026, 5, 4, 8, tzinfo=UTC)
    for hours in (1, 2, 3, 4, 50):
        decide(received(start), start + timedelta(hours=hours))
    slow = received(start - timedelta(days=9))
    decide(slow, start, to_state=WAITING, from_state=S.TO_CONFIRM)
    decide(slow, start + timedelta(hours=3))
    found = of(date(2026, 5, 1), date(2026, 5, 31))
    assert found.median == timedelta(hours=3)
    assert timedelta(hours=4) < found.ninth < timedelta(hours=50)


def test_what_waits_now_and_the_oldest(demarche):
    now = timezone.now()
    oldest = make_waiting(submitted_at=now - timedelta(days=4))
    make_waiting(submitted_at=now)
    received(now - timedelta(days=9), state=S.TO_CONFIRM)
    found = of(timezone.localdate(), timezone.localdate())
    assert (found.waiting, found.oldest) == (2, oldest.submitted_at)
    assert found.received == 1


def test_shares_by_reason_hold_refusals_and_takings_down(demarche):
    at, spam, insult = timezone.now(), make_reason(label="Publicité"), make_reason(label="Insulte")
    for _ in range(3):
        decide(received(at, state=S.REFUSED), at, S.REFUSED, spam)
    decide(received(at, state=S.WITHDRAWN), at, S.WITHDRAWN, insult, from_state=S.PUBLISHED)
    found = of(timezone.localdate(), timezone.localdate())
    assert [(share.label, share.number, share.percent) for share in found.shares] == [
        ("Publicité", 3, 75),
        ("Insulte", 1, 25),
    ]
    assert found.refused == 3


def test_an_empty_portal_has_its_page(client, demarche):
    client.force_login(make_role(demarche=demarche).user)
    page = text_of(client.get(FIGURES))
    assert "Aucun refus ni retrait" in page
    assert page.count("<tr>") >= 30


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"du": "2026-03-01", "au": "2026-03-31"}, "du 1er au 31 mars 2026"),
        ({"du": "2026-03-31", "au": "2026-03-01"}, "trente derniers jours"),
        ({"du": "2000-01-01", "au": "2026-03-01"}, "trente derniers jours"),
        ({"du": "2099-12-31"}, "31 décembre 2099"),
        ({"du": "2000-01-01"}, "Reçues et décidées"),
        ({"du": "9999-12-31"}, "entre 2000 et 2100"),
        ({"du": "0001-01-01"}, "trente derniers jours"),
        ({"au": "0001-01-01"}, "trente derniers jours"),
        ({"au": "9999-12-31"}, "trente derniers jours"),
        ({"du": "demain"}, "Indiquez une date"),
        ({"demarche": "inconnue"}, "Choisissez une démarche"),
    ],
)
def test_any_period_has_an_answer(client, demarche, query, status):
    client.force_login(make_role(demarche=demarche).user)
    response = client.get(FIGURES, query)
    assert response.status_code == 200
    assert status in text_of(response).replace("\u00a0", " ")


def test_figures_are_those_of_the_demarches_one_reads(client, demarche):
    other = make_demarche(courante=False, title="La voisine")
    make_waiting(demarche=other)
    make_waiting()
    client.force_login(make_role(demarche=demarche).user)
    page = text_of(client.get(FIGURES))
    assert "La voisine" not in page
    assert of(timezone.localdate(), timezone.localdate(), Demarche.objects.filter(pk=demarche.pk)).waiting == 1
    assert "La voisine" not in text_of(client.get(FIGURES, {"demarche": other.slug}))


def test_nobody_is_named_nor_ranked(client, demarche):
    user = make_role(demarche=demarche).user
    client.force_login(user)
    decision = decide(received(timezone.now()), timezone.now())
    assert decision.by.email not in text_of(client.get(FIGURES))


@pytest.mark.parametrize("count", [1, 3])
def test_figures_cost_five_queries_at_any_size(demarche, count, django_assert_num_queries):
    for _ in range(count):
        decide(received(timezone.now(), personne=make_personne()), timezone.now())
    with django_assert_num_queries(5):
        of(timezone.localdate() - timedelta(days=30), timezone.localdate())


def test_the_list_says_how_many_of_each(client, demarche):
    client.force_login(make_role(demarche=demarche).user)
    make_waiting(demarche=make_demarche(courante=False))
    for state in (S.PUBLISHED, S.PUBLISHED, S.REFUSED):
        make_contribution(state=state)
    make_waiting()
    page = text_of(client.get(LIST))
    for words in ("<strong>1</strong> à modérer", "<strong>2</strong> publiées", "<strong>1</strong> refusée<"):
        assert words in page
    assert Contribution.objects.count() == 5
