"""The same rows as CSV, XLSX or JSONL, read by COPY one at a time: memory stays flat whatever their number."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from pathlib import Path
from typing import Any

import xlsxwriter

from socle.exports.columns import Column, Kind
from socle.exports.formulas import neutralise

type Params = Sequence[object] | Mapping[str, object]
type Progress = Callable[[int], None]

EVERY = 2000  # rows between two words of progress
XLSX_ROWS = 1_048_576  # what a sheet can hold, its header row included
XLSX_CELL = 32_000  # UTF-16 units; a cell holds 32,767 and a spreadsheet cuts the rest without a word
_XLSX_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class TooManyRowsError(Exception):
    """A sheet cannot hold them; the message is for staff."""


def nothing(_rows: int) -> None:
    """For who does not follow the progress."""


@dataclass(frozen=True)
class Query:
    """A SELECT of the columns' cells, whose parameters are given apart."""

    sql: str
    params: Params
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Format:
    name: str
    label: str
    extension: str
    content_type: str
    write: Callable[[Any, Query, Path, Progress], int]


def _write_csv(cursor: Any, query: Query, path: Path, progress: Progress) -> int:
    """For a French spreadsheet: « ; », UTF-8 with BOM, CRLF between rows (and LF inside cells)."""
    count = 0
    with path.open("wb", buffering=1 << 20) as file:
        file.write(csv_line([column.header for column in query.columns], bom=True))
        copy_out = f"COPY ({query.sql}) TO STDOUT (FORMAT csv, DELIMITER ';')"
        with cursor.copy(copy_out, query.params or None) as copy:
            # The server sends one row a message, each ended by LF.
            for rows in batched(copy, EVERY):
                file.write(b"".join([bytes(row[:-1]) + b"\r\n" for row in rows]))
                count += len(rows)
                progress(count)
    return count


def csv_line(cells: Sequence[str], *, bom: bool = False) -> bytes:
    """One line written by hand (a header, a heading), quoted as COPY does."""
    quoted = ['"' + cell.replace('"', '""') + '"' if re.search('[;"\r\n]', cell) else cell for cell in cells]
    return ("\ufeff" * bom + ";".join(quoted) + "\r\n").encode()


def _rows(cursor: Any, query: Query) -> Iterator[tuple[str | None, ...]]:
    with cursor.copy(f"COPY ({query.sql}) TO STDOUT", query.params or None) as copy:
        yield from copy.rows()


def _write_jsonl(cursor: Any, query: Query, path: Path, progress: Progress) -> int:
    names = [column.name for column in query.columns]
    count = 0
    with path.open("w", encoding="utf-8", newline="\n", buffering=1 << 20) as file:
        for rows in batched(_rows(cursor, query), EVERY):
            lines = [json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in rows]
            file.write("\n".join(lines) + "\n")
            count += len(rows)
            progress(count)
    return count


def open_book(path: Path) -> Any:
    """An XLSX whose rows leave the memory as they are written, and in which no text is a formula or a link."""
    told = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    return xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": str(path.parent)} | told)


def _write_xlsx(cursor: Any, query: Query, path: Path, progress: Progress) -> int:
    book = open_book(path)
    try:
        return write_sheet(cursor, query, book, "Données", progress)
    finally:
        book.close()


def write_sheet(cursor: Any, query: Query, book: Any, name: str, progress: Progress) -> int:
    """One more sheet of a book; returns how many rows it has."""
    sheet = _Sheet(book, name, query.columns, _parts_needed(cursor, query))
    count = 0
    for count, row in enumerate(_rows(cursor, query), 1):
        sheet.write(count, row)
        if count % EVERY == 0:
            progress(count)
    progress(count)
    return count


def _parts_needed(cursor: Any, query: Query) -> int:
    """How many more columns each long column needs, so that no cell is cut."""
    long = [index for index, column in enumerate(query.columns) if column.may_be_long]
    if not long:
        return 0
    names = ", ".join(f"c{index}" for index in range(len(query.columns)))
    longest = ", ".join(f"length(c{index})" for index in long)
    sql = f"SELECT max(greatest({longest})) FROM ({query.sql}) AS rows({names})"  # noqa: S608 (columns declared in code)
    cursor.execute(sql, query.params or None)
    units = (cursor.fetchone()[0] or 0) * 2  # UTF-16 units, two a character at the most
    return 0 if units <= XLSX_CELL else units // (XLSX_CELL - 2)


class _Sheet:
    """One sheet, written row after row; the columns that continue a long text come last."""

    def __init__(self, book: Any, name: str, columns: Sequence[Column], parts: int) -> None:
        self.columns, self.parts = columns, parts
        self.sheet = book.add_worksheet(name)
        self.sheet.freeze_panes(1, 0)
        self.sheet.set_column(0, len(columns) - 1, 18)
        self.dates = {
            Kind.DATE: book.add_format({"num_format": "yyyy-mm-dd"}),
            Kind.MOMENT: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        headers = [column.header for column in columns]
        long = [column.header for column in columns if column.may_be_long]
        headers += [continuation(header, part) for header in long for part in range(1, parts + 1)]
        self.sheet.write_row(0, 0, headers, book.add_format({"bold": True}))

    def write(self, line: int, row: Sequence[str | None]) -> None:
        if line >= XLSX_ROWS:
            raise TooManyRowsError(
                f"Une feuille XLSX ne peut contenir que {XLSX_ROWS - 1} lignes ; choisissez le format CSV."
            )
        after = len(self.columns)
        for index, (value, column) in enumerate(zip(row, self.columns, strict=True)):
            pieces = split_cell(value or "") if column.may_be_long else [value]
            for part, piece in enumerate(pieces[1:]):
                self.sheet.write_string(line, after + part, neutralise(piece or ""))
            after += self.parts if column.may_be_long else 0
            if pieces[0]:
                self._write_cell(line, index, pieces[0])

    def _write_cell(self, line: int, index: int, value: str) -> None:
        kind = self.columns[index].kind
        if kind == Kind.INTEGER:
            self.sheet.write_number(line, index, int(value))
        elif kind == Kind.DECIMAL:
            self.sheet.write_number(line, index, float(value.replace(",", ".")))
        elif kind in self.dates:
            # The hour of Paris, as in the CSV: a sheet knows no time zone.
            self.sheet.write_datetime(line, index, datetime.fromisoformat(value), self.dates[kind])
        else:
            self.sheet.write_string(line, index, _XLSX_REFUSED.sub("", value))


def continuation(header: str, part: int) -> str:
    return f"{header} (suite {part})"


def split_cell(value: str) -> list[str]:
    """Pieces that each fit in one XLSX cell; joined, they are the value."""
    value = _XLSX_REFUSED.sub("", value)
    if len(value) * 2 <= XLSX_CELL:
        return [value]
    pieces, start, units = [], 0, 0
    for position, character in enumerate(value):
        width = 2 if character > "\uffff" else 1
        if units + width > XLSX_CELL - 1:  # room for the « ' » of a neutralised piece
            pieces.append(value[start:position])
            start, units = position, 0
        units += width
    return [*pieces, value[start:]]


CSV = Format("csv", "CSV (tableur en français)", "csv", "text/csv; charset=utf-8", _write_csv)
XLSX = Format(
    "xlsx",
    "XLSX (Excel, LibreOffice)",
    "xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    _write_xlsx,
)
JSONL = Format("jsonl", "JSON, une ligne par contribution", "jsonl", "application/jsonl", _write_jsonl)
FORMATS = {one.name: one for one in (CSV, XLSX, JSONL)}
