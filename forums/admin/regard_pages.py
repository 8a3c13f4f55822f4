"""« Le droit de regard »: opened, made longer, who was told; the objections, and the public answer to each."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from ateliers.models import Membre
from ateliers.refusals import Refusal
from forums import emails
from forums.actions import regard as actions
from forums.admin.base import ForumPages
from forums.forms.regard import AnswerForm, OpenForm, ProlongForm
from forums.models import DroitDeRegard, Forum, Objection
from forums.permissions import can_answer_objections
from socle.difference import difference
from socle.keyset import Keyset

PAGE = 30
LIST = "admin:forums_forum_regard"


class RegardPages(ForumPages):
    def get_urls(self) -> list[Any]:
        own = self.forum_urls(
            ("droit-de-regard/", "regard", self.regard_page),
            ("droit-de-regard/<int:objection>/", "objection", self.objection_page),
        )
        return [*own, *super().get_urls()]

    def regard_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        forum = self.found(request, pk, can_answer_objections)
        droit = DroitDeRegard.objects.filter(pk=pk).select_related("version__texte").first()
        if droit:
            droit.forum = forum
        data = request.POST if request.method == "POST" else None
        form = ProlongForm(data) if droit else OpenForm(data, forum=forum)
        if form.is_bound and form.is_valid():
            try:
                self._open(request, forum, droit, form.cleaned_data)
            except Refusal as refusal:
                self.refuse(request, refusal)
                return self._regard(request, forum, droit, form, 409)
            return HttpResponseRedirect(reverse(LIST, args=[pk]))
        return self._regard(request, forum, droit, form, 422 if form.is_bound else 200)

    def _open(self, request: HttpRequest, forum: Forum, droit: DroitDeRegard | None, said: dict[str, Any]) -> None:
        if droit:
            actions.prolong(droit, said["last_day"], request.user)
            words = "Le droit de regard est prolongé ; c’est dit sur sa page, au registre et aux membres, par courriel."
        else:
            actions.open_regard(forum, said["version"], said["days"], request.user)
            words = "Le droit de regard est ouvert : les membres des groupes reçoivent leur lien par courriel."
        self.log_change(request, forum, words)
        self.message_user(request, words, messages.SUCCESS)

    def _regard(
        self, request: HttpRequest, forum: Forum, droit: DroitDeRegard | None, form: Any, status: int
    ) -> HttpResponse:
        context: dict[str, Any] = {"droit": droit, "form": form}
        if droit:
            context |= _told(droit) | {"waiting": "toutes" not in request.GET, "page": _objections(droit, request)}
        return self.page(request, forum, "Le droit de regard", "regard", status=status, **context)

    def objection_page(self, request: HttpRequest, pk: int, objection: int) -> HttpResponse:
        """What was said, and the answer to it."""
        forum = self.found(request, pk, can_answer_objections)
        read = ("contribution__parent__theme", "contribution__personne", "passage", "droit__version__texte")
        row = get_object_or_404(Objection.objects.filter(droit=pk).select_related(*read), pk=objection)
        row.contribution.demarche = row.contribution.parent.demarche = forum.rencontre.demarche
        posted = request.POST if request.method == "POST" else None
        form = AnswerForm(posted, initial={"words": row.answer, "seal": row.answer})
        if not (form.is_bound and form.is_valid()):
            return self._objection(request, forum, row, form, 422 if form.is_bound else 200)
        try:
            actions.answer(row, by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            self.refuse(request, refusal)
            row.refresh_from_db(fields=["answer", "answered_at", "corrected_at"])
            form.data = form.data.copy()
            form.data["seal"] = row.answer
            return self._objection(request, forum, row, form, 409)
        told = emails.answer_reaches(row)
        words = "La réponse est publique, et la personne est prévenue." if told else "La réponse est publique."
        self.message_user(request, words, messages.SUCCESS)
        return HttpResponseRedirect(reverse(LIST, args=[pk]))

    def _objection(
        self, request: HttpRequest, forum: Forum, row: Objection, form: AnswerForm, status: int
    ) -> HttpResponse:
        theirs = difference(row.answer, form["words"].value()) if status == 409 and row.answer else None
        context = {"objection": row, "form": form, "may_answer": row.takes_answer, "theirs": theirs}
        return self.page(request, forum, "Une objection", "objection", status=status, **context)


def _objections(droit: DroitDeRegard, request: HttpRequest) -> Any:
    rows = Objection.objects.filter(droit=droit).select_related("contribution__parent", "passage", "membre__atelier")
    if "toutes" not in request.GET:
        rows = rows.waiting()
    page = Keyset("pk", f"objections:{droit.pk}:{'toutes' in request.GET}", PAGE, descending=False, numbers=True).page(
        rows, request.GET
    )
    for row in page.rows:
        row.contribution.demarche = row.contribution.parent.demarche = droit.forum.rencontre.demarche
    return page


def _told(droit: DroitDeRegard) -> dict[str, int]:
    """In people, none of them named."""
    present = Membre.objects.present().filter(atelier__demarche=droit.forum.rencontre.demarche_id)
    return {
        "members": present.values("personne").distinct().count(),
        "unproved": present.filter(personne__confirmed_at__isnull=True).values("personne").distinct().count(),
        "to_tell": actions.to_tell(droit).values("personne").distinct().count(),
    }
