"""The draw, as anyone can do it again: a seed and numbers give an order. No chance, no clock, no name.

The same rule is written three times, and tests hold them together: here, in the words and the script that the
public page shows (RULE, `script`), and in SQL, in the trigger that refuses any other result.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from string import ascii_uppercase
from typing import Any

type Lot = Mapping[str, Any]  # {"lot": "A", "places": 10, "numeros": [3, 8]}

RULE = (
    "Chaque personne qui peut être tirée au sort a un numéro. Les numéros sont répartis en lots, avec les places de "
    "chaque lot. La graine, deux-points et le numéro, écrits à la suite en UTF-8 (« graine:17 »), donnent l’empreinte "
    "SHA-256 de ce numéro, en hexadécimal. Dans chaque lot, les numéros sont rangés par ordre croissant de leur "
    "empreinte : les premiers sont tirés, autant qu’il y a de places."
)


def mark(seed: str, number: int) -> str:
    """What a number is sorted by."""
    return hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()


def draw(seed: str, pool: Iterable[Lot]) -> list[dict[str, Any]]:
    """The numbers drawn of each lot, the first drawn first."""
    return [
        {"lot": lot["lot"], "numeros": sorted(lot["numeros"], key=lambda number: mark(seed, number))[: lot["places"]]}
        for lot in pool
    ]


def named(groups: Mapping[Any, tuple[int, Sequence[int]]]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """(places, numbers) of each group, as lots; and the letter of each group, which is not to be published.

    Letters follow the smallest number of each lot, not the order of the collèges: they do not tell them.
    """
    filled = sorted((group for group in groups if groups[group][1]), key=lambda group: min(groups[group][1]))
    letters = {group: _letter(index) for index, group in enumerate(filled)}
    pool = [
        {"lot": letters[group], "places": groups[group][0], "numeros": sorted(groups[group][1])} for group in filled
    ]
    return pool, {str(group): letter for group, letter in letters.items()}


def _letter(index: int) -> str:
    """A, B… Z, A2, B2…"""
    turn, place = divmod(index, len(ascii_uppercase))
    return ascii_uppercase[place] + (str(turn + 1) if turn else "")


def numbers_of(pool: Iterable[Lot]) -> list[int]:
    return [number for lot in pool for number in lot["numeros"]]


def ranges(numbers: Iterable[int]) -> str:
    """« 1 à 40, 42, 44 et 45 » would be a sentence; « 1–40, 42, 44–45 » is read faster in a long list."""
    runs = []
    for _, run in groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0]):
        found = [number for _, number in run]
        runs.append(str(found[0]) if len(found) == 1 else f"{found[0]}–{found[-1]}")
    return ", ".join(runs)


def script(seed: str, pool: Sequence[Lot]) -> str:
    """A program of its own: it prints the numbers drawn of each lot. A JSON text is a text of Python too."""
    lots = ",\n".join(f'    "{lot["lot"]}": ({lot["places"]}, {json.dumps(lot["numeros"])})' for lot in pool)
    return (
        "import hashlib\n\n"
        f"graine = {json.dumps(seed, ensure_ascii=False)}\n"
        f"lots = {{\n{lots},\n}}\n\n\n"
        "def empreinte(numero):\n"
        '    return hashlib.sha256(f"{graine}:{numero}".encode()).hexdigest()\n\n\n'
        "for lot, (places, numeros) in lots.items():\n"
        "    print(lot, sorted(numeros, key=empreinte)[:places])\n"
    )
