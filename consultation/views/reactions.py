"""Answering a contribution, for, against or neither: written, received and moderated as any contribution."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from consultation import limits, links
from consultation.actions import contributions as actions
from consultation.forms.contribution import proved_address, signed_in_personne
from consultation.forms.reaction import ReactionForm
from consultation.models import Contribution, Demarche
from consultation.views.write import already_sent, see_other, wait_label
from socle.pagecache.decorators import personal_page


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def reagir(request: HttpRequest, reference: str) -> HttpResponse:
    if known := already_sent(request):
        return see_other(links.receipt_path(known))
    parent = _parent(reference)
    form = ReactionForm(request.POST if request.method == "POST" else None, parent=parent)
    form.initial["email"] = proved_address(request)
    if not _open(parent):
        return _closed(request, parent, form if form.is_bound else None)
    return _receive(request, form) if form.is_bound else _page(request, form)


def _parent(reference: str) -> Contribution:
    """What is, or was, public and is not itself a réaction."""
    rows = Contribution.objects.appeared().without_reactions().with_reference(reference)
    shown = rows.filter(demarche__in=Demarche.objects.published())
    if found := shown.select_related("demarche", "theme").first():
        return found
    raise Http404("No contribution to answer.")


def _open(parent: Contribution) -> bool:
    return parent.is_published and parent.demarche.is_taking_reactions()


def _receive(request: HttpRequest, form: ReactionForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, form, status=422)
    cleaned = form.cleaned_data
    verdict = limits.may_contribute(request, cleaned["email"])
    if not verdict.allowed:
        return _page(request, form, status=429, wait=wait_label(verdict.wait))
    reaction = actions.submit(
        demarche=form.demarche,
        submission_key=cleaned["submission_key"],
        email=cleaned["email"],
        signed_in=signed_in_personne(request),
        **form.said(),
    )
    return see_other(links.receipt_path(reaction))


def _page(request: HttpRequest, form: ReactionForm, *, status: int = 200, **context: Any) -> HttpResponse:
    context |= {"form": form, "demarche": form.demarche, "parent": form.parent}
    return render(request, "consultation/reaction.html", context, status=status)


def _closed(request: HttpRequest, parent: Contribution, form: ReactionForm | None = None) -> HttpResponse:
    """Why nobody can answer it now; what was typed meanwhile is there to be copied."""
    context = {"parent": parent, "demarche": parent.demarche, "form": form}
    return render(request, "consultation/reaction_closed.html", context, status=409 if form else 200)


def _expired(request: HttpRequest) -> HttpResponse:
    """The CSRF check failed: what was typed, in a fresh form."""
    match = request.resolver_match
    parent = _parent(match.kwargs["reference"] if match else "")
    form = ReactionForm(request.POST, parent=parent)
    return _page(request, form, status=403, expired=True) if _open(parent) else _closed(request, parent, form)


reagir.on_csrf_failure = _expired  # type: ignore[attr-defined]
