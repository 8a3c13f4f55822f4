"""Open data: what each column means, under which licence, and the file."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from consultation.columns import FEWEST_PEOPLE, OPEN_COLUMNS
from consultation.models import Demarche
from consultation.opendata import open_file
from participons import errors
from socle.exports.formats import CSV
from socle.pagecache.decorators import public_page


@public_page()
def donnees(request: HttpRequest) -> HttpResponse:
    context = {
        "demarches": Demarche.objects.published(),
        "columns": OPEN_COLUMNS,
        "fewest": FEWEST_PEOPLE,
    }
    return render(request, "participons/donnees.html", context)


@require_safe
def contributions_csv(_request: HttpRequest, slug: str) -> HttpResponseBase:
    """The same bytes for everybody; too big for the page cache, and kept as a file beside it."""
    demarche = get_object_or_404(Demarche.objects.published(), slug=slug)
    path = open_file(demarche)
    if path is None:
        response = errors.page(503)
        response["Retry-After"] = "20"
        return response
    try:
        file = path.open("rb")
    except FileNotFoundError:  # replaced at this very moment by a newer one
        return errors.page(503)
    return FileResponse(
        file, as_attachment=True, filename=f"contributions-{demarche.slug}.csv", content_type=CSV.content_type
    )
