"""What is read or taken on paper: the form to print, the cahiers d’acteurs and their documents."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from consultation.cards import cards, for_cards
from consultation.filters import Frame
from consultation.models import CahierActeur, Contribution, Demarche
from consultation.printing.contribution import paper_form as printed
from consultation.views.demarches import until
from socle.documents.files import download
from socle.keyset import AFTER, BEFORE, Keyset
from socle.pagecache.decorators import public_page

FILENAME = "formulaire-papier.pdf"
# It changes with what is published, when it is drawn again; nothing in it says the hour.
MAX_AGE = 3600  # seconds
PAGE = 20


@public_page(until=until, max_age=MAX_AGE)
def paper_form(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (nothing of it is looked at)
    """The form to print, drawn once for each generation of the public pages and kept with them."""
    demarche = Demarche.objects.current()
    if demarche is None:
        raise Http404("No démarche to contribute to.")
    shown = {"Content-Disposition": f'inline; filename="{FILENAME}"'}
    return HttpResponse(printed(demarche), content_type="application/pdf", headers=shown)


@public_page("demarche", AFTER, BEFORE)
def cahiers(request: HttpRequest) -> HttpResponse:
    """The positions of organisations, the newest first."""
    slug = request.GET.get("demarche", "")
    frame = Frame.read(slug)
    if frame is None:
        if slug:
            raise Http404("No such démarche.")
        return render(request, "consultation/contributions_none.html")
    rows = Contribution.objects.published().filter(demarche=frame.demarche, cahier_acteur__isnull=False)
    rows = for_cards(rows).select_related("cahier_acteur__document")
    page = Keyset("published_at", f"cahiers:{frame.demarche.pk}", PAGE).page(rows, request.GET)
    context = {"demarche": frame.demarche, "page": page, "cards": cards(page.rows, frame), "asked": slug}
    return render(request, "consultation/cahiers.html", context)


@require_safe
def cahier_document(request: HttpRequest, reference: str) -> FileResponse:  # noqa: ARG001 (the same for everybody)
    """The document, while its contribution is published; straight from the disk, in no cache."""
    shown = Contribution.objects.published().with_reference(reference).filter(demarche__in=Demarche.objects.published())
    cahiers = CahierActeur.objects.filter(contribution__in=shown).select_related("document", "contribution__demarche")
    cahier = get_object_or_404(cahiers)
    return download(cahier.document, f"{cahier.contribution.reference}.{cahier.document.extension}")
