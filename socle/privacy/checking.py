"""Where a word still stands: every text column of every table, the sessions, the files the portal keeps, its logs."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from psycopg import sql
from pypdf import PdfReader
from pypdf.errors import PyPdfError

# Of our own schema: whatever can hold letters, search vectors included.
_COLUMNS = """SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position)
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
        AND udt_name IN ('text', 'varchar', 'bpchar', 'citext', 'json', 'jsonb', 'tsvector', '_text', '_varchar')
    GROUP BY table_name ORDER BY table_name"""
LARGEST = 200 * 1024**2  # bytes of one file that is read


@dataclass(frozen=True)
class Found:
    """A place, and in how many rows; never the word itself."""

    place: str
    number: int = 1

    def __str__(self) -> str:
        return f"{self.place} : {self.number}"


def where(word: str, logs: Path | None = None) -> list[Found]:
    """Upper and lower case alike. `word` is not empty."""
    found = [*_in_tables(word), *_in_sessions(word)]
    for name, folder in _folders(logs).items():
        found += [Found(f"{name}, {path.relative_to(folder)}") for path in _files(folder) if _holds(path, word)]
    return found


def _in_tables(word: str) -> Iterator[Found]:
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        for table, columns in cursor.fetchall():
            counts = sql.SQL(", ").join(
                sql.SQL("count(*) FILTER (WHERE position(lower(%(word)s) IN lower({}::text)) > 0)").format(
                    sql.Identifier(column)
                )
                for column in columns
            )
            cursor.execute(sql.SQL("SELECT {} FROM {}").format(counts, sql.Identifier(table)), {"word": word})
            for column, number in zip(columns, cursor.fetchone(), strict=True):
                if number:
                    yield Found(f"table {table}, colonne {column}", number)


def _in_sessions(word: str) -> Iterator[Found]:
    """Their content is packed: no column shows it."""
    opened = (json.dumps(session.get_decoded(), default=str) for session in Session.objects.iterator())
    if number := sum(word.casefold() in text.casefold() for text in opened):
        yield Found("sessions", number)


def _folders(logs: Path | None) -> dict[str, Path]:
    """What the portal writes beside the database; not what runs it."""
    known = {
        "courriels gardés": Path(settings.VAR_DIR) / "courriels",
        "exports": Path(settings.EXPORT_STORAGE),
        "documents": Path(settings.DOCUMENT_STORAGE),
        "messages en attente": Path(settings.VAR_DIR) / "broker",
        "journaux": logs or Path(settings.VAR_DIR) / "logs",
    }
    if settings.BOUNCE_MAILDIR:
        known["courriels revenus"] = Path(settings.BOUNCE_MAILDIR)
    return {name: folder for name, folder in known.items() if folder.is_dir()}


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size <= LARGEST)


def _holds(path: Path, word: str) -> bool:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return False
    return any(word.casefold() in text.casefold() for text in _texts(content, path.suffix))


def _texts(content: bytes, suffix: str) -> Iterator[str]:
    """What is written in a file, and what is packed in it: an archive, a PDF, a mail."""
    yield content.decode("utf-8", "replace")
    if content.startswith(b"PK"):
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield from _texts(archive.read(name), Path(name).suffix)
    if content.startswith(b"%PDF"):
        with suppress(PyPdfError, ValueError, KeyError):
            yield "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    if suffix == ".eml":
        message = message_from_bytes(content, policy=default)
        yield from (str(value) for value in message.values())
        yield from (part.get_content() for part in message.walk() if part.get_content_maintype() == "text")
