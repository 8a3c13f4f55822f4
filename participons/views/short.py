"""Short addresses, printed on posters: they lead to the current démarche's pages."""

# ruff: noqa: ARG001 (a view is given the request)

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from consultation.models import Demarche
from socle.pagecache.decorators import public_page


@public_page()
def short(request: HttpRequest, name: str, **words: int | str) -> HttpResponse:
    """302, never 301: another démarche will be the current one one day. The menu leads here even without one."""
    demarche = Demarche.objects.current()
    if demarche is None and words:
        raise Http404
    if demarche is None:
        return redirect("demarches")
    return redirect(name, slug=demarche.slug, **words)
