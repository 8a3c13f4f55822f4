"""The news of a démarche, and what it gives to read."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Min, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from consultation.models import Actualite, Demarche, Ressource
from consultation.topics import topics
from socle.documents.files import download
from socle.keyset import AFTER, BEFORE, Keyset
from socle.pagecache.decorators import public_page

PAGE = 20


def until(request: HttpRequest) -> datetime | None:  # noqa: ARG001 (the first to appear, whatever its démarche)
    """The next one appears by itself."""
    coming = [
        model.objects.filter(published_at__gt=timezone.now()).aggregate(at=Min("published_at"))["at"]
        for model in (Actualite, Ressource)
    ]
    return min((at for at in coming if at), default=None)


def demarche_asked(request: HttpRequest) -> Demarche | None:
    """Of `?demarche=`, or the current one; None without one."""
    slug = request.GET.get("demarche", "")
    if not slug:
        return Demarche.objects.current()
    return get_object_or_404(Demarche.objects.published(), slug=slug)


@public_page("demarche", "sujet", AFTER, BEFORE, until=until)
def actualites(request: HttpRequest) -> HttpResponse:
    """The newest first; `?sujet=` keeps those about one atelier."""
    demarche = demarche_asked(request)
    if demarche is None:
        return render(request, "consultation/actualites.html")
    known = topics(demarche)
    topic = known.get(request.GET.get("sujet", ""), known[""])
    rows = shown(demarche)
    rows = rows.filter(topic=topic.value) if topic.value else rows
    keys = {"demarche": request.GET.get("demarche", ""), "sujet": topic.value}
    keys = {name: value for name, value in keys.items() if value}
    page = Keyset("published_at", f"actualites:{demarche.pk}?{urlencode(keys)}", PAGE).page(rows, request.GET)
    for row in page.rows:
        row.about = known.get(row.topic)
    context = {
        "demarche": demarche,
        "topic": topic,
        "query": urlencode(keys),
        "page": page,
        "previous": urlencode(keys | {BEFORE: page.previous}) if page.previous else "",
        "following": urlencode(keys | {AFTER: page.following}) if page.following else "",
    }
    return render(request, "consultation/actualites.html", context)


def shown(demarche: Demarche) -> QuerySet[Actualite]:
    """Newest first."""
    return Actualite.objects.published().filter(demarche=demarche).order_by("-published_at", "-pk")


@public_page(until=until)
def actualite(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Actualite.objects.published().filter(demarche__in=Demarche.objects.published())
    found = get_object_or_404(rows.select_related("demarche"), pk=pk)
    context = {"demarche": found.demarche, "actualite": found, "about": topics(found.demarche).get(found.topic)}
    return render(request, "consultation/actualite.html", context)


@public_page("demarche", until=until)
def ressources(request: HttpRequest) -> HttpResponse:
    """By thème, in their order; what is about none of them first."""
    demarche = demarche_asked(request)
    if demarche is None:
        return render(request, "consultation/ressources.html")
    rows = Ressource.objects.published().filter(demarche=demarche).select_related("document")
    found = list(rows.prefetch_related("themes").order_by("-published_at", "-pk"))
    groups = [(None, [one for one in found if not one.themes.all()])]
    for theme in demarche.themes.order_by("rank"):
        theme.demarche = demarche
        groups.append((theme, [one for one in found if theme in one.themes.all()]))
    context = {"demarche": demarche, "groups": [group for group in groups if group[1]]}
    return render(request, "consultation/ressources.html", context)


@require_safe
def ressource_document(request: HttpRequest, pk: int) -> FileResponse:  # noqa: ARG001 (nothing of it is looked at)
    """The file, to be kept by whoever reads; never shown by the browser under the portal's name."""
    rows = Ressource.objects.published().filter(demarche__in=Demarche.objects.published(), document__isnull=False)
    found = get_object_or_404(rows.select_related("document"), pk=pk)
    if found.document is None:
        raise Http404("A link has no document.")
    return download(found.document, f"{slugify(found.title)[:80] or 'document'}.{found.document.extension}")
