"""A CSV, XLSX or XLS file as lines of text cells, whatever its encoding; or one sentence that says why not."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
import xlrd
from openpyxl.utils.escape import unescape

MAX_BYTES = 500 * 1024 * 1024
MAX_SHEET_BYTES = 200 * 1024 * 1024  # of an XLSX once open; of an XLS as it is, divided by ten
MAX_ROWS = 1_000_000
MAX_COLUMNS = 500
MAX_CELL = 400_000  # characters; a quote that is never closed swallows the rest of the file
DELIMITERS = {";": "point-virgule", ",": "virgule", "\t": "tabulation", "|": "barre"}
SIGNATURES = {
    b"\x89PNG": "une image PNG",
    b"\xff\xd8\xff": "une image JPEG",
    b"GIF8": "une image GIF",
    b"%PDF": "un document PDF",
    b"\x1f\x8b": "une archive GZIP : décompressez-la d’abord",
    b"Rar!": "une archive RAR",
    b"7z\xbc\xaf": "une archive 7z",
}
WANTED = "Donnez un fichier CSV, XLSX ou XLS."


class RefusedFileError(Exception):
    """The file cannot be read at all; the message is a sentence for who gave it."""


@dataclass(frozen=True)
class Line:
    """`number` is the line of the file on which the row starts, as an editor or a spreadsheet counts them."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    header: list[str]
    lines: Iterator[Line]
    description: str  # « CSV, UTF-8, point-virgule »


def read_table(path: Path, *, max_bytes: int = MAX_BYTES) -> Table:
    """The header and the lines, read as they are asked for."""
    size = path.stat().st_size
    if size == 0:
        raise RefusedFileError("Le fichier est vide.")
    if size > max_bytes:
        limit = max_bytes // 1024 // 1024
        raise RefusedFileError(f"Le fichier est trop lourd : {limit} Mo au plus. Coupez-le en plusieurs fichiers.")
    with path.open("rb") as file:
        start = file.read(4096)
    for signature, what in SIGNATURES.items():
        if start.startswith(signature):
            raise RefusedFileError(f"Ce fichier est {what}, quel que soit son nom. {WANTED}")
    if start.startswith(b"PK"):
        return _named(_bounded(_xlsx_lines(path)), "XLSX")
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return _named(_bounded(_xls_lines(path, size)), "XLS")
    encoding = _encoding(path, start)
    delimiter = _delimiter(path, encoding)
    label = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252"}.get(encoding, encoding.upper())
    return _named(_bounded(_csv_lines(path, encoding, delimiter)), f"CSV, {label}, {DELIMITERS[delimiter]}")


def _named(lines: Iterator[Line], description: str) -> Table:
    header = next(lines, None)
    if header is None:
        raise RefusedFileError("Le fichier est vide : il n’a pas même une ligne de titres.")
    names = [cell.strip().removeprefix("\ufeff") for cell in header.cells]
    while names and not names[-1]:
        names.pop()
    return Table(names, lines, description)


def _bounded(lines: Iterator[Line]) -> Iterator[Line]:
    """Blank lines left out; too many rows or columns refused as soon as they are met."""
    for count, line in enumerate(lines):
        if count > MAX_ROWS:
            raise RefusedFileError(f"Le fichier a plus de {MAX_ROWS:,} lignes.".replace(",", "\u202f"))
        if len(line.cells) > MAX_COLUMNS:
            raise RefusedFileError(
                f"La ligne {line.number} a {len(line.cells)} colonnes ; {MAX_COLUMNS} au plus sont lues."
            )
        if any(cell and not cell.isspace() for cell in line.cells):
            yield line


