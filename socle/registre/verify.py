"""Checking a downloaded register: line by line and in flat memory, alone or held against the table.

A change shows by itself in the file, whatever was changed; a file rewritten whole, seals included, shows against the
table, or against the last number and seal that anyone noted (the page /registre/verifier/ asks people to).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from socle.registre.models import EntreeQuerySet
from socle.registre.sealing import LINE_KEYS, ORIGIN, SEAL, canonical, line_of, seal_of

LONGEST_LINE = 1024 * 1024  # bytes; a file without line ends is not read whole
CHUNK = 2000  # rows read at once
GZIP = b"\x1f\x8b"


class UnreadableFileError(Exception):
    """Not a register at all; the sentence says what to do."""


class BrokenEntryError(Exception):
    """The first entry that is wrong, and how."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"Entrée {number} : {why}")
        self.number = number


@dataclass
class Found:
    """What has been checked: how many entries, the last seal, and how many more the table holds."""

    count: int = 0
    seal: str = ORIGIN
    more: int = 0


def stored_lines(entrees: EntreeQuerySet, after: int = 0) -> Iterator[bytes]:
    """The lines of the public file. Sealed rows never change: pages of them make one coherent file, with no cursor
    and no transaction left open while somebody downloads."""
    while rows := list(entrees.oldest_first().filter(number__gt=after)[:CHUNK]):
        yield from map(line_of, rows)
        after = rows[-1].number or 0


def verify(file: BinaryIO, table: Iterable[bytes] | None = None) -> Found:
    """Raises UnreadableFileError, or BrokenEntryError for the first wrong entry of the file or of the table."""
    found = Found()
    stored = iter(table) if table is not None else None
    while line := file.readline(LONGEST_LINE):
        number = found.count + 1
        if number == 1 and line.startswith(GZIP):
            raise UnreadableFileError("Ce fichier est compressé (gzip) : décompressez-le, puis recommencez.")
        found.seal = _checked(line, number, found.seal)
        if stored and (kept := next(stored, None)) != line:
            raise BrokenEntryError(number, _difference(kept, number))
        found.count = number
    if not found.count:
        raise UnreadableFileError("Ce fichier est vide : il n’y a aucune entrée à vérifier.")
    if stored:
        found.more = _check_the_rest(stored, found)
    return found


def _check_the_rest(stored: Iterator[bytes], found: Found) -> int:
    """What the table has after the end of the file must follow it."""
    number, seal = found.count, found.seal
    for line in stored:
        number += 1
        seal = _checked(line, number, seal, " (dans la table, au-delà du fichier)")
    return number - found.count


def _checked(line: bytes, number: int, previous: str, where: str = "") -> str:
    """Its seal; raises BrokenEntryError."""
    said = _read(line)
    if not line.endswith(b"\n"):
        raise BrokenEntryError(number, f"la ligne est coupée avant sa fin, le fichier est incomplet{where}.")
    if said is None:
        raise BrokenEntryError(number, f"la ligne n’est pas écrite comme le registre l’écrit{where}.")
    seal = said.pop(SEAL)
    if said["numero"] != number:
        raise BrokenEntryError(number, f"elle manque, ou son numéro a été changé{where}.")
    if seal_of(said) != seal:
        raise BrokenEntryError(number, f"son contenu ou son sceau a été changé{where}.")
    if said["sceau_precedent"] != previous:
        raise BrokenEntryError(number, f"elle ne suit pas l’entrée d’avant{where}.")
    return seal


def _read(line: bytes) -> dict[str, Any] | None:
    """The entry, where each byte of its line is the one that the register would have written."""
    try:
        said = json.loads(line.decode())
        if not isinstance(said, dict) or tuple(said) != LINE_KEYS or type(said["numero"]) is not int:
            return None
        return said if (canonical(said) + "\n").encode() == line else None
    except (ValueError, RecursionError):
        return None


def _difference(kept: bytes | None, number: int) -> str:
    if kept is None:
        return "elle est dans le fichier et n’est plus dans la table."
    said = _read(kept)
    if said and said["numero"] != number:
        return "elle est dans le fichier et manque dans la table."
    return "la table ne dit plus la même chose que le fichier."
