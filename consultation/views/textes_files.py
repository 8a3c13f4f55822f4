"""The files of a texte that anyone takes: whole, or on their way."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from consultation.texte_files.build import KIND, filename
from consultation.views.textes import published_texte
from socle.documents.files import download
from socle.documents.models import EXTENSIONS
from socle.publications.models import Publication

RETRY = 60  # seconds


@require_safe
def texte_file(request: HttpRequest, pk: int, extension: str) -> HttpResponseBase:
    """`/textes/<pk>/export.<pdf|docx|odt>`, and `.zip` for the annex of a large one; in no cache."""
    texte = published_texte(pk)
    kinds = [kind for kind, known in EXTENSIONS.items() if known == extension]
    files = Publication.objects.of(KIND, str(texte.pk)).select_related("document")
    file = get_object_or_404(files, media_type__in=kinds)
    if file.document is None:
        making = render(request, "consultation/texte_making.html", {"texte": texte, "extension": extension}, status=503)
        making["Retry-After"] = str(RETRY)
        return making
    texte.current.texte = texte
    return download(file.document, filename(texte.current, extension))
