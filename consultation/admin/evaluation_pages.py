"""The évaluations of a rencontre, for its organisers: the sheet to print, the papers to type, what is public."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from consultation.actions.evaluations import enter_papers
from consultation.admin.organised import OrganisedPages
from consultation.choices import Mark
from consultation.evaluations import FEWEST, came, received
from consultation.forms.evaluation import PapersForm
from consultation.models import Evaluation, EvaluationFigures, Rencontre
from consultation.printing.evaluation import evaluation_sheet


class EvaluationPages(OrganisedPages):
    def get_urls(self) -> list[Any]:
        pages = (("avis/", self.evaluations_page, "avis"), ("avis/feuille.pdf", self.evaluation_sheet, "avis_feuille"))
        own = [
            path(f"<int:pk>/{route}", self.admin_site.admin_view(view), name=f"consultation_rencontre_{name}")
            for route, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def evaluations_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Staff read the figures that everybody reads, and type what came on paper once the rencontre has begun."""
        rencontre = self.organised(request, pk)
        begun = rencontre.has_begun() and not rencontre.is_cancelled
        form = PapersForm(request.POST if request.method == "POST" else None) if begun else None
        if form and form.is_bound and form.is_valid():
            return self._enter(request, rencontre, form)
        row = EvaluationFigures.objects.filter(pk=pk).first()
        context = {
            "form": form,
            "marks": [*Mark],
            "sentences": [*Evaluation.sentences().values()],
            "came": came(rencontre),
            "received": received(row.figures) if row else "",
            "fewest": FEWEST,
            "status": 422 if form and form.errors else 200,
        }
        return self.organised_page(request, rencontre, "Évaluations", "evaluations", context)

    def _enter(self, request: HttpRequest, rencontre: Rencontre, form: PapersForm) -> HttpResponse:
        entered = enter_papers(rencontre, form.cleaned_data["key"], form.cleaned_data["lines"])
        if entered:
            said = "Une feuille est enregistrée." if entered == 1 else f"{entered} feuilles sont enregistrées."
            self.message_user(request, said, messages.SUCCESS)
            self.log_change(request, rencontre, f"Évaluations sur papier saisies : {entered}.")
        else:
            self.message_user(request, "Ces feuilles étaient déjà enregistrées : rien n’a changé.", messages.WARNING)
        return HttpResponseRedirect(reverse("admin:consultation_rencontre_avis", args=[rencontre.pk]))

    @method_decorator(require_safe)
    def evaluation_sheet(self, request: HttpRequest, pk: int) -> HttpResponse:
        rencontre = self.organised(request, pk)
        shown = {"Content-Disposition": f'inline; filename="evaluation-{rencontre.pk}.pdf"'}
        return HttpResponse(evaluation_sheet(rencontre), content_type="application/pdf", headers=shown)
