"""One passage of a report that was presented: its amendments, the articles added after it, what is decided of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from consultation.actions import adoption as actions
from consultation.actions.adoption import Votes
from consultation.actions.textes import Words
from consultation.admin.adoption_pages import HERE, AdoptionPages, tried
from consultation.choices_adoption import AmendementState
from consultation.forms.amendements import AjoutForm, AmendementForm, DecideForm, RewordForm, SettleForm
from consultation.models import Adoption, Amendement, Passage, Texte
from consultation.permissions import can_write
from consultation.views.adoption import amendments
from socle.text import whole_number

THERE = "admin:consultation_texte_orientation"
type About = tuple[Adoption, Passage]


class OrientationPages(AdoptionPages):
    def orientation_page(self, request: HttpRequest, pk: int, key: int) -> HttpResponse:
        texte = self.presented(request, pk)
        adoption: Adoption | None = getattr(texte, "adoption", None)
        if adoption is None:
            raise Http404("It was not presented.")
        passage = get_object_or_404(adoption.version.passages.select_related("article"), key=key)
        if request.method != "POST":
            return self._orientation(request, texte, (adoption, passage))
        act = ORIENTATION_ACTS.get(request.POST.get("act", ""))
        if act is None:
            raise Http404("No such act.")
        return self.do(request, texte, act, (adoption, passage), reverse(THERE, args=[texte.pk, key]))

    def _orientation(self, request: HttpRequest, texte: Texte, about: About, **given: Any) -> HttpResponse:
        adoption, passage = about
        article = getattr(passage, "article", None)
        context = {
            "title": f"{texte.regle.passage.capitalize()} {passage.number}",
            "version": adoption.version,
            "adoption": adoption,
            "passage": passage,
            "article": article,
            "amendements": [
                (one, changed, *_forms_of(one, adoption, given)) for one, changed in amendments(passage, adoption)
            ],
            "filing": given.get("filing") or AmendementForm(passage=passage),
            "adding": given.get("adding") or AjoutForm(passage=passage),
            "deciding": given.get("deciding") or DecideForm(passage=passage, article=article),
            "may": can_write(request.user, texte.demarche)
            and not (adoption.politique and adoption.politique.current_id),
            "to_amend": not adoption.deliberation_on,
            "wrong": list(given.values()),
        }
        return self.page(request, texte, "orientation", status=422 if given else 200, **context)

    def file_amendement(self, request: HttpRequest, texte: Texte, about: About) -> Any:
        form = AmendementForm(request.POST, passage=about[1])
        return self._file(request, texte, about, filing=form)

    def file_ajout(self, request: HttpRequest, texte: Texte, about: About) -> Any:
        form = AjoutForm(request.POST, passage=about[1])
        return self._file(request, texte, about, adding=form)

    def _file(self, request: HttpRequest, texte: Texte, about: About, **given: Any) -> Any:
        (form,) = given.values()
        if not form.is_valid() or tried(form, lambda: self._amend(request, about, form)):
            return self._orientation(request, texte, about, **given)
        return None

    def _amend(self, request: HttpRequest, about: About, form: AmendementForm) -> None:
        made = actions.amend(*about, **form.cleaned_data, by=request.user)
        self.message_user(request, f"Amendement n° {made.number} enregistré, et public.", messages.SUCCESS)

    def reword(self, request: HttpRequest, texte: Texte, about: About) -> Any:
        one = _asked(request, about)
        form = RewordForm(request.POST, amendement=one)
        if not form.is_valid() or tried(form, lambda: actions.reword(one, **form.cleaned_data, by=request.user)):
            return self._orientation(request, texte, about, rewording=form)
        self.message_user(request, f"Amendement n° {one.number} corrigé.", messages.SUCCESS)
        return None

    def settle(self, request: HttpRequest, texte: Texte, about: About) -> Any:
        one = _asked(request, about)
        form = SettleForm(request.POST, amendement=one)
        if not form.is_valid() or tried(form, lambda: self._settle(request, one, form)):
            return self._orientation(request, texte, about, settling=form)
        self.message_user(request, f"Amendement n° {one.number} : le sort est enregistré.", messages.SUCCESS)
        return None

    def _settle(self, request: HttpRequest, one: Amendement, form: SettleForm) -> None:
        said = dict(form.cleaned_data)
        state, reason = said.pop("state"), said.pop("reason", "")
        actions.settle(one, state=state, given=Votes(**said), by=request.user, reason=reason)

    def decide(self, request: HttpRequest, texte: Texte, about: About) -> Any:
        adoption, passage = about
        form = DecideForm(request.POST, passage=passage, article=getattr(passage, "article", None))
        if not adoption.adopted:
            form.add_error("outcome", "La délibération qui adopte le rapport vient d’abord.")
        if not form.is_valid() or tried(form, lambda: self._decide(request, about, form), "correction"):
            return self._orientation(request, texte, about, deciding=form)
        self.message_user(request, "La décision est enregistrée.", messages.SUCCESS)
        return HttpResponseRedirect(reverse(HERE, args=[texte.pk]))

    def _decide(self, request: HttpRequest, about: About, form: DecideForm) -> None:
        said = dict(form.cleaned_data)
        words = Words(said.pop("title"), said.pop("text"))
        actions.decide(*about, words=words, by=request.user, **said)


def _asked(request: HttpRequest, about: About) -> Amendement:
    adoption, passage = about
    found = get_object_or_404(passage.amendements, number=whole_number(request.POST.get("number", "")))
    found.adoption, found.passage = adoption, passage
    return found


def _forms_of(one: Amendement, adoption: Adoption, given: dict[str, Any]) -> tuple[SettleForm, RewordForm | None]:
    """What is asked of an amendment: its sort, and other words until that is said; as typed, where it was refused."""
    one.adoption = adoption
    settling, rewording = SettleForm(amendement=one), None
    if one.state == AmendementState.FILED:
        rewording = RewordForm(amendement=one)
    for form in given.values():
        if form.auto_id == settling.auto_id:
            settling = form
        if rewording and form.auto_id == rewording.auto_id:
            rewording = form
    return settling, rewording


ORIENTATION_ACTS: dict[str, Callable[..., HttpResponse | None]] = {
    "deposer": OrientationPages.file_amendement,
    "ajouter": OrientationPages.file_ajout,
    "corriger": OrientationPages.reword,
    "sort": OrientationPages.settle,
    "decider": OrientationPages.decide,
}
