"""The adoption of a report: its three acts, then each of its passages, then the policy that comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from consultation import votes
from consultation.actions import adoption as actions
from consultation.actions.adoption import Votes
from consultation.actions.contributions import StaleState
from consultation.actions.textes import Words
from consultation.actions.textes_publish import Incomplete
from consultation.forms.adoption import (
    AmendementForm,
    AvisForm,
    DecideForm,
    DeliberationForm,
    PolicyForm,
    PresentForm,
    SettleForm,
)
from consultation.models import Adoption, Amendement, Passage, Texte
from consultation.permissions import can_write
from consultation.templatetags.prose import typo
from consultation.views.adoption import change, lines
from socle.text import whole_number

HERE = "admin:consultation_texte_adoption"
THERE = "admin:consultation_texte_orientation"
READ_WITH = ("version", "seance", "politique", "deliberation_document")


class AdoptionPages:
    texte_of: Callable[..., Texte]
    page: Callable[..., HttpResponse]
    message_user: Callable[..., None]

    def adoption_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The acts in their order: each is asked once the one before is known."""
        texte = self._presented(request, pk)
        adoption: Adoption | None = getattr(texte, "adoption", None)
        if request.method != "POST":
            return self._adoption(request, texte, adoption)
        name = request.POST.get("act", "")
        act = ACTS.get(name)
        if act is None or (adoption is None and name != "presenter"):
            raise Http404("No such act.")
        return self._do(request, texte, act, adoption, reverse(HERE, args=[texte.pk]))

    def _presented(self, request: HttpRequest, pk: int) -> Texte:
        also = (f"adoption__{name}" for name in READ_WITH)
        texte = self.texte_of(request, pk, *also, writing=request.method == "POST")
        if not texte.regle.presented or texte.current is None:
            raise Http404("Only a report that is public is presented.")
        return texte

    def _do(self, request: HttpRequest, texte: Texte, act: Any, about: Any, back: str) -> HttpResponse:
        """What is refused is said on the page it was asked from, with what was typed."""
        try:
            answer = act(self, request, texte, about)
        except StaleState as stale:
            self.message_user(request, typo(stale), messages.WARNING)
            answer = None
        except Incomplete as lacks:
            self.message_user(request, typo(f"Rien n’est enregistré. {' '.join(lacks.sentences)}"), messages.ERROR)
            answer = None
        return answer or HttpResponseRedirect(back)

    def _adoption(self, request: HttpRequest, texte: Texte, adoption: Adoption | None, **given: Any) -> HttpResponse:
        context = {
            "title": "Adoption",
            "version": adoption.version if adoption else texte.current,
            "adoption": adoption,
            "present": given.get("present") or PresentForm(adoption=adoption, demarche=texte.demarche_id),
            "voted": bool(adoption and adoption.politique and adoption.politique.current_id),
        }
        if adoption:
            context |= {
                "avis": given.get("avis") or AvisForm(adoption=adoption),
                "lines": lines(adoption),
            }
        if adoption and adoption.avis_on:
            context["deliberation"] = given.get("deliberation") or DeliberationForm(adoption=adoption)
        if adoption and adoption.adopted:
            context |= {
                "lacks": votes.missing(adoption),
                "policy": given.get("policy") or PolicyForm(initial={"title": texte.title}),
            }
        context["forms"] = list(given.values())
        return self.page(request, texte, "adoption", status=422 if given else 200, **context)

    def present(self, request: HttpRequest, texte: Texte, adoption: Adoption | None) -> HttpResponse | None:
        form = PresentForm(request.POST, adoption=adoption, demarche=texte.demarche_id)
        if not form.is_valid():
            return self._adoption(request, texte, adoption, present=form)
        if refused := _tried(form, lambda: actions.present(texte, **form.cleaned_data, by=request.user)):
            return self._adoption(request, texte, adoption, present=refused)
        self.message_user(request, "La présentation est enregistrée, et publique.", messages.SUCCESS)
        return None

    def give_avis(self, request: HttpRequest, texte: Texte, adoption: Adoption) -> HttpResponse | None:
        form = AvisForm(request.POST, adoption=adoption)
        if not form.is_valid():
            return self._adoption(request, texte, adoption, avis=form)
        if refused := _tried(form, lambda: actions.give_avis(adoption, **form.cleaned_data, by=request.user)):
            return self._adoption(request, texte, _adoption(texte), avis=refused)
        self.message_user(request, "L’avis est enregistré, et public.", messages.SUCCESS)
        return None

    def deliberate(self, request: HttpRequest, texte: Texte, adoption: Adoption) -> HttpResponse | None:
        form = DeliberationForm(request.POST, request.FILES, adoption=adoption, by=request.user)
        if not form.is_valid():
            return self._adoption(request, texte, adoption, deliberation=form)
        if refused := _tried(form, lambda: actions.deliberate(adoption, **form.cleaned_data, by=request.user)):
            return self._adoption(request, texte, _adoption(texte), deliberation=refused)
        self.message_user(
            request, "La délibération est enregistrée. Dites maintenant ce qu’elle fait de chaque orientation."
        )
        return None

    def keep_the_others(self, request: HttpRequest, texte: Texte, adoption: Adoption) -> HttpResponse | None:
        number = actions.keep_the_others(adoption)
        many = "s" if number > 1 else ""
        self.message_user(request, f"{number} orientation{many} dite{many} adoptée{many} telle{many} quelle{many}.")
        return None

    def make_policy(self, request: HttpRequest, texte: Texte, adoption: Adoption) -> HttpResponse | None:
        form = PolicyForm(request.POST)
        if not form.is_valid():
            return self._adoption(request, texte, adoption, policy=form)
        policy = actions.make_policy(adoption, title=form.cleaned_data["title"], by=request.user)
        self.message_user(
            request,
            "La politique est écrite telle qu’elle a été votée : relisez-la, puis publiez-la.",
            messages.SUCCESS,
        )
        return HttpResponseRedirect(reverse("admin:consultation_texte_change", args=[policy.pk]))

    def orientation_page(self, request: HttpRequest, pk: int, key: int) -> HttpResponse:
        """One passage of the report: its amendments, and what is decided of it."""
        texte = self._presented(request, pk)
        adoption: Adoption | None = getattr(texte, "adoption", None)
        if adoption is None:
            raise Http404("It was not presented.")
        passage = get_object_or_404(adoption.version.passages.select_related("article"), key=key)
        if request.method != "POST":
            return self._orientation(request, texte, passage, adoption)
        act = ORIENTATION_ACTS.get(request.POST.get("act", ""))
        if act is None:
            raise Http404("No such act.")
        return self._do(request, texte, act, (adoption, passage), reverse(THERE, args=[texte.pk, key]))

    def _orientation(
        self, request: HttpRequest, texte: Texte, passage: Passage, adoption: Adoption, **given: Any
    ) -> HttpResponse:
        article, settling = getattr(passage, "article", None), given.get("settling")
        found = [
            (one, change(passage, one.title, one.text), _settle_form(one, settling))
            for one in passage.amendements.order_by("number")
        ]
        context = {
            "title": f"{texte.regle.passage.capitalize()} {passage.number}",
            "version": adoption.version,
            "adoption": adoption,
            "passage": passage,
            "article": article,
            "amendements": found,
            "settling": settling,
            "filing": given.get("filing") or AmendementForm(passage=passage),
            "deciding": given.get("deciding") or DecideForm(passage=passage, article=article),
            "may": can_write(request.user, texte.demarche)
            and not (adoption.politique and adoption.politique.current_id),
        }
        return self.page(request, texte, "orientation", status=422 if given else 200, **context)

    def file_amendement(self, request: HttpRequest, texte: Texte, about: tuple[Adoption, Passage]) -> Any:
        adoption, passage = about
        form = AmendementForm(request.POST, passage=passage)
        if not form.is_valid():
            return self._orientation(request, texte, passage, adoption, filing=form)
        made = actions.amend(adoption, passage, **form.cleaned_data, by=request.user)
        self.message_user(request, f"Amendement n° {made.number} enregistré, et public.", messages.SUCCESS)
        return None

    def settle(self, request: HttpRequest, texte: Texte, about: tuple[Adoption, Passage]) -> Any:
        adoption, passage = about
        one = get_object_or_404(passage.amendements, number=whole_number(request.POST.get("number", "")))
        one.adoption = adoption
        form = SettleForm(request.POST, amendement=one)
        if not form.is_valid():
            return self._orientation(request, texte, passage, adoption, settling=form)
        said = form.cleaned_data
        state = said.pop("state")
        actions.settle(one, state=state, given=Votes(**said), by=request.user)
        self.message_user(request, f"Amendement n° {one.number} : le sort est enregistré.", messages.SUCCESS)
        return None

    def decide(self, request: HttpRequest, texte: Texte, about: tuple[Adoption, Passage]) -> Any:
        adoption, passage = about
        form = DecideForm(request.POST, passage=passage, article=getattr(passage, "article", None))
        if not adoption.adopted:
            form.add_error("outcome", "La délibération qui adopte le rapport vient d’abord.")
        if not form.is_valid():
            return self._orientation(request, texte, passage, adoption, deciding=form)
        said = form.cleaned_data
        words = Words(said["title"], said["text"])
        actions.decide(adoption, passage, outcome=said["outcome"], words=words, reason=said["reason"])
        self.message_user(request, "La décision est enregistrée.", messages.SUCCESS)
        return HttpResponseRedirect(reverse(HERE, args=[texte.pk]))


