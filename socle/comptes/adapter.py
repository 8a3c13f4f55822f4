"""What allauth asks of the portal: its mails go through the outbox, its tries through the limiter, in our words."""

from __future__ import annotations

from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from socle.comptes import emails, limits
from socle.comptes.models import User
from socle.network import client_address

TOO_MANY = "Trop d’essais en peu de temps. Attendez quelques minutes, puis recommencez."
WRONG_CODE = "Ce n’est pas le bon code. Il change toutes les trente secondes : tapez celui qui est affiché maintenant."

# allauth's mails, by their template. One that is not here is a fault: nothing leaves in words we have not read.
NOTICES = {
    "mfa/email/totp_activated": "Une application de codes protège désormais votre compte.",
    "mfa/email/totp_deactivated": "L’application de codes ne protège plus votre compte.",
    "mfa/email/recovery_codes_generated": "De nouveaux codes de secours ont été créés pour votre compte.",
    "mfa/email/webauthn_added": "Une clé d’accès a été ajoutée à votre compte.",
    "mfa/email/webauthn_removed": "Une clé d’accès a été retirée de votre compte.",
}
SAID = {
    "account/messages/logged_out.txt": "Vous êtes déconnecté.",
    "mfa/messages/totp_activated.txt": "L’application de codes est en place.",
    "mfa/messages/totp_deactivated.txt": "L’application de codes est retirée.",
    "mfa/messages/recovery_codes_generated.txt": "Des codes de secours sont prêts.",
    "mfa/messages/webauthn_added.txt": "La clé d’accès est ajoutée.",
    "mfa/messages/webauthn_removed.txt": "La clé d’accès est retirée.",
    "usersessions/messages/sessions_logged_out.txt": "Toutes les autres sessions sont fermées.",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_password": "Ce n’est pas votre mot de passe.",
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:  # noqa: ARG002
        emails.notice(email, NOTICES[template_prefix])

    def add_message(  # noqa: PLR0917 (allauth's own)
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,  # noqa: ARG002
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        if said := message or SAID.get(message_template or ""):
            messages.add_message(request, level, said, extra_tags=extra_tags)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Kept with the session, for its owner to recognise it; a server may give none."""
        return client_address(request) or "0.0.0.0"  # noqa: S104 (an address unknown, not one to listen on)

    def is_safe_url(self, url: str | None) -> bool:
        """Ours only: an address of this very host."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts={self.request.get_host()})

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Accounts are made by our own pages, once the address is proved."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Counted before the password is looked at, so that a hundred at once are no better than one."""
        self.tries = limits.tries(request, "login", credentials["email"])
        if not limits.may_try(self.tries).allowed:
            raise ValidationError(TOO_MANY, code="limited")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user = super().authenticate(request, **credentials)
        if user is not None:
            limits.was_right(self.tries)
        return user

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """The strongest first: it is the one that is offered."""
        known = {one["id"]: one for one in super().get_reauthentication_methods(user)}
        order = ("mfa_reauthenticate", "mfa_reauthenticate:webauthn", "reauthenticate", "reauthenticate_by_code")
        words = (
            "Par l’application de codes",
            "Par une clé d’accès",
            "Par le mot de passe",
            "Par un code envoyé par courriel",
        )
        return [known[one] | {"description": said} for one, said in zip(order, words, strict=True) if one in known]

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The team comes to work; whoever else, to their own."""
        return reverse("admin:index") if request.user.is_staff else resolve_url(settings.LOGIN_REDIRECT_URL)

    def render_mail(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError("Mails go through the outbox.")
