"""Masked numbers stay masked: a reader who tries every table that agrees with what is shown learns none of them."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from socle.smallnumbers import FEWEST, TOTAL, masked

# The machine may be busy: nothing is timed.
FEW = settings(max_examples=60)


def showable(rows):
    """Whether the totals of columns may be shown."""
    return all(not 0 < sum(column) < FEWEST for column in zip(*rows, strict=True))


def tables(rows: int, columns: int, most: int):
    row = st.lists(st.integers(0, most), min_size=columns, max_size=columns)
    return st.lists(row, min_size=rows, max_size=rows).filter(showable)


def ways(column: list[int | None], total: int):
    """Every column that has this total and the numbers that are shown."""
    free = [rank for rank, number in enumerate(column) if number is None]
    left = total - sum(number or 0 for number in column)
    for numbers in product(range(left + 1), repeat=max(0, len(free) - 1)):
        last = left - sum(numbers)
        if last < 0 or (not free and left):
            continue
        filled = dict(zip(free, [*numbers, last], strict=False))
        yield [filled.get(rank, number) for rank, number in enumerate(column)]


def possible(rows: list[list[int]], hidden: set) -> dict[tuple[int, int], set[int]]:
    """The values that each masked number may have, found by trying: nothing of how they were masked is used."""
    shown = [
        [None if (rank, at) in hidden else number for at, number in enumerate(row)] for rank, row in enumerate(rows)
    ]
    totals = [None if (rank, TOTAL) in hidden else sum(row) for rank, row in enumerate(rows)]
    columns = [
        list(ways(list(column), sum(true)))
        for column, true in zip(zip(*shown, strict=True), zip(*rows, strict=True), strict=True)
    ]
    found: dict[tuple[int, int], set[int]] = {cell: set() for cell in hidden}
    for candidate in product(*columns):
        sums = [sum(numbers) for numbers in zip(*candidate, strict=True)]
        if all(total in (None, number) for total, number in zip(totals, sums, strict=True)):
            for rank, at in hidden:
                found[rank, at].add(sums[rank] if at == TOTAL else candidate[at][rank])
    return found


def holds(rows: list[list[int]]) -> None:
    hidden = masked(rows)
    small = {(rank, at) for rank, row in enumerate(rows) for at, number in enumerate(row) if 0 < number < FEWEST}
    small |= {(rank, TOTAL) for rank, row in enumerate(rows) if 0 < sum(row) < FEWEST}
    assert small <= hidden
    assert bool(small) == bool(hidden), "nothing is masked for nothing"
    for cell, values in possible(rows, hidden).items():
        assert len(values) >= FEWEST, (cell, values)


@FEW
@given(tables(2, 3, 9))
@example([[3, 0, 6], [9, 9, 9]])
def test_no_number_of_two_groups_is_found_again(rows):
    holds(rows)


@FEW
@given(tables(3, 2, 9))
@example([[3, 9], [0, 6], [9, 0]])
@example([[1, 0], [0, 1], [9, 9]])
@example([[4, 4], [4, 4], [4, 4]])
def test_no_number_of_three_groups_is_found_again(rows):
    holds(rows)


@FEW
@given(tables(4, 1, 6))
def test_no_number_of_one_seance_is_found_again(rows):
    holds(rows)


def test_the_reader_of_these_tests_finds_what_is_badly_masked():
    """One number masked alone is what its column lacks."""
    assert possible([[3, 9], [9, 9]], {(0, 0)}) == {(0, 0): {3}}


def test_a_large_table_is_masked_and_what_is_shown_adds_up():
    rows = [[(7 * rank + 3 * at) % 11 for at in range(4)] for rank in range(60)]
    hidden = masked(rows)
    assert all((rank, at) in hidden for rank, row in enumerate(rows) for at, n in enumerate(row) if 0 < n < FEWEST)
    for at in range(4):
        assert sum((rank, at) in hidden for rank in range(60)) != 1


def test_a_group_alone_is_the_totals_and_nothing_is_masked():
    assert masked([[7, 0, 12]]) == set() == masked([])


def test_under_a_small_total_nothing_can_be_masked():
    with pytest.raises(ValueError, match="too small"):
        masked([[1, 9], [2, 9]])
