"""What is answered to the contributions that a texte does not cite: the ticked ones, or all that a search finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from consultation.actions import reponses
from consultation.actions.contributions import StaleState
from consultation.admin.texte_kept import gives_back
from consultation.admin.texte_search import Search
from consultation.forms.textes import ReponseForm
from consultation.models import Contribution, Reponse, TexteVersion
from socle.keyset import Keyset
from socle.text import whole_number
from socle.written import grouped

PAGE = 50
GONE = "Rien n’est enregistré : un collègue les a citées ou leur a répondu entre-temps. Vos mots sont toujours ici."
OTHERS = "Des contributions cochées avaient déjà été citées, ou avaient leur réponse : rien n’y est changé ({})."
CHANGED = "Rien n’est annulé : un collègue a déjà annulé cette réponse, ou l’a changée. Les voici comme elles sont."
NONE = "Cochez les contributions auxquelles vous répondez, ou répondez à toutes celles de la recherche."


class ReponsePages:
    draft_of: Callable[..., Any]
    page: Callable[..., HttpResponse]
    message_user: Callable[..., None]

    @gives_back
    def reponses_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self.draft_of(request, pk)
        if request.method != "POST":
            return self._reponses(request, version, ReponseForm())
        if request.POST.get("act") == "reprendre":
            return self._take_back(request, version)
        form = ReponseForm(request.POST)
        if not form.is_valid():
            return self._reponses(request, version, form, 422)
        rows = _chosen(request, version)
        if rows is None:
            self.message_user(request, NONE, messages.WARNING)
            return self._reponses(request, version, form, 422)
        return self._answer(request, version, form, rows)

    def _answer(self, request: HttpRequest, version: TexteVersion, form: ReponseForm, rows: Any) -> HttpResponse:
        asked = 0 if request.POST.get("toutes") else rows.count()
        try:
            number = reponses.answer(version, rows, **form.cleaned_data, by=request.user)
        except StaleState as stale:
            self.message_user(request, str(stale), messages.WARNING)
            return self._reponses(request, version, form, 409)
        if not number:
            self.message_user(request, GONE, messages.WARNING)
            return self._reponses(request, version, form, 409)
        said = f"{grouped(number)} contributions ont leur réponse." if number > 1 else "Une contribution a sa réponse."
        self.message_user(request, said, messages.SUCCESS)
        if asked > number:
            self.message_user(request, OTHERS.format(grouped(asked - number)), messages.WARNING)
        return self._back(version)

    def _take_back(self, request: HttpRequest, version: TexteVersion) -> HttpResponse:
        reponse = version.texte.reponses.filter(pk=whole_number(request.POST.get("reponse", ""))).first()
        try:
            number = reponses.take_back(version, reponse, lot="lot" in request.POST) if reponse else 0
        except StaleState as stale:
            self.message_user(request, str(stale), messages.WARNING)
        else:
            said = f"{grouped(number)} réponses annulées : ces contributions en attendent une autre."
            one = "Réponse annulée : la contribution en attend une autre."
            told = said if number > 1 else one if number else CHANGED
            self.message_user(request, told, messages.SUCCESS if number else messages.WARNING)
        return self._back(version, "?donnees=1")

    def _back(self, version: TexteVersion, end: str = "") -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:consultation_texte_reponses", args=[version.texte_id]) + end)

    def _reponses(
        self, request: HttpRequest, version: TexteVersion, form: ReponseForm, status: int = 200
    ) -> HttpResponse:
        given = "donnees" in request.GET
        search = Search.read(version, request.GET, left=not given)
        context = {
            "title": "Réponses",
            "version": version,
            "form": form,
            "search": search,
            "given": given,
            "found": _given(request, search) if given else search.page(request.GET, PAGE),
            "ticked": {whole_number(one) for one in request.POST.getlist("contribution")},
        }
        return self.page(request, version.texte, "reponses", status=status, **context)


def _chosen(request: HttpRequest, version: TexteVersion) -> Any:
    """The ticked ones, or all that the search finds; None where nothing was chosen."""
    if request.POST.get("toutes"):
        return Search.read(version, request.GET, left=True).rows()
    ticked = [pk for one in request.POST.getlist("contribution") if (pk := whole_number(one))]
    return Contribution.objects.filter(pk__in=ticked) if ticked else None


def _given(request: HttpRequest, search: Search) -> Any:
    """What this version answers, and to whom."""
    version = search.version
    rows = Reponse.objects.of_version(version).select_related("contribution").defer("contribution__body")
    if search.narrows:
        rows = rows.filter(contribution__in=search.rows().order_by().values("pk"))
    scope = f"donnees:{version.pk}:{search.address}"
    page = Keyset("contribution_id", scope, PAGE, descending=False, numbers=True).page(rows, request.GET)
    for row in page.rows:
        row.contribution.demarche = version.texte.demarche
    return page
