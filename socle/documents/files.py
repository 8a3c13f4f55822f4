"""The folder of the documents, and the one way out of it."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.utils.csp import CSP
from pypdf import PdfReader

from socle.documents.models import Document, MediaType

INERT = f"default-src {CSP.NONE}; sandbox"


def storage() -> Path:
    """The folder that nobody else on the machine may open."""
    folder = Path(settings.DOCUMENT_STORAGE)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def new_name() -> str:
    """A name that says nothing, and that nobody guesses."""
    return secrets.token_urlsafe(24)


def path_of(document: Document) -> Path:
    return storage() / document.path


def open_document(document: Document) -> BinaryIO:
    """Its bytes; FileNotFoundError where the file was lost."""
    return path_of(document).open("rb")


def download(document: Document, filename: str) -> FileResponse:
    """The document as an attachment, inert in any browser. The caller has asked whether it may be read.

    Never kept by a cache (the page cache's middleware says so of all that is not a page): what is withdrawn is gone.
    """
    try:
        content = open_document(document)
    except FileNotFoundError as lost:
        raise Http404("The file of this document is not there.") from lost
    response = FileResponse(content, as_attachment=True, filename=filename, content_type=document.media_type)
    return inert(response)


def page_image(document: Document, number: int) -> HttpResponse:
    """A page of a scan (`keep_scan`), the first being 1, to be shown in a page of ours: pixels drawn by us, no more."""
    if not 1 <= number <= document.pages:
        raise Http404("No such page.")
    try:
        with open_document(document) as file:
            if document.media_type != MediaType.PDF:
                return inert(HttpResponse(file.read(), content_type=document.media_type))
            drawn = PdfReader(file).pages[number - 1].images[0].data  # as Pillow wrote it (`scans`)
    except FileNotFoundError as lost:
        raise Http404("The file of this document is not there.") from lost
    return inert(HttpResponse(drawn, content_type=MediaType.JPEG))


def inert[R: HttpResponseBase](response: R) -> R:
    """Whatever the bytes are, they are not guessed and nothing in them runs."""
    response["X-Content-Type-Options"] = "nosniff"
    response[str(CSP.HEADER_ENFORCE)] = INERT  # some servers refuse a name that is more than a string
    return response
