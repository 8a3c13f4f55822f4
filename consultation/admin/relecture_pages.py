"""The second reader: what was drawn of a texte, read by somebody who did not write it; a disagreement goes back to the
rédacteurs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from consultation.actions import relectures
from consultation.actions.contributions import StaleState
from consultation.admin.texte_kept import gives_back
from consultation.forms.relectures import DrawForm, RelectureForm, SettleForm
from consultation.models import Citation, Relecture, Reponse, TexteVersion
from socle.text import whole_number
from socle.written import grouped

PAGE = 10
SETTLE = 20  # disagreements shown at once


class RelecturePages:
    draft_of: Callable[..., Any]
    page: Callable[..., HttpResponse]
    message_user: Callable[..., None]

    @gives_back
    def relectures_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self.draft_of(request, pk)
        if request.method != "POST":
            return self._relectures(request, version)
        act = ACTS.get(request.POST.get("act", ""))
        if act is None:
            raise Http404("No such act.")
        try:
            refused = act(self, request, version)
        except StaleState as stale:
            self.message_user(request, str(stale), messages.WARNING)
            refused = None
        return refused or HttpResponseRedirect(reverse("admin:consultation_texte_relectures", args=[pk]))

    def _relectures(self, request: HttpRequest, version: TexteVersion, status: int = 200, **given: Any) -> HttpResponse:
        rows = Relecture.objects.select_related("contribution__college", "echantillon__version")
        to_read = list(rows.unread_for(version, request.user.pk)[:PAGE])
        to_settle = list(rows.to_settle().filter(texte=version.texte_id).order_by("read_at")[:SETTLE])
        _told(version, [*to_read, *to_settle])
        context = {
            "title": "Seconde lecture",
            "version": version,
            "to_read": to_read,
            "to_settle": to_settle,
            "draw_form": DrawForm(),
            "about": whole_number(request.POST.get("relecture", "")),
            "form": None,
        }
        return self.page(request, version.texte, "relectures", status=status, **context | given)

    def draw(self, request: HttpRequest, version: TexteVersion) -> HttpResponse | None:
        form = DrawForm(request.POST)
        if not form.is_valid():
            return self._relectures(request, version, 422, draw_form=form, form=form)
        drawn = relectures.draw(version, form.cleaned_data["size"], by=request.user)
        said = f"Tirage fait : {grouped(drawn.size)} sur {grouped(drawn.pool)}, à relire par qui ne les a pas écrites."
        self.message_user(request, said, messages.SUCCESS)
        return None

    def read(self, request: HttpRequest, version: TexteVersion) -> HttpResponse | None:
        row, form = _asked(request, version), RelectureForm(request.POST)
        if not form.is_valid():
            return self._relectures(request, version, 422, form=form)
        said = form.cleaned_data
        relectures.read(row, agrees=said["agrees"] == "oui", reason=said["reason"], by=request.user)
        agreed = (
            "Relue : vous êtes d’accord." if said["agrees"] == "oui" else "Relue : votre désaccord est à reprendre."
        )
        self.message_user(request, agreed, messages.SUCCESS)
        return None

    def settle(self, request: HttpRequest, version: TexteVersion) -> HttpResponse | None:
        row, form = _asked(request, version), SettleForm(request.POST)
        if not form.is_valid():
            return self._relectures(request, version, 422, form=form)
        relectures.settle(row, form.cleaned_data["settlement"], by=request.user)
        self.message_user(request, "Le désaccord est repris, et reste compté.", messages.SUCCESS)
        return None


def _asked(request: HttpRequest, version: TexteVersion) -> Relecture:
    rows = Relecture.objects.filter(texte=version.texte_id).select_related("echantillon__version")
    return get_object_or_404(rows, pk=whole_number(request.POST.get("relecture", "")))


def _told(version: TexteVersion, rows: Iterable[Relecture]) -> None:
    """Beside each, what this version makes of it: `citations`, or `reponse`; two queries for all."""
    pks = [row.contribution_id for row in rows]
    citations = Citation.objects.filter(citing_passage__version=version, cited__in=pks)
    by_cited: dict[int, list[Citation]] = {}
    for one in citations.select_related("citing_passage").order_by("citing_passage__number"):
        by_cited.setdefault(one.cited_id, []).append(one)
    answers = Reponse.objects.of_version(version).filter(contribution__in=pks)
    answered = {one.contribution_id: one for one in answers}
    for row in rows:
        row.contribution.demarche = version.texte.demarche
        row.citations = by_cited.get(row.contribution_id, [])  # type: ignore[attr-defined]  # for the template
        row.reponse = answered.get(row.contribution_id)  # type: ignore[attr-defined]


ACTS: dict[str, Callable[[Any, HttpRequest, TexteVersion], HttpResponse | None]] = {
    "tirer": RelecturePages.draw,
    "lire": RelecturePages.read,
    "reprendre": RelecturePages.settle,
}
