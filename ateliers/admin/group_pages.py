"""« Composer le groupe »: the members and the places, one person, those of the launch, the places meant for each."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from ateliers.actions import composition as actions
from ateliers.actions.composition import Composed, CompositionError
from ateliers.actions.tirages import Enlisted, enlist
from ateliers.forms.composition import LaunchForm, PersonForm, cible_formset
from ateliers.groups import came_to_launch, free_registrants, missing_count, rooms, seances_to_come
from ateliers.models import Atelier, CameBy, Cible, Membre
from ateliers.permissions import can_animate, can_look_into
from consultation.places import NBSP
from consultation.traces import looked

GROUP = "admin:ateliers_atelier_groupe"


class AtelierPages:
    """What every page of an atelier in the admin starts from: found, asked for, shown to its reader alone."""

    def atelier_urls(self, *pages: tuple[str, str, Any]) -> list[Any]:
        """(address under the atelier, name, view)."""
        view = self.admin_site.admin_view
        return [path(f"<int:pk>/{end}", view(page), name=f"ateliers_atelier_{name}") for end, name, page in pages]

    def found(self, request: HttpRequest, pk: int, *, to_change: bool = True) -> Atelier:
        """Nobody learns of an atelier that they may not look into; who looks does not change."""
        atelier = get_object_or_404(Atelier.objects.select_related("demarche"), pk=pk)
        if not can_look_into(request.user, atelier):
            raise Http404
        if to_change and not can_animate(request.user, atelier):
            raise PermissionDenied
        return atelier

    def page(
        self, request: HttpRequest, atelier: Atelier, title: str, name: str, context: dict[str, Any]
    ) -> HttpResponse:
        """`wrong` in the context: what was posted is refused, and shown again."""
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "atelier": atelier, "title": title}
        template = f"admin/ateliers/atelier/{name}.html"
        response = TemplateResponse(request, template, shared | context, status=422 if context.get("wrong") else 200)
        response["Cache-Control"] = "private, no-store"
        return response

    def say(self, request: HttpRequest, atelier: Atelier, composed: Composed) -> None:
        """In figures: the people, then the places of each séance."""
        said = [_many(composed.joined, "personne entre", "personnes entrent") + " dans le groupe"]
        said += [_many(composed.back, "y revient", "y reviennent")] if composed.back else []
        said += [_many(composed.already, "y était déjà", "y étaient déjà")] if composed.already else []
        self.message_user(request, f"{', '.join(said)}.", messages.SUCCESS)
        self.say_places(request, atelier, composed)

    def say_places(self, request: HttpRequest, atelier: Atelier, composed: Composed) -> None:
        seen = composed.confirmed.keys() | composed.waiting.keys()
        for room in (room for room in rooms(atelier) if room.seance.pk in seen):
            confirmed, waiting = composed.confirmed[room.seance.pk], composed.waiting[room.seance.pk]
            line = f", {waiting} sur la liste d’attente" if waiting else ""
            now = f" {room.filling.label}." if room.filling.label else ""
            words = f"Séance {room.seance.rank}{NBSP}: {_many(confirmed, 'place donnée', 'places données')}{line}.{now}"
            self.message_user(request, words, messages.WARNING if waiting else messages.INFO)

    def say_enlisted(self, request: HttpRequest, enlisted: Enlisted) -> None:
        said = [_many(enlisted.added, "candidature ajoutée", "candidatures ajoutées")]
        said += [_many(enlisted.already, "avait déjà son numéro", "avaient déjà leur numéro")] * bool(enlisted.already)
        said += [_many(enlisted.members, "est déjà du groupe", "sont déjà du groupe")] * bool(enlisted.members)
        self.message_user(request, f"{', '.join(said)}.", messages.SUCCESS)

    def refuse(self, request: HttpRequest, error: CompositionError) -> None:
        self.message_user(request, " ".join(error.messages), messages.ERROR)


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {one if count < 2 else several}"


class GroupPages(AtelierPages):
    def get_urls(self) -> list[Any]:
        own = self.atelier_urls(
            ("groupe/", "groupe", self.group_page),
            ("groupe/lancement/", "groupe_lancement", self.launch_page),
            ("groupe/cibles/", "groupe_cibles", self.cibles_page),
        )
        return [*own, *super().get_urls()]  # type: ignore[misc]

    def group_link(self, atelier: Atelier) -> str:
        if atelier.pk is None:
            return "Une fois l’atelier enregistré."
        return format_html('<a href="{}">Composer le groupe</a>', reverse(GROUP, args=[atelier.pk]))

    def group_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Members by reference; names and addresses for who runs the atelier, who has to call people."""
        atelier = self.found(request, pk, to_change=request.method == "POST")
        form = PersonForm(request.POST if request.POST.get("geste") == "ajouter" else None, atelier=atelier)
        if request.method == "POST" and (not form.is_bound or form.is_valid()):
            return self._gesture(request, atelier, form)
        context = self._group(request, atelier) | {"form": form, "wrong": form.errors}
        if context["may_animate"]:
            looked(request.user, "Groupe d’un atelier", len(context["present"]) + len(context["gone"]), atelier)
        return self.page(request, atelier, "Composer le groupe", "group", context)

    def _gesture(self, request: HttpRequest, atelier: Atelier, form: PersonForm) -> HttpResponse:
        gesture = request.POST.get("geste", "")
        gestures = {
            "ajouter": self._add,
            "partir": self._leave,
            "revenir": self._come_back,
            "rattraper": self._catch_up,
            "libres": self._take_registrants,
            "ouvrir": self._open,
            "fermer": self._open,
        }
        try:
            if gesture in gestures:
                gestures[gesture](request, atelier, form)
            else:
                self.message_user(request, "Rien n’a été changé : choisissez un des boutons.", messages.WARNING)
        except CompositionError as error:
            self.refuse(request, error)
        return HttpResponseRedirect(reverse(GROUP, args=[atelier.pk]))

    def _add(self, request: HttpRequest, atelier: Atelier, form: PersonForm) -> None:
        self.say(
            request, atelier, actions.compose(atelier, [form.someone()], form.cleaned_data["came_by"], request.user)
        )

    def _leave(self, request: HttpRequest, atelier: Atelier, form: PersonForm) -> None:
        membre = self._membre(request, atelier)
        returned = actions.leave(membre, request.user)
        places = _many(returned, "place rendue à la liste", "places rendues à la liste")
        self.message_user(request, f"{str(membre).capitalize()} a quitté le groupe{NBSP}: {places}.", messages.SUCCESS)

    def _come_back(self, request: HttpRequest, atelier: Atelier, form: PersonForm) -> None:
        self.say(request, atelier, actions.come_back(self._membre(request, atelier), request.user))

    def _catch_up(self, request: HttpRequest, atelier: Atelier, form: PersonForm) -> None:
        self.say_places(request, atelier, actions.catch_up(atelier, request.user))

    def _take_registrants(self, request: HttpRequest, atelier: Atelier, form: PersonForm) -> None:
        self.say(request, atelier, actions.take_registrants(atelier, request.user))

    def _open(self, request: HttpRequest, atelier: Atelier, form: PersonForm) -> None:
        opened = request.POST["geste"] == "ouvrir"
        changed = actions.open_rest(atelier, opened=opened)
        if opened:
            words = _many(changed, "séance s’ouvre", "séances s’ouvrent") + " à tous, pour les places qui restent."
        else:
            words = _many(changed, "séance est réservée", "séances sont réservées") + " au groupe."
        self.message_user(request, words, messages.SUCCESS)

    def _membre(self, request: HttpRequest, atelier: Atelier) -> Membre:
        typed = request.POST.get("membre", "")
        known = typed.isascii() and typed.isdigit() and len(typed) < 19
        rows = Membre.objects.filter(atelier=atelier).select_related("personne", "atelier__demarche")
        return get_object_or_404(rows, pk=int(typed) if known else 0)

    def _group(self, request: HttpRequest, atelier: Atelier) -> dict[str, Any]:
        rows = Membre.objects.filter(atelier=atelier).select_related("personne", "college", "commune")
        membres = list(rows.order_by("left_at", "college__rank", "pk"))
        present = [one for one in membres if one.left_at is None]
        meant = [one.places for one in Cible.objects.filter(atelier=atelier, college__isnull=False)]
        leaving = next((one for one in present if str(one.pk) == request.GET.get("partir", "")), None)
        return {
            "present": present,
            "gone": [one for one in membres if one.left_at is not None],
            "may_animate": can_animate(request.user, atelier),
            "rooms": rooms(atelier),
            "meant": sum(meant) if meant else None,
            "unfilled": max(0, sum(meant) - len(present)),
            "unproved": sum(one.personne.confirmed_at is None for one in present),
            "missing": missing_count(present, seances_to_come(atelier)),
            "registrants": free_registrants(atelier).count(),
            "leaving": leaving,
        }

    def launch_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Those who came: put in the group, or given a number for a draw."""
        atelier = self.found(request, pk)
        came = came_to_launch(atelier)
        form = LaunchForm(request.POST if request.method == "POST" else None, atelier=atelier, came=came)
        if form.is_bound and form.is_valid():
            return self._from_launch(request, atelier, form)
        known = (
            Membre.objects.present()
            .filter(atelier__demarche=atelier.demarche_id)
            .values_list("personne", "atelier__rank")
        )
        groups: dict[int, list[int]] = {}
        for personne, rank in known.order_by("atelier__rank"):
            groups.setdefault(personne, []).append(rank)
        rows = list(came.select_related("personne").order_by("name", "personne__email", "pk"))
        looked(request.user, "Personnes venues au lancement", len(rows), atelier)
        ticked = set(form.data.getlist("people")) if form.is_bound else set()
        context = {
            "form": form,
            "rows": [(one, groups.get(one.personne_id, []), str(one.pk) in ticked) for one in rows],
            "rooms": rooms(atelier),
            "wrong": form.errors,
        }
        return self.page(request, atelier, "Depuis le lancement", "group_launch", context)

    def _from_launch(self, request: HttpRequest, atelier: Atelier, form: LaunchForm) -> HttpResponse:
        for_draw = "tirage" in request.POST
        try:
            if for_draw:
                self.say_enlisted(request, enlist(atelier, form.someones()))
            else:
                self.say(request, atelier, actions.compose(atelier, form.someones(), CameBy.LANCEMENT, request.user))
        except CompositionError as error:
            self.refuse(request, error)
        name = "admin:ateliers_atelier_tirage" if for_draw else GROUP
        return HttpResponseRedirect(reverse(name, args=[atelier.pk]))

    def cibles_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        atelier = self.found(request, pk)
        formset = cible_formset(atelier, request.POST if request.method == "POST" else None)
        if formset.is_bound and actions.aim_at(atelier, formset):
            self.message_user(request, "Les places visées sont notées ; la page publique les montre.", messages.SUCCESS)
            return HttpResponseRedirect(reverse(GROUP, args=[atelier.pk]))
        context = {"formset": formset, "rooms": rooms(atelier), "wrong": formset.is_bound}
        return self.page(request, atelier, "Places visées", "group_cibles", context)
