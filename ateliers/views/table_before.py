"""At a table of the second séance and of those after it: what the group does with its productions of before."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from ateliers.actions import devenirs as actions
from ateliers.actions.productions import is_sent, write
from ateliers.forms.keeping import as_read, kept_words, left_words
from ateliers.forms.productions import DropForm, MergeForm, WordsForm, usual_nature
from ateliers.limits import may_type
from ateliers.links import table_path
from ateliers.models import Devenir, Production, Table
from ateliers.models.production import ALIVE, ENDS
from ateliers.refusals import Overtaken, Refusal
from ateliers.views.table import about, overtaken, with_table
from consultation.templatetags.prose import typo
from consultation.views.write import see_other, wait_label
from socle.text import whole_number


@with_table
def table_before(request: HttpRequest, table: Table) -> HttpResponse:
    """One tap keeps a production, or all that are left, or takes back what was decided; the rest has its page."""
    if request.method == "POST":
        return _tap(request, table)
    rows = _before(table)
    for row in rows:
        row.decided = actions.standing(row, table.seance)
    context = about(table) | {
        "waiting": [row for row in rows if row.decided is None],
        "decided": [row for row in rows if row.decided],
        "merge_url": table_path(table, "table_merge"),
    }
    return render(request, "ateliers/table_before.html", context)


def _before(table: Table) -> list[Production]:
    rows = Production.objects.before(table.seance).select_related("contribution", "seance")
    found = list(rows.with_history().order_by("seance__rank", "pk"))
    for row in found:
        row.contribution.demarche = table.seance.atelier.demarche
    return found


def _tap(request: HttpRequest, table: Table) -> HttpResponse:
    before_url = table_path(table, "table_before")
    if not (verdict := may_type(table)).allowed:
        messages.warning(
            request, f"Rien n’est noté : trop d’envois depuis cette table. Attendez {wait_label(verdict.wait)}."
        )
        return see_other(before_url)
    kept, undone = request.POST.get("garder", ""), request.POST.get("annuler", "")
    try:
        if "tout" in request.POST:
            return _keep_all(request, table)
        if undone:
            devenir = get_object_or_404(table.seance.devenirs.standing(), pk=whole_number(undone))
            actions.take_back(table, devenir)
            messages.success(request, "La décision est annulée : elle est à reprendre.")
            return see_other(before_url)
        production = get_object_or_404(Production.objects.before(table.seance), pk=whole_number(kept))
        actions.keep(table, production)
    except Refusal as refusal:
        messages.warning(request, typo(refusal))
        return see_other(before_url)
    messages.success(request, "Gardée.")
    return see_other(before_url)


def _keep_all(request: HttpRequest, table: Table) -> HttpResponse:
    """Those that were on the page when it was read, as they were."""
    kept = actions.keep_read(table, as_read(request.POST.getlist("lue")))
    if kept.count:
        messages.success(request, kept_words(kept))
    if left := left_words(kept):
        messages.warning(request, typo(left))
    return see_other(table_path(table, "table_before"))


@with_table
def table_reword(request: HttpRequest, table: Table, pk: int) -> HttpResponse:
    """Other words, with the former ones beside; or dropped, with the reason."""
    rows = Production.objects.before(table.seance).select_related("contribution__demarche", "seance")
    production = get_object_or_404(rows.with_history(), pk=pk)
    dropping = "abandonner" in request.POST
    first = production.words._asdict() | {"seen": production.latest.pk}
    words = WordsForm(request.POST if request.method == "POST" and not dropping else None, initial=first)
    drop = DropForm(request.POST if dropping else None)
    form = drop if dropping else words
    if request.method != "POST" or not form.is_valid():
        return _reword_page(request, table, production, words, drop)
    if not (verdict := may_type(table)).allowed:
        return _reword_page(request, table, production, words, drop, status=429, wait=wait_label(verdict.wait))
    try:
        if dropping:
            actions.drop(table, production, drop.cleaned_data["reason"])
        else:
            actions.reword(table, production, **words.cleaned_data)
    except Overtaken as late:
        if dropping:
            return _reword_page(request, table, late.production, words, drop, status=409, notice=str(late))
        return overtaken(
            request, table, late, words, drop=drop, template="ateliers/table_reword.html", former=late.production.words
        )
    except Refusal as refusal:
        return _reword_page(request, table, production, words, drop, status=409, notice=str(refusal))
    said = "abandonnée" if dropping else "reformulée"
    messages.success(request, f"{production.contribution.reference} est {said}.")
    return see_other(table_path(table, "table_before"))


def _reword_page(
    request: HttpRequest, table: Table, production: Production, words: WordsForm, drop: DropForm, **context: Any
) -> HttpResponse:
    status = context.pop("status", 422 if words.errors or drop.errors else 200)
    context |= about(table) | {
        "production": production,
        "contribution": production.contribution,
        "former": production.words,
        "form": words,
        "drop": drop,
    }
    return render(request, "ateliers/table_reword.html", context, status=status)


@with_table
def table_merge(request: HttpRequest, table: Table) -> HttpResponse:
    if is_sent(table, request.POST.get("submission_key", "")):
        return see_other(table_path(table, "table_before"))
    rows = [row for row in _before(table) if actions.standing(row, table.seance) is None]
    form = MergeForm(
        request.POST if request.method == "POST" else None, mergeable=rows, targets=rows + _of_today(table, rows)
    )
    context = about(table) | {"form": form}
    if request.method != "POST" or not form.is_valid():
        return render(request, "ateliers/table_merge.html", context, status=422 if form.is_bound else 200)
    if not (verdict := may_type(table)).allowed:
        return render(request, "ateliers/table_merge.html", context | {"wait": wait_label(verdict.wait)}, status=429)
    try:
        made = _merge(table, form)
    except Refusal as refusal:
        return render(request, "ateliers/table_merge.html", context | {"notice": str(refusal)}, status=409)
    messages.success(request, f"{len(made)} productions sont fusionnées." if len(made) > 1 else "Elle est fusionnée.")
    return see_other(table_path(table, "table_before"))


def _of_today(table: Table, before: list[Production]) -> list[Production]:
    """What may receive others: this séance's own, and those of before that were kept or reworded at it."""
    known = {row.pk for row in before}
    ended = Devenir.objects.standing().filter(seance=table.seance_id, fate__in=ENDS).values("production")
    rows = Production.objects.filter(seance__atelier=table.seance.atelier_id, contribution__state__in=ALIVE)
    kept = table.seance.devenirs.standing().exclude(fate__in=ENDS).values("production")
    rows = rows.filter(seance=table.seance_id) | rows.filter(pk__in=kept)
    found = list(rows.exclude(pk__in=ended).select_related("contribution").with_history().order_by("pk"))
    for row in found:
        row.contribution.demarche = table.seance.atelier.demarche
    return [row for row in found if row.pk not in known]


def _merge(table: Table, form: MergeForm) -> list[Devenir]:
    """The production that receives the others is written in the same transaction, or not at all."""
    said = form.cleaned_data
    with transaction.atomic():
        into = form.target() or write(
            table,
            submission_key=said["submission_key"],
            nature=usual_nature(table.seance),
            title=said["title"],
            body=said["body"],
        )
        return actions.merge(table, form.merged(), into, said["reason"])
