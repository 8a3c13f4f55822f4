"""After the door: who came, the paper sheet and its numbers, the attestations, the address for those at a distance."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from consultation.actions import feuilles, remote
from consultation.actions.feuilles import Entered
from consultation.actions.presence import PresenceRefusedError
from consultation.admin.arrival_pages import ArrivalPages
from consultation.arrivals import Guest
from consultation.choices import InscriptionEventKind, Mode
from consultation.forms.presence import AttestationForm, SheetForm
from consultation.guests import by_name
from consultation.models import Feuille, Inscription, InscriptionEvent, Rencontre, Venue
from consultation.numbers import said_numbers
from consultation.presence import colleges_said, presence_of
from consultation.printing.attestation import attestation
from consultation.printing.emargement import emargement

PREPARE, SEND = "feuille", "adresse"
AT_THE_DOOR = (
    InscriptionEventKind.ON_THE_SPOT,
    InscriptionEventKind.ATTENDED,
    InscriptionEventKind.NOT_ATTENDED,
    InscriptionEventKind.IMAGE_REFUSED,
    InscriptionEventKind.IMAGE_ALLOWED,
)
TRACES = 200  # of the last things noted


class PresencePages(ArrivalPages):
    def get_urls(self) -> list[Any]:
        pages = (
            ("presences/", self.presences_page, "presences"),
            ("feuilles/<int:rank>.pdf", self.sheet_pdf, "feuille"),
            ("feuilles/<int:rank>/saisie/", self.sheet_page, "saisie"),
            ("attestations/<str:code>/", self.attestation_page, "attestation"),
        )
        own = [
            path(f"<int:pk>/{end}", self.admin_site.admin_view(view), name=f"consultation_rencontre_{name}")
            for end, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def presences_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        rencontre = self.organised(request, pk)
        if request.method == "POST":
            return self._prepare(request, rencontre) if PREPARE in request.POST else self._send(request, rencontre)
        people = by_name(
            Inscription.objects.filter(rencontre=rencontre, attended_at__isnull=False).select_related("personne")
        )
        events = InscriptionEvent.objects.filter(inscription__rencontre=rencontre, kind__in=AT_THE_DOOR)
        both = rencontre.mode == Mode.BOTH
        context = {
            "came": presence_of(rencontre),
            "colleges": colleges_said(rencontre),
            "guests": [Guest.of(one, both=both) for one in (*people, *_lines(rencontre).counted())],
            "erased": [(Guest.of(one), one) for one in _lines(rencontre).filter(erased_at__isnull=False)],
            "sheets": rencontre.feuilles.select_related("printed_by").order_by("-rank"),
            "events": events.select_related("by").order_by("-pk")[:TRACES],
            "remote": remote.at_distance(rencontre).count() if rencontre.mode != Mode.ROOM else 0,
        }
        return self.evening_page(request, rencontre, "Présences", "presences", context)

    def _prepare(self, request: HttpRequest, rencontre: Rencontre) -> HttpResponse:
        feuille = feuilles.prepare(rencontre.pk, request.user)  # type: ignore[arg-type]
        return HttpResponseRedirect(reverse("admin:consultation_rencontre_feuille", args=[rencontre.pk, feuille.rank]))

    def _send(self, request: HttpRequest, rencontre: Rencontre) -> HttpResponse:
        if SEND in request.POST:
            try:
                sent = remote.send_address(rencontre.pk)
            except ValidationError as error:
                messages.error(request, error.message)
            else:
                messages.success(request, _said_sent(sent))
        return _back(rencontre)

    def sheet_pdf(self, request: HttpRequest, pk: int, rank: int) -> HttpResponse:
        feuille = self._sheet(self.organised(request, pk), rank)
        return _pdf(emargement(feuille), f"emargement-{pk}-{rank}.pdf")

    def sheet_page(self, request: HttpRequest, pk: int, rank: int) -> HttpResponse:
        """The numbers, then what they stand for, then the button that notes them."""
        rencontre = self.organised(request, pk)
        feuille = self._sheet(rencontre, rank)
        form = SheetForm(request.POST if request.method == "POST" else None, feuille=feuille)
        context: dict[str, Any] = {"feuille": feuille, "form": form, "status": 422 if form.errors else 200}
        if form.is_bound and form.is_valid():
            if "noter" in request.POST:
                try:
                    entered = feuilles.enter(feuille, form.typed(), request.user, form.cleaned_data["key"])  # type: ignore[arg-type]
                except PresenceRefusedError as error:
                    form.add_error(None, error)
                    return self._sheet_shown(request, rencontre, context | {"status": 409})
                messages.success(request, _said_entered(entered))
                return _back(rencontre)
            if "corriger" not in request.POST:
                context |= _preview(feuille, form)
        return self._sheet_shown(request, rencontre, context)

    def _sheet_shown(self, request: HttpRequest, rencontre: Rencontre, context: dict[str, Any]) -> HttpResponse:
        context["known"] = [Guest.of(one) for one in _lines(rencontre).counted()]
        title = f"Saisir la feuille {context['feuille'].rank}"
        return self.evening_page(request, rencontre, title, "sheet", context)

    def _sheet(self, rencontre: Rencontre, rank: int) -> Feuille:
        feuille = get_object_or_404(Feuille, rencontre=rencontre, rank=rank)
        feuille.rencontre = rencontre
        return feuille

    def attestation_page(self, request: HttpRequest, pk: int, code: str) -> HttpResponse:
        rencontre = self.organised(request, pk)
        row = _who_came(rencontre, code)
        form = AttestationForm(request.POST if request.method == "POST" else None, of=row)
        form.fields["name"].label = "Nom, tel qu’il sera écrit"
        if form.is_bound and form.is_valid():
            return _pdf(attestation(row, form.cleaned_data["name"]), f"attestation-{code}.pdf")
        context = {"form": form, "guest": Guest.of(row), "status": 422 if form.errors else 200}
        return self.evening_page(request, rencontre, "Attestation de présence", "attestation", context)


def _lines(rencontre: Rencontre) -> Any:
    return Venue.objects.filter(rencontre=rencontre).select_related("erased_by")


def _who_came(rencontre: Rencontre, code: str) -> Inscription | Venue:
    """By the code of the door; only who came has an attestation."""
    number = code[1:]
    if not (number.isascii() and number.isdigit() and len(number) < 19 and code[0] in "AV"):
        raise Http404("No such code.")
    if code[0] == "V":
        row: Inscription | Venue = get_object_or_404(_lines(rencontre).counted(), pk=int(number))
    else:
        came = rencontre.inscriptions.filter(attended_at__isnull=False).select_related("personne")
        row = get_object_or_404(came, pk=int(number))
    row.rencontre = rencontre
    return row


def _preview(feuille: Feuille, form: SheetForm) -> dict[str, Any]:
    typed = form.typed()
    signed = feuilles.who(feuille, typed.present)
    noted = {one.pk for one in signed.values() if one.attended_at}
    unsigned = Inscription.objects.filter(rencontre=feuille.rencontre_id, attended_at__isnull=False)
    return {
        "preview": [(number, Guest.of(one), one.pk in noted) for number, one in signed.items()],
        "refused": [(number, Guest.of(one)) for number, one in feuilles.who(feuille, typed.image_refused).items()],
        "newcomers": typed.newcomers,
        "numbers": said_numbers(set(typed.present)),
        "missing": said_numbers(set(typed.present) - set(signed)),
        "unsigned": unsigned.exclude(pk__in=[one.pk for one in signed.values()]).count(),
    }


def _back(rencontre: Rencontre) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:consultation_rencontre_presences", args=[rencontre.pk]))


def _pdf(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _said_sent(sent: remote.Sent) -> str:
    if not sent.written and not sent.already and not sent.unreached:
        return "Rien n’est parti : personne n’a de place à distance."
    words = {0: "L’adresse n’est partie vers personne de plus", 1: "L’adresse part vers une personne"}
    said = [words.get(sent.written, f"L’adresse part vers {sent.written} personnes")]
    said += [f"déjà envoyée à {sent.already}"] if sent.already else []
    said += [f"{sent.unreached} sans adresse confirmée, à prévenir autrement"] if sent.unreached else []
    return f"{' ; '.join(said)}."


def _said_entered(entered: Entered) -> str:
    plural = "s" if entered.noted > 1 else ""
    said = [f"{entered.noted} présence{plural} notée{plural}"]
    said += [f"{entered.already} l’étai{'ent' if entered.already > 1 else 't'} déjà"] if entered.already else []
    lines = "lignes libres" if entered.newcomers > 1 else "ligne libre"
    said += [f"{entered.newcomers} {lines}"] if entered.newcomers else []
    return f"C’est noté : {', '.join(said)}. La feuille de papier peut être détruite."
