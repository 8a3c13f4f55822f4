"""The layouts that can be read, one function each: the cells of a row in, a draft out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils import timezone

from consultation.choices import Display, Nature, SpeaksAs, Stance
from consultation.columns import BY_NAME
from consultation.imports.readers import RefusedFileError, Table
from consultation.imports.rows import BadRowError, Draft, Lookup, Report, moment, title_and_body
from socle.exports.formats import continuation
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


def _no_link_slid(cells: Cells, column: str) -> None:
    if (link := cells.get("url", "").strip()) and not link.startswith(("http://", "https://")):
        raise BadRowError(column, f"« {link[:60]} » n’est pas une adresse.", SHIFTED)


def _host(cells: Cells) -> str:
    return (urlsplit(cells.get("url", "").strip()).hostname or "")[:60]


def _said_at(host: str, category: str) -> str:
    return clean_text(", ".join(filter(None, [host, f"« {category} »" if category else ""])), multiline=False)[:200]


def _theme(category: str, context: Context) -> int | None:
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


def _key(cells: Cells) -> str:
    key = clean_text(cells["key"], multiline=False)
    if not key or len(key) > 120:
        raise BadRowError("id", "l’identifiant est vide ou démesuré.", SHIFTED)
    return key


def _decidim(cells: Cells, context: Context) -> Draft:
    _no_link_slid(cells, "url")
    title, body = title_and_body(cells["title"], cells["body"], ("title", "body"))
    host, category = _host(cells), cells.get("category", "")
    theme = _theme(category, context)
    return Draft(
        source=f"decidim {host}".strip(),
        key=_key(cells),
        title=title,
        body=body,
        submitted_at=moment(cells.get("created_at", ""), "created_at", required=False) or timezone.now(),
        theme_id=theme,
        place_label=_said_at(host, "" if theme else category.strip()),
    )


_GLUED_DATE = re.compile(r"(?s)(.*\S)(\d{2}/\d{2}/\d{4} \d{2}:\d{2})")


def _mend_capcollectif(cells: list[str], header: Sequence[str], context: Context) -> list[str]:
    """The one fault that can be put right without guessing: the separator before the creation date was lost."""
    body, link = header.index("contributions_bodyText"), header.index("contributions_url")
    glued = _GLUED_DATE.fullmatch(cells[body]) if len(cells) > link else None
    if not glued or not cells[link - 1].startswith("http"):
        return cells
    context.report.warn(
        context.line,
        "contributions_bodyText",
        f"la date « {glued[2]} » était collée à la fin du texte ; elle a été remise dans sa colonne.",
    )
    return [*cells[:body], glued[1], glued[2], *cells[body + 1 :]]


_KINDS = {"vote", "argument", "source", "reporting", "reportings", "version", "versions"}


def _aside_capcollectif(cells: list[str], context: Context) -> bool:
    kind = cells[0].strip()
    if kind in _KINDS:
        context.report.notes[f"Ligne de nature « {kind} » mise de côté : ce n’est pas une contribution"] += 1
        return True
    if kind != "opinion":
        raise BadRowError("type", f"« {kind[:60]} » n’est pas une nature de ligne connue.", SHIFTED)
    return False


def _capcollectif(cells: Cells, context: Context) -> Draft:
    submitted_at = moment(cells["created_at"], "contributions_createdAt")
    moment(cells.get("updated_at", ""), "contributions_updatedAt", required=False)
    _no_link_slid(cells, "contributions_url")
    if cells.get("published", "1").strip() not in ("0", "1", ""):
        raise BadRowError("contributions_published", f"« {cells['published'][:60]} » n’est ni 0 ni 1.", SHIFTED)
    title, body = title_and_body(cells["title"], cells["body"], ("contributions_title", "contributions_bodyText"))
    host, section = _host(cells), cells.get("section", "")
    theme = _theme(section, context)
    return Draft(
        source=f"capcollectif {host}".strip(),
        key=_key(cells),
        title=title,
        body=body,
        submitted_at=submitted_at,  # type: ignore[arg-type]  # required above
        theme_id=theme,
        place_label=_said_at(host, "" if theme else section.strip()),
    )


def _one_of(cells: Cells, thing: str, allowed: Sequence[str], default: str) -> str:
    value = cells.get(thing, "").strip() or default
    if value not in allowed:
        raise BadRowError(
            BY_NAME[thing].header, f"« {value[:60]} » est inconnu.", f"Écrivez l’un de : {', '.join(allowed)}."
        )
    return value


def _line(cells: Cells, thing: str, limit: int) -> str:
    value = clean_text(cells.get(thing, ""), multiline=False)
    if len(value) > limit:
        raise BadRowError(BY_NAME[thing].header, f"{len(value)} caractères, {limit} au plus.", "Raccourcissez.")
    return value


def _participons(cells: Cells, context: Context) -> Draft:
    """Our own export, its full columns or the open ones."""
    lookup = context.lookup
    body = cells["body"] + "".join(cells.get(f"body {part}", "") for part in range(1, CONTINUATIONS + 1))
    title, body = title_and_body(cells["title"], body, ("titre", "texte"))
    reference = cells["reference"].strip()
    if not re.fullmatch(r"[A-Z][A-Z0-9]{1,7}-\d{1,18}", reference):
        raise BadRowError("référence", f"« {reference[:60]} » n’est pas une référence.", SHIFTED)
    code, _, number = reference.partition("-")
    name = _line(cells, "author_name", 120) or _line(cells, "signature", 120)
    display = cells.get("display", "").strip() or (Display.NAMED if name else Display.ANONYMOUS)
    submitted_at = moment(cells.get("submitted_at", "") or cells.get("published_at", ""), "reçue le", required=False)
    code_insee = cells.get("commune_code", "").strip()
    commune_name = _line(cells, "commune_name", 120)
    return Draft(
        source=_line(cells, "import_source", 80) or "participons",
        key=_line(cells, "import_key", 120) or reference,
        title=title,
        body=body,
        submitted_at=submitted_at or timezone.now(),
        nature=_one_of(cells, "nature", Nature.values, Nature.PROPOSITION),
        theme_id=_own_theme(cells, context),
        college_id=_college(cells, context),
        stance=_one_of(cells, "stance", ["", *Stance.values], ""),
        display=display if display in Display.values and name else Display.ANONYMOUS,
        author_name=name,
        speaks_as=_one_of(cells, "speaks_as", SpeaksAs.values, SpeaksAs.PERSONAL),
        organisation=_line(cells, "organisation", 160),
        function=_line(cells, "function", 120),
        commune_name=commune_name,
        commune_id=code_insee if code_insee in lookup.codes else lookup.commune(commune_name),
        place_label=_line(cells, "place_label", 200),
        example=cells.get("example", "").strip() == "oui",
        enjeux=_enjeux(cells, context),
        reference=reference,
        own_id=int(number) if code == lookup.demarche.code else None,
        parent=cells.get("parent", "").strip(),
    )


def _own_theme(cells: Cells, context: Context) -> int | None:
    question, rank = cells.get("theme", "").strip(), cells.get("theme_rank", "").strip()
    if question:
        return _theme(question, context)
    if not rank:
        return None
    if not rank.isdecimal() or int(rank) not in context.lookup.theme_ranks:
        raise BadRowError("thème (rang)", f"aucun thème n’a le rang « {rank[:20]} ».", "Corrigez ou videz la cellule.")
    return context.lookup.theme_ranks[int(rank)]


def _college(cells: Cells, context: Context) -> int | None:
    label = cells.get("college", "").strip()
    if not label:
        return None
    college = context.lookup.colleges.get(fold(label))
    if college is None:
        context.report.notes[f"Collège « {clean_text(label, multiline=False)[:120]} » : absent de la démarche"] += 1
    return college


def _enjeux(cells: Cells, context: Context) -> tuple[int, ...]:
    ranks = [rank.strip() for rank in cells.get("enjeux", "").split(",") if rank.strip()]
    unknown = [rank for rank in ranks if not rank.isdecimal() or int(rank) not in context.lookup.enjeux]
    if unknown:
        raise BadRowError(
            "enjeux (rangs)", f"aucun enjeu n’a le rang « {unknown[0][:20]} ».", "Corrigez ou videz la cellule."
        )
    return tuple(context.lookup.enjeux[int(rank)] for rank in ranks)


CONTINUATIONS = 8  # more than the longest text stored can need
DECIDIM = Layout(
    "decidim",
    "export de Decidim",
    {
        "key": ("id",),
        "title": ("title", "title/fr"),
        "body": ("body", "body/fr"),
        "category": ("category/name/fr", "category/name", "category"),
        "created_at": ("created_at", "published_at"),
        "url": ("url",),
    },
    ("key", "title", "body"),
    _decidim,
    quoted=True,
)
CAPCOLLECTIF = Layout(
    "capcollectif",
    "export de Cap Collectif",
    {
        "type": ("type",),
        "key": ("contributions_id",),
        "section": ("contributions_section_title",),
        "title": ("contributions_title",),
        "body": ("contributions_bodyText",),
        "created_at": ("contributions_createdAt",),
        "updated_at": ("contributions_updatedAt",),
        "url": ("contributions_url",),
        "published": ("contributions_published",),
    },
    ("type", "key", "title", "body", "created_at", "url"),
    _capcollectif,
    short=(5,),  # the rows of another kind than a version leave out the versions' columns
    mend=_mend_capcollectif,
    aside=_aside_capcollectif,
)
PARTICIPONS = Layout(
    "participons",
    "export de Participons",
    {name: (column.header, name) for name, column in BY_NAME.items()}
    | {f"body {part}": (continuation(BY_NAME["body"].header, part),) for part in range(1, CONTINUATIONS + 1)},
    ("reference", "title", "body"),
    _participons,
    quoted=True,
)
LAYOUTS = {layout.name: layout for layout in (PARTICIPONS, CAPCOLLECTIF, DECIDIM)}


def layout_for(table: Table, name: str | None = None) -> Layout:
    """The one that is named, else the first whose columns are there; RefusedFileError says which are missing."""
    if name and name not in LAYOUTS:
        raise RefusedFileError(f"Le format « {name} » est inconnu. Ceux qui existent : {', '.join(LAYOUTS)}.")
    tried = [LAYOUTS[name]] if name else list(LAYOUTS.values())
    for layout in tried:
        if not layout.missing(table.header):
            return layout
    count = len(table.header)
    lacks = "\u202f; ".join(f"{layout.label} : {', '.join(layout.missing(table.header))}" for layout in tried)
    raise RefusedFileError(
        f"Ce fichier a {count} colonne{'s' if count > 1 else ''} qu’aucun format connu n’explique. "
        f"Colonnes manquantes ({lacks})."
    )
