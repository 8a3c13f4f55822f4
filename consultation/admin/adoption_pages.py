"""The adoption of a report: its three acts, then the policy that comes of it; its passages have a page of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from consultation import votes
from consultation.actions import adoption as actions
from consultation.actions.contributions import StaleState
from consultation.actions.policy import make_policy
from consultation.actions.textes_publish import Incomplete
from consultation.forms.adoption import AvisForm, DeliberationForm, PresentForm
from consultation.forms.amendements import PolicyForm
from consultation.models import Adoption, Texte
from consultation.views.adoption import lines

HERE = "admin:consultation_texte_adoption"
READ_WITH = ("version", "seance", "politique", "deliberation_document")


class AdoptionPages:
    texte_of: Callable[..., Texte]
    page: Callable[..., HttpResponse]
    message_user: Callable[..., None]

    def adoption_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The acts in their order: each is asked once the one before is known."""
        texte = self.presented(request, pk)
        adoption: Adoption | None = getattr(texte, "adoption", None)
        if request.method != "POST":
            return self._adoption(request, texte, adoption)
        name = request.POST.get("act", "")
        act = ACTS.get(name)
        if act is None or (adoption is None and name != "presenter"):
            raise Http404("No such act.")
        return self.do(request, texte, act, adoption, reverse(HERE, args=[texte.pk]))

    def presented(self, request: HttpRequest, pk: int) -> Texte:
        """With its adoption, where there is one."""
        also = (f"adoption__{name}" for name in READ_WITH)
        texte = self.texte_of(request, pk, *also, writing=request.method == "POST")
        if not texte.regle.presented or texte.current is None:
            raise Http404("Only a report that is public is presented.")
        return texte

    def do(self, request: HttpRequest, texte: Texte, act: Any, about: Any, back: str) -> HttpResponse:
        """What is refused is said on the page it was asked from, with what was typed."""
        try:
            answer = act(self, request, texte, about)
        except StaleState as stale:
            self.message_user(request, str(stale), messages.WARNING)
            answer = None
        except Incomplete as lacks:
            self.message_user(request, f"Rien n’est enregistré. {' '.join(lacks.sentences)}", messages.ERROR)
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
        if refused := tried(form, lambda: actions.present(texte, **form.cleaned_data, by=request.user)):
            return self._adoption(request, texte, adoption, present=refused)
        self.message_user(request, "La présentation est enregistrée, et publique.", messages.SUCCESS)
        return None

    def give_avis(self, request: HttpRequest, texte: Texte, adoption: Adoption) -> HttpResponse | None:
        form = AvisForm(request.POST, adoption=adoption)
        if not form.is_valid():
            return self._adoption(request, texte, adoption, avis=form)
        if refused := tried(form, lambda: actions.give_avis(adoption, **form.cleaned_data, by=request.user)):
            return self._adoption(request, texte, read_again(texte), avis=refused)
        self.message_user(request, "L’avis est enregistré, et public.", messages.SUCCESS)
        return None

    def deliberate(self, request: HttpRequest, texte: Texte, adoption: Adoption) -> HttpResponse | None:
        form = DeliberationForm(request.POST, request.FILES, adoption=adoption, by=request.user)
        if not form.is_valid():
            return self._adoption(request, texte, adoption, deliberation=form)
        if refused := tried(form, lambda: actions.deliberate(adoption, **form.cleaned_data, by=request.user)):
            return self._adoption(request, texte, read_again(texte), deliberation=refused)
        self.message_user(
            request, "La délibération est enregistrée. Dites maintenant ce qu’elle fait de chaque orientation."
        )
        return None

    def keep_the_others(self, request: HttpRequest, texte: Texte, adoption: Adoption) -> HttpResponse | None:
        number = actions.keep_the_others(adoption, by=request.user)
        many = "s" if number > 1 else ""
        self.message_user(request, f"{number} orientation{many} dite{many} adoptée{many} telle{many} quelle{many}.")
        return None

    def make_policy(self, request: HttpRequest, texte: Texte, adoption: Adoption) -> HttpResponse | None:
        form = PolicyForm(request.POST)
        if not form.is_valid():
            return self._adoption(request, texte, adoption, policy=form)
        policy = make_policy(adoption, title=form.cleaned_data["title"], by=request.user)
        self.message_user(
            request,
            "La politique est écrite telle qu’elle a été votée : relisez-la, puis publiez-la.",
            messages.SUCCESS,
        )
        return HttpResponseRedirect(reverse("admin:consultation_texte_change", args=[policy.pk]))


def read_again(texte: Texte) -> Adoption | None:
    """The adoption as it is now, once an act was refused."""
    found = Adoption.objects.select_related(*READ_WITH).filter(texte=texte).first()
    if found:
        found.texte = texte
    return found


def tried(form: Any, act: Callable[[], Any], why: str = "reason") -> Any:
    """The form with what is refused, and what was typed; None when it is done. `why`: where a correction says why."""
    try:
        act()
    except Incomplete as lacks:
        # Somebody else may have recorded it first: this form did not ask why.
        form.add_error(why if why in form.fields else next(iter(form.fields)), " ".join(lacks.sentences))
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
