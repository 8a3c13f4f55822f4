"""The arrival page, for a telephone in a bad network: a tap is a POST, answered by a short page, or to a script."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from consultation.actions import presence as actions
from consultation.admin.presence_base import Organised
from consultation.arrivals import Evening, Guest
from consultation.choices import Mode
from consultation.forms.presence import Tap, WalkInForm, said_at
from consultation.models import Inscription, Rencontre, Venue
from consultation.presence import presence_of
from consultation.traces import looked
from socle.comptes.models import User
from socle.text import clean_text

ARRIVALS = "Liste d’arrivée"
UNKNOWN = "Rien n’a été noté : ce bouton n’est pas de cette page. Rechargez-la."
NOT_THERE = "Rien n’a été noté : cette personne n’est pas dans la liste. Rechargez la page."


class ArrivalPages(Organised):
    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.arrivals_page)  # type: ignore[attr-defined]
        own = [path("<int:pk>/arrivees/", view, name="consultation_rencontre_arrivees")]
        return [*own, *super().get_urls()]  # type: ignore[misc]

    def arrivals_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        rencontre = self.organised(request, pk)
        if request.method == "POST":
            return self._walk_in(request, rencontre) if "venir" in request.POST else self._tap(request, rencontre)
        if _by_script(request):
            return _answered(request, rencontre)
        return self._arrivals(request, rencontre)

    def _tap(self, request: HttpRequest, rencontre: Rencontre) -> HttpResponse:
        tap = Tap.read(request.POST.get("tap", ""))
        if tap is None:
            return self._refused(request, rencontre, UNKNOWN, 422)
        try:
            row = _do(tap, rencontre, request.user, request.POST.get("ago", ""))  # type: ignore[arg-type]
        except (Inscription.DoesNotExist, Venue.DoesNotExist):
            return self._refused(request, rencontre, NOT_THERE, 404)
        except ValidationError as error:
            return self._refused(request, rencontre, error.message, 409)
        return self._noted(request, rencontre, row)

    def _walk_in(self, request: HttpRequest, rencontre: Rencontre) -> HttpResponse:
        form = WalkInForm(request.POST, rencontre=rencontre)
        if not form.is_valid():
            said = " ".join(link.message for link in form.error_links())
            return self._refused(request, rencontre, said, 422, form=form)
        key, at = form.cleaned_data["key"], said_at(request.POST.get("ago", ""))
        try:
            row = actions.walk_in(rencontre.pk, form.newcomer(), request.user, key, at=at)  # type: ignore[arg-type]
        except ValidationError as error:
            return self._refused(request, rencontre, error.message, 409, form=form)
        return self._noted(request, rencontre, row)

    def _noted(self, request: HttpRequest, rencontre: Rencontre, row: Inscription | Venue) -> HttpResponse:
        if _by_script(request):
            return _answered(request, rencontre)
        context = {
            "guest": Guest.of(row, both=rencontre.mode == Mode.BOTH),
            "erased": isinstance(row, Venue) and row.erased_at is not None,
            "came": presence_of(rencontre),
        }
        return self.light_page(request, rencontre, "arrival_noted", context)

    def _refused(
        self, request: HttpRequest, rencontre: Rencontre, said: str, status: int, form: WalkInForm | None = None
    ) -> HttpResponse:
        """Nothing was noted, and everything typed is still there."""
        if _by_script(request):
            return _answered(request, rencontre, said, status)
        return self._arrivals(request, rencontre, said=said, form=form, status=status)

    def _arrivals(
        self,
        request: HttpRequest,
        rencontre: Rencontre,
        *,
        said: str = "",
        form: WalkInForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        evening = Evening.of(rencontre)
        words = clean_text(request.GET.get("q", ""), multiline=False)[:60]
        found = [one for one in evening.guests if one.matches(words)] if words else evening.guests
        looked(request.user, ARRIVALS, len(found), rencontre)
        context = {
            "guests": found,
            "words": words,
            "said": said,
            "form": form or WalkInForm(rencontre=rencontre),
            "came": evening.came,
            "both": rencontre.mode == Mode.BOTH,
            "status": status,
        }
        return self.light_page(request, rencontre, "arrivals", context)


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _answered(request: HttpRequest, rencontre: Rencontre, said: str = "", status: int = 200) -> JsonResponse:
    evening = Evening.of(rencontre)
    looked(request.user, ARRIVALS, len(evening.guests), rencontre)
    answer = JsonResponse({"says": said, **evening.state()}, status=status)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _do(tap: Tap, rencontre: Rencontre, user: User, ago: str) -> Inscription | Venue:
    if tap.verb.startswith("photo"):
        refused = tap.verb == "photo-non"
        if tap.is_line:
            return actions.refuse_image_of_line(rencontre.pk, tap.pk, refused=refused)
        return actions.refuse_image(rencontre.pk, tap.pk, user, refused=refused)
    if tap.is_line:
        if tap.verb == "arrivee":
            raise Venue.DoesNotExist
        return actions.erase_line(rencontre.pk, tap.pk, user)
    if tap.verb == "effacer":
        return actions.take_back(rencontre.pk, tap.pk, user, at=said_at(ago))
    return actions.arrive(rencontre.pk, tap.pk, user, at=said_at(ago), presence=tap.presence)
