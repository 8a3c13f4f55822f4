"""The public register: its entries in plain French, the file that anyone may keep, and how to check it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import batched

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from consultation.models import Demarche
from participons.actes import ACTS, told
from socle.pagecache.decorators import public_page
from socle.registre.models import Entree
from socle.registre.sealing import LINE_KEYS, ORIGIN
from socle.registre.verify import stored_lines

PAGE = 50
LINES = 500  # sent together


@dataclass(frozen=True)
class Filters:
    """What the page is narrowed to; a value that is none of its options is left out."""

    acte: str
    demarche: str
    before: int | None

    @classmethod
    def read(cls, query: QueryDict, slugs: dict[str, str]) -> Filters:
        acte, demarche, before = (query.get(name, "") for name in ("acte", "demarche", "avant"))
        return cls(
            acte if acte in ACTS else "",
            demarche if demarche in slugs else "",
            int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
        )

    def rows(self) -> list[Entree]:
        """One more than the page shows: it tells whether there are older ones."""
        names = {"kind": self.acte, "demarche": self.demarche, "number__lt": self.before}
        wanted = {name: value for name, value in names.items() if value not in ("", None)}
        return list(Entree.objects.newest_first().filter(**wanted)[: PAGE + 1])

    def url(self, before: int | None = None) -> str:
        pairs = {"acte": self.acte, "demarche": self.demarche, "avant": before or ""}
        query = urlencode({name: value for name, value in pairs.items() if value})
        return reverse("registre") + (f"?{query}" if query else "")


@public_page("acte", "demarche", "avant")
def registre(request: HttpRequest) -> HttpResponse:
    slugs = dict(Demarche.objects.published().values_list("slug", "title"))
    filters = Filters.read(request.GET, slugs)
    rows = filters.rows()
    context = {
        "listed": [told(entree, slugs) for entree in rows[:PAGE]],
        "filters": filters,
        "acts": {kind: act.label for kind, act in ACTS.items()},
        "demarches": slugs,
        "newest": filters.url(),
        "older": filters.url(rows[PAGE - 1].number) if len(rows) > PAGE else "",
        "first": Entree.objects.oldest_first().first(),
    }
    return render(request, "participons/registre.html", context)


@public_page()
def verifier(request: HttpRequest) -> HttpResponse:
    context = {"last": Entree.objects.newest_first().first(), "keys": LINE_KEYS, "origin": ORIGIN}
    return render(request, "participons/registre_verifier.html", context)


@require_safe
def registre_jsonl(_request: HttpRequest) -> HttpResponseBase:
    """The sealed entries, the same bytes for everybody; beside the page cache, since it grows for ever.

    The last number is asked for first: a database that is down gives a page that says so, never half a file.
    """
    last = Entree.objects.newest_first().first()
    lines = stored_lines(Entree.objects.filter(number__lte=last.number if last else 0))
    response = StreamingHttpResponse(map(b"".join, batched(lines, LINES)), content_type="application/jsonl")
    response["Content-Disposition"] = 'attachment; filename="registre.jsonl"'
    return response
