"""allauth's pages of the second factor. Setting one up shows it: this session has passed it."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.http import HttpResponse

from socle.qr import svg_uri


class SecondFactor(AuthenticateView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Without allauth's `site`, which would hide ours."""
        return {name: value for name, value in super().get_context_data(**kwargs).items() if name != "site"}


class Application(ActivateTOTPView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"qr": svg_uri(context["totp_url"])}

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        record_authentication(self.request, self.request.user, method="mfa", type="totp")
        return response


class NewPasskey(AddWebAuthnView):
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        record_authentication(self.request, self.request.user, method="mfa", type="webauthn")
        return response
