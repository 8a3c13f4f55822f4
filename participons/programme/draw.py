"""A draw that a demonstration has announced: who may be drawn, for how many places, and where the seed comes from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ateliers.models import Tirage
from participons.programme.lived import MOST, read_atelier, read_college, read_target
from participons.programme.reading import Node, length
from participons.programme.schema import Programme


@dataclass(frozen=True)
class Candidates:
    count: int
    college: int
    commune: str | None


@dataclass(frozen=True)
class Draw:
    """`targets`: the places meant for each collège; `others`: those for everybody else."""

    atelier: int
    source: str
    targets: dict[int, int]
    others: int
    candidates: list[Candidates]


def read_draw(node: Node, programme: Programme, communes: Collection[str]) -> Draw:
    found = node.fields(("atelier", "source", "cibles", "places", "candidats"))
    colleges = {college.rank for college in programme.colleges}
    return Draw(
        atelier=read_atelier(found["atelier"], programme)[0],
        source=found["source"].text(length(Tirage, "seed_source")),
        targets=dict(read_target(item, colleges) for item in found["cibles"].items()),
        others=found["places"].integer(0, MOST),
        candidates=[_candidates(item, colleges, communes) for item in found["candidats"].items()],
    )


def _candidates(node: Node, colleges: Collection[int], communes: Collection[str]) -> Candidates:
    found = node.fields(("count", "college"), ("commune",))
    commune = found["commune"].choice(communes) if "commune" in found else None
    return Candidates(found["count"].integer(1, MOST), read_college(found["college"], colleges), commune)
