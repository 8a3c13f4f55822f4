"""« Tirer au sort »: who may be drawn, by number; a draw announced, or done; all those that were."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from ateliers import lots
from ateliers.actions import tirages as actions
from ateliers.actions.composition import CompositionError, Someone
from ateliers.admin.group_pages import AtelierPages
from ateliers.forms.composition import SeedForm, TirageForm
from ateliers.groups import came_to_launch, in_line
from ateliers.models import Atelier, Candidature, Tirage
from ateliers.permissions import can_animate
from consultation.models import College
from consultation.models.inscription import InscriptionQuerySet
from consultation.traces import looked

DRAW = "admin:ateliers_atelier_tirage"


class DrawPages(AtelierPages):
    def get_urls(self) -> list[Any]:
        return [*self.atelier_urls(("tirage/", "tirage", self.draw_page)), *super().get_urls()]  # type: ignore[misc]

    def draw_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        atelier = self.found(request, pk, to_change=request.method == "POST")
        waiting = Tirage.objects.filter(atelier=atelier, drawn_at__isnull=True).first()
        gesture = request.POST.get("geste", "")
        form = TirageForm(request.POST if gesture == "tirer" and not waiting else None)
        seed = SeedForm(request.POST if gesture == "graine" and waiting else None)
        if request.method == "POST" and not (form.errors or seed.errors):
            self._draw_gesture(request, atelier, waiting, form, seed)
            return HttpResponseRedirect(reverse(DRAW, args=[atelier.pk]))
        context = self._draw(request, atelier) | {"form": form, "seed": seed, "waiting": waiting}
        context["wrong"] = form.errors or seed.errors
        if context["may_animate"]:
            looked(request.user, "Candidatures d’un atelier", len(context["rows"]), atelier)
        return self.page(request, atelier, "Tirer au sort", "draw", context)

    def _draw_gesture(
        self, request: HttpRequest, atelier: Atelier, waiting: Tirage | None, form: TirageForm, seed: SeedForm
    ) -> None:
        gesture = request.POST.get("geste", "")
        sources = {"lancement": came_to_launch, "attente": in_line}
        try:
            if gesture in sources:
                self.say_enlisted(request, actions.enlist(atelier, _people(sources[gesture](atelier))))
            elif seed.is_bound and waiting:
                waiting.atelier = atelier
                self.say(request, atelier, actions.draw(waiting, seed.cleaned_data["seed"], request.user))
            elif form.is_bound:
                self._announce_or_draw(request, atelier, form.cleaned_data)
            else:
                said = "Rien n’a été changé : un autre tirage a peut-être été annoncé, ou fait, entre-temps."
                self.message_user(request, said, messages.WARNING)
        except CompositionError as error:
            self.refuse(request, error)

    def _announce_or_draw(self, request: HttpRequest, atelier: Atelier, said: dict[str, Any]) -> None:
        if said["how"] == TirageForm.NOW:
            self.say(request, atelier, actions.draw_now(atelier, said["others"], request.user))
            return
        tirage = actions.announce(atelier, said["others"], said["source"], request.user)
        count = len(lots.numbers_of(tirage.pool))
        words = f"Le tirage est annoncé, avec {count} numéros ; chacun reçoit le sien par courriel."
        self.message_user(request, words, messages.SUCCESS)

    def _draw(self, request: HttpRequest, atelier: Atelier) -> dict[str, Any]:
        rows = Candidature.objects.filter(atelier=atelier).select_related("personne", "college", "commune")
        labels = dict(College.objects.filter(demarche=atelier.demarche_id).values_list("pk", "label"))
        pool = actions.pool_of(atelier)
        groups = [
            (labels.get(college, "Sans collège visé"), places if college else None, len(numbers))
            for college, (places, numbers) in pool.groups.items()
        ]
        return {
            "rows": list(rows.order_by("number")),
            "groups": groups,
            "tirages": Tirage.objects.filter(atelier=atelier).select_related("by"),
            "may_animate": can_animate(request.user, atelier),
            "came": came_to_launch(atelier).count(),
            "in_line": in_line(atelier).values("personne").distinct().count(),
        }


def _people(inscriptions: InscriptionQuerySet) -> list[Someone]:
    rows = inscriptions.select_related("personne").order_by("created_at", "pk")
    return [Someone(one.personne.email, one.name) for one in rows]
