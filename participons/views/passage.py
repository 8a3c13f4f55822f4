"""One passage at its own address, which never breaks: what it says, and where it comes from."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from consultation.models import Article, Citation, Passage, Suite, Texte
from consultation.views.textes import published_texte
from forums.models import Forum, Intervention
from participons.boundaries import until
from participons.origins import origins_of
from socle.keyset import AFTER, BEFORE, Keyset
from socle.pagecache.decorators import public_page

SOURCES = 30
BORN_OF = ("version", "added_by__adoption", "added_by__passage")  # with it
READ_WITH = ("cited__college", "cited__commune", "cited_passage__version__texte")


@public_page(AFTER, BEFORE, until=until)
def passage(request: HttpRequest, pk: int, key: int) -> HttpResponse:
    """As the last version that has it says it. Eight queries at most, whatever it cites."""
    texte = published_texte(pk)
    shown = Passage.objects.filter(version__texte=texte, key=key, version__in=texte.versions.published())
    found = get_object_or_404(shown.select_related(*BORN_OF).order_by("-version__number")[:1])
    found.version.texte = texte
    rows = Citation.objects.filter(citing_passage=found).select_related(*READ_WITH).defer("cited__body")
    page = Keyset("pk", f"sources:{found.pk}", SOURCES, descending=False, numbers=True).page(rows, request.GET)
    for row in page.rows:
        if row.cited:
            row.cited.demarche = texte.demarche
    context = {
        "demarche": texte.demarche,
        "texte": texte,
        "passage": found,
        "is_current": found.version_id == texte.current_id,
        "page": page,
        "origins": origins_of(found),
        **_what_follows(texte, found),
        "debated": _debated(texte, key),
    }
    return render(request, "participons/passage.html", context)


def _what_follows(texte: Texte, found: Passage) -> dict[str, Any]:
    """Of an article of the policy what is done of it, of a passage of the report how it was voted; one query."""
    if texte.regle.voted:
        suites = list(Suite.objects.of_texte(texte).filter(passage__key=found.key).order_by("pk"))
        for suite in suites:
            suite.late = suite.is_late()  # type: ignore[attr-defined]  # for the page
        return {"suites": suites}
    if texte.regle.presented:
        articles = Article.objects.filter(adoption__texte=texte, passage__key=found.key)
        return {"article": articles.select_related("adoption").defer("text").first()}
    return {}


def _debated(texte: Texte, key: int) -> Forum | None:
    """The forum where this texte is debated: whether it takes remarks, and how many this passage has had."""
    said = Intervention.objects.published().filter(
        forum=OuterRef("pk"), passage__version__texte=texte, passage__key=key
    )
    counted = said.order_by().values("forum").annotate(n=Count("pk")).values("n")
    forums = Forum.objects.published().filter(texte=texte).select_related("rencontre__demarche")
    return forums.annotate(said=Coalesce(Subquery(counted), 0)).order_by("-rencontre__starts_at").first()
