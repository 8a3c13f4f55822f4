"""What becomes of the policy: the table of its suites, how far they are, and each of them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from consultation.models import Rencontre, Suite
from consultation.suites import KEYS, progress
from consultation.views.demarches import until
from consultation.views.textes import adoption_of, published_texte
from socle.keyset import AFTER, BEFORE, Keyset
from socle.pagecache.decorators import public_page

PAGE = 60


@public_page(AFTER, BEFORE, until=until)
def suites(request: HttpRequest, pk: int) -> HttpResponse:
    """Five queries, whatever their number."""
    texte = published_texte(pk)
    if not texte.regle.voted:
        raise Http404("Only a policy is carried out.")
    rows = Suite.objects.of_texte(texte).select_related("passage")
    page = Keyset("pk", f"suites:{texte.pk}", PAGE, descending=False, numbers=True).page(rows, request.GET)
    for row in page.rows:
        row.late = row.is_late()
    context = {
        "demarche": texte.demarche,
        "texte": texte,
        "page": page,
        "adoption": adoption_of(texte),
        "progress": progress(texte),
        "keys": KEYS,
    }
    return render(request, "consultation/suites.html", context)


@public_page(until=until)
def suite(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: who, by when, its steps, each change with its reason, where it is presented."""
    rows = Suite.objects.shown().select_related("passage__version__texte__demarche", "enjeu")
    found = get_object_or_404(rows, pk=pk)
    texte = found.passage.version.texte
    context = {
        "demarche": texte.demarche,
        "texte": texte,
        "suite": found,
        "late": found.is_late(),
        "jalons": found.jalons.all(),
        "changes": found.changes.order_by("-pk"),
        "rencontres": Rencontre.objects.published().filter(suites=found).order_by("starts_at"),
        "today": timezone.localdate(),
    }
    return render(request, "consultation/suite.html", context)
