"""What the list of contributions can be narrowed by, read from an address that anyone may have written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from consultation.choices import Nature, Origine
from consultation.models import College, Demarche, Enjeu, Theme
from consultation.models.contribution import ContributionQuerySet

NO_THEME = "autre"
REACTIONS = "reactions"
NEWEST, OLDEST, RELEVANCE, SUPPORTED = "recentes", "anciennes", "pertinence", "soutenues"
ORDERS = {NEWEST: "Plus récentes d’abord", OLDEST: "Plus anciennes d’abord"}
SEARCH_ORDERS = {RELEVANCE: "Plus pertinentes d’abord"} | ORDERS
KEYS = ("theme", "enjeu", "college", "origine", "nature", REACTIONS)
ADDRESS_KEYS = ("demarche", *KEYS, "tri", "apres", "avant")
_SLUG = re.compile(r"[a-zA-Z0-9_-]{1,80}")


@dataclass(frozen=True)
class Frame:
    """A démarche and what its contributions are filed under, in two queries."""

    demarche: Demarche
    themes: dict[int, Theme]
    enjeux: dict[int, Enjeu]
    colleges: dict[int, College]

    @classmethod
    def read(cls, slug: str = "") -> Frame | None:
        """The published démarche of that address, or the current one."""
        if slug and not _SLUG.fullmatch(slug):
            return None
        chosen = Demarche.objects.published()
        demarche = chosen.filter(slug=slug).first() if slug else chosen.current()
        return cls.of(demarche) if demarche else None

    @classmethod
    def of(cls, demarche: Demarche) -> Frame:
        made: dict[str, dict[int, Any]] = {kind: {} for kind in _MODELS}
        for kind, pk, rank, words in _rows(demarche):
            model, name = _MODELS[kind]
            made[kind][pk] = model(pk=pk, demarche=demarche, rank=rank, **{name: words})
        return cls(demarche, made["theme"], made["enjeu"], made["college"])


_MODELS: dict[str, tuple[Any, str]] = {
    "theme": (Theme, "question"),
    "enjeu": (Enjeu, "sentence"),
    "college": (College, "label"),
}


def _rows(demarche: Demarche) -> QuerySet[Any, Any]:
    first, *others = (
        model.objects.filter(demarche=demarche).order_by().values_list(Value(kind), "pk", "rank", name)
        for kind, (model, name) in _MODELS.items()
    )
    return first.union(*others, all=True).order_by("rank")


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True)
class Filter:
    """One list of the form: its key in the address, its label, its choices, and what is read without a choice."""

    name: str
    label: str
    choices: dict[str, str]
    value: str = ""
    without: str = "Tout"

    @property
    def options(self) -> list[Choice]:
        return [Choice(value, label, value == self.value) for value, label in self.choices.items()]


@dataclass(frozen=True)
class Filters:
    """The filters of one address. A value that does not exist is left out, and `ignored` names its filter."""

    frame: Frame
    all: list[Filter]
    order: str
    words: str = ""
    slug: str = ""
    ignored: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, frame: Frame, query: QueryDict, words: str = "") -> Filters:
        asked = {name: query.get(name, "").strip() for name in KEYS}
        choices = _choices(frame)
        known = {name: value if value in choices[name] else "" for name, value in asked.items()}
        found = [Filter(name, _LABELS[name], choices[name], known[name], _WITHOUT.get(name, "Tout")) for name in KEYS]
        ignored = [_LABELS[name].lower() for name in KEYS if asked[name] != known[name]]
        orders = _orders(frame, words, reactions=bool(known[REACTIONS]))
        order = query.get("tri", "")
        return cls(
            frame, found, order if order in orders else next(iter(orders)), words, query.get("demarche", ""), ignored
        )

    @cached_property
    def active(self) -> list[Filter]:
        return [one for one in self.all if one.value]

    @cached_property
    def reactions(self) -> bool:
        """Réactions are read in a list of their own: they are never mixed with contributions."""
        return any(one.name == REACTIONS for one in self.active)

    @cached_property
    def questions(self) -> bool:
        """All the questions of the démarche, and nothing else asked."""
        return [(one.name, one.value) for one in self.active] == [("nature", Nature.QUESTION)] and not self.words

    @property
    def other_list(self) -> str:
        """The same words and filters among the réactions; from there, among the contributions."""
        return self.url(**{REACTIONS: "" if self.reactions else "oui"})

    @property
    def orders(self) -> list[Choice]:
        known = _orders(self.frame, self.words, reactions=self.reactions)
        return [Choice(value, label, value == self.order) for value, label in known.items()]

    @property
    def chips(self) -> list[tuple[str, str]]:
        """What is active, in words, and the address without it."""
        chips = [(f"« {self.words} »", self.url(q=""))] if self.words else []
        return chips + [(one.choices[one.value], self.url(**{one.name: ""})) for one in self.active]

    @property
    def scope(self) -> str:
        """The name of this list for the places of its pages."""
        return f"{self.frame.demarche.pk}?{urlencode(self._pairs())}"

    def _pairs(self) -> dict[str, str]:
        default = RELEVANCE if self.words else NEWEST
        pairs = {"demarche": self.slug, "q": self.words} | {one.name: one.value for one in self.active}
        return pairs | {"tri": "" if self.order == default else self.order}

    def url(self, **changes: str) -> str:
        """The address of this list with some keys changed; it says only what differs from the plain list."""
        pairs = {name: value for name, value in (self._pairs() | changes).items() if value}
        return reverse("contributions") + (f"?{urlencode(pairs)}" if pairs else "")

    def apply(self, rows: ContributionQuerySet) -> ContributionQuerySet:
        rows = rows.reactions_only() if self.reactions else rows.without_reactions()
        return rows.filter(*(self._condition(one.name, one.value) for one in self.active if one.name != REACTIONS))

    def _condition(self, name: str, value: str) -> Q:
        if name == "theme":
            return Q(theme__isnull=True) if value == NO_THEME else Q(theme=_ranked(self.frame.themes, value))
        if name == "enjeu":
            return Q(enjeux=_ranked(self.frame.enjeux, value))
        if name == "college":
            return Q(college=_ranked(self.frame.colleges, value))
        return Q(**{name: value})


_LABELS = {
    "theme": "Thème",
    "enjeu": "Enjeu",
    "college": "S’exprime en tant que",
    "origine": "Origine",
    "nature": "Nature",
    REACTIONS: "Lire",
}
_WITHOUT = {REACTIONS: "Les contributions"}


def _orders(frame: Frame, words: str, *, reactions: bool) -> dict[str, str]:
    """Never by soutiens unless asked: what many support would be all that many read."""
    if words:
        return SEARCH_ORDERS
    return ORDERS | ({SUPPORTED: "Plus soutenues d’abord"} if frame.demarche.shows_soutiens() and not reactions else {})


def _choices(frame: Frame) -> dict[str, dict[str, str]]:
    return {
        "theme": {str(one.rank): f"{one.rank}. {one.question}" for one in frame.themes.values()}
        | {NO_THEME: "Autre sujet"},
        "enjeu": {str(one.rank): one.opening for one in frame.enjeux.values()},
        "college": {str(one.rank): one.label for one in frame.colleges.values()},
        "origine": {value: label.capitalize() for value, label in Origine.choices},
        "nature": dict(Nature.choices),
        REACTIONS: {"oui": "Les réactions"},
    }


def _ranked(rows: dict[int, Any], rank: str) -> int:
    return next(pk for pk, row in rows.items() if str(row.rank) == rank)
