"""The page of a table: many productions typed in a row, by whoever holds its link, without an account."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ateliers.actions import productions as actions
from ateliers.forms.productions import CorrectionForm, ProductionForm
from ateliers.limits import may_type
from ateliers.links import read_table, signed_table, table_path
from ateliers.models import Production, Table
from ateliers.refusals import Overtaken, Refusal, SheetTyped, TableShut
from ateliers.wording import difference, with_refusals
from consultation.actions.contributions import StaleState
from consultation.choices import ContributionState
from consultation.templatetags.prose import typo
from consultation.views.write import see_other, wait_label
from socle.pagecache.decorators import personal_page
from socle.text import clean_text

SHOWN = 300  # productions of the other tables
COOKIE = "table"  # which table this device types at: the code of a sheet leads there

type Typing = Callable[..., HttpResponse]


def with_table(view: Typing) -> Typing:
    """The open table of the address. A link that is over says so, and gives back what was typed."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @personal_page
    @wraps(view)
    def shown(request: HttpRequest, signed: str, **words: Any) -> HttpResponse:
        table = read_table(signed)
        if table is None:
            return shut(request, None, status=404)
        if not table.is_open():
            return shut(request, table, status=409 if request.method == "POST" else 410)
        try:
            return view(request, table, **words)
        except TableShut:
            return shut(request, table, status=409)

    def expired(request: HttpRequest) -> HttpResponse:
        """The CSRF check failed (cookies refused, a page left open for days): what was typed is given back."""
        match = request.resolver_match
        table = read_table(match.kwargs["signed"]) if match else None
        return shut(request, table, status=403, expired=True)

    shown.on_csrf_failure = expired  # type: ignore[attr-defined]
    return shown


def shut(request: HttpRequest, table: Table | None, *, status: int, **context: Any) -> HttpResponse:
    typed = {name: clean_text(request.POST.get(name, ""), multiline=True) for name in ("title", "body", "reason")}
    context |= {"table": table, "typed": {name: words for name, words in typed.items() if words}}
    if table:
        early = timezone.now() < table.opens_at() and table.closed_at is None
        context |= about(table) | {"early": early, "over": timezone.now() >= table.stops_at()}
    return render(request, "ateliers/table_shut.html", context, status=status)


def about(table: Table) -> dict[str, Any]:
    seance = table.seance
    return {
        "table": table,
        "signed": signed_table(table),
        "seance": seance,
        "atelier": seance.atelier,
        "demarche": seance.atelier.demarche,
        "table_url": table_path(table),
        "before_url": table_path(table, "table_before"),
    }


@with_table
def table(request: HttpRequest, table: Table) -> HttpResponse:
    if request.method == "POST":
        return _receive(request, table, ProductionForm(request.POST, table=table))
    asked = {name: clean_text(request.GET.get(key, ""), multiline=False)[:80] for name, key in FILLED.items()}
    return _page(request, table, ProductionForm(table=table, initial=asked))


FILLED = {"sheet": "fiche", "cites": "vient_de"}  # what the code of a sheet, or a production of before, fills in


def _receive(request: HttpRequest, table: Table, form: ProductionForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, table, form, status=422)
    verdict = may_type(table)
    if not verdict.allowed:
        return _page(request, table, form, status=429, wait=wait_label(verdict.wait))
    try:
        production = actions.write(table, **form.said())
    except SheetTyped as typed:
        form.add_error("sheet", str(typed))
        return _page(request, table, form, status=409)
    except Refusal as refusal:
        return _page(request, table, form, status=409, notice=str(refusal))
    messages.success(request, f"{production.contribution.reference} est enregistrée.")
    return see_other(table_path(table))


def _page(
    request: HttpRequest, table: Table, form: ProductionForm, *, status: int = 200, **context: Any
) -> HttpResponse:
    rows = Production.objects.filter(seance=table.seance_id).exclude(contribution__state=ContributionState.WITHDRAWN)
    rows = rows.select_related("contribution", "table").order_by("-pk")
    for row in rows:
        row.contribution.demarche = table.seance.atelier.demarche
    with_refusals(rows)
    context |= about(table) | {
        "form": form,
        "mine": [row for row in rows if row.table_id == table.pk],
        "others": [row for row in rows if row.table_id != table.pk][:SHOWN],
        "left": _left(table),
    }
    response = render(request, "ateliers/table.html", context, status=status)
    response.set_cookie(
        COOKIE,
        signed_table(table),
        expires=table.stops_at(),
        path="/fiche/",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


def _left(table: Table) -> int | None:
    """How many productions of before wait for what the group does with them; None where it is the first séance."""
    seance = table.seance
    if not Production.objects.filter(seance__atelier=seance.atelier_id, seance__rank__lt=seance.rank).exists():
        return None
    return Production.objects.undecided(seance).count()


@with_table
def table_correct(request: HttpRequest, table: Table, pk: int) -> HttpResponse:
    rows = Production.objects.filter(seance=table.seance_id).select_related("contribution__demarche")
    production = get_object_or_404(rows.with_history(), pk=pk)
    if "retirer" in request.POST:
        return _withdraw(request, table, production)
    form = CorrectionForm(request.POST or None, table=table, initial=None if request.POST else _initial(production))
    if request.method != "POST" or not form.is_valid():
        return correction(request, table, production, form)
    if not (verdict := may_type(table)).allowed:
        return correction(request, table, production, form, status=429, wait=wait_label(verdict.wait))
    try:
        actions.correct(table, production, **form.cleaned_data)
    except Overtaken as late:
        return overtaken(request, table, late, form)
    except (Refusal, StaleState) as refusal:
        return correction(request, table, production, form, status=409, notice=str(refusal))
    messages.success(request, f"{production.contribution.reference} est corrigée.")
    return see_other(table_path(table))


def _initial(production: Production) -> dict[str, Any]:
    words = production.words
    cited = production.contribution.citations.filter(how="reprend", by__isnull=True).select_related("cited__demarche")
    return {
        "title": words.title,
        "body": words.body,
        "minority": production.minority,
        "cites": " ".join(one.cited.reference for one in cited),
        "seen": production.latest.pk,
    }


def _withdraw(request: HttpRequest, table: Table, production: Production) -> HttpResponse:
    try:
        actions.withdraw(table, production)
    except (Refusal, StaleState) as refusal:
        messages.warning(request, typo(refusal))
        return see_other(table_path(table, "table_correct", production.pk))
    messages.success(request, f"{production.contribution.reference} est retirée : elle ne sera pas publiée.")
    return see_other(table_path(table))


def correction(
    request: HttpRequest, table: Table, production: Production, form: CorrectionForm, **context: Any
) -> HttpResponse:
    status = context.pop("status", 422 if form.errors else 200)
    context |= about(table) | {"production": production, "contribution": production.contribution, "form": form}
    return render(request, "ateliers/table_correct.html", context, status=status)


def overtaken(request: HttpRequest, table: Table, late: Overtaken, form: Any, **context: Any) -> HttpResponse:
    """Theirs and yours, side by side, then the form with yours: sent again, it takes the place of theirs."""
    words = late.production.words
    posted = form.data.copy()
    posted["seen"] = late.production.latest.pk
    again = type(form)(posted, **({"table": table} if isinstance(form, CorrectionForm) else {}))
    context |= about(table) | {
        "production": late.production,
        "contribution": late.production.contribution,
        "form": again,
        "notice": str(late),
        "theirs": {name: difference(theirs, form[name].value() or "") for name, theirs in words._asdict().items()},
    }
    template = context.pop("template", "ateliers/table_correct.html")
    return render(request, template, context, status=409)
