"""The letter, by e-mail alone: asked for, confirmed from the mail, changed or stopped from each letter. No account."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from consultation import limits
from consultation.actions import news as actions
from consultation.actions.news import Asked, Confirmed
from consultation.forms.news import LetterForm, RhythmsForm
from consultation.letter_links import CONFIRM_AGE, Reader, read_confirmation, read_reader, sign_reader
from consultation.models import Demarche
from consultation.topics import topics
from consultation.views.write import minutes
from socle.comptes.actions import hinted
from socle.comptes.models import Personne
from socle.pagecache.decorators import personal_page

STATUS: dict[str, int] = {Asked.LIMITED: 429, Confirmed.GONE: 410, "expired": 410}


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def lettre(request: HttpRequest) -> HttpResponse:
    """Of the current démarche, or of `?demarche=`; `?sujet=` ticks a topic."""
    demarche = _demarche(request.GET.get("demarche", ""))
    if demarche is None:
        return redirect("demarches")  # the foot of every page leads here, even before the first démarche
    if request.method != "POST":
        return _page(request, LetterForm(demarche=demarche, chosen=_asked_for(request, demarche)))
    form = LetterForm(request.POST, demarche=demarche)
    if not form.is_valid():
        return _page(request, form, status=422)
    verdict = limits.may_subscribe(request)
    if not verdict.allowed:
        return _page(request, form, status=429, wait=minutes(verdict.wait))
    cleaned = form.cleaned_data
    step = actions.ask(demarche, cleaned["email"], cleaned["topics"], cleaned["submission_key"])
    return _confirm_page(request, step, demarche=demarche, email=cleaned["email"])


def _demarche(slug: str) -> Demarche | None:
    shown = Demarche.objects.published()
    return get_object_or_404(shown, slug=slug) if slug else shown.current()


def _asked_for(request: HttpRequest, demarche: Demarche) -> set[str]:
    return {request.GET.get("sujet", "")} & set(topics(demarche))


def _page(request: HttpRequest, form: LetterForm, *, status: int = 200, wait: int = 0) -> HttpResponse:
    context = {"form": form, "demarche": form.demarche, "wait": wait}
    return render(request, "consultation/lettre.html", context, status=status)


def expired(request: HttpRequest) -> HttpResponse:
    """The CSRF check failed (a form left open for days, cookies refused): what was typed, in a fresh form."""
    if demarche := _demarche(request.GET.get("demarche", "")):
        return _page(request, LetterForm(request.POST, demarche=demarche), status=403)
    return redirect("demarches")


lettre.on_csrf_failure = expired  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def lettre_confirm(request: HttpRequest, signed: str) -> HttpResponse:
    """The link of the mail: reading it changes nothing, its button does, once."""
    wish = read_confirmation(signed)
    demarche = Demarche.objects.published().filter(pk=wish.demarche_pk).first() if wish else None
    if wish is None or demarche is None:
        return render(request, "consultation/lettre_confirm.html", {"step": "unknown"}, status=404)
    if wish.expired:
        step = actions.ask_again(wish) if request.method == "POST" else "expired"
        return _confirm_page(request, step, demarche=demarche)
    if request.method != "POST":
        known = topics(demarche)
        labels = [known[topic].label for topic in wish.topics if topic in known]
        return _confirm_page(request, "ask", demarche=demarche, labels=labels)
    step, reader = actions.confirm_wish(wish)
    return _confirm_page(request, step, demarche=demarche, signed=sign_reader(reader) if reader else "")


def _confirm_page(request: HttpRequest, step: str, **context: object) -> HttpResponse:
    context |= {"step": str(step), "days": CONFIRM_AGE.days}
    return render(request, "consultation/lettre_confirm.html", context, status=STATUS.get(step, 200))


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def lettre_choices(request: HttpRequest, signed: str) -> HttpResponse:
    """From each letter: other topics, or none any more."""
    reader, personne, demarche = _read(signed)
    if reader is None or personne is None or demarche is None:
        return render(request, "consultation/lettre_choices.html", {"step": "unknown"}, status=404)
    posted = request.method == "POST"
    context = {"demarche": demarche, "email": hinted(personne.email), "signed": signed}
    if posted and "arreter" in request.POST:
        actions.stop(reader, everywhere=True)
        return render(request, "consultation/lettre_choices.html", context | {"step": "stopped"})
    form = RhythmsForm(request.POST if posted else None, demarche=demarche, followed=actions.followed(reader))
    if posted and form.is_valid():
        actions.choose(reader, form.rhythms())
        context["step"] = "changed"
    context["form"] = form
    return render(request, "consultation/lettre_choices.html", context, status=422 if form.errors else 200)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def lettre_stop(request: HttpRequest, signed: str) -> HttpResponse:
    """RFC 8058: a mail program posts here, without cookie, token or log-in; its signature is the right to it."""
    reader, personne, demarche = _read(signed)
    if reader is None or personne is None or demarche is None:
        return render(request, "consultation/lettre_stop.html", {"step": "unknown"}, status=404)
    if request.method == "POST":
        actions.stop(reader)
    context = {"step": "stopped" if not actions.followed(reader) else "ask", "demarche": demarche, "signed": signed}
    return render(request, "consultation/lettre_stop.html", context)


def _read(signed: str) -> tuple[Reader | None, Personne | None, Demarche | None]:
    """Also of a démarche that is archived since: whoever stops must be heard."""
    reader = read_reader(signed)
    if reader is None:
        return None, None, None
    personne = Personne.objects.filter(pk=reader.personne_pk).first()
    return reader, personne, Demarche.objects.filter(pk=reader.demarche_pk).first()
