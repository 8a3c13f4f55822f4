"""The questions that services owe an answer: those overdue first, and the page where an answer is written."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from consultation.actions.answers import save_answer
from consultation.actions.contributions import StaleState
from consultation.admin.scoped import ScopedAdmin, ScopedRelatedFilter
from consultation.forms.answer import AnswerForm
from consultation.models import Question, ServiceAnswer
from consultation.models.contribution import DUE_ON
from consultation.permissions import can_answer
from consultation.templatetags.prose import day


class AnswerFilter(admin.SimpleListFilter):
    """Without a choice, the list is what waits for an answer."""

    title = "réponse"
    parameter_name = "reponse"
    LATE, GIVEN, ALL = "retard", "donnee", "toutes"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(self.LATE, "en retard"), (self.GIVEN, "donnée"), (self.ALL, "toutes")]

    def choices(self, changelist: Any) -> Any:
        shown = list(super().choices(changelist))
        shown[0]["display"] = "attendue"
        return shown

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        narrowed = {self.LATE: queryset.overdue, self.GIVEN: queryset.answered, self.ALL: queryset.all}
        return narrowed.get(self.value(), queryset.unanswered)()


@admin.register(Question)
class QuestionAdmin(ScopedAdmin):
    """Nobody edits what a citizen asked: a service answers it."""

    list_display = ("title", "standing", "asked_on", "demarche")
    list_filter = (AnswerFilter, ("demarche", ScopedRelatedFilter), ("theme", ScopedRelatedFilter))
    list_select_related = ("demarche", "service_answer")
    actions = None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Question | None = None) -> bool:
        return can_answer(request.user, obj.demarche if obj else None)

    def get_ordering(self, request: HttpRequest) -> Any:
        """The oldest due first, so the latest of all."""
        return (DUE_ON.asc(), "pk")

    @admin.display(description="publiée le", ordering="published_at")
    def asked_on(self, question: Question) -> str:
        return day(question.published_at)

    @admin.display(description="réponse")
    def standing(self, question: Question) -> str:
        answer = answer_of(question)
        if answer and answer.is_published:
            return f"donnée le {day(answer.published_at)} : {answer.service}"
        late = (timezone.localdate() - question.answer_due_on).days
        owed = f"attendue le {day(question.answer_due_on)} au plus tard"
        said = f"en retard de {late} jour{'s' if late > 1 else ''}" if late > 0 else owed
        return f"{said} (brouillon)" if answer else said

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        question = self.get_object(request, object_id)
        if question is None:
            raise Http404("No such question.")
        if not self.has_view_permission(request, question):
            raise PermissionDenied
        answer = answer_of(question)
        if request.method != "POST":
            return self._page(request, question, AnswerForm(answer=answer, service=_last_service(request)))
        if not self.has_change_permission(request, question):
            raise PermissionDenied
        form = AnswerForm(request.POST, answer=answer)
        return self._save(request, question, form) if form.is_valid() else self._page(request, question, form, 422)

    def _save(self, request: HttpRequest, question: Question, form: AnswerForm) -> HttpResponse:
        said = form.cleaned_data | {"publish": form.publishing, "by": request.user}
        done = "Réponse publiée" if form.publishing else "Brouillon enregistré"
        try:
            with transaction.atomic():
                save_answer(question, **said)
                self.log_change(request, question, done)
        except StaleState as stale:
            form.data = form.data.copy()
            form.data["seal"] = getattr(answer_of(Question.objects.get(pk=question.pk)), "seal", "")
            self.message_user(request, str(stale), messages.WARNING)
            return self._page(request, question, form, 409)
        self.message_user(request, f"{question.reference} : {done[:1].lower()}{done[1:]}.", messages.SUCCESS)
        return HttpResponseRedirect(
            reverse("admin:consultation_question_changelist") if form.publishing else request.path
        )

    def _page(self, request: HttpRequest, question: Question, form: AnswerForm, status: int = 200) -> TemplateResponse:
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": "Répondre à une question",
            "subtitle": None,
            "question": question,
            "answer": ServiceAnswer.objects.filter(contribution=question.pk).first(),
            "late": timezone.localdate() > question.answer_due_on,
            "form": form,
            "may_answer": self.has_change_permission(request, question),
        }
        return TemplateResponse(request, "admin/consultation/question/answer.html", context, status=status)


def answer_of(question: Question) -> ServiceAnswer | None:
    return getattr(question, "service_answer", None)


def _last_service(request: HttpRequest) -> str:
    """The service for which this agent answered last: most answer for one."""
    mine = ServiceAnswer.objects.filter(by=request.user.pk, published_at__isnull=False).order_by("-published_at")
    return mine.values_list("service", flat=True).first() or ""
