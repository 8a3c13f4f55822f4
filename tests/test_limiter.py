"""The limiter; what it protects at the log-in is in tests/test_login_limits.py."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from socle.limiter.actions import SLACK, Limit, purge, refund, remaining, take, take_all
from socle.limiter.models import Tally

LIMIT = Limit("test", 3, timedelta(minutes=10))
AT = datetime(2026, 3, 7, 12, 1, tzinfo=UTC)


def test_take_until_exhausted(db):
    assert [take(LIMIT, "a", AT) for _ in range(5)] == [True, True, True, False, False]
    assert take(LIMIT, "b", AT)


def test_a_use_counts_from_its_own_instant_until_one_length_later(db):
    """There is no border at which all opens at once: what was taken late is still counted."""
    minutes = [0, 8, 9]
    for minute in minutes:
        assert take(LIMIT, "a", AT + timedelta(minutes=minute))
    before = AT + LIMIT.per - timedelta(microseconds=1)
    assert not take(LIMIT, "a", before)
    assert take(LIMIT, "a", AT + LIMIT.per)
    assert remaining(LIMIT, "a", AT + LIMIT.per) == 0
    assert not take(LIMIT, "a", AT + timedelta(minutes=18) - timedelta(microseconds=1))
    assert take(LIMIT, "a", AT + timedelta(minutes=18))


def test_what_is_refused_is_counted_nowhere_and_puts_nothing_off(db):
    wide = Limit("test-wide", 100, timedelta(hours=1))
    for _ in range(3):
        take_all([(LIMIT, "a"), (wide, "a")], AT)
    for minute in range(1, 10):
        later = AT + timedelta(minutes=minute)
        verdict = take_all([(LIMIT, "a"), (wide, "a")], later)
        assert not verdict.allowed
        assert later + verdict.wait == AT + LIMIT.per
    assert remaining(wide, "a", AT) == 97
    assert take_all([(LIMIT, "a"), (wide, "a")], AT + LIMIT.per).allowed


def test_limits_of_one_name_share_their_uses_and_each_has_its_own_count(db):
    narrow, wide = Limit("shared", 2, timedelta(hours=1)), Limit("shared", 4, timedelta(hours=1))
    assert [take(narrow, "a", AT) for _ in range(3)] == [True, True, False]
    assert [take(wide, "a", AT) for _ in range(3)] == [True, True, False]
    assert not take(narrow, "a", AT)
    # The widest count says when the narrow one opens, too: with uses of both, two of them have to go.
    assert take_all([(narrow, "a")], AT + timedelta(minutes=1)).wait == timedelta(minutes=59)


def test_a_limit_of_none_is_refused():
    with pytest.raises(ValueError, match="closed door"):
        Limit("none", 0, timedelta(hours=1))


def test_a_late_process_still_finds_what_counted_at_its_instant(db):
    """It read the clock before the others, and comes after them."""
    for _ in range(3):
        take(LIMIT, "a", AT)
    assert take(LIMIT, "a", AT + LIMIT.per)
    assert not take(LIMIT, "a", AT + LIMIT.per - SLACK / 2)


INSTANTS = st.lists(st.integers(0, 3600), min_size=1, max_size=40)
LATE = st.lists(st.integers(0, int(SLACK.total_seconds()) - 1), min_size=40, max_size=40)


def in_one_window(seconds, per):
    """The most that any window of this length holds: one that holds the most begins at one of them."""
    return max(sum(first <= second < first + per for second in seconds) for first in seconds)


@pytest.mark.django_db
@hypothesis_settings(max_examples=60)
@given(arrivals=INSTANTS, late=LATE)
def test_no_window_ever_holds_more_than_the_limit(arrivals, late):
    """In any order within the minute that two clocks may differ; and each refusal names the instant that opens."""
    Tally.objects.all().delete()
    allowed = []
    for arrival, delay in zip(sorted(arrivals), late, strict=False):
        read = arrival - delay
        at = AT + timedelta(seconds=read)
        verdict = take_all([(LIMIT, "a")], at)
        if verdict.allowed:
            allowed.append(read)
        else:
            assert remaining(LIMIT, "a", at + verdict.wait - timedelta(seconds=1)) == 0
            assert remaining(LIMIT, "a", at + verdict.wait) > 0
    assert in_one_window(allowed, LIMIT.per.total_seconds()) <= LIMIT.count
    assert max(len(tally.uses) for tally in Tally.objects.all()) <= 2 * LIMIT.count, "the row is pruned"


@pytest.mark.django_db
@hypothesis_settings(max_examples=60)
@given(arrivals=INSTANTS)
def test_one_clock_alone_loses_no_use(arrivals):
    """As much as the promise allows: the reference counts by hand what is still in the window."""
    Tally.objects.all().delete()
    allowed = []
    for arrival in sorted(arrivals):
        room = sum(arrival - LIMIT.per.total_seconds() < one for one in allowed) < LIMIT.count
        assert take(LIMIT, "a", AT + timedelta(seconds=arrival)) == room
        allowed += [arrival] if room else []


def test_refund_and_remaining(db):
    for _ in range(3):
        take(LIMIT, "a", AT)
    assert remaining(LIMIT, "a", AT) == 0
    refund(LIMIT, "a", AT)
    assert remaining(LIMIT, "a", AT) == 1
    refund(LIMIT, "never used", AT)
    assert remaining(LIMIT, "never used", AT) == 3


def test_a_refund_gives_back_the_use_it_names(db):
    """Neither one that was taken after it, nor more than there is."""
    for minute in (0, 5, 6):
        take(LIMIT, "a", AT + timedelta(minutes=minute))
    refund(LIMIT, "a", AT + timedelta(minutes=5))
    assert remaining(LIMIT, "a", AT + timedelta(minutes=12)) == 2, "the one of the sixth minute stays"
    for _ in range(9):
        refund(LIMIT, "a", AT + timedelta(minutes=6))
    assert [take(LIMIT, "a", AT + timedelta(minutes=6)) for _ in range(4)] == [True, True, True, False]


def test_several_limits_at_once_name_the_longest_wait(db):
    day = Limit("test-day", 4, timedelta(days=1))
    verdicts = [take_all([(LIMIT, "a"), (day, "a"), (day, "a")], AT) for _ in range(5)]
    assert [verdict.allowed for verdict in verdicts] == [True, True, True, False, False]
    assert [verdict.wait for verdict in verdicts[3:]] == [LIMIT.per] * 2
    take(day, "a", AT)
    assert take_all([(LIMIT, "a"), (day, "a")], AT).wait == day.per


def test_no_key_is_kept_in_clear(db):
    take(LIMIT, "198.51.100.7", AT)
    hit = Tally.objects.get()
    assert "198.51" not in hit.key
    assert len(hit.key) == 64


@pytest.mark.parametrize("key", ["", "\0", "\ud800", "é" * 10_000])
def test_any_key_is_counted(db, key):
    take(LIMIT, key, AT)
    assert remaining(LIMIT, key, AT) == 2


def test_purge_takes_only_what_counts_no_more(db):
    take(LIMIT, "a", AT)
    take(LIMIT, "b", AT)
    take(LIMIT, "b", AT + timedelta(minutes=5))
    late = AT + LIMIT.per
    assert purge(late) == 0, "a late process may still ask"
    assert purge(late + SLACK) == 1
    assert Tally.objects.get().ends_at == AT + timedelta(minutes=15)
    assert remaining(LIMIT, "b", late) == 2


def test_inside_a_transaction_it_refuses(transactional_db):
    with transaction.atomic(), pytest.raises(RuntimeError):
        take(LIMIT, "a", AT)


def together(count, work):
    def alone(number):
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        return list(pool.map(alone, range(count)))


def test_exact_under_concurrency(transactional_db):
    """From the very first use: no row is there yet, and whoever loses the race to write it is counted all the same."""
    other = Limit("test-other", 1000, timedelta(minutes=10))
    # The two orders would dead-lock each other if the statement did not sort its rows.
    orders = ([(LIMIT, "a"), (other, "a")], [(other, "a"), (LIMIT, "a")])
    verdicts = together(100, lambda number: take_all(orders[number % 2], AT).allowed)
    assert verdicts.count(True) == 3
    assert remaining(other, "a", AT) == 997, "what one limit refused is not counted for the other"


def test_exact_under_concurrency_while_uses_are_given_back(transactional_db):
    """Each that is given back makes room for one more, and for one only; the purge meanwhile takes nothing away."""
    limit = Limit("test", 30, timedelta(minutes=10))

    def one(number):
        taken = take(limit, "a", AT + timedelta(seconds=number % 7))
        if taken and number % 4 == 0:
            refund(limit, "a", AT + timedelta(seconds=7))
            return 0
        purge(AT + LIMIT.per)
        return int(taken)

    kept = sum(together(100, one))
    assert remaining(limit, "a", AT) == 30 - kept
    assert kept <= 30
    assert [take(limit, "a", AT) for _ in range(31 - kept)] == [True] * (30 - kept) + [False]
