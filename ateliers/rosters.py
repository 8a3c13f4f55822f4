"""A list of people given as a file: what each line says, and what is wrong with it. Nothing is written here.

Between what is shown and what is confirmed no file is kept: the lines go to the page signed, and come back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from ateliers.actions.composition import Someone
from ateliers.models import Atelier
from consultation.imports.readers import Line, RefusedFileError, read_table
from consultation.imports.rows import BadRowError, Lookup
from socle.exports.formulas import restore
from socle.text import clean_text, fold

MAX_MEMBERS, MAX_CANDIDATES = 300, 1000  # lines: each member is seated under the locks of the séances
MAX_BYTES = 2 * 1024 * 1024
KEPT = timedelta(hours=2)  # between what is shown and its confirmation
SALT = "ateliers.roster"
# What each thing may be called at the head of its column, folded and without signs.
HEADERS = {
    "email": (
        *("adresse", "adresse electronique", "adresse mail", "adresse e mail", "adresse email", "adresse courriel"),
        *("courriel", "mail", "e mail", "email", "mel"),
    ),
    "name": (
        *("nom", "nom prenom", "nom et prenom", "prenom nom", "prenom et nom", "nom complet", "nom de famille"),
        *("participant", "participante", "identite", "name"),
    ),
    "first_name": ("prenom", "first name"),
    "college": ("college", "categorie", "en tant que", "vous participez en tant que", "qualite"),
    "commune": ("commune", "ville", "commune de residence", "code insee", "insee", "code commune"),
    "organisation": (
        *("organisation", "organisme", "structure", "association", "employeur", "etablissement", "entreprise"),
    ),
}
LENGTHS = {"name": 120, "organisation": 160}
_SIGNS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Row:
    """One line: somebody, or what is wrong and what to do. `remark` is said of a line that is kept."""

    line: int
    someone: Someone | None = None
    what: str = ""
    remedy: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Roster:
    description: str  # « CSV, UTF-8, point-virgule »
    rows: list[Row]

    @property
    def people(self) -> list[Someone]:
        return [row.someone for row in self.rows if row.someone]

    @property
    def bad(self) -> list[Row]:
        return [row for row in self.rows if row.someone is None]


def read_roster(path: Path, atelier: Atelier, limit: int) -> Roster:
    """RefusedFileError, with its sentence, where the file cannot be read as a list of people."""
    table = read_table(path, max_bytes=MAX_BYTES)
    places = _places(table.header)
    lines = list(islice(table.lines, limit + 1))
    if len(lines) > limit:
        raise RefusedFileError(f"Ce fichier a plus de {limit} lignes : coupez-le, un groupe n’en demande pas tant.")
    if not lines:
        raise RefusedFileError("Le fichier n’a que sa ligne de titres : il n’y a personne à lire.")
    return Roster(table.description, list(_rows(lines, places, len(table.header), Lookup(atelier.demarche))))


def _places(header: Sequence[str]) -> dict[str, int]:
    """Which column says what; several may be called alike, the first one counts."""
    plain = [_SIGNS.sub(" ", fold(clean_text(cell, multiline=False))).strip() for cell in header]
    found = {
        thing: next(index for index, cell in enumerate(plain) if cell in names)
        for thing, names in HEADERS.items()
        if set(names) & set(plain)
    }
    if "email" not in found:
        read = ", ".join(f"« {clean_text(cell, multiline=False)[:30]} »" for cell in header[:8]) or "aucune"
        raise RefusedFileError(
            f"Aucune colonne n’est titrée « adresse » (ou « courriel », « e-mail »). Colonnes lues : {read}. "
            "Corrigez la première ligne du fichier."
        )
    return found


def _rows(lines: Sequence[Line], places: dict[str, int], width: int, lookup: Lookup) -> Iterator[Row]:
    seen: dict[str, int] = {}
    for line in lines:
        try:
            someone, remark = _someone(_cells(line, places, width), lookup)
            _once(seen, someone, line.number)
        except BadRowError as error:
            yield Row(line.number, what=f"{error.column.capitalize()} : {error.what}", remedy=error.remedy)
        else:
            yield Row(line.number, someone, remark=remark)


def _once(seen: dict[str, int], someone: Someone, number: int) -> None:
    if (first := seen.setdefault(someone.email.lower(), number)) != number:
        raise BadRowError("adresse", f"même adresse qu’à la ligne {first}.", "La première ligne est gardée.")


def _cells(line: Line, places: dict[str, int], width: int) -> dict[str, str]:
    if any(cell.strip() for cell in line.cells[width:]):
        raise BadRowError(
            "toute la ligne",
            f"{len(line.cells)} colonnes au lieu de {width}.",
            "Un guillemet ou un séparateur est de trop dans cette ligne.",
        )
    read = {thing: line.cells[index] if index < len(line.cells) else "" for thing, index in places.items()}
    return {thing: clean_text(restore(cell), multiline=False) for thing, cell in read.items()}


def _someone(cells: dict[str, str], lookup: Lookup) -> tuple[Someone, str]:
    name = " ".join(filter(None, [cells.get("first_name", ""), cells.get("name", "")]))
    texts = {"name": name, "organisation": cells.get("organisation", "")}
    for column, text in texts.items():
        if len(text) > LENGTHS[column]:
            label = {"name": "nom"}.get(column, column)
            raise BadRowError(label, f"{len(text)} caractères, {LENGTHS[column]} au plus.", "Raccourcissez.")
    commune = cells.get("commune", "")
    code = commune if commune in lookup.codes else lookup.commune(commune)
    remark = "Commune non reconnue : son territoire ne sera pas compté." if commune and code is None else ""
    return Someone(_email(cells["email"]), name, _college(cells, lookup), code, texts["organisation"]), remark


def _email(typed: str) -> str:
    if not typed:
        raise BadRowError("adresse", "la cellule est vide.", "Complétez-la, ou ajoutez cette personne autrement.")
    problem = f"« {typed[:60]} » n’est pas une adresse électronique."
    try:
        validate_email(typed)
    except ValidationError as error:
        raise BadRowError("adresse", problem, "Corrigez-la.") from error
    if len(typed) > 254 or not typed.isascii():
        raise BadRowError("adresse", problem, "Elle est trop longue, ou a une lettre accentuée : corrigez-la.")
    return typed


def _college(cells: dict[str, str], lookup: Lookup) -> int | None:
    """Places are counted by collège: one that is misspelled is put right, not left out."""
    label = cells.get("college", "")
    if label and fold(label) not in lookup.colleges:
        raise BadRowError("collège", f"« {label[:60]} » n’est pas un collège de la démarche.", "Corrigez-le.")
    return lookup.colleges[fold(label)] if label else None


def sealed(people: Sequence[Someone], said: dict[str, Any]) -> str:
    """`said` ties the list to one atelier, one reader and what it is for."""
    return signing.dumps([said, [astuple(someone) for someone in people]], salt=SALT, compress=True)


def unsealed(signed: str, said: dict[str, Any]) -> list[Someone] | None:
    """None for what we did not sign, for what is too old, for another atelier, reader or aim."""
    try:
        kept, people = signing.loads(signed, salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        return None
    return [Someone(*values) for values in people] if kept == said else None
