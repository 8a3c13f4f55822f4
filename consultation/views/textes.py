"""The textes anyone reads: the list, one of them whole, its earlier versions, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from consultation.coverage import Coverage
from consultation.models import Adoption, Citation, Passage, Reponse, Texte, TexteVersion
from consultation.views.demarches import until
from socle.difference import Difference, difference
from socle.keyset import AFTER, BEFORE, Keyset
from socle.pagecache.decorators import public_page

PAGE = 30


@public_page(until=until)
def textes(request: HttpRequest) -> HttpResponse:
    """Of all démarches, the newest first."""
    rows = Texte.objects.published().select_related("demarche", "etape", "current")
    shown = [(texte, Coverage.of(texte.current)) for texte in rows.order_by("-first_published_at", "-pk")[:100]]
    return render(request, "consultation/textes.html", {"textes": shown})


@public_page(until=until)
def texte(request: HttpRequest, pk: int) -> HttpResponse:
    """The version that was published last. Six queries, whatever its length."""
    found = published_texte(pk)
    version = found.current
    passages = list(with_sources(version))
    context = {
        "demarche": found.demarche,
        "texte": found,
        "version": version,
        "coverage": Coverage.of(version),
        "passages": passages,
        "gone": gone(version, passages),
        "adoption": adoption_of(found),
        "versions": found.versions.published().order_by("-number").defer("introduction"),
    }
    return render(request, "consultation/texte.html", context)


def adoption_of(texte: Texte) -> Adoption | None:
    """The vote that a report was put to, or that a policy comes from; a query, of these two kinds only."""
    if not (texte.regle.presented or texte.regle.voted):
        return None
    return Adoption.objects.filter(Q(texte=texte) | Q(politique=texte)).first()


def published_texte(pk: int) -> Texte:
    """404 for what nobody may read yet."""
    found = get_object_or_404(Texte.objects.published().select_related("demarche", "etape", "current"), pk=pk)
    if found.etape:
        found.etape.demarche = found.demarche
    return found


def with_sources(version: TexteVersion | None) -> list[Passage]:
    """Its passages, each with how many sources it has."""
    sources = Citation.objects.filter(citing_passage=OuterRef("pk")).order_by().values("citing_passage")
    count = Coalesce(Subquery(sources.annotate(n=Count("pk")).values("n")), 0)
    return list(Passage.objects.filter(version=version).annotate(sources=count).order_by("number"))


def gone(version: TexteVersion, passages: list[Passage]) -> list[int]:
    """The keys of the passages that an earlier version had: their addresses still lead somewhere."""
    if version.number == 1:
        return []
    here = {passage.key for passage in passages}
    before = Passage.objects.filter(version__texte=version.texte_id, version__number__lt=version.number)
    return sorted(set(before.values_list("key", flat=True)) - here)


@dataclass(frozen=True)
class Change:
    """What a version did to one passage; `title` and `text` where its words differ."""

    label: str
    passage: Passage
    title: Difference | None = None
    text: Difference | None = None


@public_page(until=until)
def texte_version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    found = published_texte(pk)
    version = get_object_or_404(found.versions.published(), number=number)
    before = found.versions.published().filter(number__lt=number).last()
    passages = list(version.passages.order_by("number"))
    context = {
        "demarche": found.demarche,
        "texte": found,
        "version": version,
        "before": before,
        "coverage": Coverage.of(version),
        "passages": passages,
        "changes": list(changes(list(before.passages.order_by("number")), passages)) if before else [],
    }
    return render(request, "consultation/texte_version.html", context)


def changes(before: list[Passage], after: list[Passage]) -> Iterator[Change]:
    """In the order of the version that changes; what was taken away comes last."""
    known = {passage.key: passage for passage in before}
    for passage in after:
        was = known.pop(passage.key, None)
        if was is None:
            yield Change("ajouté", passage)
        elif (was.title, was.text) != (passage.title, passage.text):
            yield Change("changé", passage, difference(was.title, passage.title), difference(was.text, passage.text))
        elif was.number != passage.number:
            yield Change(f"déplacé, il portait le numéro {was.number}", passage)
    for passage in known.values():
        yield Change("ôté", passage)


@public_page(AFTER, BEFORE, until=until)
def texte_reponses(request: HttpRequest, pk: int) -> HttpResponse:
    """What was answered to the contributions that it does not take up."""
    found = published_texte(pk)
    rows = Reponse.objects.public().filter(texte=found).select_related("contribution").defer("contribution__body")
    page = Keyset("contribution_id", f"reponses:{found.current_id}", PAGE, descending=False, numbers=True).page(
        rows, request.GET
    )
    for row in page.rows:
        row.contribution.demarche = found.demarche
    context = {"demarche": found.demarche, "texte": found, "page": page, "coverage": Coverage.of(found.current)}
    return render(request, "consultation/texte_reponses.html", context)
