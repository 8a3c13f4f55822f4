"""Getting in: by a code, by a password, by making an account. An address known or unknown is answered alike.

Whoever asks for a code gets one, at any address; only whoever reads that mail learns whether it opens an account.
"""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.utils import perform_login
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from socle.comptes import actions, codes, limits
from socle.comptes.actions import Changed
from socle.comptes.codes import Pending, Purpose
from socle.comptes.forms import WRONG_CODE, WRONG_PAIR, AddressForm, CodeForm, PasswordLoginForm
from socle.comptes.models import User
from socle.comptes.onward import onward_of
from socle.limiter.actions import Verdict
from socle.pagecache.decorators import personal_page

type Page = Callable[[HttpRequest], HttpResponse]


def minutes(verdict: Verdict) -> int:
    return max(1, -int(-verdict.wait.total_seconds() // 60))


def address_page(template: str, purpose: Purpose) -> Page:
    """Three doors, one mechanism: an address is typed, a code leaves for it."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @personal_page
    def page(request: HttpRequest) -> HttpResponse:
        onward = onward_of(request)
        if request.user.is_authenticated:
            return redirect(onward or get_adapter().get_login_redirect_url(request))
        form = AddressForm(request.POST if request.method == "POST" else None)
        context = {"form": form, "onward": onward}
        if not form.is_bound:
            return render(request, template, context)
        if not form.is_valid():
            return render(request, template, context, status=422)
        return send(request, (form.cleaned_data["email"], purpose, onward), template, context)

    return page


def send(
    request: HttpRequest, wanted: tuple[str, Purpose, str], template: str, context: dict[str, object]
) -> HttpResponse:
    """A code leaves, or the page says how long to wait."""
    email, purpose, onward = wanted
    verdict = limits.may_ask(request, email)
    if not verdict.allowed:
        return render(request, template, context | {"wait": minutes(verdict)}, status=429)
    actions.send_code(request.session, email, purpose, onward)
    return redirect("account_code")


connexion = address_page("account/login.html", Purpose.ENTER)
creer = address_page("account/signup.html", Purpose.CREATE)
mot_de_passe_oublie = address_page("account/password_reset.html", Purpose.FORGOTTEN)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def code(request: HttpRequest) -> HttpResponse:
    """The code is typed; each try counts before it is looked at, whichever session it comes from."""
    pending = codes.pending_in(request.session)
    if pending is None:
        return redirect("account_login")
    context: dict[str, object] = {"pending": pending, "minutes": int(codes.AGE.total_seconds() // 60)}
    if "encore" in request.POST:
        context["form"] = CodeForm()
        return send(request, (pending.email, pending.purpose, pending.onward), "account/code.html", context)
    form = context["form"] = CodeForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return render(request, "account/code.html", context, status=422 if form.is_bound else 200)
    tries = limits.tries(request, "code", pending.email)
    verdict = limits.may_try(tries)
    if not verdict.allowed:
        return render(request, "account/code.html", context | {"wait": minutes(verdict)}, status=429)
    if not pending.is_opened_by(form.cleaned_data["code"]):
        form.add_error("code", WRONG_CODE)
        return render(request, "account/code.html", context, status=422)
    limits.was_right(tries)
    codes.forget(request.session)
    return proved(request, pending)


def proved(request: HttpRequest, pending: Pending) -> HttpResponse:
    """The address is proved: what was asked is done."""
    if pending.purpose in (Purpose.CHANGE, Purpose.AGAIN):
        return proved_again(request, pending)
    user = actions.account_of(pending.email)
    if user is None and pending.purpose == Purpose.CREATE:
        user = actions.open_account(pending.email)
    if user is None:
        codes.keep_proved(request.session, pending)
        return redirect("account_none")
    onward = reverse("account_change_password") if pending.purpose == Purpose.FORGOTTEN else pending.onward
    return enter(request, actions.prove(user), onward)


def proved_again(request: HttpRequest, pending: Pending) -> HttpResponse:
    """By somebody who is in. Whoever went out meanwhile, or came in as another, has proved nothing for this account."""
    user = request.user
    if not user.is_authenticated or (pending.purpose == Purpose.AGAIN and pending.email != user.email):
        return redirect("account_login")
    if pending.purpose == Purpose.CHANGE:
        if actions.change_address(user, pending.email) == Changed.TAKEN:
            return render(request, "account/address_taken.html", {"email": pending.email}, status=409)
        messages.success(request, f"Votre adresse est désormais {pending.email}. L’ancienne en est prévenue.")
        return redirect("account_index")
    request.session.pop(STATE_SESSION_KEY, None)  # the form that was refused: it is filled in again
    record_authentication(request, actions.prove(user), method="code", email=user.email, reauthenticated=True)
    return redirect(pending.onward or "account_index")


def enter(request: HttpRequest, user: User, onward: str) -> HttpResponse:
    """By the code: then allauth asks for the second factor, if there is one."""
    record_authentication(request, user, method="code", email=user.email, reauthenticated=True)
    return perform_login(request, user, email=user.email, redirect_url=onward or None)


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def sans_compte(request: HttpRequest) -> HttpResponse:
    """Whoever has proved an address without an account may make one, at a button."""
    found = codes.proved_in(request.session)
    if found is None or request.user.is_authenticated:
        return redirect("account_login")
    email, onward = found
    if request.method != "POST":
        return render(request, "account/none.html", {"email": email})
    del request.session[codes.PROVED]
    return enter(request, actions.open_account(email), onward)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def par_mot_de_passe(request: HttpRequest) -> HttpResponse:
    onward = onward_of(request)
    if request.user.is_authenticated:
        return redirect(onward or get_adapter().get_login_redirect_url(request))
    form = PasswordLoginForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        email, password = form.cleaned_data["email"], form.cleaned_data["password"]
        try:
            user = get_adapter().authenticate(request, email=email, password=password)
        except ValidationError as too_many:
            form.add_error("password", too_many)
            status = 429
        else:
            if user is not None:
                record_authentication(request, user, method="password", email=user.email, reauthenticated=True)
                return perform_login(request, user, email=user.email, redirect_url=onward or None)
            form.add_error("password", WRONG_PAIR)
    status = 422 if status == 200 and form.errors else status
    return render(request, "account/password_login.html", {"form": form, "onward": onward}, status=status)


@require_http_methods(["GET", "HEAD"])
@personal_page
def inactif(request: HttpRequest) -> HttpResponse:
    """Said to who has proved the address, or knows the password."""
    return render(request, "account/account_inactive.html")
