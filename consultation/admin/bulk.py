"""Several contributions decided at once, each with its own decision, after a page that shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from consultation.actions.contributions import StaleState, change_state
from consultation.admin.scoped import scoped
from consultation.choices import ContributionState
from consultation.forms.moderation import RefuseSelectionForm
from consultation.models import Contribution, Reformulation, SecondOpinion
from consultation.permissions import MODERATING
from consultation.spotting import spots_of

BATCH = 200  # contributions decided at once
SPOTTED = "des coordonnées ou un numéro y sont signalés\N{NO-BREAK SPACE}: elle se décide sur sa page"
ASKED = "un second avis est demandé"
WITH_AUTHOR = "une reformulation est demandée à son auteur"
TITLES = {"publish_selection": "Publier la sélection", "refuse_selection": "Refuser la sélection"}


@dataclass(frozen=True)
class Chosen:
    """One of the selection; `why_not` says why it is left aside."""

    contribution: Contribution
    why_not: str = ""

    @property
    def ticked(self) -> bool:
        """One from an address that nobody proved is ticked again by whoever wants it."""
        return not self.contribution.address_unverified

    @property
    def value(self) -> str:
        """What the page that asks sends back: the row, and the words that were shown."""
        return f"{self.contribution.pk}:{self.contribution.words_seal}"


class BulkMixin:
    actions = ("publish_selection", "refuse_selection")

    @admin.action(description="Publier la sélection", permissions=["change"])
    def publish_selection(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        chosen = _chosen(request, queryset, aside_if_spotted=True)
        if "confirmed" not in request.POST:
            return self._ask(request, queryset, chosen, action="publish_selection")
        ticked = set(request.POST.getlist("read"))
        decided = self._decide_each(request, chosen, ticked, to_state=ContributionState.PUBLISHED)
        self.message_user(request, f"Contributions publiées\N{NO-BREAK SPACE}: {decided}.", messages.SUCCESS)
        return None

    @admin.action(description="Refuser la sélection, pour un seul motif", permissions=["change"])
    def refuse_selection(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        chosen = _chosen(request, queryset, aside_if_spotted=False)
        expected = sum(not one.why_not for one in chosen)
        form = RefuseSelectionForm(request.POST if "confirmed" in request.POST else None, expected=expected)
        if not form.is_valid():
            return self._ask(request, queryset, chosen, action="refuse_selection", form=form)
        said = {"to_state": ContributionState.REFUSED, "reason": form.cleaned_data["reason"]}
        decided = self._decide_each(request, chosen, set(request.POST.getlist("read")), **said)
        self.message_user(request, f"Contributions refusées\N{NO-BREAK SPACE}: {decided}.", messages.SUCCESS)
        return None

    def _ask(
        self, request: HttpRequest, queryset: QuerySet, chosen: list[Chosen], *, action: str, form: Any = None
    ) -> TemplateResponse:
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": TITLES[action],
            "chosen": [one for one in chosen if not one.why_not],
            "aside": [one for one in chosen if one.why_not],
            "others": queryset.count() - len(chosen),
            "form": form,
            "action_checkbox_name": admin.helpers.ACTION_CHECKBOX_NAME,
        }
        status = 422 if form and form.is_bound else 200
        return TemplateResponse(request, f"admin/consultation/contribution/{action}.html", context, status=status)

    def _decide_each(
        self, request: HttpRequest, chosen: Iterable[Chosen], ticked: set[str], *, to_state: str, **said: Any
    ) -> int:
        """How many; one that is not ticked, or that somebody decided on or reworded meanwhile, is passed over."""
        decided = 0
        for one in chosen:
            if one.why_not or one.value not in ticked:
                continue
            try:
                change_state(one.contribution, to_state, by=request.user, **said)
            except StaleState:
                continue
            self.log_change(request, one.contribution, ContributionState(to_state).label)
            decided += 1
        return decided


def _chosen(request: HttpRequest, queryset: QuerySet, *, aside_if_spotted: bool) -> list[Chosen]:
    """What waits in the selection, at most BATCH; some of it is left for its own page."""
    rows = scoped(queryset, request, MODERATING).filter(state=ContributionState.WAITING)
    rows = list(rows.select_related("demarche", "personne", "theme")[:BATCH])
    within = Q(contribution__in=[row.pk for row in rows])
    asked = set(SecondOpinion.objects.open().filter(within).values_list("contribution", flat=True))
    with_author = set(Reformulation.objects.open().filter(within).values_list("contribution", flat=True))

    def why_not(row: Contribution) -> str:
        if row.pk in asked:
            return ASKED
        if row.pk in with_author:
            return WITH_AUTHOR
        return SPOTTED if aside_if_spotted and spots_of(row) else ""

    return [Chosen(row, why_not(row)) for row in rows]
