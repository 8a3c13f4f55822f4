"""What a layout is: the names of its columns, and what turns the cells of a row into a draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from consultation.imports.rows import BadRowError, Draft, Lookup, Report
from socle.exports.formulas import restore
from socle.text import clean_text, fold

type Cells = Mapping[str, str]

SHIFTED = "Les colonnes sont décalées : un guillemet ou un séparateur manque dans cette ligne."


@dataclass
class Context:
    lookup: Lookup
    report: Report
    line: int = 0


@dataclass(frozen=True)
class Layout:
    """`columns` gives, for each thing, the headers it may go by; `required` are the things without which nothing is.

    `short` are how many columns at the end a row may lack; `aside` notes the rows that are no contribution.
    """

    name: str
    label: str
    columns: Mapping[str, Sequence[str]]
    required: Sequence[str]
    draft: Callable[[Cells, Context], Draft]
    quoted: bool = False  # its tool puts « ' » before a formula
    short: Sequence[int] = ()
    mend: Callable[[list[str], Sequence[str], Context], list[str]] | None = None
    aside: Callable[[list[str], Context], bool] = lambda cells, context: False  # noqa: ARG005 (most keep every row)

    def places(self, header: Sequence[str]) -> dict[str, int]:
        found = {}
        for thing, names in self.columns.items():
            index = next((header.index(name) for name in names if name in header), None)
            if index is not None:
                found[thing] = index
        return found

    def missing(self, header: Sequence[str]) -> list[str]:
        places = self.places(header)
        return [self.columns[thing][0] for thing in self.required if thing not in places]

    def reader(self, header: Sequence[str]) -> Callable[[list[str], Context], Draft | None]:
        """What turns the cells of one line into a draft; BadRowError says what is wrong."""
        places = self.places(header)
        widths = {len(header), *(len(header) - short for short in self.short)}

        def read(cells: list[str], context: Context) -> Draft | None:
            if self.aside(cells, context):
                return None
            if len(cells) not in widths and self.mend:
                cells = self.mend(cells, header, context)
            if len(cells) not in widths:
                cells = _fitted(cells, len(header))
            values = {thing: cells[index] if index < len(cells) else "" for thing, index in places.items()}
            if self.quoted:
                values = {thing: restore(value) for thing, value in values.items()}
            return self.draft(values, context)

        return read


def _fitted(cells: list[str], width: int) -> list[str]:
    """Blank cells beyond the header are nothing; any other difference is a row that cannot be trusted."""
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        return cells[:width]
    raise BadRowError("toute la ligne", f"{len(cells)} colonnes au lieu de {width}.", SHIFTED)


def no_link_slid(cells: Cells, column: str) -> None:
    if (link := cells.get("url", "").strip()) and not link.startswith(("http://", "https://")):
        raise BadRowError(column, f"« {link[:60]} » n’est pas une adresse.", SHIFTED)


def host_of(cells: Cells) -> str:
    return (urlsplit(cells.get("url", "").strip()).hostname or "")[:60]


def said_at(host: str, category: str) -> str:
    return clean_text(", ".join(filter(None, [host, f"« {category} »" if category else ""])), multiline=False)[:200]


def theme_of(category: str, context: Context) -> int | None:
    """The thème whose question it is; else the category stays beside the place where it was said."""
    if not category.strip():
        return None
    theme = context.lookup.themes.get(fold(category.strip()))
    if theme is None:
        context.report.notes[
            f"Catégorie « {clean_text(category, multiline=False)[:120]} » : aucun thème n’a cette question ; "
            "elle est gardée avec l’endroit où la contribution a été dite"
        ] += 1
    return theme


def key_of(cells: Cells) -> str:
    key = clean_text(cells["key"], multiline=False)
    if not key or len(key) > 120:
        raise BadRowError("id", "l’identifiant est vide ou démesuré.", SHIFTED)
    return key
