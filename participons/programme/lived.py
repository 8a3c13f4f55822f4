"""An atelier that a demonstration has lived through: its group, what it said at its séances, what it did with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ateliers.models import CameBy, Fate, Lecture, Outcome, Point, Remarque
from consultation.choices import Nature
from consultation.models import Contribution
from participons.programme.reading import Node, slug, texts, unique
from participons.programme.schema import MAX_RANK, Programme

MOST = 100  # people of one line


@dataclass(frozen=True)
class Batch:
    """So many people who came into the group in the same way, from the same place."""

    count: int
    came_by: str
    college: int
    commune: str | None


@dataclass(frozen=True)
class Made:
    key: str
    minority: bool
    cites: list[str]
    values: dict[str, Any]


@dataclass(frozen=True)
class Became:
    """What a later séance did with a production; `title` and `body` where it has other words."""

    production: str
    fate: str
    into: str | None
    reason: str
    words: dict[str, str]


@dataclass(frozen=True)
class Minutes:
    introduction: str
    next_steps: str
    points: tuple[tuple[str, str], ...]
    remark: str
    answer: str


@dataclass(frozen=True)
class Evening:
    """`came`: those of the group, by their numbers; `read`: what the absent had said, by its key, and its outcome."""

    came: range
    read: list[tuple[str, str, str]]
    made: list[Made]
    became: list[Became]
    minutes: Minutes | None


@dataclass(frozen=True)
class Lived:
    atelier: int
    targets: dict[int, int] = field(default_factory=dict)  # places meant for each collège
    group: list[Batch] = field(default_factory=list)
    evenings: dict[int, Evening] = field(default_factory=dict)


@dataclass(frozen=True)
class Full:
    """A séance without a place left: its places are all taken, and so many wait."""

    atelier: int
    seance: int
    capacity: int
    waiting: int


def read_full(node: Node, programme: Programme) -> Full:
    found = node.fields(("atelier", "seance", "capacity", "en_attente"))
    atelier, seances = read_atelier(found["atelier"], programme)
    capacity, waiting = found["capacity"].integer(1, MOST), found["en_attente"].integer(1, MOST)
    return Full(atelier, found["seance"].integer(1, seances), capacity, waiting)


def read_lived(node: Node, programme: Programme, communes: Collection[str], said: Collection[str]) -> Lived:
    """`said`: the keys of the contributions of the example, that the group may have read, or take up."""
    found = node.fields(("atelier", "groupe", "seances"), ("cibles",))
    atelier, seances = read_atelier(found["atelier"], programme)
    colleges = {college.rank for college in programme.colleges}
    known, evenings = set(said), {}
    for rank, item in enumerate(found["seances"].items(), start=1):
        if rank > seances:
            item.fail(f"l’atelier de rang {atelier} n’a que {seances} séances.")
        evenings[rank] = _evening(item, known)
    return Lived(
        atelier,
        dict(read_target(item, colleges) for item in found["cibles"].items()) if "cibles" in found else {},
        [_batch(item, colleges, communes) for item in found["groupe"].items()],
        evenings,
    )


def read_atelier(node: Node, programme: Programme) -> tuple[int, int]:
    """Its rank, and how many séances it has."""
    counts = {group.rank: len(group.seances) for group in programme.ateliers}
    rank = node.integer(1, MAX_RANK)
    return (rank, counts[rank]) if rank in counts else node.fail(f"le programme n’a pas d’atelier de rang {rank}.")


def read_college(node: Node, colleges: Collection[int]) -> int:
    rank = node.integer(1, MAX_RANK)
    return rank if rank in colleges else node.fail(f"le programme n’a pas de catégorie de rang {rank}.")


def read_target(node: Node, colleges: Collection[int]) -> tuple[int, int]:
    found = node.fields(("college", "places"))
    return read_college(found["college"], colleges), found["places"].integer(1, MOST)


def _batch(node: Node, colleges: Collection[int], communes: Collection[str]) -> Batch:
    found = node.fields(("count", "came_by", "college"), ("commune",))
    return Batch(
        found["count"].integer(1, MOST),
        found["came_by"].choice(CameBy.values),
        read_college(found["college"], colleges),
        found["commune"].choice(communes) if "commune" in found else None,
    )


def _evening(node: Node, known: set[str]) -> Evening:
    """`known` grows with what is made, in the order of the file."""
    found = node.fields(("came",), ("absents", "productions", "devenirs", "compte_rendu"))
    return Evening(
        _numbers(found["came"]),
        [_read(item, known) for item in found["absents"].items()] if "absents" in found else [],
        [_made(item, known) for item in found["productions"].items()] if "productions" in found else [],
        [_became(item, known) for item in found["devenirs"].items()] if "devenirs" in found else [],
        _minutes(found["compte_rendu"]) if "compte_rendu" in found else None,
    )


def _numbers(node: Node) -> range:
    """« [4, 12] »: from the fourth to the twelfth."""
    found = [item.integer(1, MOST * 10) for item in node.items()]
    if len(found) != 2 or found[0] > found[1]:
        node.fail("on attend deux numéros, du premier au dernier.")
    return range(found[0], found[1] + 1)


def _read(node: Node, known: Collection[str]) -> tuple[str, str, str]:
    found = node.fields(("contribution", "outcome", "words"))
    said = texts(Lecture, found, ("words",))
    return found["contribution"].choice(known), found["outcome"].choice(Outcome.values), said["words"]


def _made(node: Node, known: set[str]) -> Made:
    found = node.fields(("key", "nature", "title", "body"), ("minority", "cites"))
    values: dict[str, Any] = texts(Contribution, found, ("title",))
    values |= {"body": found["body"].paragraphs(10_000), "nature": found["nature"].choice(Nature.values)}
    cites = [item.choice(known) for item in found["cites"].items()] if "cites" in found else []
    minority = "minority" in found and found["minority"].choice(("oui", "non")) == "oui"
    return Made(unique(known, slug(found["key"], 60), node, "la clé"), minority, cites, values)


def _became(node: Node, known: Collection[str]) -> Became:
    found = node.fields(("production", "fate"), ("into", "reason", "title", "body"))
    fate = found["fate"].choice(Fate.values)
    needed: Mapping[str, tuple[str, ...]] = {
        Fate.MERGED: ("into",), Fate.DROPPED: ("reason",), Fate.REWORDED: ("title", "body"),
    }  # fmt: skip
    for name in needed.get(fate, ()):
        if name not in found:
            node.fail(f"la clé « {name} » manque.")
    words = texts(Contribution, found, ("title",))
    words |= {"body": found["body"].paragraphs(10_000)} if "body" in found else {}
    reason = found["reason"].text(1000) if "reason" in found else ""
    into = found["into"].choice(known) if "into" in found else None
    return Became(found["production"].choice(known), fate, into, reason, words)


def _minutes(node: Node) -> Minutes:
    found = node.fields(("introduction", "points", "next_steps"), ("remarque", "reponse"))
    if ("remarque" in found) != ("reponse" in found):
        node.fail("une remarque va avec sa réponse : « remarque » et « reponse ».")
    limit = Remarque._meta.get_field("words").max_length
    remark, answer = (found[name].text(limit) if name in found else "" for name in ("remarque", "reponse"))
    points = tuple(_point(item) for item in found["points"].items())
    return Minutes(found["introduction"].paragraphs(), found["next_steps"].paragraphs(), points, remark, answer)


def _point(node: Node) -> tuple[str, str]:
    found = node.fields(("title", "text"))
    return texts(Point, found, ("title",))["title"], found["text"].paragraphs(10_000)
