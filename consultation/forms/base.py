"""What the forms share. Nothing typed is lost: whatever is wrong is shown again beside its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from socle.forms import PlainCharField

EMAIL_ERROR = "Cette adresse est incomplète ou mal écrite. Elle ressemble à prenom.nom@exemple.fr."


@dataclass(frozen=True)
class ErrorLink:
    """A line of the summary, that leads to the field it is about."""

    anchor: str
    label: str
    message: str


class LinkedErrors(forms.Form):
    """A form whose errors can be listed on top, each a link to its field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # A browser would cut a longer text without a word when it is pasted: we keep it, and say so.
            field.widget.attrs.pop("maxlength", None)
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        # The summary on top says what concerns no field.
        self.helper.form_show_errors = True
        self.helper.form_error_title = ""

    def error_links(self) -> list[ErrorLink]:
        return [ErrorLink(anchor(field), str(field.label), str(message)) for field in self for message in field.errors]


def anchor(field: forms.BoundField) -> str:
    """The id of the first control of a field."""
    grouped = isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    return f"{field.auto_id}_0" if grouped else field.auto_id


def choice(label: str, required: str = "", **kwargs: Any) -> forms.ChoiceField:
    """Radio buttons; `required` is what is said when none is ticked. The value posted is never repeated."""
    wrong = "Choisissez une des réponses proposées."
    messages = {"required": required, "invalid_choice": kwargs.pop("invalid", wrong)}
    return forms.ChoiceField(
        label=label, required=bool(required), widget=forms.RadioSelect, error_messages=messages, **kwargs
    )


def email_field(label: str, **kwargs: Any) -> forms.EmailField:
    widget = forms.EmailInput(attrs={"autocomplete": "email"})
    errors = {"invalid": EMAIL_ERROR, "required": "Indiquez une adresse électronique.", "max_length": EMAIL_ERROR}
    return PlainEmailField(label=label, max_length=254, widget=widget, error_messages=errors, **kwargs)


class PlainEmailField(PlainCharField, forms.EmailField):
    """An address, cleaned like any line of text before it is looked at."""
