"""The frame as it is read: its parts under their headings, and what a version changes to the one before it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from consultation.choices import Level
from consultation.models import Cadre

PARTS = (
    ("object", "L’objet de la consultation"),
    ("level", "Le niveau de participation"),
    ("open_points", "Ce qui est ouvert à la discussion"),
    ("closed_points", "Ce qui n’est pas en discussion"),
    ("decision", "Qui décide, et quand"),
    ("use_of_contributions", "Ce que deviennent vos contributions"),
    ("team", "L’équipe"),
    ("garant", "Le garant"),
    ("charte", "La charte de participation"),
    ("moderation_rules", "Les règles de modération"),
)

# What each level commits whoever consults to.
LEVELS = {
    Level.INFORMATION: "La collectivité fait connaître un projet et répond aux questions. Elle ne demande pas d’avis.",
    Level.CONSULTATION: "La collectivité demande des avis avant de décider. Elle décide seule, et dit ce qu’elle en a "
    "retenu.",
    Level.CONCERTATION: "Les propositions se discutent et se construisent à plusieurs. La collectivité décide, et "
    "explique ses choix.",
    Level.COCONSTRUCTION: "Le projet s’écrit ensemble, de ses objectifs à ses mesures. Il est ensuite soumis aux élus, "
    "qui l’adoptent.",
    Level.CODECISION: "La décision se prend à plusieurs, selon les règles que ce cadre énonce.",
}
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")


@dataclass(frozen=True)
class Part:
    """`anchor` is the name of the field: an address may lead to a part."""

    anchor: str
    heading: str
    text: str


@dataclass(frozen=True)
class Change:
    """What was taken out of a part, and what was put in, sentence by sentence."""

    heading: str
    removed: list[str]
    added: list[str]


def parts(version: Cadre) -> list[Part]:
    """What has been written; what is empty is not announced."""
    return [Part(name, heading, text) for name, heading in PARTS if (text := text_of(version, name))]


def text_of(version: Cadre, name: str) -> str:
    if name != "level":
        return getattr(version, name).strip()
    return f"{version.get_level_display().capitalize()}\n\n{LEVELS[Level(version.level)]}" if version.level else ""


def changes(before: Cadre, after: Cadre) -> list[Change]:
    """Part by part; nothing of those that say the same."""
    found = []
    for name, heading in PARTS:
        removed, added = _compared(_sentences(text_of(before, name)), _sentences(text_of(after, name)))
        if removed or added:
            found.append(Change(heading, removed, added))
    return found


def _sentences(text: str) -> list[str]:
    return [sentence.strip().removeprefix("- ") for sentence in _SENTENCE.split(text) if sentence.strip()]


def _compared(before: list[str], after: list[str]) -> tuple[list[str], list[str]]:
    removed, added = [], []
    for kind, start, end, other_start, other_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            removed += before[start:end]
            added += after[other_start:other_end]
    return removed, added
