"""A forum in the file: its edition, and the programme of its day in order."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from forums.models import Forum, Moment, MomentKind
from participons.programme.reading import Node, texts, unique

MAX_EDITION = 999


@dataclass(frozen=True)
class Part:
    """What comes at one moment of the day; `atelier` is the rank of the one that is given back."""

    atelier: int | None
    values: dict[str, Any]


@dataclass(frozen=True)
class Day:
    values: dict[str, Any]
    parts: list[Part]

    @property
    def edition(self) -> int:
        edition: int = self.values["edition"]
        return edition


def read_forum(node: Node, ateliers: Collection[int]) -> Day:
    found = node.fields(("edition",), ("periodicity", "purpose", "programme"))
    values: dict[str, Any] = texts(Forum, found, ("periodicity",))
    values["edition"] = found["edition"].integer(1, MAX_EDITION)
    if "purpose" in found:
        values["purpose"] = found["purpose"].paragraphs()
    given_back: set[int] = set()
    items = found["programme"].items() if "programme" in found else []
    return Day(values, [_part(item, ateliers, given_back) for item in items])


def _part(node: Node, ateliers: Collection[int], given_back: set[int]) -> Part:
    found = node.fields(("kind",), ("atelier", "title", "text"))
    values: dict[str, Any] = texts(Moment, found, ("title",)) | {"kind": found["kind"].choice(MomentKind.values)}
    if "text" in found:
        values["text"] = found["text"].paragraphs(2000)
    if (values["kind"] == MomentKind.RESTITUTION) != ("atelier" in found):
        node.fail("la clé « atelier » va avec la nature « restitution », et seulement avec elle.")
    if "atelier" not in found:
        return Part(None, values)
    rank = found["atelier"].integer(1, MAX_EDITION)
    if rank not in ateliers:
        found["atelier"].fail(f"aucun atelier de rang {rank} dans le fichier.")
    return Part(unique(given_back, rank, node, "l’atelier"), values)
