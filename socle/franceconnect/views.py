"""Going to FranceConnect, coming back, and joining it to an account: never without proof of the account's address."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from socle.comptes.codes import Purpose
from socle.comptes.onward import onward_of
from socle.comptes.views.entry import minutes, send
from socle.franceconnect import actions, passing, protocol
from socle.franceconnect.problems import Problem, ProblemError
from socle.limiter.actions import Limit, take_all
from socle.network import client_network
from socle.pagecache.decorators import personal_page

logger = logging.getLogger(__name__)

PASSAGES = Limit("franceconnect-de", 60, timedelta(hours=1))  # a lycée, a town hall share one address
PROBLEM = "franceconnect/problem.html"
# What FranceConnect answers instead of a code; anything else is its refusal.
SAID = {
    "access_denied": Problem.RENOUNCED,
    "login_required": Problem.RENOUNCED,
    "server_error": Problem.AWAY,
    "temporarily_unavailable": Problem.AWAY,
}


def answered[**P](view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Whatever goes wrong with FranceConnect becomes a page; the log says where, never what was received."""

    @wraps(view)
    def safe(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(*args, **kwargs)
        except ProblemError as error:
            if error.problem.status >= 500:
                logger.warning("FranceConnect: %s", error)
            request: Any = args[0]
            return render(request, PROBLEM, {"problem": error.problem}, status=error.problem.status)

    return safe


def callback_url() -> str:
    """As it is declared to FranceConnect: of the site's own address, never of the host that a request says."""
    return settings.SITE_URL + reverse("franceconnect_back")


@require_POST
@personal_page
@answered
def leave(request: HttpRequest) -> HttpResponse:
    verdict = take_all([(PASSAGES, client_network(request))])
    if not verdict.allowed:
        return render(request, PROBLEM, {"problem": Problem.AWAY, "wait": minutes(verdict)}, status=429)
    state, nonce = passing.leave(request.session, onward_of(request))
    return redirect(protocol.authorize_url(callback_url(), state, nonce))


@require_safe
@personal_page
@answered
def come_back(request: HttpRequest) -> HttpResponse:
    """The passage serves once, whatever comes of it."""
    nonce, onward = passing.come_back(request.session, request.GET.get("state", ""))
    if error := request.GET.get("error"):
        raise ProblemError(SAID.get(error, Problem.REFUSED), "the answer is an error")
    if not (code := request.GET.get("code", "")):
        raise ProblemError(Problem.REFUSED, "no code")
    found = protocol.identify(code, callback_url(), nonce)
    user = actions.account_of(found.sub)
    request.session[passing.ID_TOKEN] = found.id_token
    if user is not None and request.user.is_authenticated and user != request.user:
        raise ProblemError(Problem.ELSEWHERE, "of another account")
    if user is not None:
        record_authentication(request, user, method="franceconnect", reauthenticated=True)
        return perform_login(request, user, email=user.email, redirect_url=onward or None)
    return ask_proof(request, found, onward)


def ask_proof(request: HttpRequest, found: protocol.Identity, onward: str) -> HttpResponse:
    """Nobody is known by this `sub`. An address that FranceConnect says is proved by a code, as any other."""
    passing.wait(request.session, found.sub, found.email, onward)
    join_page = reverse("franceconnect_join")
    if request.user.is_authenticated:
        return redirect(join_page)
    if found.email:
        return send(request, (found.email, Purpose.CREATE, join_page), PROBLEM, {"problem": Problem.AWAY})
    messages.info(request, "FranceConnect n’a pas donné d’adresse où vous écrire. Indiquez la vôtre.")
    return redirect(f"{reverse('account_signup')}?{urlencode({'next': join_page})}")


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
@login_required
@answered
def join(request: HttpRequest) -> HttpResponse:
    """In their account, proved; FranceConnect opens it from now on if they say so."""
    waiting = passing.waiting_in(request.session)
    if waiting is None:
        return redirect("account_index")
    if request.method != "POST":
        return render(request, "franceconnect/join.html", {"waiting": waiting})
    del request.session[passing.WAITING]
    if "joindre" in request.POST:
        actions.join(request.user, waiting.sub)
        messages.success(request, "FranceConnect ouvre désormais votre compte.")
    return redirect(waiting.onward or "account_index")


@require_POST
@personal_page
@login_required
@reauthentication_required(app="allauth.account", enabled=True)
def part(request: HttpRequest) -> HttpResponse:
    actions.part(request.user)
    messages.success(request, "FranceConnect n’ouvre plus votre compte. Vous entrez par un code envoyé par courriel.")
    return redirect("account_index")


@require_safe
@personal_page
@answered
def out(request: HttpRequest) -> HttpResponse:
    """Back from FranceConnect, whose session is ended too."""
    try:
        signing.loads(request.GET.get("state", ""), salt=passing.OUT, max_age=passing.AGE)
    except signing.BadSignature:
        raise ProblemError(Problem.STALE, "a state that is not ours") from None
    return render(request, "franceconnect/out.html")
