"""The places of a rencontre: who has one, who waits and why, who is put down, and fewer places by name."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from consultation.actions.inscriptions import change_capacity
from consultation.actions.wishes import enlist
from consultation.admin.rencontre_pages import RencontrePages
from consultation.choices import InscriptionEventKind
from consultation.forms.places import EnlistForm, ReleaseForm
from consultation.models import Inscription, InscriptionEvent, Rencontre
from consultation.models.inscription import InscriptionQuerySet
from consultation.permissions import can_organise
from consultation.places import Filling, filling
from consultation.traces import looked


class PlacesPages(RencontrePages):
    def get_urls(self) -> list[Any]:
        pages = (("liste", self.line_page), ("places", self.release_page))
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"consultation_rencontre_{name}")
            for name, view in pages
        ]
        return [*own, *super().get_urls()]

    def line_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Addresses, and needs that tell of health: for whoever runs the démarche or this rencontre."""
        rencontre = self._run(request, pk)
        form = EnlistForm(request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            try:
                self._say_enlisted(request, *enlist(pk, form.cleaned_data["email"], request.user))
                return _see(pk, "liste")
            except ValidationError as refused:
                form.add_error("email", refused)
        rows, found = Inscription.objects.filter(rencontre=rencontre), filling(rencontre)
        line, holders = _line(rows, found), list(_people(rows.confirmed().newest_places()))
        looked(request.user, "Places et liste d’attente", len(line) + len(holders), rencontre)
        context = {"form": form, "filling": found, "line": line, "holders": holders}
        return self._page(request, rencontre, "Places et liste d’attente", "line", context)

    def release_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Fewer places than people confirmed: the team says who, and why; nobody loses a place by chance."""
        rencontre = self._run(request, pk)
        holders = list(_people(Inscription.objects.filter(rencontre=rencontre).releasable()))
        looked(request.user, "Places à rendre", len(holders), rencontre)
        posted = request.method == "POST"
        said = request.POST if posted else request.GET
        form = ReleaseForm(said if "capacity" in said else None, holders=holders)
        if form.is_valid() and posted:
            try:
                return self._released(request, rencontre, form)
            except ValidationError as refused:
                form.add_error("released", refused)
        taken, capacity = filling(rencontre).taken, getattr(form, "cleaned_data", {}).get("capacity")
        context = {
            "form": form,
            "taken": taken,
            "capacity": capacity,
            "needed": 0 if capacity is None else max(0, taken - capacity),
        }
        return self._page(request, rencontre, "Changer le nombre de places", "places", context)

    def _released(self, request: HttpRequest, rencontre: Rencontre, form: ReleaseForm) -> HttpResponse:
        named, capacity = form.named(), form.cleaned_data["capacity"]
        change_capacity(rencontre.pk, capacity, request.user, named, form.cleaned_data["note"])
        said = f"Il y a maintenant {capacity} place{'s' if capacity > 1 else ''}."
        if len(named) == 1:
            said += " Une personne n’a plus la sienne : un courriel le lui dit."
        elif named:
            said += f" {len(named)} personnes n’ont plus la leur : un courriel le leur dit."
        self.message_user(request, said, messages.SUCCESS)
        return _see(rencontre.pk, "liste")

    def _say_enlisted(self, request: HttpRequest, inscription: Inscription, is_new: bool) -> None:
        email = inscription.personne.email
        if not is_new:
            self.message_user(request, f"{email} est déjà sur la liste : rien n’a changé.", messages.INFO)
        elif inscription.is_confirmed:
            self.message_user(request, f"{email} a une place ; un courriel le lui dit.", messages.SUCCESS)
        else:
            rank = inscription.rank  # type: ignore[attr-defined]
            said = f"{email} est sur la liste d’attente, au rang {rank} ; un courriel le lui dit."
            self.message_user(request, said, messages.SUCCESS)

    def _run(self, request: HttpRequest, pk: int) -> Rencontre:
        rencontre = self._rencontre(request, pk)
        if not can_organise(request.user, rencontre):
            raise PermissionDenied
        return rencontre


def _see(pk: int, name: str) -> HttpResponse:
    return HttpResponseRedirect(reverse(f"admin:consultation_rencontre_{name}", args=[pk]))


def _people(rows: InscriptionQuerySet) -> InscriptionQuerySet:
    return rows.select_related("personne").prefetch_related("services")


def _line(rows: InscriptionQuerySet, found: Filling) -> list[tuple[Inscription, str]]:
    """Each with why no place was offered, in order: the row's place is its rank."""
    passed_over = InscriptionEvent.objects.filter(kind=InscriptionEventKind.NOT_OFFERED).order_by("-pk")
    waiting = _people(rows.waiting()).prefetch_related(Prefetch("events", passed_over, to_attr="passed_over"))
    usual = "" if found.free else "Toutes les places sont prises."
    return [(one, next((event.note for event in one.passed_over), usual)) for one in waiting]  # type: ignore[attr-defined]
