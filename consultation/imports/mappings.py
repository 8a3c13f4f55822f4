"""The layouts that can be read, and which one a file has."""

from __future__ import annotations

from consultation.imports.layout import Layout
from consultation.imports.other_tools import CAPCOLLECTIF, DECIDIM
from consultation.imports.own import PARTICIPONS
from consultation.imports.readers import RefusedFileError, Table

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
