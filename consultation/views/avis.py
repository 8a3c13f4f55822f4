"""What people thought of a rencontre: the five questions, by the link of a mail; the figures, for everybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from consultation.actions.evaluations import Received, answer
from consultation.choices import Mark
from consultation.drawing import bars
from consultation.evaluation_links import evaluation_path, read_evaluation
from consultation.evaluations import DAYS_OPEN, FEWEST, came, is_over, received, results, takes_answers
from consultation.forms.evaluation import EvaluationForm
from consultation.models import EvaluationFigures, Inscription, Rencontre
from consultation.views.write import see_other
from socle.dates import next_midnight
from socle.pagecache.decorators import personal_page, public_page

STATUS = {"unknown": 404, Received.CLOSED: 410}
KINDS = {Mark.FULLY: "p4", Mark.RATHER: "p3", Mark.RATHER_NOT: "p2", Mark.NOT_AT_ALL: "p1"}


def until(request: HttpRequest) -> datetime:  # noqa: ARG001 (a day may end the rencontre)
    return next_midnight()


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def avis(request: HttpRequest, signed: str) -> HttpResponse:
    """The link of the mail. The page names nobody: whoever it was sent on to learns nothing of its owner."""
    rows = Inscription.objects.filter(rencontre__in=Rencontre.objects.published()).select_related("rencontre")
    inscription = rows.filter(pk=read_evaluation(signed), attended_at__isnull=False).first()
    if inscription is None:
        return _page(request, "unknown")
    rencontre = inscription.rencontre
    if inscription.has_evaluated:
        return _page(request, Received.ALREADY, rencontre=rencontre)
    if not takes_answers(rencontre):
        return _page(request, Received.CLOSED, rencontre=rencontre)
    form = EvaluationForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if answer(inscription, form.marks()) == Received.YES:
            messages.success(request, "Merci, c’est reçu.")
        return see_other(evaluation_path(inscription.pk))
    return _page(request, "asked", rencontre=rencontre, form=form, status=422 if form.errors else 200)


def _page(request: HttpRequest, step: str, **context: Any) -> HttpResponse:
    status = context.pop("status", STATUS.get(step, 200))
    context |= {"step": str(step), "days": DAYS_OPEN, "fewest": FEWEST}
    return render(request, "consultation/avis.html", context, status=status)


@public_page(until=until)
def rencontre_avis(request: HttpRequest, pk: int) -> HttpResponse:
    """How many came, how many answered, and what; by five answers at least."""
    found = get_object_or_404(Rencontre.objects.published().select_related("demarche"), pk=pk)
    row = EvaluationFigures.objects.filter(pk=pk).first()
    figures = row.figures if row else {}
    asked = results(figures)
    rows = [(one.sentence, [*zip(KINDS.values(), _labels(), one.numbers, strict=True)]) for one in asked]
    context = {
        "demarche": found.demarche,
        "rencontre": found,
        "is_over": is_over(found),
        "came": came(found),
        "received": received(figures),
        "published_on": row.published_on if row else None,
        "asked": asked,
        "marks": [*zip(KINDS.values(), _labels(), strict=True)],
        "bars": bars(rows),
        "fewest": FEWEST,
        "days": DAYS_OPEN,
    }
    return render(request, "consultation/rencontre_avis.html", context)


def _labels() -> list[str]:
    return [str(mark.label) for mark in Mark]
