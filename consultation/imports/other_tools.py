"""The exports of the tools that other communities use: Decidim and Cap Collectif."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils import timezone

from consultation.imports.layout import (
    SHIFTED,
    Cells,
    Context,
    Layout,
    host_of,
    key_of,
    no_link_slid,
    said_at,
    theme_of,
)
from consultation.imports.rows import BadRowError, Draft, moment, title_and_body


def _decidim(cells: Cells, context: Context) -> Draft:
    no_link_slid(cells, "url")
    title, body = title_and_body(cells["title"], cells["body"], ("title", "body"))
    host, category = host_of(cells), cells.get("category", "")
    theme = theme_of(category, context)
    return Draft(
        source=f"decidim {host}".strip(),
        key=key_of(cells),
        title=title,
        body=body,
        submitted_at=moment(cells.get("created_at", ""), "created_at", required=False) or timezone.now(),
        theme_id=theme,
        place_label=said_at(host, "" if theme else category.strip()),
    )


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
    no_link_slid(cells, "contributions_url")
    if cells.get("published", "1").strip() not in ("0", "1", ""):
        raise BadRowError("contributions_published", f"« {cells['published'][:60]} » n’est ni 0 ni 1.", SHIFTED)
    title, body = title_and_body(cells["title"], cells["body"], ("contributions_title", "contributions_bodyText"))
    host, section = host_of(cells), cells.get("section", "")
    theme = theme_of(section, context)
    return Draft(
        source=f"capcollectif {host}".strip(),
        key=key_of(cells),
        title=title,
        body=body,
        submitted_at=submitted_at,  # type: ignore[arg-type]  # required above
        theme_id=theme,
        place_label=said_at(host, "" if theme else section.strip()),
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