def _encoding(path: Path, start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decodes(path, "utf-16") or _refuse_encoding()
    if start.startswith(codecs.BOM_UTF8):
        return _decodes(path, "utf-8-sig") or _refuse_encoding()
    if wide := _utf16_without_bom(start):
        return _decodes(path, wide) or _refuse_encoding()
    return _decodes(path, "utf-8") or _decodes(path, "cp1252") or _refuse_encoding()


def _utf16_without_bom(start: bytes) -> str | None:
    """A text mostly of Latin letters has a NUL at every second byte."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    many = len(start) // 2 * 0.4
    if odd > many and even == 0:
        return "utf-16-le"
    return "utf-16-be" if even > many and odd == 0 else None


def _refuse_encoding() -> str:
    raise RefusedFileError(
        "Le fichier n’est pas un texte lisible : son encodage n’est ni UTF-8, ni UTF-16, ni Windows-1252. "
        f"{WANTED} Enregistrez-le de nouveau en « CSV UTF-8 »."
    )


def _decodes(path: Path, encoding: str) -> str | None:
    """The encoding, when the whole file can be read in it. A NUL character refuses the file."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as file:
        try:
            while chunk := file.read(1 << 20):
                text = decoder.decode(chunk)
                if (at := text.find("\0")) >= 0:
                    line += text.count("\n", 0, at)
                    raise RefusedFileError(
                        f"La ligne {line} contient un caractère nul (NUL) : le fichier est abîmé, ou n’est pas un "
                        "texte. Exportez-le de nouveau depuis l’outil d’origine."
                    )
                line += text.count("\n")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return None
    return encoding


def _delimiter(path: Path, encoding: str) -> str:
    """The one that cuts the header into most columns."""
    with path.open(encoding=encoding, newline="") as file:
        start = file.read(65536)
    counts = {sign: len(next(csv.reader(io.StringIO(start, newline=""), delimiter=sign), [])) for sign in DELIMITERS}
    return max(counts, key=lambda sign: counts[sign])


def _csv_lines(path: Path, encoding: str, delimiter: str) -> Iterator[Line]:
    csv.field_size_limit(MAX_CELL)
    with path.open(encoding=encoding, newline="") as file:
        rows = csv.reader(file, delimiter=delimiter)
        number = 1
        try:
            for row in rows:
                yield Line(number, row)
                number = rows.line_num + 1
        except csv.Error as error:
            raise RefusedFileError(
                f"La lecture s’arrête à la ligne {number} : une cellule y est démesurée. "
                "Un guillemet ouvert n’y est sans doute jamais refermé."
            ) from error


def _xlsx_lines(path: Path) -> Iterator[Line]:
    _refuse_bombs(path)
    with path.open("rb") as file:  # given a path, openpyxl would go by its name
        yield from _sheet_lines(file)


def _sheet_lines(file: BinaryIO) -> Iterator[Line]:
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except Exception as error:  # the file is anybody's: whatever is wrong with it, it is the file
        raise RefusedFileError(f"Ce classeur XLSX ne s’ouvre pas : il est abîmé ou incomplet. {WANTED}") from error
    with closing(book):
        sheet = book.worksheets[0] if book.worksheets else None
        if sheet is None:
            raise RefusedFileError("Ce classeur XLSX n’a aucune feuille de cellules.")
        sheet.reset_dimensions()
        try:
            width = 0
            for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
                width = width or len(row)
                # A sheet does not keep the empty cells at the end of a row.
                yield Line(number, [_text(cell) for cell in row] + [""] * (width - len(row)))
        except RefusedFileError:
            raise
        except Exception as error:
            raise RefusedFileError("Ce classeur XLSX est abîmé : sa première feuille ne se lit pas.") from error


def _refuse_bombs(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            total = sum(info.file_size for info in archive.infolist())
    except zipfile.BadZipFile as error:
        raise RefusedFileError(f"Ce fichier est une archive abîmée. {WANTED}") from error
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise RefusedFileError(f"Ce fichier est une archive ZIP, pas un classeur XLSX. {WANTED}")
    if total > MAX_SHEET_BYTES:
        limit = MAX_SHEET_BYTES // 1024 // 1024
        raise RefusedFileError(f"Ce classeur dépasse {limit} Mo une fois ouvert. Donnez-le en CSV.")


def _xls_lines(path: Path, size: int) -> Iterator[Line]:
    if size > MAX_SHEET_BYTES // 10:
        raise RefusedFileError("Ce classeur XLS est trop lourd. Enregistrez-le en CSV.")
    try:
        book = xlrd.open_workbook(path, logfile=io.StringIO(), on_demand=True)
        sheet = book.sheet_by_index(0)
    except Exception as error:  # xlrd raises of every kind on a damaged file
        raise RefusedFileError(f"Ce classeur XLS ne s’ouvre pas : il est abîmé ou incomplet. {WANTED}") from error
    for index in range(sheet.nrows):
        yield Line(index + 1, [_xls_text(cell, book.datemode) for cell in sheet.row(index)])


def _xls_text(cell: Any, datemode: int) -> str:
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return _text(xlrd.xldate_as_datetime(cell.value, datemode))
        except (ValueError, OverflowError):
            return str(cell.value)
    if cell.ctype in (xlrd.XL_CELL_ERROR, xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return ""
    return _text(bool(cell.value) if cell.ctype == xlrd.XL_CELL_BOOLEAN else cell.value)


def _text(value: Any) -> str:
    """A cell as a CSV would hold it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return re.sub("\r\n?", "\n", unescape(value))
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else str(value)
