"""« Ce que chaque groupe restitue »: for each restitution, who speaks and which productions of the group it brings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from ateliers.models import Devenir, Fate, Membre, Production
from ateliers.models.production import ENDS
from ateliers.refusals import Refusal
from consultation.forms.base import LinkedErrors
from consultation.pressing import counted
from consultation.templatetags.prose import typo
from consultation.traces import looked
from forums.actions.programme import bring
from forums.admin.base import ForumPages, runs
from forums.models import Forum, Moment
from socle.forms import PlainCharField


class RestitutionForm(LinkedErrors):
    """`seal` is what was read: nobody writes over what a colleague chose meanwhile."""

    stale = False
    rapporteur = PlainCharField(
        label="Rapporteur",
        required=False,
        max_length=120,
        help_text="Public : avec son accord, tel qu’il veut être nommé.",
        error_messages={"max_length": "C’est trop long : %(limit_value)s signes au plus."},
    )
    membre = forms.ModelChoiceField(
        Membre.objects.none(),
        label="Qui est ce membre du groupe",
        required=False,
        empty_label="Il n’en est pas, ou je ne sais pas",
        help_text="Son nom s’effacera d’ici avec ses données, s’il quitte le portail.",
        error_messages={"invalid_choice": "Choisissez un membre de ce groupe."},
    )
    productions = forms.MultipleChoiceField(
        label="Productions restituées",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choisissez des productions publiées de ce groupe."},
    )
    seal = PlainCharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, moment: Moment, membres: list[Membre], productions: list[Production]) -> None:
        theirs = [row.pk for row in moment.productions.all()]
        initial = {"rapporteur": moment.rapporteur, "membre": moment.membre_id, "productions": theirs}
        initial["seal"] = moment.seal
        super().__init__(data, prefix=f"m{moment.pk}", initial=initial)
        self.moment = moment
        field: Any = self.fields["membre"]
        field.queryset = Membre.objects.filter(pk__in=[one.pk for one in membres])
        field.label_from_instance = _named
        self.fields["productions"].choices = [(row.pk, _titled(row)) for row in productions]  # type: ignore[attr-defined]


def _as_it_is(form: RestitutionForm) -> RestitutionForm:
    """What was typed, beside what a colleague wrote meanwhile, and ready to be sent again."""
    form.data, name = form.data.copy(), form.add_prefix("seal")
    form.stale = form.data.get(name) != form.moment.seal
    form.data[name] = form.moment.seal
    return form


def _named(membre: Membre) -> str:
    return ", ".join(filter(None, [membre.name, membre.organisation])) or str(membre)


def _titled(row: Any) -> str:
    ended = f" – {Fate(row.ended).label}" if row.ended else ""
    minority = " – point de vue minoritaire" if row.minority else ""
    return typo(f"{row.contribution.reference}, {row.contribution.title}{minority}{ended}")


class RestitutionPages(ForumPages):
    def get_urls(self) -> list[Any]:
        return [*self.forum_urls(("restitutions/", "restitutions", self.restitutions_page)), *super().get_urls()]

    def restitutions_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        forum = self.found(request, pk, runs)
        forms_ = self._forms(request, forum)
        if request.method != "POST" or not all(form.is_valid() for form in forms_):
            return self._restitutions(request, forum, forms_, 422 if request.method == "POST" else 200)
        try:
            with transaction.atomic():  # all of them, or none
                count = sum(self._bring(form) for form in forms_)
        except Refusal as refusal:
            self.refuse(request, refusal)
            return self._restitutions(request, forum, [_as_it_is(form) for form in self._forms(request, forum)], 409)
        brought = counted(count, "production restituée", "productions restituées")
        said = f"Enregistré : {brought}, que le programme public montre." if count else "Enregistré."
        self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:forums_forum_restitutions", args=[pk]))

    def _restitutions(
        self, request: HttpRequest, forum: Forum, forms_: list[RestitutionForm], status: int
    ) -> HttpResponse:
        return self.page(request, forum, "Ce que chaque groupe restitue", "restitutions", status=status, forms=forms_)

    def _bring(self, form: RestitutionForm) -> int:
        said = form.cleaned_data
        keys = [int(key) for key in said["productions"]]
        words = {"rapporteur": said["rapporteur"] or "", "membre": said["membre"], "seal": said["seal"]}
        return bring(form.moment, keys, **words)

    def _forms(self, request: HttpRequest, forum: Forum) -> list[RestitutionForm]:
        """Four queries, whatever the number of groups."""
        rows = forum.moments.filter(atelier__isnull=False).select_related("atelier").prefetch_related("productions")
        moments = list(rows.order_by("rank", "pk"))
        ateliers = [moment.atelier_id for moment in moments]
        # Who speaks for a group and has left it since stays: their name still goes with their data.
        named = Q(left_at__isnull=True) | Q(pk__in=[moment.membre_id for moment in moments if moment.membre_id])
        membres = list(Membre.objects.filter(named, atelier__in=ateliers).order_by("name", "pk"))
        if membres:
            looked(request.user, "Membres des groupes, pour leurs rapporteurs", len(membres), forum.rencontre)
        ends = Devenir.objects.published().filter(production=OuterRef("pk"), fate__in=ENDS)
        made = Production.objects.published().filter(seance__atelier__in=ateliers)
        made = made.select_related("contribution", "seance").annotate(ended=Subquery(ends.values("fate")[:1]))
        productions = list(made.order_by("seance__rank", "pk"))
        for row in productions:
            row.contribution.demarche = forum.rencontre.demarche
        data = request.POST if request.method == "POST" else None
        return [
            RestitutionForm(
                data,
                moment=moment,
                membres=[one for one in membres if one.atelier_id == moment.atelier_id],
                productions=[row for row in productions if row.seance.atelier_id == moment.atelier_id],
            )
            for moment in moments
        ]
