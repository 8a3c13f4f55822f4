"""The photographs and the recordings of a rencontre."""

# ruff: noqa: ARG001 (a view is given the request)

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from consultation.models import Media, Rencontre
from socle.documents.files import inert, open_document
from socle.documents.models import Document
from socle.pagecache.decorators import public_page

FIRST = 2  # thumbnails in the first view; those below come when one reads on


@public_page()
def rencontre_images(request: HttpRequest, pk: int) -> HttpResponse:
    """Thumbnails that lead to the images; a recording is a link out, nothing of it is loaded from here."""
    found = get_object_or_404(Rencontre.objects.published().select_related("demarche"), pk=pk)
    medias = list(Media.objects.shown().filter(rencontre=found).select_related("document", "thumbnail"))
    context = {
        "demarche": found.demarche,
        "rencontre": found,
        "photos": [media for media in medias if media.document_id],
        "recordings": [media for media in medias if not media.document_id],
        "first": FIRST,
    }
    return render(request, "consultation/rencontre_images.html", context)


# Not kept in the memory of the page cache, where it would take the room of a hundred pages; its ETag is.
@public_page(max_age=0)
def image(request: HttpRequest, pk: int, media: int) -> HttpResponse:
    return _jpeg(_shown(pk, media).document)


@public_page()
def thumbnail(request: HttpRequest, pk: int, media: int) -> HttpResponse:
    return _jpeg(_shown(pk, media).thumbnail)


def _shown(pk: int, media: int) -> Media:
    rows = Media.objects.shown().filter(rencontre=pk, document__isnull=False)
    return get_object_or_404(rows.select_related("document", "thumbnail"), pk=media)


def _jpeg(document: Document | None) -> HttpResponse:
    """Pixels drawn by us, shown by the browser under the portal's name: inert, whatever they are."""
    if document is None:
        raise Http404("No image.")
    try:
        with open_document(document) as file:
            content = file.read()
    except FileNotFoundError as lost:
        raise Http404("The file of this image is not there.") from lost
    shown = {"Content-Disposition": "inline"}
    return inert(HttpResponse(content, content_type=document.media_type, headers=shown))
