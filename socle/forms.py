"""Form fields for plain text: whatever is posted is cleaned, kept and shown again; nothing raises.

And what the forms share: whatever is wrong is shown again beside its reason.
"""

from dataclasses import dataclass
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from socle.text import clean_text

EMAIL_ERROR = "Cette adresse est incomplète ou mal écrite. Elle ressemble à prenom.nom@exemple.fr."


class PlainCharField(forms.CharField):
    """One line of plain text (see `clean_text`)."""

    multiline = False

    def to_python(self, value: Any) -> str | None:
        if value in self.empty_values:
            return self.empty_value
        return clean_text(str(value), multiline=self.multiline) or self.empty_value

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Typed again after an error: cleaned too, since a lone surrogate cannot be written to a page."""
        data = super().bound_data(data, initial)
        return clean_text(data, multiline=self.multiline) if isinstance(data, str) else data


class PlainTextField(PlainCharField):
    """Several lines of plain text; its lengths count an end of line as one character."""

    multiline = True
    widget = forms.Textarea


class PlainIntegerField(forms.IntegerField):
    """A number typed as text: what is not one is shown again, cleaned like any line."""

    widget = forms.TextInput

    def bound_data(self, data: Any, initial: Any) -> Any:
        data = super().bound_data(data, initial)
        return clean_text(data, multiline=False) if isinstance(data, str) else data


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


class PlainEmailField(PlainCharField, forms.EmailField):
    """An address, cleaned like any line of text before it is looked at."""


def email_field(label: str, **kwargs: Any) -> forms.EmailField:
    widget = forms.EmailInput(attrs={"autocomplete": "email"})
    errors = {"invalid": EMAIL_ERROR, "required": "Indiquez une adresse électronique.", "max_length": EMAIL_ERROR}
    return PlainEmailField(label=label, max_length=254, widget=widget, error_messages=errors, **kwargs)
