"""What whoever runs an atelier says when something a table typed will not appear."""

from __future__ import annotations

from django import forms

from consultation.forms.base import LinkedErrors
from consultation.forms.moderation import reasons, words
from consultation.models import RefusalReason
from socle.forms import PlainCharField


class RefuseForm(LinkedErrors):
    """`seen` seals the words that were read."""

    reason = reasons()
    message = words(
        "Un mot au groupe (facultatif)",
        help_text="Les tables de la séance le lisent ; il n’est pas publié.",
    )
    seen = PlainCharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean_reason(self) -> RefusalReason:
        if not (reason := self.cleaned_data["reason"]):
            raise forms.ValidationError("Choisissez un motif : le groupe le lira, et le registre public le garde.")
        return reason
