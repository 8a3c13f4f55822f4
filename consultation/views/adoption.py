"""How a report was adopted: the three acts, what became of each passage, the amendments as differences."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from consultation.models import Adoption, Amendement, Article, Passage
from consultation.views.demarches import until
from consultation.views.textes import published_texte
from socle.difference import Difference, difference
from socle.documents.files import download
from socle.pagecache.decorators import public_page


@dataclass(frozen=True)
class Change:
    """Words beside those of the report."""

    title: Difference
    text: Difference


@dataclass(frozen=True)
class Line:
    """One passage of the report in the list: what was decided of it, its amendments, the articles added after it."""

    passage: Passage
    article: Article | None
    amendements: list[Amendement]
    added: list[Amendement]


@public_page(until=until)
def adoption(request: HttpRequest, pk: int) -> HttpResponse:
    """Five queries, whatever its length."""
    found = adoption_of_report(pk)
    context = {
        "demarche": found.texte.demarche,
        "texte": found.texte,
        "adoption": found,
        "lines": lines(found),
        "politique": found.politique if found.politique and found.politique.current_id else None,
    }
    return render(request, "consultation/adoption.html", context)


def adoption_of_report(pk: int) -> Adoption:
    texte = published_texte(pk)
    found = get_object_or_404(
        Adoption.objects.select_related("seance", "politique", "deliberation_document").filter(texte=texte)
    )
    found.texte = texte
    return found


def lines(found: Adoption) -> list[Line]:
    """In the order of the report; two queries."""
    of_passage: dict[int, list[Amendement]] = {}
    for amendement in found.amendements.defer("text", "motive").order_by("number"):
        of_passage.setdefault(amendement.passage_id, []).append(amendement)
    passages = Passage.objects.filter(version=found.version_id).select_related("article").defer("text", "article__text")
    return [_line(passage, of_passage.get(passage.pk, [])) for passage in passages.order_by("number")]


def _line(passage: Passage, amendements: list[Amendement]) -> Line:
    changing = [one for one in amendements if not one.adds]
    return Line(passage, getattr(passage, "article", None), changing, [one for one in amendements if one.adds])


@public_page(until=until)
def adoption_article(request: HttpRequest, pk: int, key: int) -> HttpResponse:
    """One passage of the report: what was proposed, what was voted, each as a difference."""
    found = adoption_of_report(pk)
    passages = Passage.objects.filter(version=found.version_id).select_related("article")
    passage = get_object_or_404(passages, key=key)
    article: Article | None = getattr(passage, "article", None)
    context = {
        "demarche": found.texte.demarche,
        "texte": found.texte,
        "adoption": found,
        "passage": passage,
        "article": article,
        "voted": change(passage, *article.words) if article and article.title else None,
        "amendements": amendments(passage, found),
        "politique": found.politique if found.politique and found.politique.current_id else None,
    }
    return render(request, "consultation/adoption_article.html", context)


def amendments(passage: Passage, found: Adoption) -> list[tuple[Amendement, Change]]:
    """Those that change it, then those that add an article after it; of these every word is added."""
    rows = list(found.amendements.filter(passage=passage).order_by("-kind", "number"))
    for one in rows:
        one.passage = passage
    return [(one, change(None if one.adds else passage, one.title, one.text)) for one in rows]


def change(passage: Passage | None, title: str, text: str) -> Change:
    was = (passage.title, passage.text) if passage else ("", "")
    return Change(difference(was[0], title), difference(was[1], text))


@require_safe
def deliberation(request: HttpRequest, pk: int) -> FileResponse:  # noqa: ARG001 (nothing of it is looked at)
    """The file, to be kept by whoever reads; never shown by the browser under the portal's name."""
    found = adoption_of_report(pk)
    if found.deliberation_document is None:
        raise Http404("This délibération has no document.")
    name = slugify(f"deliberation {found.deliberation_number}")[:80] or "deliberation"
    return download(found.deliberation_document, f"{name}.{found.deliberation_document.extension}")
