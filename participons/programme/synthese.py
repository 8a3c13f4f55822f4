"""The synthèse that a demonstration has published: its passages, what they cite, what is answered to the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from consultation.choices import How, ReponseKind
from consultation.models import Passage, Reponse, Texte
from consultation.models.texte import PASSAGE_LENGTH, REASON_LENGTH
from consultation.quotes import exact
from participons.programme.reading import Node, texts, unique
from participons.programme.schema import DAY, MAX_RANK, Programme
from participons.programme.when import When


@dataclass(frozen=True)
class Cited:
    contribution: str
    how: str
    quote: str


@dataclass(frozen=True)
class Part:
    title: str
    text: str
    liaison: bool
    themes: list[int]
    cites: list[Cited]


@dataclass(frozen=True)
class Answered:
    contribution: str
    kind: str
    reason: str
    passed_to: str


@dataclass(frozen=True)
class Synthese:
    """`until`: the last day of the contributions it treats; `shown_on`: the day it was first read."""

    etape: int
    title: str
    introduction: str
    until: When
    shown_on: When
    parts: list[Part]
    answers: list[Answered]


def read_synthese(node: Node, programme: Programme, said: Mapping[str, str]) -> Synthese:
    """`said`: the words of each contribution of the example, by its key; what is quoted is in them to the letter."""
    names = ("etape", "title", "introduction", "received_until", "published_on", "passages", "reponses")
    found = node.fields(names)
    ranks = {etape.rank for etape in programme.etapes}
    etape = found["etape"].integer(1, MAX_RANK)
    if etape not in ranks:
        found["etape"].fail(f"le programme n’a pas d’étape de rang {etape}.")
    themes = {theme.rank for theme in programme.themes}
    parts = [_part(item, themes, said) for item in found["passages"].items()]
    treated = {cited.contribution for part in parts for cited in part.cites}
    return Synthese(
        etape=etape,
        title=texts(Texte, found, ("title",))["title"],
        introduction=found["introduction"].paragraphs(PASSAGE_LENGTH),
        until=found["received_until"].when(DAY),
        shown_on=found["published_on"].when(DAY),
        parts=parts,
        answers=[_answered(item, said, treated) for item in found["reponses"].items()],
    )


def _part(node: Node, themes: set[int], said: Mapping[str, str]) -> Part:
    found = node.fields(("title", "text"), ("liaison", "themes", "cites"))
    ranks = [item.integer(1, MAX_RANK) for item in found["themes"].items()] if "themes" in found else []
    if not themes.issuperset(ranks):
        found["themes"].fail("le programme n’a pas de thème de ce rang.")
    return Part(
        title=texts(Passage, found, ("title",))["title"],
        text=found["text"].paragraphs(PASSAGE_LENGTH),
        liaison="liaison" in found and found["liaison"].choice(("oui", "non")) == "oui",
        themes=ranks,
        cites=[_cited(item, said) for item in found["cites"].items()] if "cites" in found else [],
    )


def _cited(node: Node, said: Mapping[str, str]) -> Cited:
    found = node.fields(("contribution", "quote"), ("how",))
    contribution, quote = found["contribution"].choice(said), found["quote"].text()
    if not exact(quote, said[contribution]):
        found["quote"].fail("ces mots ne sont pas, à la lettre, dans la contribution.")
    return Cited(contribution, found["how"].choice(How.values) if "how" in found else str(How.TAKES_UP), quote)


def _answered(node: Node, said: Mapping[str, str], treated: set[str]) -> Answered:
    """`treated` grows: a contribution is cited, or it gets one answer."""
    found = node.fields(("contribution", "kind", "reason"), ("passed_to",))
    contribution = unique(treated, found["contribution"].choice(said), node, "la contribution")
    passed_to = texts(Reponse, found, ("passed_to",)).get("passed_to", "")
    return Answered(
        contribution, found["kind"].choice(ReponseKind.values), found["reason"].text(REASON_LENGTH), passed_to
    )
