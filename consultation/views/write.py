"""Writing a contribution, without an account; and the receipt that shows its numéro de suivi."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from consultation import limits, links, numero
from consultation.actions import contributions as actions
from consultation.choices import DemarcheState, Moderation
from consultation.emails.contributions import written
from consultation.forms.contribution import ContributionForm, proved_address, signed_in_personne
from consultation.models import Commune, Contribution, Demarche, Rencontre, Theme
from consultation.similar import similar
from consultation.spotting import spots_of
from socle.dates import Precision, moment_label
from socle.pagecache.decorators import personal_page, public_page
from socle.text import clean_text, sort_key

SUGGESTIONS = 10
NBSP = "\N{NO-BREAK SPACE}"


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def contribution_new(request: HttpRequest) -> HttpResponse:
    if known := already_sent(request):
        return see_other(links.receipt_path(known))
    demarche = Demarche.objects.current()
    if demarche is None or not demarche.takes_contributions():
        return closed(request, demarche)
    if request.method == "POST":
        return receive(request, ContributionForm(request.POST, demarche=demarche))
    asked = request.GET.get("theme", "")
    form = ContributionForm(demarche=demarche, theme=asked)
    form.initial["email"] = proved_address(request)
    return page(request, form, shut=shut_theme(demarche, asked))


def already_sent(request: HttpRequest) -> Contribution | None:
    """The form sent a second time: the same receipt, even once its window has closed."""
    try:
        key = UUID(request.POST.get("submission_key", ""))
    except ValueError:
        return None
    return Contribution.objects.filter(submission_key=key).first()


def receive(request: HttpRequest, form: ContributionForm) -> HttpResponse:
    if not form.is_valid():
        return page(request, form, status=422)
    cleaned = form.cleaned_data
    verdict = limits.may_contribute(request, cleaned["email"])
    if not verdict.allowed:
        return page(request, form, status=429, wait=wait_label(verdict.wait))
    contribution = actions.submit(
        demarche=form.demarche,
        submission_key=cleaned["submission_key"],
        email=cleaned["email"],
        signed_in=signed_in_personne(request),
        enjeux=cleaned.get("enjeux", ()),
        **form.said(),
    )
    return see_other(links.receipt_path(contribution))


def page(request: HttpRequest, form: ContributionForm, *, status: int = 200, **context: Any) -> HttpResponse:
    context |= {"form": form, "demarche": form.demarche}
    if form.is_bound:
        context["similar"] = similar(form.demarche, form["title"].value() or "")
    return render(request, "consultation/write.html", context, status=status)


def shut_theme(demarche: Demarche, rank: str) -> dict[str, Any]:
    """The question that a link asked for, where it is no longer open, or not yet; when it was, or will be."""
    number = int(rank) if rank.isascii() and rank.isdigit() and len(rank) < 5 else 0
    theme = Theme.objects.filter(demarche=demarche, rank=number).first()
    if theme is None or theme.takes_contributions():
        return {}
    return {"theme": theme} | window(theme)


def window(of: Demarche | Theme) -> dict[str, str]:
    """When contributions will open, or since when they are closed, as the pages say it; nothing while they are open."""
    at = timezone.now()
    opens, closes = of.contributions_open_at, of.contributions_close_at
    if opens and opens > at:
        return {"opens": instant(opens), "until": instant(closes)}
    return {"since": instant(opens), "closed": instant(closes)} if closes and closes <= at else {}


def instant(at: datetime | None) -> str:
    return moment_label(at, None, Precision.HOUR) if at else ""


def closed(request: HttpRequest, demarche: Demarche | None) -> HttpResponse:
    """Since when, until when, and what one can still do; what was typed meanwhile is there to be copied."""
    context: dict[str, Any] = {"demarche": demarche, "others": Demarche.objects.published().exists()}
    if demarche:
        context |= window(demarche) | {
            "archived": demarche.state == DemarcheState.ARCHIVED,
            "readable": Contribution.objects.published().filter(demarche=demarche).exists(),
            "coming": Rencontre.objects.published().filter(demarche=demarche).coming().exists(),
            "has_cadre": demarche.cadres.filter(published_on__lte=timezone.localdate()).exists(),
        }
    if request.method == "POST":
        context["typed"] = {
            "title": clean_text(request.POST.get("title", ""), multiline=False),
            "body": clean_text(request.POST.get("body", ""), multiline=True),
        }
    return render(request, "consultation/write_closed.html", context, status=409 if "typed" in context else 200)


def expired(request: HttpRequest) -> HttpResponse:
    """The CSRF check failed (a form left open for days, cookies refused): what was typed, in a fresh form."""
    demarche = Demarche.objects.current()
    if demarche is None or not demarche.takes_contributions():
        return closed(request, demarche)
    return page(request, ContributionForm(request.POST, demarche=demarche), status=403, expired=True)


contribution_new.on_csrf_failure = expired  # type: ignore[attr-defined]


@require_safe
@personal_page
def contribution_receipt(request: HttpRequest, signed: str) -> HttpResponse:
    """A page of its own, which reloading or coming back to repeats without harm.

    Its address is signed and dies after a day: the numéro de suivi itself, which opens the contribution for good,
    stays out of the server's journal, of the browser's history and of any Referer until its owner types it.
    (A stricter Referrer-Policy would make browsers send « Origin: null » with our forms, which CSRF refuses.)
    """
    key = links.read_receipt(signed)
    sent = Contribution.objects.filter(submission_key=key)
    contribution = sent.select_related("personne", "demarche", "theme").first()
    if key is None or contribution is None:
        return render(request, "consultation/write_receipt_over.html", status=404)
    context = {
        "contribution": contribution,
        "demarche": contribution.demarche,
        "numero": numero.numero_shown(key, contribution.tracking_hash),
        "mailed": written(contribution).exists(),
        "days": links.CONFIRM_AGE.days,
        "at_once": contribution.demarche.moderation == Moderation.AFTER and not spots_of(contribution),
        "similar": similar(contribution.demarche, contribution.title, besides=contribution),
    }
    return render(request, "consultation/write_receipt.html", context)


@require_safe
@personal_page
def contribution_similar(request: HttpRequest) -> HttpResponse:
    """What others have said, for a title being written. Impersonal, but a title is not for any cache to keep."""
    demarche = Demarche.objects.current()
    found = similar(demarche, request.GET.get("titre", "")) if demarche else []
    return render(request, "consultation/_similar.html", {"similar": found, "new_tab": True})


@public_page(uncached_query=("q",))
def communes_json(request: HttpRequest) -> HttpResponse:
    """Names that begin like this, at most ten; « Lille (59) » once chosen names one commune."""
    letters = sort_key(request.GET.get("q", "")[:80])
    found = Commune.objects.starting(letters)[:SUGGESTIONS] if len(letters) > 1 else []
    return JsonResponse({"communes": [str(commune) for commune in found]})


def minutes(wait: timedelta) -> int:
    return max(1, -int(-wait.total_seconds() // 60))


def wait_label(wait: timedelta) -> str:
    """« 12 minutes », « 5 heures »; never less than the wait is."""
    if (left := minutes(wait)) > 90:
        return f"{-(-left // 60)}{NBSP}heures"
    return f"{left}{NBSP}minute{'s' if left > 1 else ''}"


def see_other(path: str) -> HttpResponseRedirect:
    response = HttpResponseRedirect(path)
    response.status_code = 303  # a reader's browser asks for the receipt with GET, whatever it sent
    return response
