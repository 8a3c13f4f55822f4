"""« Mes données »: by a link sent to the address, or from an account; a copy, an objection, leaving."""

# ruff: noqa: ARG001 (a view is given the request)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from socle.comptes.models import Personne
from socle.pagecache.decorators import personal_page
from socle.privacy import limits
from socle.privacy.actions import asking, copies, leaving, opposing
from socle.privacy.forms import IDENTITY, TEXTS, AddressForm, DepartureForm, OppositionForm
from socle.privacy.links import BY_ACCOUNT, owner_path, read_owner
from socle.privacy.models import Copie, Depart, Opposition
from socle.privacy.remaining import held_of, remains

type Owned = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Access:
    """Whose data a link opens, and whether a mail proved it; `signed` goes on from page to page."""

    personne: Personne
    signed: str
    by_mail: bool

    def path(self, name: str, *args: object) -> str:
        return reverse(name, args=[self.signed, *args])


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def mes_donnees(request: HttpRequest) -> HttpResponse:
    """Asks for an address and writes to it; from an account the way in is open, but for leaving."""
    personne = account_of(request)
    form = AddressForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form}
    if personne:
        context["mine"] = owner_path(personne.pk, by=BY_ACCOUNT)
    if not form.is_bound:
        return render(request, "privacy/mes_donnees.html", context)
    if not form.is_valid():
        return render(request, "privacy/mes_donnees.html", context, status=422)
    verdict = limits.may_ask(request)
    if not verdict.allowed:
        context["wait"] = max(1, -int(-verdict.wait.total_seconds() // 60))
        return render(request, "privacy/mes_donnees.html", context, status=429)
    step = asking.ask(form.cleaned_data["email"], form.cleaned_data["key"])
    return _written(request, step, form.cleaned_data["email"])


def _written(request: HttpRequest, step: str, email: str) -> HttpResponse:
    context = {"step": str(step), "email": email}
    return render(request, "privacy/lien.html", context, status=429 if step == asking.Asked.LIMITED else 200)


def account_of(request: HttpRequest) -> Personne | None:
    """The personne of an account whose address is proved."""
    personne = getattr(request.user, "personne", None)
    return personne if personne and personne.is_confirmed else None


def owned(view: Owned) -> Owned:
    """The person whose link this is: signed by a mail, or by their account while they are in it."""

    @personal_page
    @wraps(view)
    def shown(request: HttpRequest, signed: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        owner = read_owner(signed)
        personne = Personne.objects.filter(pk=owner.personne_pk).first() if owner else None
        if owner is None:
            return render(request, "privacy/lien.html", {"step": "unknown"}, status=404)
        if personne is None:
            return render(request, "privacy/lien.html", {"step": "gone"}, status=410)
        if owner.expired or not (owner.by_mail or account_of(request) == personne):
            return render(request, "privacy/lien.html", {"step": "expired"}, status=410)
        return view(request, Access(personne, signed, owner.by_mail), *args, **kwargs)

    return shown


@require_safe
@owned
def acces(request: HttpRequest, access: Access) -> HttpResponse:
    context = {
        "signed": access.signed,
        "email": access.personne.email,
        "held": held_of(access.personne),
        "copies": Copie.objects.filter(personne=access.personne)[:5],
        "oppositions": Opposition.objects.filter(personne=access.personne)[:20],
        "depart": Depart.objects.open().filter(personne=access.personne).first(),
    }
    return render(request, "privacy/acces.html", context)


@require_http_methods(["POST"])
@owned
def copie_demander(request: HttpRequest, access: Access) -> HttpResponse:
    copies.ask(access.personne)
    return see_other(f"{access.path('mes_donnees_acces')}#copies")


@require_safe
@owned
def copie(request: HttpRequest, access: Access, pk: int) -> HttpResponseBase:
    row = get_object_or_404(Copie.objects.filter(personne=access.personne), pk=pk)
    path = copies.file_of(row)
    if not (row.is_available and path.is_file()):
        return render(request, "privacy/lien.html", {"step": "over", "signed": access.signed}, status=410)
    response = FileResponse(path.open("rb"), as_attachment=True, filename="mes-donnees.zip")
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@owned
def partir(request: HttpRequest, access: Access) -> HttpResponse:
    """What goes, what stays and why; then, from the mail alone, the choice."""
    if request.method == "POST" and "rester" in request.POST:
        leaving.give_up(access.personne)
        return see_other(access.path("mes_donnees_partir"))
    if request.method == "POST" and not access.by_mail:
        return _written(request, asking.ask(access.personne.email, AddressForm()["key"].value()), access.personne.email)
    depart = Depart.objects.open().filter(personne=access.personne).first()
    chosen = {"what": TEXTS if depart and depart.with_texts else IDENTITY} if depart else {}
    form = DepartureForm(request.POST if request.method == "POST" else None, initial=chosen)
    if not (form.is_bound and form.is_valid()):
        return _departure(request, access, form, depart)
    try:
        leaving.ask(access.personne, with_texts=form.with_texts())
    except leaving.StaffLeavesOtherwiseError:
        return render(request, "privacy/lien.html", {"step": "staff"}, status=403)
    return see_other(access.path("mes_donnees_partir"))


def _departure(request: HttpRequest, access: Access, form: DepartureForm, depart: Depart | None) -> HttpResponse:
    context = {
        "signed": access.signed,
        "form": form,
        "depart": depart,
        "by_mail": access.by_mail,
        "remains": remains(access.personne),
        "hours": int(leaving.SECOND_THOUGHTS.total_seconds() // 3600),
    }
    return render(request, "privacy/partir.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@owned
def opposer(request: HttpRequest, access: Access) -> HttpResponse:
    form = OppositionForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        opposing.oppose(access.personne, form.cleaned_data["words"], form.cleaned_data["key"])
        return see_other(f"{access.path('mes_donnees_acces')}#oppositions")
    context = {"form": form, "signed": access.signed}
    return render(request, "privacy/opposer.html", context, status=422 if form.errors else 200)


def see_other(path: str) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": path})
