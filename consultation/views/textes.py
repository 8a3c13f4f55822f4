"""The textes anyone reads: the list, one of them whole, its earlier versions, and what it answers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from consultation.choices_adoption import AmendementKind
from consultation.coverage import Coverage
from consultation.models import Adoption, Amendement, Citation, Passage, Reponse, Texte, TexteVersion
from consultation.reading import Parts
from consultation.texte_files.build import KIND
from consultation.views.demarches import until
from socle.difference import Difference, difference
from socle.keyset import AFTER, BEFORE, Keyset
from socle.pagecache.decorators import public_page
from socle.publications.models import Publication

PAGE = 30
_CITED = Citation.objects.filter(citing_passage=OuterRef("pk")).order_by().values("citing_passage")
# How many sources a passage has, in the query that reads it.
SOURCES_NUMBER = Coalesce(Subquery(_CITED.annotate(n=Count("*")).values("n")), 0)
PLACE = "passage"  # the key of a passage: the part of a long texte that holds it


@public_page(until=until)
def textes(request: HttpRequest) -> HttpResponse:
    """Of all démarches, the newest first."""
    rows = Texte.objects.published().select_related("demarche", "etape", "current")
    shown = [(texte, Coverage.of(texte.current)) for texte in rows.order_by("-first_published_at", "-pk")[:100]]
    return render(request, "consultation/textes.html", {"textes": shown})


@public_page(PLACE, until=until)
def texte(request: HttpRequest, pk: int) -> HttpResponse:
    """The version that was published last, whole, or by parts where it is long. Eight queries at most."""
    found = published_texte(pk)
    version = found.current
    parts = Parts.of(version, request.GET.get(PLACE, ""))
    adoption = adoption_of(found)
    context = {
        "demarche": found.demarche,
        "texte": found,
        "version": version,
        "coverage": Coverage.of(version),
        "parts": parts,
        "passages": with_additions(with_sources(version, parts.keys), adoption if found.regle.presented else None),
        "gone": gone(version) if parts.is_last else [],
        "adoption": adoption,
        "versions": found.versions.published().order_by("-number").defer("introduction"),
        "files": list(files_of(found)),
    }
    return render(request, "consultation/texte.html", context)


def files_of(texte: Texte) -> QuerySet[Publication]:
    """Those that are there, or on their way; the annex of a large one last."""
    return Publication.objects.of(KIND, str(texte.pk)).select_related("document").order_by("pk")


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


def with_sources(version: TexteVersion | None, keys: Collection[int] | None = None) -> list[Passage]:
    """Its passages, or those of these keys, each with how many sources it has."""
    rows = Passage.objects.filter(version=version).annotate(sources=SOURCES_NUMBER).order_by("number")
    rows = rows.select_related("added_by")
    return list(rows if keys is None else rows.filter(key__in=keys))


def with_additions(passages: list[Passage], adoption: Adoption | None) -> list[Passage]:
    """Each passage of a report that was presented, with the articles that amendments propose after it; a query."""
    proposed: dict[int, list[Amendement]] = {}
    if adoption:
        rows = adoption.amendements.filter(kind=AmendementKind.ADDS).select_related("passage")
        for one in rows.defer("text", "motive", "passage__text").order_by("number"):
            proposed.setdefault(one.passage.key, []).append(one)
    for passage in passages:
        passage.proposed = proposed.get(passage.key, [])  # type: ignore[attr-defined]  # for the page
    return passages


def gone(version: TexteVersion) -> list[int]:
    """The keys of the passages that an earlier version had: their addresses still lead somewhere."""
    if version.number == 1:
        return []
    before = Passage.objects.filter(version__texte=version.texte_id, version__number__lt=version.number)
    return sorted(set(before.exclude(key__in=version.passages.values("key")).values_list("key", flat=True)))


@dataclass(frozen=True)
class Change:
    """What a version did to one passage; `title` and `text` where its words differ."""

    label: str
    passage: Passage
    title: Difference | None = None
    text: Difference | None = None


@public_page(PLACE, until=until)
def texte_version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    found = published_texte(pk)
    version = get_object_or_404(found.versions.published(), number=number)
    before = found.versions.published().filter(number__lt=number).last()
    parts = Parts.of(version, request.GET.get(PLACE, ""))
    passages = list(version.passages.filter(key__in=parts.keys).order_by("number"))
    context = {
        "demarche": found.demarche,
        "texte": found,
        "version": version,
        "before": before,
        "coverage": Coverage.of(version),
        "parts": parts,
        "passages": passages,
        "changes": list(changes(_before(before, version, parts), passages)) if before else [],
    }
    return render(request, "consultation/texte_version.html", context)


def _before(before: TexteVersion, version: TexteVersion, parts: Parts) -> list[Passage]:
    """What the earlier version said of the passages of this part; with the last one, those that were taken away."""
    rows = Q(key__in=parts.keys)
    if parts.is_last:
        rows |= ~Q(key__in=version.passages.values("key"))
    return list(before.passages.filter(rows).order_by("number"))


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