def _adoption(texte: Texte) -> Adoption | None:
    """As it is now, once an act was refused."""
    found = Adoption.objects.select_related(*READ_WITH).filter(texte=texte).first()
    if found:
        found.texte = texte
    return found


def _settle_form(one: Amendement, bound: SettleForm | None) -> SettleForm:
    if bound and bound.auto_id == SettleForm(amendement=one).auto_id:
        return bound
    return SettleForm(amendement=one)


def _tried(form: Any, act: Callable[[], Any]) -> Any:
    """The form with what is refused, and what was typed; None when it is done."""
    try:
        act()
    except Incomplete as lacks:
        form.add_error("reason", " ".join(lacks.sentences))
        return form
    except ValidationError as refused:
        for name, errors in refused.message_dict.items():
            for error in errors:
                form.add_error(name if name in form.fields else next(iter(form.fields)), error)
        return form
    return None


ACTS: dict[str, Callable[..., HttpResponse | None]] = {
    "presenter": AdoptionPages.present,
    "avis": AdoptionPages.give_avis,
    "deliberer": AdoptionPages.deliberate,
    "autres": AdoptionPages.keep_the_others,
    "politique": AdoptionPages.make_policy,
}
ORIENTATION_ACTS: dict[str, Callable[..., HttpResponse | None]] = {
    "deposer": AdoptionPages.file_amendement,
    "sort": AdoptionPages.settle,
    "decider": AdoptionPages.decide,
}
