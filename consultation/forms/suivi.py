"""The forms of who follows a contribution."""

from __future__ import annotations

from django import forms

from consultation.forms.base import LinkedErrors, email_field
from socle.forms import PlainCharField


class NumeroForm(LinkedErrors):
    numero = PlainCharField(
        label="Votre numéro de suivi",
        max_length=60,
        help_text="Douze signes, comme « ABCD-EFGH-JKLM ». Majuscules ou minuscules, avec ou sans tirets.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
        error_messages={"required": "Indiquez votre numéro de suivi.", "max_length": "Ce numéro est trop long."},
    )


class AddressForm(LinkedErrors):
    email = email_field("Votre adresse électronique")
