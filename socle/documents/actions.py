"""Take a file in, let it go. The file is there before its row, and goes after it: a row never points to nothing."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from pypdf import PdfReader

from socle.comptes.models import User
from socle.documents.apart import run_apart
from socle.documents.files import new_name, storage
from socle.documents.kinds import JPEG, PDF, PNG, RefusedFileError, recognise
from socle.documents.models import Document, MediaType
from socle.exports.files import complete_or_absent

MEGABYTE = 1024**2
SCAN_SIZE = 20 * MEGABYTE
PDF_SIZE = 10 * MEGABYTE
ORPHAN_AGE = 3600  # seconds: longer than any transaction that is writing the row of a file


@dataclass(frozen=True)
class Kept:
    """A document taken in, and what its file said of itself (PDF of an organisation)."""

    document: Document
    title: str = ""
    tagged: bool = False
    language: str = ""


def keep_scan(upload: UploadedFile, by: User) -> Document:
    """A scan (PDF, JPEG, PNG), drawn again from its pixels; raises RefusedFileError with a sentence.

    It takes seconds: outside of any transaction, please. What nothing points to a day later is purged.
    """
    return _keep("scan", upload, by, taken=(PDF, JPEG, PNG), most=SCAN_SIZE).document


def keep_photo(upload: UploadedFile, by: User) -> tuple[Document, Document]:
    """A photograph (JPEG, PNG) and its thumbnail, both JPEG, drawn from its pixels; raises RefusedFileError."""
    whole, small = (
        _keep(work, upload, by, taken=(JPEG, PNG), most=SCAN_SIZE, becomes=JPEG) for work in ("photo", "thumbnail")
    )
    return whole.document, small.document


def keep_pdf(upload: UploadedFile, by: User) -> Document:
    """A PDF to be published as text (see `pdfs`); raises RefusedFileError with a sentence."""
    return examine_pdf(upload, by).document


def examine_pdf(upload: UploadedFile, by: User) -> Kept:
    """The same, with what is to be told to staff of its accessibility."""
    return _keep("pdf", upload, by, taken=(PDF,), most=PDF_SIZE)


def _keep(work: str, upload: UploadedFile, by: User, *, taken: tuple[str, ...], most: int, becomes: str = "") -> Kept:
    if (upload.size or 0) > most:
        raise RefusedFileError(
            f"Ce fichier pèse plus de {most // MEGABYTE} Mo. Réduisez-le, ou numérisez-le moins finement."
        )
    with TemporaryDirectory(prefix=".in-", dir=storage()) as folder:
        source, drawn = Path(folder) / "source", Path(folder) / "drawn"
        with source.open("wb") as file:
            file.writelines(upload.chunks())
        with source.open("rb") as file:
            media_type = recognise(file.read(8), upload.name or "", taken)
        told = run_apart(work, source, media_type, drawn)
        document = _write(drawn, becomes or media_type, told.pop("pages"), by)
    return Kept(document, **told)


@contextmanager
def being_made() -> Iterator[Path]:
    """Where a file is made; nothing of it stays but what `keep_made` has kept."""
    with TemporaryDirectory(prefix=".in-", dir=storage()) as folder:
        yield Path(folder) / "made"


def keep_made(made: Path, media_type: str, by: User | None) -> Document:
    """A file that the portal itself made, whole."""
    return _write(made, media_type, _pages(made, media_type), by)


def _pages(made: Path, media_type: str) -> int:
    """None of what a word processor will set."""
    return len(PdfReader(made).pages) if media_type == MediaType.PDF else 0


def _write(drawn: Path, media_type: str, pages: int, by: User | None) -> Document:
    name = new_name()
    size = drawn.stat().st_size
    with drawn.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with complete_or_absent(storage() / name, drawn):
        pass
    return Document.objects.create(
        path=name, media_type=media_type, size=size, pages=pages, sha256=digest, created_by=by
    )


def forget(document: Document) -> None:
    """Erase the row, and its file once that is certain. ProtectedError where something still needs it."""
    path = storage() / document.path
    with transaction.atomic():
        document.delete()
        transaction.on_commit(lambda: path.unlink(missing_ok=True))


def purge() -> None:
    """Erase the documents that nothing uses; then the files that no row names, an hour after they were written: a
    process died, or a transaction went back."""
    for document in Document.objects.unused():
        forget(document)
    old = [path for path in storage().iterdir() if path.stat().st_mtime < time.time() - ORPHAN_AGE]
    named = set(Document.objects.values_list("path", flat=True))
    for path in old:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name not in named:
            path.unlink(missing_ok=True)
