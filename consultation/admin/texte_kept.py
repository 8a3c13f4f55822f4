"""What a rédacteur typed into something that is no longer being written: given back, never lost, and said why."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from consultation.actions.contributions import StaleState
from consultation.actions.textes import GONE, OVERWRITTEN, PUBLISHED, SENT
from consultation.forms.base import LinkedErrors
from consultation.forms.textes import PassageForm
from consultation.models import Texte
from consultation.templatetags.prose import typo

KEEP = ("garder", "garder_cadre")  # the acts of static/js/redaction.js
# Of what is posted, what somebody wrote.
TYPED = {
    "title": "Titre",
    "text": "Texte",
    "introduction": "Introduction",
    "quote": "Mots cités",
    "reason": "Motif",
    "settlement": "Ce que vous en avez fait",
}
STOPPED = {
    OVERWRITTEN: "Pas enregistré : quelqu’un d’autre a écrit ici entre-temps. Vos mots sont toujours ici : "
    "« Enregistrer » montre les deux textes.",
    SENT: "Pas enregistré : ce formulaire a déjà ajouté un passage, avec d’autres mots. « Ajouter » montre les deux.",
    PUBLISHED: "Pas enregistré : un collègue a publié cette version entre-temps. Vos mots sont toujours ici : "
    "enregistrez, ils vous seront rendus.",
    GONE: "Pas enregistré : un collègue a ôté ce passage entre-temps, ou l’a réuni à un autre. Vos mots sont toujours "
    "ici : enregistrez, ils vous seront rendus.",
}


class Lost(Exception):  # noqa: N818 (a refusal, not a fault)
    """There is nothing any more to write in: the version has appeared (PUBLISHED), or the passage is gone (GONE)."""

    def __init__(self, texte: Texte, why: str) -> None:
        super().__init__(why)
        self.texte, self.why = texte, why


def gives_back(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page that answers what was posted too late with the words that were typed."""

    @wraps(view)
    def answer(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(self, request, *args, **kwargs)
        except Lost as lost:
            if request.POST.get("act") in KEEP:
                return JsonResponse({"said": typo(STOPPED[lost.why])}, status=409)
            return _typed(self, request, lost)

    return answer


def kept(seal: str, said: str = "", **more: str) -> JsonResponse:
    """What static/js/redaction.js says beside the button, and sends back with what is typed next."""
    return JsonResponse({"said": typo(f"Enregistré à {timezone.localtime():%H:%M}{said}."), "seal": seal} | more)


def unsaid(form: LinkedErrors) -> JsonResponse:
    return JsonResponse({"said": f"Pas enregistré. {form.error_links()[0].message}"}, status=422)


def stopped(stale: StaleState) -> JsonResponse:
    """It stops there: what becomes of the words is then chosen, at the button."""
    said = STOPPED.get(str(stale), str(stale))
    return JsonResponse({"said": typo(said)}, status=409)


def _typed(pages: Any, request: HttpRequest, lost: Lost) -> HttpResponse:
    draft = lost.texte.draft
    version = draft or lost.texte.current
    version.texte = lost.texte
    typed = {"title": request.POST.get("title", ""), "text": request.POST.get("text", "")}
    more = {"themes": request.POST.getlist("themes"), "liaison": bool(request.POST.get("liaison"))}
    form = PassageForm(version=version, typed=typed | more) if draft and any(typed.values()) else None
    words = [(label, request.POST[name]) for name, label in TYPED.items() if request.POST.get(name, "").strip()]
    context = {"title": "Ce que vous avez écrit", "version": version, "why": lost.why, "words": words, "adding": form}
    return pages.page(request, lost.texte, "kept", status=409, **context)
