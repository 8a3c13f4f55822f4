"""The contributions beside a texte: found by words, thème and origin, those that are not treated yet first of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.http import QueryDict
from django.utils.http import urlencode

from consultation.choices import Origine
from consultation.coverage import untreated
from consultation.models import Contribution, TexteVersion, Theme
from consultation.models.contribution import ContributionQuerySet
from consultation.near import COUNTED, near, one_of_each, with_copies, with_rarest
from socle.fulltext import Query
from socle.keyset import Keyset, Page
from socle.text import whole_number

KEYS = ("q", "theme", "origine", "reste", "copies", "proches")
NO_THEME = "autre"


@dataclass(frozen=True)
class Search:
    """What is asked, read from an address that anyone may have written; what does not exist is left out."""

    version: TexteVersion
    query: Query
    themes: list[Theme]
    theme: str = ""
    origine: str = ""
    left: bool = False
    copies: bool = False  # one of each group of copies
    close_to: Contribution | None = None  # only what says nearly the same

    @classmethod
    def read(
        cls, version: TexteVersion, asked: QueryDict, *, left: bool = False, themes: list[Theme] | None = None
    ) -> Search:
        """`themes`: those of the démarche, where the page has read them already."""
        if themes is None:
            themes = list(Theme.objects.filter(demarche=version.texte.demarche_id).order_by("rank"))
        known = {NO_THEME, *(str(theme.rank) for theme in themes)}
        theme, origine = asked.get("theme", ""), asked.get("origine", "")
        return cls(
            version,
            Query.read(asked.get("q", "")),
            themes,
            theme if theme in known else "",
            origine if origine in Origine.values else "",
            left or bool(asked.get("reste")),
            bool(asked.get("copies")),
            _close_to(version, asked.get("proches", "")),
        )

    @property
    def origines(self) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, label in Origine.choices]

    @property
    def address(self) -> str:
        """The same search, as the end of an address."""
        pairs = {"q": self.query.typed, "theme": self.theme, "origine": self.origine, "reste": "1" if self.left else ""}
        pairs |= {"copies": "1" if self.copies else "", "proches": str(self.close_to.pk) if self.close_to else ""}
        return urlencode({name: value for name, value in pairs.items() if value})

    @property
    def narrows(self) -> bool:
        return bool(self.query.typed or self.theme or self.origine or self.copies or self.close_to)

    @property
    def around(self) -> str:
        """The same search, with a contribution yet to be named: what says nearly the same as it."""
        kept = {name: value for name, value in parse_qsl(self.address) if name not in ("copies", "proches")}
        return urlencode(kept | {"proches": ""})

    @property
    def reference(self) -> str:
        """« DP11-42 », where that is what was typed: one of this démarche is looked for, not its letters."""
        typed = self.query.typed.strip().upper()
        return typed if typed.rpartition("-")[0] == self.version.texte.demarche.code else ""

    def rows(self) -> ContributionQuerySet:
        if self.left:
            rows = untreated(self.version)
        else:
            rows = Contribution.objects.published().without_reactions().filter(demarche=self.version.texte.demarche_id)
        if self.query.typed:
            rows = rows.with_reference(self.reference) if self.reference else rows.matching(self.query)
        if self.theme:
            rows = rows.filter(theme=self._theme()) if self.theme != NO_THEME else rows.filter(theme__isnull=True)
        if self.origine:
            rows = rows.filter(origine=self.origine)
        if self.close_to:
            return rows.filter(pk__in=near(self.close_to))
        return one_of_each(rows, self.version.texte.demarche_id) if self.copies else rows

    def _theme(self) -> Any:
        return next(theme.pk for theme in self.themes if str(theme.rank) == self.theme)

    def page(self, asked: QueryDict, size: int) -> Page[Contribution]:
        """In the order in which they were received, by pages that nothing moves."""
        scope = f"redaction:{self.version.pk}:{self.address}"
        rows = with_copies(self.rows().select_related("theme", "college").defer("tracking_hash"))
        page = Keyset("pk", scope, size, descending=False, numbers=True).page(rows, asked)
        for row in page.rows:
            row.demarche = self.version.texte.demarche
            row.many = row.copies > COUNTED  # type: ignore[attr-defined]  # annotated
        return page


def _close_to(version: TexteVersion, typed: str) -> Contribution | None:
    rows = Contribution.objects.published().filter(demarche=version.texte.demarche_id)
    found = with_rarest(rows).filter(pk=whole_number(typed)).first() if typed else None
    if found:
        found.demarche = version.texte.demarche
    return found
