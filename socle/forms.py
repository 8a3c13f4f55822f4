"""Form fields for plain text: whatever is posted is cleaned, kept and shown again; nothing raises."""

from typing import Any

from django import forms

from socle.text import clean_text


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


class PlainDateField(forms.DateField):
    """A day typed by hand or chosen; what is not one is shown again, cleaned."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, input_formats=["%Y-%m-%d", "%d/%m/%Y"], **kwargs)

    def bound_data(self, data: Any, initial: Any) -> Any:
        data = super().bound_data(data, initial)
        return clean_text(data, multiline=False) if isinstance(data, str) else data
