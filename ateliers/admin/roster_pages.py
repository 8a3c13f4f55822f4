"""People from a file: what each line would do, then the same lines confirmed."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from ateliers.actions.composition import CompositionError, Someone, compose
from ateliers.actions.tirages import enlist
from ateliers.admin.group_pages import GROUP, AtelierPages
from ateliers.forms.composition import GIVEN_BY_TEAM, RosterForm
from ateliers.groups import rooms
from ateliers.models import Atelier, Candidature, Membre
from ateliers.rosters import MAX_CANDIDATES, MAX_MEMBERS, Roster, Row, read_roster, sealed, unsealed
from consultation.imports.readers import RefusedFileError

DRAW = "admin:ateliers_atelier_tirage"
NEW, BACK, HERE, BAD = "entre", "revient", "deja", "corriger"
VERDICTS = {
    (False, NEW): "Entre dans le groupe",
    (False, BACK): "Revient dans le groupe",
    (False, HERE): "Déjà du groupe : rien ne change",
    (True, NEW): "Reçoit un numéro",
    (True, HERE): "A déjà un numéro, ou est du groupe : rien ne change",
}


class RosterPages(AtelierPages):
    def get_urls(self) -> list[Any]:
        own = self.atelier_urls(
            ("groupe/fichier/", "groupe_fichier", self.members_roster),
            ("tirage/fichier/", "tirage_fichier", self.candidates_roster),
        )
        return [*own, *super().get_urls()]  # type: ignore[misc]

    def members_roster(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._roster(request, self.found(request, pk), for_draw=False)

    def candidates_roster(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._roster(request, self.found(request, pk), for_draw=True)

    def _roster(self, request: HttpRequest, atelier: Atelier, *, for_draw: bool) -> HttpResponse:
        if request.method == "POST" and "lignes" in request.POST:
            return self._confirmed(request, atelier, for_draw=for_draw)
        posted = request.method == "POST"
        form = RosterForm(request.POST if posted else None, request.FILES if posted else None, for_draw=for_draw)
        if posted and form.is_valid():
            try:
                roster = _read(form.cleaned_data["file"], atelier, MAX_CANDIDATES if for_draw else MAX_MEMBERS)
            except RefusedFileError as refused:
                form.add_error("file", str(refused))
            else:
                came_by = form.cleaned_data.get("came_by", "")
                return self._preview(request, atelier, roster, came_by, for_draw=for_draw)
        title = "Candidatures d’un fichier" if for_draw else "Membres d’un fichier"
        return self.page(request, atelier, title, "roster", {"form": form, "wrong": form.errors})

    def _preview(
        self, request: HttpRequest, atelier: Atelier, roster: Roster, came_by: str, *, for_draw: bool
    ) -> HttpResponse:
        rows = [(row, kind, _words(row, kind, for_draw=for_draw)) for row, kind in _judged(roster, atelier, for_draw)]
        coming = sum(kind in (NEW, BACK) for _, kind, _ in rows)
        context = {
            "roster": roster,
            "rows": rows,
            "coming": coming,
            "rooms": [] if for_draw else rooms(atelier, coming),
            "way": dict(GIVEN_BY_TEAM).get(came_by, ""),
            "for_draw": for_draw,
            "sealed": sealed(roster.people, _tie(request, atelier, came_by, for_draw=for_draw)),
            "came_by": came_by,
        }
        return self.page(request, atelier, "Ce que donnerait ce fichier", "roster_preview", context)

    def _confirmed(self, request: HttpRequest, atelier: Atelier, *, for_draw: bool) -> HttpResponse:
        came_by = "" if for_draw else request.POST.get("came_by", "")
        people = unsealed(request.POST["lignes"], _tie(request, atelier, came_by, for_draw=for_draw))
        if people is None:
            self.message_user(
                request,
                "Ces lignes ont été lues il y a trop longtemps : rien n’est écrit. Redonnez le fichier.",
                messages.WARNING,
            )
            return HttpResponseRedirect(request.path)
        try:
            self._write(request, atelier, people, came_by, for_draw=for_draw)
        except CompositionError as error:
            self.refuse(request, error)
        return HttpResponseRedirect(reverse(DRAW if for_draw else GROUP, args=[atelier.pk]))

    def _write(
        self, request: HttpRequest, atelier: Atelier, people: list[Someone], came_by: str, *, for_draw: bool
    ) -> None:
        if for_draw:
            self.say_enlisted(request, enlist(atelier, people))
        else:
            self.say(request, atelier, compose(atelier, people, came_by, request.user))


def _tie(request: HttpRequest, atelier: Atelier, came_by: str, *, for_draw: bool) -> dict[str, Any]:
    return {"atelier": atelier.pk, "by": request.user.pk, "came_by": came_by, "draw": for_draw}


def _read(file: UploadedFile, atelier: Atelier, limit: int) -> Roster:
    """The reader wants a path; the copy goes with the answer."""
    with NamedTemporaryFile(prefix="liste-") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        return read_roster(Path(copy.name), atelier, limit)


def _judged(roster: Roster, atelier: Atelier, for_draw: bool) -> list[tuple[Row, str]]:
    """What each line would do, as the group stands."""
    members = Membre.objects.filter(atelier=atelier).values_list("personne__email", "left_at")
    here = {email.lower() for email, left_at in members if left_at is None}
    gone = set() if for_draw else {email.lower() for email, left_at in members if left_at is not None}
    if for_draw:
        here |= {email.lower() for email in _candidates(atelier)}
    return [(row, _verdict(row, here, gone)) for row in roster.rows]


def _candidates(atelier: Atelier) -> list[str]:
    return list(Candidature.objects.filter(atelier=atelier).values_list("personne__email", flat=True))


def _verdict(row: Row, here: set[str], gone: set[str]) -> str:
    if row.someone is None:
        return BAD
    email = row.someone.email.lower()
    return HERE if email in here else BACK if email in gone else NEW


def _words(row: Row, kind: str, *, for_draw: bool) -> str:
    if kind == BAD:
        return f"{row.what} {row.remedy}"
    return f"{VERDICTS[for_draw, kind]}. {row.remark}".strip()
