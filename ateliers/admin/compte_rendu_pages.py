"""The minutes of a séance in the admin: written, opened to those who were there, answered, adopted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from ateliers.actions import comptes_rendus as actions
from ateliers.actions.comptes_rendus import NotYet
from ateliers.admin.seance_pages import animated_seance, page
from ateliers.delays import Delay
from ateliers.emails.comptes_rendus import public_path
from ateliers.forms.comptes_rendus import MinutesForm, OpeningForm, RemarkAnswerForm, point_rows, words_of
from ateliers.minutes import minutes_of, presence, presence_label, productions_of
from ateliers.models import CompteRendu, Lecture, Remarque, Seance
from consultation.actions.contributions import StaleState
from socle.publications.models import Publication

SAVED = "Compte rendu enregistré."


class CompteRenduPages:
    def get_urls(self) -> list[Any]:
        base = "<int:pk>/seances/<int:rank>/compte-rendu/"
        own = [
            self._path(base, self.minutes_page, "compte_rendu"),
            self._path(f"{base}ouvrir/", self.open_minutes, "ouvrir"),
            self._path(f"{base}adopter/", self.adopt_minutes, "adopter"),
            self._path(f"{base}remarques/<int:remarque>/", self.answer_remark, "remarque"),
        ]
        return [*own, *super().get_urls()]

    def _path(self, route: str, view: Callable[..., HttpResponse], name: str) -> Any:
        return path(route, self.admin_site.admin_view(view), name=f"ateliers_seance_{name}")

    def minutes_page(self, request: HttpRequest, pk: int, rank: int) -> HttpResponse:
        seance = animated_seance(request, pk, rank)
        compte_rendu = minutes_or_none(seance)
        if compte_rendu.is_adopted:
            return self._adopted(request, compte_rendu)
        if request.method != "POST":
            return self._minutes(request, compte_rendu)
        form, rows = (
            MinutesForm(request.POST, compte_rendu=compte_rendu),
            point_rows(request.POST, compte_rendu=compte_rendu),
        )
        if not rows.management_form.is_valid():
            return self._minutes(request, compte_rendu, form=form, status=422)
        if not (form.is_valid() & rows.is_valid()):
            return self._minutes(request, compte_rendu, form=form, rows=rows, status=422)
        try:
            actions.write(seance, words_of(form, rows), form.cleaned_data["seal"])
        except StaleState as stale:
            return self._stale(request, seance, str(stale), form, rows)
        self.message_user(request, SAVED, messages.SUCCESS)
        return back(seance)

    def _stale(self, request: HttpRequest, seance: Seance, why: str, form: Any, rows: Any) -> HttpResponse:
        """What is typed stays in the form; what a colleague wrote is shown beside it, and the next try knows it."""
        self.message_user(request, why, messages.WARNING)
        compte_rendu = minutes_or_none(seance)
        if compte_rendu.is_adopted:
            return self._adopted(request, compte_rendu, form=form, rows=rows, status=409)
        form.data = form.data.copy()
        form.data["seal"] = compte_rendu.seal
        return self._minutes(request, compte_rendu, form=form, rows=rows, theirs=compte_rendu, status=409)

    def open_minutes(self, request: HttpRequest, pk: int, rank: int) -> HttpResponse:
        seance = animated_seance(request, pk, rank)
        if request.method != "POST":
            return back(seance, status=302)
        compte_rendu, delay = minutes_or_none(seance), Delay.of(seance)
        form = OpeningForm(request.POST, until=delay.default, seal=compte_rendu.seal)
        if not form.is_valid():
            return self._minutes(request, compte_rendu, opening=form, status=422)
        try:
            opened = actions.open_to_present(seance, form.cleaned_data["until"], form.cleaned_data["seal"])
        except StaleState as stale:
            self.message_user(request, str(stale), messages.WARNING)
            return back(seance)
        except NotYet as missing:
            form.add_error("until", str(missing))
            return self._minutes(request, compte_rendu, opening=form, status=409)
        self.message_user(request, _opened(opened), messages.SUCCESS)
        return back(seance)

    def answer_remark(self, request: HttpRequest, pk: int, rank: int, remarque: int) -> HttpResponse:
        seance = animated_seance(request, pk, rank)
        if request.method != "POST":
            return back(seance, status=302)
        found = get_object_or_404(Remarque.objects.filter(compte_rendu=seance.pk), pk=remarque)
        form = RemarkAnswerForm(request.POST, remarque=found)
        if not form.is_valid():
            return self._minutes(request, minutes_or_none(seance), answering=(found.pk, form), status=422)
        said = form.cleaned_data
        try:
            actions.answer(seance, found.pk, words=said["words"], taken_up=said["taken_up"] == "oui", by=request.user)
        except StaleState as stale:
            self.message_user(request, str(stale), messages.WARNING)
            return self._minutes(request, minutes_or_none(seance), answering=(found.pk, form), status=409)
        self.message_user(request, "Réponse enregistrée ; la personne est prévenue.", messages.SUCCESS)
        return back(seance)

    def adopt_minutes(self, request: HttpRequest, pk: int, rank: int) -> HttpResponse:
        seance = animated_seance(request, pk, rank)
        if request.method != "POST":
            return back(seance, status=302)
        try:
            actions.adopt(seance, request.user, str(request.POST.get("seal", "")))
        except (StaleState, NotYet) as refused:
            self.message_user(request, str(refused), messages.WARNING)
            return back(seance)
        said = "Compte rendu adopté et publié. Ses fichiers PDF et DOCX arrivent dans une minute."
        self.message_user(request, said, messages.SUCCESS)
        return back(seance)

    def _minutes(
        self, request: HttpRequest, compte_rendu: CompteRendu, *, status: int = 200, **given: Any
    ) -> HttpResponse:
        """`given`: the forms that were posted, and the words of a colleague (`theirs`)."""
        seance, delay = compte_rendu.seance, Delay.of(compte_rendu.seance)
        until = compte_rendu.remarks_until or delay.default
        context = {
            "compte_rendu": compte_rendu,
            "form": given.get("form") or MinutesForm(compte_rendu=compte_rendu),
            "rows": given.get("rows") or point_rows(compte_rendu=compte_rendu),
            "opening": given.get("opening") or OpeningForm(until=until, seal=compte_rendu.seal),
            "theirs": given.get("theirs"),
            "delay": delay,
            "present": presence_label(presence(compte_rendu)),
            "productions": [row.contribution for row in productions_of(seance)],
            "readings": Lecture.objects.filter(seance=seance).shown().count(),
            "silent": Lecture.objects.filter(seance=seance).without_outcome().count(),
            "remarks": _remarks(compte_rendu, given.get("answering")),
            "missing": actions.missing_to_adopt(compte_rendu) if compte_rendu.is_opened else [],
        }
        return page(self, request, seance, "compte_rendu", status=status, title="Compte rendu", **context)

    def _adopted(
        self, request: HttpRequest, compte_rendu: CompteRendu, *, status: int = 200, **typed: Any
    ) -> HttpResponse:
        """Read as anyone reads it, with the remarks and their answers; `typed`: what came too late, to be copied."""
        files = Publication.objects.of(actions.KIND, str(compte_rendu.pk)).select_related("document")
        context = {
            "compte_rendu": compte_rendu,
            "written": minutes_of(compte_rendu),
            "files": files,
            "public": public_path(compte_rendu.seance),
            "remarks": _remarks(compte_rendu, None),
        }
        name = "compte_rendu_adopted"
        title = "Compte rendu adopté"
        return page(self, request, compte_rendu.seance, name, status=status, title=title, **context, **typed)


def minutes_or_none(seance: Seance) -> CompteRendu:
    """The minutes as they stand; a row that is not written yet where there are none: reading makes nothing."""
    found = CompteRendu.objects.filter(seance=seance).prefetch_related("points").first()
    compte_rendu = found or CompteRendu(seance=seance)
    compte_rendu.seance = seance
    return compte_rendu


def _remarks(compte_rendu: CompteRendu, answering: tuple[int, RemarkAnswerForm] | None) -> list[tuple[Any, Any]]:
    """Each with its form, unless it is answered; the one that was posted with what was typed."""
    rows = Remarque.objects.filter(compte_rendu=compte_rendu.pk).order_by("received_at", "pk")
    pk, posted = answering or (0, None)
    return [
        (row, posted if row.pk == pk else row.answered_at is None and RemarkAnswerForm(remarque=row)) for row in rows
    ]


def _opened(opened: actions.Opened) -> str:
    many = opened.written > 1
    said = (
        f"{opened.written} personne{'s' if many else ''} {'sont prévenues' if many else 'est prévenue'} par courriel."
    )
    if not opened.written:
        said = "Ouvert ; personne ne peut être prévenu par courriel."
    if opened.unreached:
        other = "personnes présentes n’ont" if opened.unreached > 1 else "personne présente n’a"
        said += f" {opened.unreached} {other} pas d’adresse confirmée : remettez-leur le compte rendu autrement."
    return said


def back(seance: Seance, status: int = 303) -> HttpResponse:
    where = reverse("admin:ateliers_seance_compte_rendu", args=[seance.atelier_id, seance.rank])
    return HttpResponseRedirect(where, status=status)
