"""The forms of accounts. What is wrong never says whether an address is known."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

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
