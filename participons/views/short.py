"""Short addresses, printed on posters: they lead to the current démarche's pages."""

# ruff: noqa: ARG001 (a view is given the request)

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from consultation.models import Demarche
from socle.pagecache.decorators import public_page


@public_page()
def short(request: HttpRequest, name: str, **words: int) -> HttpResponse:
    """302, never 301: another démarche will be the current one some day."""
    demarche = Demarche.objects.current()
    if demarche is None:
        raise Http404
    return redirect(name, slug=demarche.slug, **words)
