"""The forms of « Mes données »."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from crispy_forms.layout import Div, Field, Layout
from django import forms

from socle.forms import LinkedErrors, PlainCharField, PlainTextField, email_field

IDENTITY, TEXTS = "identite", "textes"


class AddressForm(LinkedErrors):
    email = email_field("Votre adresse électronique", help_text="Celle avec laquelle vous avez participé.")
    # A line that nobody sees and that robots fill in.
    precisions = PlainCharField(label="Laissez cette ligne vide", required=False)
    key = PlainCharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, initial={"key": str(uuid4()), **kwargs.pop("initial", {})}, **kwargs)
        self.fields["precisions"].widget.attrs |= {"tabindex": "-1", "autocomplete": "off"}
        self.helper.layout = Layout(
            Field("email"),
            Div(Field("precisions"), css_class="left-empty", aria_hidden="true"),
            Field("key"),
        )

    def clean_precisions(self) -> str:
        if self.cleaned_data["precisions"]:
            raise forms.ValidationError("Laissez cette ligne vide : elle sert à reconnaître les robots.")
        return ""

    def clean_key(self) -> str:
        return str(read_uuid(self.cleaned_data["key"]))


class DepartureForm(LinkedErrors):
    what = forms.ChoiceField(
        label="Ce qui doit être effacé",
        widget=forms.RadioSelect,
        choices=[
            (IDENTITY, "Ce qui dit qui je suis : ce que j’ai publié reste, sans mon nom"),
            (TEXTS, "Ce qui dit qui je suis, et mes textes"),
        ],
        error_messages={
            "required": "Choisissez ce qui doit être effacé.",
            "invalid_choice": "Choisissez une des deux réponses proposées.",
        },
    )

    def with_texts(self) -> bool:
        return self.cleaned_data["what"] == TEXTS


class OppositionForm(LinkedErrors):
    words = PlainTextField(
        label="À quoi vous opposez-vous, et pourquoi ?",
        max_length=4000,
        help_text="Par exemple : que votre présence à un rendez-vous soit gardée, ou qu’une image de vous paraisse.",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": "Dites à quoi vous vous opposez.",
            "max_length": "Ce texte dépasse 4 000 signes : gardez l’essentiel.",
        },
    )
    key = PlainCharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, initial={"key": str(uuid4())}, **kwargs)

    def clean_key(self) -> UUID:
        return read_uuid(self.cleaned_data["key"])


def read_uuid(typed: str) -> UUID:
    """Another one where it was forged: it only tells a form that is sent twice."""
    try:
        return UUID(typed)
    except ValueError:
        return uuid4()
