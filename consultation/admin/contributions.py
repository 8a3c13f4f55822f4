"""Moderation: the queue, oldest first, with what each one needs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import Truncator

from consultation.admin.bulk import BulkMixin
from consultation.admin.exchange import ExchangeMixin
from consultation.admin.keys import KeysMixin
from consultation.admin.moderate import ModerationPageMixin
from consultation.admin.moderation_figures import FiguresMixin
from consultation.admin.scoped import ScopedAdmin, ScopedRelatedFilter, scoped
from consultation.admin.unconfirmed import UnconfirmedMixin
from consultation.choices import ContributionState
from consultation.models import Contribution, Reformulation, RefusalReason, SecondOpinion
from consultation.models.contribution import ContributionQuerySet
from consultation.moderation_figures import LIMIT, in_the_queue
from consultation.permissions import MODERATING, can_moderate, visible_demarches
from consultation.spotting import spots_of
from consultation.templatetags.prose import typo
from socle.dates import ago_label
from socle.fulltext import Query
from socle.written import grouped


class StateFilter(admin.SimpleListFilter):
    """Without a choice, the list is the queue."""

    title = "état"
    parameter_name = "etat"
    ALL, WITH_AUTHOR = "toutes", "reformulation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        others = [(value, label) for value, label in ContributionState.choices if value != ContributionState.WAITING]
        return [(self.WITH_AUTHOR, "chez leur auteur, pour une reformulation"), *others, (self.ALL, "toutes")]

    def choices(self, changelist: Any) -> Any:
        shown = list(super().choices(changelist))
        shown[0]["display"] = ContributionState.WAITING.label
        return shown

    def queryset(self, request: HttpRequest, queryset: ContributionQuerySet) -> QuerySet:
        value = self.value()
        if value == self.ALL:
            return queryset
        if value == self.WITH_AUTHOR:
            return queryset.with_their_author()
        return queryset.filter(state=value) if value else queryset.waiting()


class ThemeFilter(ScopedRelatedFilter):
    nothing = "autre sujet"

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return [(pk, typo(label)) for pk, label in super().field_choices(field, request, model_admin)]


class OpinionFilter(admin.SimpleListFilter):
    """« Avis demandés »: those that wait for a colleague's, or for one's own."""

    title = "second avis"
    parameter_name = "avis"
    MINE, THEIRS = "a-donner", "attendus"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(self.MINE, "avis demandés, à donner"), (self.THEIRS, "mes avis demandés")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        opinions = SecondOpinion.objects.open()
        if self.value() == self.MINE:
            opinions = opinions.exclude(asked_by=request.user.pk)
        elif self.value() == self.THEIRS:
            opinions = opinions.filter(asked_by=request.user.pk)
        else:
            return queryset
        within = scoped(Contribution.objects.all(), request, MODERATING)
        return queryset.filter(pk__in=opinions.values("contribution")).filter(pk__in=within.values("pk"))


@admin.register(Contribution)
class ContributionAdmin(
    UnconfirmedMixin, BulkMixin, KeysMixin, FiguresMixin, ModerationPageMixin, ExchangeMixin, ScopedAdmin
):
    """Nobody edits what a citizen wrote: staff decide, and each decision is a row."""

    list_display = ("title", "pointed_out", "waited", "sender", "question", "demarche")
    list_filter = (
        StateFilter,
        OpinionFilter,
        ("demarche", ScopedRelatedFilter),
        ("theme", ThemeFilter),
        "origine",
        "nature",
    )
    list_select_related = ("demarche", "theme", "personne")
    search_fields = ("title",)
    search_help_text = "Une référence, ou des mots du titre ou du texte."
    ordering = ("submitted_at", "pk")

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
        shown: dict[str, Any] = {"title": title, "may_moderate": can_moderate(request.user, None)}
        if shown["may_moderate"] and request.method == "GET":
            shown["counts"] = _counts(request)
        return super().changelist_view(request, shown | (extra_context or {}))

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """The queue holds one state only, and waits; what is spotted is for those who moderate."""
        shown = super().get_list_display(request)
        shown = [name for name in shown if name != "pointed_out" or can_moderate(request.user, None)]
        by_state = StateFilter.parameter_name in request.GET
        return tuple("state" if name == "waited" and by_state else name for name in shown)

    def get_list_filter(self, request: HttpRequest) -> Any:
        filters = super().get_list_filter(request)
        return filters if can_moderate(request.user, None) else [one for one in filters if one is not OpinionFilter]

    @admin.display(description="à regarder")
    def pointed_out(self, contribution: Contribution) -> str:
        """In words: what is spotted in it, and what was asked about it; for those who moderate it."""
        if not contribution.moderated:
            return "–"
        spots = {one.label for one in spots_of(contribution)}
        asked = ["avis demandé"] * contribution.opinion_open + ["reformulation sans réponse"] * contribution.unanswered
        return ", ".join([*sorted(spots), *asked]) or "–"

    @admin.display(description="thème")
    def question(self, contribution: Contribution) -> str:
        if contribution.theme is None:
            return "autre sujet"
        return f"{contribution.theme.rank}. {Truncator(contribution.theme.question).chars(30)}"

    @admin.display(description="attend depuis", ordering="submitted_at")
    def waited(self, contribution: Contribution) -> str:
        return ago_label(contribution.submitted_at) if contribution.state == ContributionState.WAITING else "–"

    @admin.display(description="envoi")
    def sender(self, contribution: Contribution) -> str:
        return "adresse non vérifiée" if contribution.address_unverified else contribution.get_origine_display()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request).select_related("demarche", "theme", "personne", "college", "commune")
        of_row = {"contribution": OuterRef("pk")}
        unanswered = Reformulation.objects.filter(answered_at__isnull=True)
        moderated = Q(demarche__in=visible_demarches(request.user, MODERATING).values("pk"))
        rows = rows.select_related("parent", "transcription", "cahier_acteur__document")
        return rows.annotate(
            moderated=ExpressionWrapper(moderated, output_field=BooleanField()),
            opinion_open=Exists(SecondOpinion.objects.open().filter(**of_row)),
            unanswered=Exists(unanswered.filter(**of_row)),
        )


def _counts(request: HttpRequest) -> list[tuple[str, str, str]]:
    """(« 12 », « publiées », the query of their list), in three small queries."""
    return [(_number(number), label, query) for number, label, query in in_the_queue(request.user) if number]


def _number(number: int) -> str:
    return f"plus de {grouped(LIMIT)}" if number > LIMIT else grouped(number)


@admin.register(RefusalReason)
class RefusalReasonAdmin(ScopedAdmin):
    list_display = ("label", "rank", "is_active")
    ordering = ("rank", "label")
