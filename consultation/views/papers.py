"""What is read or taken on paper: the form to print, the cahiers d’acteurs and their documents."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from consultation.models import Demarche
from consultation.printing.contribution import paper_form as printed
from consultation.views.demarches import until
from socle.pagecache.decorators import public_page

FILENAME = "formulaire-papier.pdf"
# It changes with what is published, when it is drawn again; nothing in it says the hour.
MAX_AGE = 3600  # seconds


@public_page(until=until, max_age=MAX_AGE)
def paper_form(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (nothing of it is looked at)
    """The form to print, drawn once for each generation of the public pages and kept with them."""
    demarche = Demarche.objects.current()
    if demarche is None:
        raise Http404("No démarche to contribute to.")
    shown = {"Content-Disposition": f'inline; filename="{FILENAME}"'}
    return HttpResponse(printed(demarche), content_type="application/pdf", headers=shown)
