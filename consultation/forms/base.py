"""What the forms share. Nothing typed is lost: whatever is wrong is shown again beside its reason (socle.forms)."""

from __future__ import annotations

from typing import Any

from django import forms

from socle.forms import EMAIL_ERROR, ErrorLink, LinkedErrors, PlainEmailField, anchor, email_field

__all__ = ["EMAIL_ERROR", "ErrorLink", "LinkedErrors", "PlainEmailField", "anchor", "choice", "email_field"]


def choice(label: str, required: str = "", **kwargs: Any) -> forms.ChoiceField:
    """Radio buttons; `required` is what is said when none is ticked. The value posted is never repeated."""
    wrong = "Choisissez une des réponses proposées."
    messages = {"required": required, "invalid_choice": kwargs.pop("invalid", wrong)}
    return forms.ChoiceField(
        label=label, required=bool(required), widget=forms.RadioSelect, error_messages=messages, **kwargs
    )
