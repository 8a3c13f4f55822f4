"""Tables of small numbers: which must be masked so that none of them can be found again from the others.

A table with its totals is a circulation: each number flows from its row to its column, the total of a row flows into
it, that of a column out of it. A masked number can be another one, all that is shown staying the same, exactly where a
flow can go round through masked numbers alone: so what a reader with a pencil can find is what this finds.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence

FEWEST = 5  # a smaller number, none apart, could point at someone; and the values a masked one may have, at the least

type Cell = tuple[int, int]  # row, column; the column TOTAL is that of the row's total
type Node = tuple[str, int]
TOTAL = -1
TOP: Node = ("top", 0)


def masked(rows: Sequence[Sequence[int]]) -> set[Cell]:
    """The numbers of these rows, and the totals of rows (TOTAL), to mask where the totals of columns are shown.

    These must be none, or FEWEST at least: raises ValueError otherwise. What is small is masked; then, beside what
    could be found again, the smallest that is shown, until each masked number may have FEWEST values.
    """
    if any(0 < sum(column) < FEWEST for column in zip(*rows, strict=True)):
        raise ValueError("The total of a column is too small to be shown: nothing can be masked under it.")
    if len(rows) == 1:
        return set()  # a row alone is the totals of the columns
    table = _table(rows)
    hidden = {cell for cell, number in table.items() if 0 < number < FEWEST}
    waiting = deque(sorted(hidden))
    while waiting:
        cell = waiting.popleft()
        while _room(table, hidden, cell) < FEWEST - 1:
            beside = min(_shown_beside(table, hidden, cell), key=lambda one: (table[one], one))
            hidden.add(beside)
            waiting.append(beside)
    return hidden


def _table(rows: Sequence[Sequence[int]]) -> dict[Cell, int]:
    """Without the columns that hold nobody: their total says all of them."""
    held = [column for column, numbers in enumerate(zip(*rows, strict=True)) if sum(numbers)]
    inner = {(rank, column): row[column] for rank, row in enumerate(rows) for column in held}
    return inner | {(rank, TOTAL): sum(row) for rank, row in enumerate(rows)}


def _shown_beside(table: dict[Cell, int], hidden: set[Cell], cell: Cell) -> list[Cell]:
    """Those of its row and of its column; all of them where these are masked already."""
    shown = [one for one in table if one not in hidden]
    return [one for one in shown if one[0] == cell[0] or one[1] == cell[1]] or shown


def _ends(cell: Cell) -> tuple[Node, Node]:
    row, column = cell
    return (TOP, ("row", row)) if column == TOTAL else (("row", row), ("column", column))


def _room(table: dict[Cell, int], hidden: set[Cell], cell: Cell) -> int:
    """How many other values it may have, counted up to FEWEST more and FEWEST fewer."""
    start, end = _ends(cell)
    others = {one: table[one] for one in hidden if one != cell}
    fewer = min(table[cell], _flow(others, start, end))
    return fewer + _flow(others, end, start)


def _flow(cells: dict[Cell, int], start: Node, end: Node) -> int:
    """How much may go round from `start` to `end`, up to FEWEST: a number grows along its way, shrinks against it."""
    beside: dict[Node, list[Cell]] = defaultdict(list)
    for cell in cells:
        for node in _ends(cell):
            beside[node].append(cell)
    left, total = dict(cells), 0
    while total < FEWEST and (way := _way(left, beside, start, end)):
        for cell, grows in way:
            left[cell] += 1 if grows else -1
        total += 1
    return total


def _way(left: dict[Cell, int], beside: dict[Node, list[Cell]], start: Node, end: Node) -> list[tuple[Cell, bool]]:
    """The cells to change by one, and whether each grows; none where there is no way."""
    came: dict[Node, tuple[Node, Cell, bool]] = {}
    waiting = deque([start])
    while waiting and end not in came:
        here = waiting.popleft()
        for cell in beside[here]:
            tail, head = _ends(cell)
            grows, there = tail == here, head if tail == here else tail
            if there != start and there not in came and (grows or left[cell]):
                came[there] = (here, cell, grows)
                waiting.append(there)
    way: list[tuple[Cell, bool]] = []
    while end in came:
        end, cell, grows = came[end]
        way.append((cell, grows))
    return way
