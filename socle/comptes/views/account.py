"""One's own account: its address, its password, and proving again that it is still oneself before changing them."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from allauth.account.signals import password_changed
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from socle.comptes import actions
from socle.comptes.codes import Purpose
from socle.comptes.forms import NewAddressForm, NewPasswordForm
from socle.comptes.onward import onward_of
from socle.comptes.views.entry import send
from socle.pagecache.decorators import personal_page


@require_http_methods(["GET", "HEAD"])
@personal_page
@login_required
def compte(request: HttpRequest) -> HttpResponse:
    return render(request, "account/index.html")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
@login_required
@reauthentication_required(app="allauth.account", enabled=True)
def mot_de_passe(request: HttpRequest) -> HttpResponse:
    """Chosen or changed: whoever has just proved to be themselves is not asked for the old one."""
    form = NewPasswordForm(request.POST if request.method == "POST" else None, user=request.user)
    if not form.is_bound or not form.is_valid():
        return render(request, "account/password_change.html", {"form": form}, status=422 if form.is_bound else 200)
    actions.set_password(request.user, form.cleaned_data["password"])
    update_session_auth_hash(request, request.user)  # a new session key; every other session ends by itself
    password_changed.send(sender=type(request.user), request=request, user=request.user)  # lists this session anew
    messages.success(request, "Votre mot de passe est enregistré. Toutes vos autres sessions sont fermées.")
    return redirect("account_index")


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
@login_required
@reauthentication_required(app="allauth.account", enabled=True)
def adresse(request: HttpRequest) -> HttpResponse:
    """A code leaves for the new address, known or not; nothing changes until it is typed."""
    form = NewAddressForm(request.POST if request.method == "POST" else None)
    context = {"form": form}
    if not form.is_bound:
        return render(request, "account/address.html", context)
    if not form.is_valid():
        return render(request, "account/address.html", context, status=422)
    return send(request, (form.cleaned_data["email"], Purpose.CHANGE, ""), "account/address.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
@login_required
def confirmer_par_code(request: HttpRequest) -> HttpResponse:
    """That it is still them: the code goes to the address of the account."""
    onward = onward_of(request)
    template, context = "account/request_reauthentication_code.html", {"onward": onward}
    if request.method != "POST":
        return render(request, template, context)
    return send(request, (request.user.email, Purpose.AGAIN, onward), template, context)
