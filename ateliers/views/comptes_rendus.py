"""The minutes of a séance: public once adopted; before it, for each person who was there, by their own link."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from ateliers.actions.comptes_rendus import KIND, remark
from ateliers.emails.comptes_rendus import public_path
from ateliers.forms.comptes_rendus import RemarqueForm
from ateliers.limits import may_remark
from ateliers.links import present_path, read_present
from ateliers.minutes import READ_WITH, REMARKS, minutes_of
from ateliers.models import CompteRendu, CompteRenduState, Remarque
from ateliers.views.ateliers import until
from consultation.actions.contributions import StaleState
from consultation.models import Inscription
from consultation.views.recourse import EXPIRED, again
from consultation.views.write import see_other
from socle.documents.files import download
from socle.documents.models import EXTENSIONS
from socle.pagecache.decorators import personal_page, public_page
from socle.publications.models import Publication

TEMPLATE = "ateliers/compte_rendu_present.html"
TOO_OFTEN = "Vous avez fait vingt remarques depuis une heure : attendez un peu, puis envoyez celle-ci de nouveau."
RETRY = 60  # seconds: a file is made within the minute


def _adopted(slug: str, rank: int, seance: int) -> CompteRendu:
    rows = CompteRendu.objects.published().select_related(*READ_WITH).annotate(**REMARKS)
    where = {"seance__atelier__demarche__slug": slug, "seance__atelier__rank": rank, "seance__rank": seance}
    return get_object_or_404(rows, **where)


@public_page(until=until)
def compte_rendu(request: HttpRequest, slug: str, rank: int, seance: int) -> HttpResponse:
    found = _adopted(slug, rank, seance)
    files = Publication.objects.of(KIND, str(found.pk)).select_related("document").order_by("media_type")
    context = {
        "demarche": found.seance.atelier.demarche,
        "atelier": found.seance.atelier,
        "seance": found.seance,
        "written": minutes_of(found),
        "files": [(EXTENSIONS[file.media_type], file) for file in files],
    }
    return render(request, "ateliers/compte_rendu.html", context)


@require_safe
def compte_rendu_file(request: HttpRequest, slug: str, rank: int, seance: int, extension: str) -> HttpResponseBase:
    """The whole file, or word that it is being made; straight from the disk, in no cache."""
    found = _adopted(slug, rank, seance)
    wanted = next(kind for kind, known in EXTENSIONS.items() if known == extension)
    files = Publication.objects.of(KIND, str(found.pk)).select_related("document")
    file = get_object_or_404(files, media_type=wanted)
    if file.document is None:
        context = {"back": public_path(found.seance), "extension": extension.upper()}
        making = render(request, "ateliers/compte_rendu_making.html", context, status=503)
        making["Retry-After"] = str(RETRY)
        return making
    return download(file.document, f"compte-rendu-atelier-{rank}-seance-{seance}.{extension}")


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def compte_rendu_present(request: HttpRequest, signed: str) -> HttpResponse:
    """What its reader may say of it, until the last day; then what was answered, and where it is published."""
    inscription, found = _of(signed)
    if inscription is None or found is None:
        return render(request, TEMPLATE, {"step": "unknown"}, status=404)
    form = RemarqueForm(request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return _page(request, inscription, found, RemarqueForm())
    if not form.is_valid():
        return _page(request, inscription, found, form, status=422)
    if not may_remark(inscription):
        return _page(request, inscription, found, form, status=429, notice=TOO_OFTEN)
    try:
        remark(inscription, found.seance, **form.cleaned_data)
    except StaleState as stale:
        found.refresh_from_db()
        return _page(request, inscription, found, form, status=409, notice=str(stale))
    return see_other(f"{present_path(inscription)}#remarques")


def _of(signed: str) -> tuple[Inscription | None, CompteRendu | None]:
    """Of somebody who was there, and minutes that were opened: a draft is nobody's but the team's."""
    came = Inscription.objects.filter(pk=read_present(signed) or 0, attended_at__isnull=False).first()
    if came is None:
        return None, None
    rows = CompteRendu.objects.exclude(state=CompteRenduState.DRAFT).select_related(*READ_WITH)
    return came, rows.prefetch_related("points").filter(seance=came.rencontre_id).first()


def _page(
    request: HttpRequest,
    inscription: Inscription,
    found: CompteRendu,
    form: RemarqueForm,
    *,
    status: int = 200,
    **said: Any,
) -> HttpResponse:
    seance = found.seance
    context = {
        "step": "open" if found.takes_remarks() else "closed",
        "compte_rendu": found,
        "seance": seance,
        "atelier": seance.atelier,
        "written": minutes_of(found),
        "remarks": Remarque.objects.filter(compte_rendu=found, inscription=inscription).order_by("received_at", "pk"),
        "form": form,
        "public": public_path(seance) if found.is_adopted else "",
        "contact": reverse("contact"),
    }
    return render(request, TEMPLATE, context | said, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def compte_rendu_expired(request: HttpRequest, signed: str) -> HttpResponse:
    inscription, found = _of(signed)
    if inscription is None or found is None:
        return render(request, TEMPLATE, {"step": "unknown"}, status=404)
    return _page(request, inscription, found, RemarqueForm(request.POST), status=403, notice=EXPIRED)


compte_rendu_present.on_csrf_failure = again(compte_rendu_expired)  # type: ignore[attr-defined]
