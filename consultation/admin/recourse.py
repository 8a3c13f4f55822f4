"""What people ask after a decision: the queues of réexamens and of signalements, oldest first, and their answers."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from consultation.actions.contributions import StaleState
from consultation.actions.recourse import decide_reexamen, decide_signalements
from consultation.admin.scoped import ScopedAdmin, ScopedRelatedFilter, demarche_of
from consultation.forms.recourse import ReexamenDecisionForm, SignalementDecisionForm
from consultation.models import Decision, Reexamen, Signalement
from consultation.models.recourse import AGAINST
from consultation.permissions import can_moderate, can_reexamine
from socle.dates import ago_label


class WaitingFilter(admin.SimpleListFilter):
    """Without a choice, the list is the queue."""

    title = "réponse"
    parameter_name = "reponse"
    DECIDED, ALL = "donnee", "toutes"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(self.DECIDED, "donnée"), (self.ALL, "tous")]

    def choices(self, changelist: Any) -> Any:
        shown = list(super().choices(changelist))
        shown[0]["display"] = "à donner"
        return shown

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == self.ALL:
            return queryset
        return queryset.filter(decided_at__isnull=self.value() != self.DECIDED)


class RecourseAdmin(ScopedAdmin):
    """Nobody edits what was asked: it is answered once."""

    list_filter = (WaitingFilter, ("contribution__demarche", ScopedRelatedFilter))
    list_select_related = ("contribution__demarche",)
    actions = None
    queue = ""  # its title while nothing is chosen

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_moderate(request.user, demarche_of(obj))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = self.opts.verbose_name_plural if WaitingFilter.parameter_name in request.GET else self.queue
        return super().changelist_view(request, {"title": title} | (extra_context or {}))

    @admin.display(description="contribution", ordering="contribution")
    def reference(self, row: Any) -> str:
        return row.contribution.reference

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404("No such row.")
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if request.method != "POST":
            return self.page(request, row)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        return self.answer(request, row)

    def page(self, request: HttpRequest, row: Any, form: Any = None) -> HttpResponse:
        raise NotImplementedError

    def answer(self, request: HttpRequest, row: Any) -> HttpResponse:
        raise NotImplementedError

    def shown(self, request: HttpRequest, template: str, form: Any, context: dict[str, Any]) -> TemplateResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts, "subtitle": None, "form": form} | context
        return TemplateResponse(request, template, context, status=422 if form and form.errors else 200)

    def stale(self, request: HttpRequest, stale: StaleState) -> HttpResponse:
        self.message_user(request, str(stale), messages.WARNING)
        return HttpResponseRedirect(request.path)

    def answered(self, request: HttpRequest, row: Model, sentence: str) -> HttpResponse:
        self.message_user(request, sentence, messages.SUCCESS)
        return HttpResponseRedirect(reverse(f"admin:consultation_{self.opts.model_name}_changelist"))

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("contribution__demarche")


@admin.register(Reexamen)
class ReexamenAdmin(RecourseAdmin):
    """Whoever decided against the contribution does not find it in the queue, and cannot answer it."""

    list_display = ("reference", "waited", "contested", "outcome")
    ordering = ("asked_at", "pk")
    queue = "Réexamens à décider"

    def has_change_permission(self, request: HttpRequest, obj: Reexamen | None = None) -> bool:
        return can_reexamine(request.user, obj) if obj else super().has_change_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request).select_related("decision__reason")
        mine = Decision.objects.filter(contribution=OuterRef("contribution"), by=request.user.pk, to_state__in=AGAINST)
        in_queue = request.resolver_match and request.resolver_match.url_name.endswith("_changelist")
        if in_queue and WaitingFilter.parameter_name not in request.GET:
            return rows.filter(~Exists(mine))
        return rows

    @admin.display(description="attend depuis", ordering="asked_at")
    def waited(self, row: Reexamen) -> str:
        return "–" if row.decided_at else ago_label(row.asked_at)

    @admin.display(description="décision contestée")
    def contested(self, row: Reexamen) -> str:
        return f"{row.decision.get_to_state_display()}, {row.decision.reason}"

    def page(self, request: HttpRequest, row: Reexamen, form: ReexamenDecisionForm | None = None) -> HttpResponse:
        may_decide = row.decided_at is None and self.has_change_permission(request, row)
        seal = {"seen": row.contribution.words_seal}
        context = {
            "title": "Réexaminer une décision",
            "reexamen": row,
            "contribution": row.contribution,
            "may_decide": may_decide,
            "moderates": can_moderate(request.user, row.contribution.demarche),
        }
        return self.shown(
            request, "admin/consultation/reexamen/decide.html", form or ReexamenDecisionForm(initial=seal), context
        )

    def answer(self, request: HttpRequest, row: Reexamen) -> HttpResponse:
        form = ReexamenDecisionForm(request.POST)
        if not form.is_valid():
            return self.page(request, row, form)
        try:
            with transaction.atomic():
                decide_reexamen(row, by=request.user, **form.decision())
                self.log_change(request, row, row.get_outcome_display())
        except StaleState as stale:
            return self.stale(request, stale)
        return self.answered(request, row, f"{row.contribution.reference} : {row.get_outcome_display()}.")


@admin.register(Signalement)
class SignalementAdmin(RecourseAdmin):
    """All that wait for one contribution are answered from the page of any of them."""

    list_display = ("reference", "waited", "reason", "outcome")
    list_filter = (*RecourseAdmin.list_filter, "reason")
    ordering = ("received_at", "pk")
    queue = "Signalements à traiter"

    @admin.display(description="attend depuis", ordering="received_at")
    def waited(self, row: Signalement) -> str:
        return "–" if row.decided_at else ago_label(row.received_at)

    def page(self, request: HttpRequest, row: Signalement, form: SignalementDecisionForm | None = None) -> HttpResponse:
        contribution = row.contribution
        every = list(contribution.signalements.select_related("personne").order_by("received_at", "pk"))
        waiting = [one for one in every if one.decided_at is None]
        form = form or self._form(row, waiting, initial={"seen": contribution.words_seal})
        ticked = set(form["chosen"].value() or ())
        context = {
            "title": "Répondre à un signalement",
            "contribution": contribution,
            "rows": [(one, str(one.pk) in ticked) for one in waiting],
            "decided": [one for one in every if one.decided_at],
            "may_decide": bool(waiting) and self.has_change_permission(request, row),
        }
        return self.shown(request, "admin/consultation/signalement/decide.html", form, context)

    def answer(self, request: HttpRequest, row: Signalement) -> HttpResponse:
        form = self._form(row, list(row.contribution.signalements.waiting()), request.POST)
        if not form.is_valid():
            return self.page(request, row, form)
        pks = form.chosen_pks()
        try:
            decide_signalements(row.contribution, pks, by=request.user, **form.decision())
        except StaleState as stale:
            return self.stale(request, stale)
        for one in Signalement.objects.filter(pk__in=pks):
            self.log_change(request, one, one.get_outcome_display())
        return self.answered(request, row, f"{row.contribution.reference} : signalements traités, {len(pks)}.")

    def _form(self, row: Signalement, waiting: list[Signalement], data: Any = None, **kwargs: Any) -> Any:
        taken_down = not row.contribution.is_published
        return SignalementDecisionForm(data, waiting=waiting, taken_down=taken_down, **kwargs)
