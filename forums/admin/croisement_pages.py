"""« Croiser les productions »: those of a forum, and one being composed, search after search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode

from ateliers.models import Atelier
from ateliers.refusals import Refusal
from consultation.models import Contribution, Theme
from forums.actions import croisements as actions
from forums.admin.base import ForumPages
from forums.forms.croisements import CroisementForm, WithdrawalForm
from forums.models import Croisement, Forum
from forums.permissions import can_cross
from socle.fulltext import Query
from socle.keyset import Keyset
from socle.text import whole_number

PAGE = 30
LIST, ONE = "admin:forums_forum_croisements", "admin:forums_forum_croisement"


@dataclass(frozen=True)
class Search:
    """Among the published productions of the groups; what does not exist is left out."""

    forum: Forum
    query: Query
    themes: list[Theme]
    ateliers: list[Atelier]
    theme: int = 0
    atelier: int = 0

    @classmethod
    def read(cls, forum: Forum, asked: QueryDict) -> Search:
        demarche = forum.rencontre.demarche_id
        themes = list(Theme.objects.filter(demarche=demarche).order_by("rank"))
        ateliers = list(Atelier.objects.filter(demarche=demarche).order_by("rank"))
        theme, atelier = (whole_number(asked.get(name, "")) for name in ("theme", "atelier"))
        known = theme if theme in {one.rank for one in themes} else 0
        group = atelier if atelier in {one.rank for one in ateliers} else 0
        return cls(forum, Query.read(asked.get("q", "")), themes, ateliers, known, group)

    @property
    def address(self) -> str:
        pairs = {"q": self.query.typed, "theme": self.theme, "atelier": self.atelier}
        return urlencode({name: value for name, value in pairs.items() if value})

    def page(self, asked: QueryDict) -> Any:
        rows = actions.crossable(self.forum)
        if self.query.typed:
            said = Contribution.objects.filter(demarche=self.forum.rencontre.demarche_id).matching(self.query)
            rows = rows.filter(contribution__in=said.values("pk"))
        if self.theme:
            rows = rows.filter(contribution__theme__rank=self.theme)
        if self.atelier:
            rows = rows.filter(seance__atelier__rank=self.atelier)
        rows = rows.select_related("contribution__theme", "seance__atelier")
        page = Keyset("pk", f"croiser:{self.forum.pk}:{self.address}", PAGE, descending=False, numbers=True).page(
            rows, asked
        )
        _with_demarche(self.forum, page.rows)
        return page


def _with_demarche(forum: Forum, rows: Any) -> None:
    for row in rows:
        row.contribution.demarche = forum.rencontre.demarche


class CroisementPages(ForumPages):
    def get_urls(self) -> list[Any]:
        own = self.forum_urls(
            ("croisements/", "croisements", self.croisements_page),
            ("croisements/<int:croisement>/", "croisement", self.croisement_page),
        )
        return [*own, *super().get_urls()]

    def croisements_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All of them, those being composed first; and a new one."""
        forum = self.found(request, pk, can_cross)
        form = CroisementForm(request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            said = {name: form.cleaned_data[name] for name in ("kind", "sentence")}
            made = actions.compose(forum, **said, by=request.user)
            self.message_user(request, "Croisement commencé : cherchez maintenant ses productions.", messages.SUCCESS)
            return HttpResponseRedirect(reverse(ONE, args=[pk, made.pk]))
        rows = Croisement.objects.filter(forum=forum).prefetch_related("productions__seance__atelier").order_by("-pk")
        known = [(row, sorted({str(one.seance.atelier) for one in row.productions.all()})) for row in rows[:500]]
        context = {
            "form": form,
            "drafts": [one for one in known if one[0].published_at is None],
            "published": [one for one in known if one[0].is_published],
            "withdrawn": [one for one in known if one[0].withdrawn_at],
        }
        status = 422 if form.is_bound else 200
        return self.page(request, forum, "Croiser les productions", "croisements", status=status, **context)

    def croisement_page(self, request: HttpRequest, pk: int, croisement: int) -> HttpResponse:
        forum = self.found(request, pk, can_cross)
        row = get_object_or_404(Croisement.objects.filter(forum=forum), pk=croisement)
        row.forum = forum
        if request.method != "POST":
            return self._composing(request, forum, row)
        act = ACTS.get(request.POST.get("act", ""))
        if act is None:
            raise Http404("No such act.")
        try:
            refused = act(self, request, forum, row)
        except Refusal as refusal:
            self.refuse(request, refusal)
            refused = None
        if refused is not None:
            return refused
        return HttpResponseRedirect(f"{reverse(ONE, args=[pk, croisement])}?{Search.read(forum, request.GET).address}")

    def _composing(
        self, request: HttpRequest, forum: Forum, row: Croisement, *, status: int = 200, **given: Any
    ) -> HttpResponse:
        chosen = row.productions.select_related("contribution__theme", "seance__atelier")
        chosen = list(chosen.order_by("seance__atelier__rank", "pk"))
        _with_demarche(forum, chosen)
        search = Search.read(forum, request.GET)
        context = {
            "croisement": row,
            "seal": row.seal,
            "form": given.get("form") or CroisementForm(croisement=row),
            "withdrawal": given.get("withdrawal") or WithdrawalForm(),
            "chosen": chosen,
            "keys": {one.pk for one in chosen},
            "groups": len({one.seance.atelier_id for one in chosen}),
            "search": search,
            "found": search.page(request.GET) if row.published_at is None else None,
        }
        return self.page(request, forum, "Un croisement", "croisement", status=status, **context)

    def save_sentence(self, request: HttpRequest, forum: Forum, row: Croisement) -> HttpResponse | None:
        form = CroisementForm(request.POST)
        if not form.is_valid():
            return self._composing(request, forum, row, form=form, status=422)
        said = {name: form.cleaned_data[name] for name in ("kind", "sentence", "seal")}
        try:
            actions.reword(row, **said)
        except Refusal as refusal:
            self.refuse(request, refusal)
            row.refresh_from_db()
            form.data = form.data.copy()
            form.data["seal"] = row.seal
            return self._composing(request, forum, row, form=form, status=409)
        self.message_user(request, "Enregistré.", messages.SUCCESS)
        return None

    def add_productions(self, request: HttpRequest, forum: Forum, row: Croisement) -> None:
        added = actions.add(row, _ticked(request))
        said = f"{added} ajoutée{'s' if added > 1 else ''}." if added else "Rien n’est ajouté : cochez des productions."
        self.message_user(request, said, messages.SUCCESS if added else messages.WARNING)

    def remove_production(self, request: HttpRequest, forum: Forum, row: Croisement) -> None:
        actions.remove(row, _ticked(request))

    def publish(self, request: HttpRequest, forum: Forum, row: Croisement) -> None:
        actions.publish(row, seal=request.POST.get("seal", ""), by=request.user)
        self.log_change(request, forum, f"Croisement {row.pk} publié.")
        self.message_user(request, "Le croisement a paru, et l’acte est au registre.", messages.SUCCESS)

    def discard(self, request: HttpRequest, forum: Forum, row: Croisement) -> HttpResponse:
        actions.discard(row)
        self.message_user(request, "Brouillon supprimé.", messages.SUCCESS)
        return HttpResponseRedirect(reverse(LIST, args=[forum.pk]))

    def withdraw(self, request: HttpRequest, forum: Forum, row: Croisement) -> HttpResponse | None:
        form = WithdrawalForm(request.POST)
        if not form.is_valid():
            return self._composing(request, forum, row, withdrawal=form, status=422)
        actions.withdraw(row, reason=form.cleaned_data["reason"], by=request.user)
        self.log_change(request, forum, f"Croisement {row.pk} retiré.")
        self.message_user(request, "Le croisement est retiré ; sa page dit pourquoi.", messages.SUCCESS)
        return None


def _ticked(request: HttpRequest) -> list[int]:
    return [key for one in request.POST.getlist("production") if (key := whole_number(one))]


ACTS = {
    "enregistrer": CroisementPages.save_sentence,
    "ajouter": CroisementPages.add_productions,
    "oter": CroisementPages.remove_production,
    "publier": CroisementPages.publish,
    "supprimer": CroisementPages.discard,
    "retirer": CroisementPages.withdraw,
}
