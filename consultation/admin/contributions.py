"""Moderation: the queue, oldest first; one contribution in full, and the decision on it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import Truncator

from consultation.actions.contributions import StaleState, change_state
from consultation.admin.exchange import ExchangeMixin
from consultation.admin.scoped import ScopedAdmin, ScopedRelatedFilter, scoped
from consultation.admin.unconfirmed import UnconfirmedMixin
from consultation.choices import ContributionState
from consultation.forms.moderation import DecisionForm
from consultation.models import Contribution, Decision, RefusalReason
from consultation.models.contribution import ContributionQuerySet
from consultation.permissions import MODERATING, can_moderate
from socle.dates import ago_label
from socle.fulltext import Query

BATCH = 200  # contributions published at once


class StateFilter(admin.SimpleListFilter):
    """Without a choice, the list is the queue."""

    title = "état"
    parameter_name = "etat"
    ALL = "toutes"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        others = [(value, label) for value, label in ContributionState.choices if value != ContributionState.WAITING]
        return [*others, (self.ALL, "toutes")]

    def choices(self, changelist: Any) -> Any:
        shown = list(super().choices(changelist))
        shown[0]["display"] = ContributionState.WAITING.label
        return shown

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if value == self.ALL:
            return queryset
        return queryset.filter(state=value or ContributionState.WAITING)


@admin.register(Contribution)
class ContributionAdmin(UnconfirmedMixin, ExchangeMixin, ScopedAdmin):
    """Nobody edits what a citizen wrote: staff decide, and each decision is a row."""

    list_display = ("title", "waited", "sender", "question", "nature", "demarche")
    list_filter = (
        StateFilter,
        ("demarche", ScopedRelatedFilter),
        ("theme", ScopedRelatedFilter),
        "origine",
        "nature",
    )
    list_select_related = ("demarche", "theme", "personne")
    search_fields = ("title",)
    search_help_text = "Une référence, ou des mots du titre ou du texte."
    ordering = ("submitted_at", "pk")
    actions = ("publish_selection",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Contribution | None = None) -> bool:
        return can_moderate(request.user, obj.demarche if obj else None)

    def get_search_results(
        self, request: HttpRequest, queryset: ContributionQuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        query = Query.read(search_term)
        if not query.typed:
            return queryset, False
        reference = Contribution.objects.with_reference(search_term.strip().upper())
        words = Contribution.objects.matching(query) if query else Contribution.objects.none()
        return queryset.filter(Q(pk__in=reference.values("pk")) | Q(pk__in=words.order_by().values("pk"))), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = "Contributions" if StateFilter.parameter_name in request.GET else "Contributions à modérer"
        return super().changelist_view(request, {"title": title} | (extra_context or {}))

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """The queue holds one state only."""
        shown = tuple(super().get_list_display(request))
        return (*shown, "state") if StateFilter.parameter_name in request.GET else shown

    @admin.display(description="thème")
    def question(self, contribution: Contribution) -> str:
        return Truncator(contribution.theme.question).chars(60) if contribution.theme else "autre sujet"

    @admin.display(description="attend depuis", ordering="submitted_at")
    def waited(self, contribution: Contribution) -> str:
        return ago_label(contribution.submitted_at) if contribution.state == ContributionState.WAITING else "–"

    @admin.display(description="envoi")
    def sender(self, contribution: Contribution) -> str:
        return "adresse non vérifiée" if contribution.address_unverified else contribution.get_origine_display()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        contribution = self.get_object(request, object_id)
        if contribution is None:
            raise Http404("No such contribution.")
        if not self.has_view_permission(request, contribution):
            raise PermissionDenied
        if request.method != "POST":
            return self._page(request, contribution)
        if not self.has_change_permission(request, contribution):
            raise PermissionDenied
        return self._decide(request, contribution)

    def _decide(self, request: HttpRequest, contribution: Contribution) -> HttpResponse:
        """What was decided, then the next one that waits."""
        form = DecisionForm(request.POST, state=contribution.state)
        if not form.is_valid():
            return self._page(request, contribution, form)
        following = self._following(request, contribution)
        try:
            with transaction.atomic():
                decision = change_state(contribution, **form.decision(), by=request.user)
                self.log_change(request, contribution, decision.get_to_state_display())
        except StaleState as stale:
            self.message_user(request, str(stale), messages.WARNING)
            return HttpResponseRedirect(request.path)
        self.message_user(request, f"{contribution.reference} : {decision.get_to_state_display()}.", messages.SUCCESS)
        if following is None:
            return HttpResponseRedirect(reverse("admin:consultation_contribution_changelist"))
        return HttpResponseRedirect(reverse("admin:consultation_contribution_change", args=[following.pk]))

    def _following(self, request: HttpRequest, contribution: Contribution) -> Contribution | None:
        """The one that waits behind it, else the oldest: those passed over come again."""
        waiting = scoped(Contribution.objects.waiting(), request, MODERATING).exclude(pk=contribution.pk).only("pk")
        at = contribution.submitted_at
        behind = waiting.filter(Q(submitted_at__gt=at) | Q(submitted_at=at, pk__gt=contribution.pk))
        return behind.first() or waiting.first()

    def _page(
        self, request: HttpRequest, contribution: Contribution, form: DecisionForm | None = None
    ) -> TemplateResponse:
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": "Modérer une contribution",
            "subtitle": None,
            "contribution": contribution,
            "enjeux": contribution.enjeux.all(),
            "decisions": Decision.objects.filter(contribution=contribution).select_related("by", "reason"),
            "form": form or DecisionForm(state=contribution.state),
            "following": self._following(request, contribution),
            "waited": ago_label(contribution.submitted_at),
            "may_decide": self.has_change_permission(request, contribution),
        }
        return TemplateResponse(
            request, "admin/consultation/contribution/moderate.html", context, status=422 if form else 200
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("demarche", "theme", "personne", "college", "commune")

    @admin.action(description="Publier la sélection", permissions=["change"])
    def publish_selection(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        chosen = scoped(queryset, request, MODERATING).filter(state=ContributionState.WAITING)[:BATCH]
        if "confirmed" not in request.POST:
            context = self.admin_site.each_context(request) | {
                "opts": self.opts,
                "title": "Publier la sélection",
                "chosen": chosen,
                "left_out": queryset.count() - len(chosen),
                "action_checkbox_name": admin.helpers.ACTION_CHECKBOX_NAME,
            }
            return TemplateResponse(request, "admin/consultation/contribution/publish_selection.html", context)
        published = sum(self._publish(request, contribution) for contribution in chosen)
        self.message_user(request, f"Contributions publiées : {published}.", messages.SUCCESS)
        return None

    def _publish(self, request: HttpRequest, contribution: Contribution) -> bool:
        """One that somebody decided on meanwhile is passed over."""
        try:
            change_state(contribution, ContributionState.PUBLISHED, by=request.user)
        except StaleState:
            return False
        self.log_change(request, contribution, ContributionState.PUBLISHED.label)
        return True


@admin.register(RefusalReason)
class RefusalReasonAdmin(ScopedAdmin):
    list_display = ("label", "rank", "is_active")
    ordering = ("rank", "label")
