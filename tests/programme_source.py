"""The facts of the programme of 2011, read from its source, and a way to compare texts that ignores typography."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT.parent / "shared" / "source" / "programme-2011.md"
FIXTURE = ROOT / "fixtures" / "nord-pas-de-calais-2011.json"
EXEMPLE = ROOT / "fixtures" / "exemple.json"

# The spelling on screen is the official one.
OFFICIAL = {
    "Etape": "Étape",
    "Mons en Baroeul": "Mons-en-Barœul",
    "Mons-en-Baroeul": "Mons-en-Barœul",
    "Etaples": "Étaples",
}


def plain(text: str) -> str:
    """One line, official spelling, straight apostrophes, ordinary spaces, neither marks nor quotation marks."""
    for typed, official in OFFICIAL.items():
        text = text.replace(typed, official)
    text = text.replace("’", "'").replace("**", "")
    return re.sub(r"\s+", " ", re.sub(r"[«»]", " ", text)).strip()


def page_text(content: bytes) -> str:
    """What a reader sees of a page."""
    body = re.sub(r"(?s)<(script|style|head)\b.*?</\1>", " ", content.decode())
    return plain(html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<(?=/?(p|li|h\d|div|dd|dt|br|td))", " <", body))))


@dataclass(frozen=True)
class Atelier:
    rank: int
    question: str
    days: list[str]  # « 7 mars »
    town: str
    place: str


@dataclass(frozen=True)
class Source:
    whole: str
    title: str
    paragraphs: list[str]
    enjeux: list[str]
    verbs: list[str]
    ateliers: list[Atelier]
    etapes: list[tuple[str, str]]  # when, text


def read_source() -> Source:
    if not SOURCE.exists():
        pytest.skip("the source of the programme is not beside this clone")
    text = SOURCE.read_text()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    enjeux = [line[2:].rstrip(",.") for line in lines if line.startswith("- **")]
    asked = re.findall(r"→ Atelier (\d) - (.+)\n\n(.+) à (.+?) \((.+)\)\n", text)
    steps = [plain(line) for line in re.findall(r"Etape \d → (.+)", text)]
    told = r"Depuis|Le développement|Le forum|Le \*\*17|Pour les"
    return Source(
        whole=plain(text),
        title=lines[0],
        paragraphs=[plain(line) for line in lines if re.match(told, line)],
        enjeux=[plain(line) for line in enjeux],
        verbs=[plain(re.match(r"\*\*(.+?)\*\*", line)[1]) for line in enjeux],
        ateliers=[
            Atelier(int(rank), plain(question), days.split(" / "), plain(town), plain(place))
            for rank, question, days, town, place in asked
        ],
        etapes=[_split(step) for step in steps],
    )


def _split(step: str) -> tuple[str, str]:
    """« octobre 2010 : 120 élus… », « le 17 mai, le Forum… »."""
    when, said = re.split(r" : |, (?=7 groupes|le Forum)", step, maxsplit=1)
    return when.removeprefix("le "), said
