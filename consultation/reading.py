"""A long texte is read by parts, each short enough for one page; a passage's key leads to the part that holds it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models.functions import Length

from consultation.models import TexteVersion

LONGEST = 8000  # characters of a part, but for a passage that is longer by itself
NAMED = 40  # parts that are told by their first title too


@dataclass(frozen=True)
class Part:
    """Passages in a row; `key` is that of the first, `title` its title."""

    key: int
    title: str
    first: int
    last: int
    keys: frozenset[int]


@dataclass(frozen=True)
class Parts:
    all: list[Part]
    here: Part | None  # none of a texte without a passage

    @classmethod
    def of(cls, version: TexteVersion, asked: str) -> Parts:
        """One query. `asked` is the key of a passage, as an address has it; what is not one gives the first part."""
        rows = version.passages.order_by("number").values_list("key", "title", "number", Length("text"))
        found: list[list[tuple[int, str, int]]] = []
        room = 0
        for key, title, number, length in rows:
            if not found or length > room:
                found.append([])
                room = LONGEST
            found[-1].append((key, title, number))
            room -= length
        parts = [Part(*some[0][:2], some[0][2], some[-1][2], frozenset(one[0] for one in some)) for some in found]
        here = next((part for part in parts if asked.isdecimal() and int(asked) in part.keys), None)
        return cls(parts, here or (parts[0] if parts else None))

    @property
    def keys(self) -> frozenset[int]:
        return self.here.keys if self.here else frozenset()

    @property
    def several(self) -> bool:
        return len(self.all) > 1

    @property
    def named(self) -> bool:
        return len(self.all) <= NAMED

    @property
    def is_first(self) -> bool:
        return self.here is None or self.here is self.all[0]

    @property
    def is_last(self) -> bool:
        return self.here is None or self.here is self.all[-1]

    @property
    def previous(self) -> Part | None:
        return None if self.is_first else self.all[self.all.index(self.here) - 1]  # type: ignore[arg-type]

    @property
    def following(self) -> Part | None:
        return None if self.is_last else self.all[self.all.index(self.here) + 1]  # type: ignore[arg-type]
