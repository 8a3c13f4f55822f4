"""The forms of accounts. What is wrong never says whether an address is known."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

from socle.comptes import codes, limits, second_factor
from socle.comptes.adapter import TOO_MANY
from socle.comptes.models import User
from socle.forms import LinkedErrors, PlainCharField, email_field

WRONG_CODE = "Ce n’est pas le bon code, ou il n’est plus valable. Comparez-le avec le dernier courriel reçu."
WRONG_PAIR = "Cette adresse et ce mot de passe ne vont pas ensemble."


def one_time(**attrs: str) -> forms.TextInput:
    """Telephones offer the digits that have just arrived."""
    return forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"} | attrs)


def secret(label: str, autocomplete: str, **kwargs: Any) -> forms.CharField:
    """A password is not cleaned: each sign counts."""
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    errors = {"required": "Indiquez un mot de passe."}
    return forms.CharField(label=label, strip=False, max_length=200, widget=widget, error_messages=errors, **kwargs)


class AddressForm(LinkedErrors):
    email = email_field("Votre adresse électronique")


class NewAddressForm(LinkedErrors):
    email = email_field("Nouvelle adresse électronique")


class CodeForm(LinkedErrors):
    code = PlainCharField(
        label="Code reçu par courriel",
        help_text="Huit chiffres.",
        max_length=40,
        widget=one_time(),
        error_messages={"required": "Tapez le code reçu.", "max_length": "Le code a huit chiffres."},
    )


class PasswordLoginForm(LinkedErrors):
    email = email_field("Votre adresse électronique")
    password = secret("Mot de passe", "current-password")


class NewPasswordForm(LinkedErrors):
    password = secret("Nouveau mot de passe", "new-password")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if "\0" in password:
            raise ValidationError("Ce mot de passe contient un signe que l’on ne peut pas taper.")
        validate_password(password, self.user)
        return password


class Counted(LinkedErrors):
    """A code of an application, or of the list of spare ones: a try counts before it is looked at."""

    user: User

    def clean_code(self) -> str:
        tries = limits.tries(context.request, "second-factor", str(self.user.pk))
        if not limits.may_try(tries).allowed:
            raise ValidationError(TOO_MANY, code="limited")
        code = super().clean_code()  # type: ignore[misc]
        if not second_factor.used_once(self.user, codes.digits(code)):
            raise ValidationError("Ce code a déjà servi. Attendez le suivant : il arrive dans moins d’une minute.")
        limits.was_right(tries)
        return code


def application_code(label: str, help_text: str = "") -> PlainCharField:
    errors = {"required": "Tapez le code.", "max_length": "Ce code est trop long."}
    return PlainCharField(label=label, help_text=help_text, max_length=40, widget=one_time(), error_messages=errors)


SPARE = "Sans l’application sous la main, tapez un de vos codes de secours."


class SecondFactorForm(Counted, AuthenticateForm):
    code = application_code("Code de l’application", SPARE)


class SecondFactorAgainForm(Counted, ReauthenticateForm):
    code = application_code("Code de l’application", SPARE)


class ApplicationForm(Counted, ActivateTOTPForm):
    code = application_code("Code affiché par l’application")


class Readable:
    """A passkey's answer is written by a browser, or by anybody: one that cannot be read is wrong, and no fault."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, AssertionError) as error:
            if isinstance(error, ValidationError):
                raise
            raise get_adapter().validation_error("incorrect_code") from error


class PasskeyLoginForm(Readable, LoginWebAuthnForm):
    pass


class PasskeyForm(Readable, AuthenticateWebAuthnForm):
    pass


class PasskeyAgainForm(Readable, ReauthenticateWebAuthnForm):
    pass


class NewPasskeyForm(LinkedErrors, AddWebAuthnForm):
    name = PlainCharField(label="Nom de la clé", required=False, max_length=60)
    passwordless = forms.BooleanField(
        label="Cette clé suffit pour entrer",
        required=False,
        help_text="Sans code ni mot de passe. Elle demande alors votre empreinte, votre visage ou son code.",
    )

    def clean(self) -> dict[str, Any] | None:
        try:
            return super().clean()
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, AssertionError) as error:
            if isinstance(error, ValidationError):
                raise
            raise get_adapter().validation_error("incorrect_code") from error
