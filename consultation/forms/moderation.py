"""What a moderator decides."""

from __future__ import annotations

from typing import Any

from django import forms

from consultation.choices import ContributionState
from consultation.forms.base import LinkedErrors
from consultation.models import RefusalReason
from consultation.states import allowed_from
from socle.forms import PlainTextField

# What a moderator may decide, in the words of the buttons.
DECISIONS = {
    ContributionState.PUBLISHED: "Publier",
    ContributionState.REFUSED: "Ne pas publier",
    ContributionState.WITHDRAWN: "Retirer du site",
}
NOT_ALLOWED = "Cette décision n’est plus possible : la contribution a changé d’état."


class DecisionForm(LinkedErrors):
    """What a moderator decides, from the buttons that the state of the contribution allows."""

    to_state = forms.ChoiceField(error_messages=dict.fromkeys(("required", "invalid_choice"), NOT_ALLOWED))
    reason = forms.ModelChoiceField(
        RefusalReason.objects.filter(is_active=True),
        label="Motif",
        required=False,
        empty_label="Choisissez un motif",
        error_messages={"invalid_choice": "Choisissez un motif de la liste."},
    )
    message = PlainTextField(
        label="Un mot à l’auteur (facultatif)",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "Ce mot compte %(show_value)s signes, %(limit_value)s au plus."},
    )

    def __init__(self, data: Any = None, *, state: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.allowed = [to for to in DECISIONS if state in allowed_from(to) and state != ContributionState.TO_CONFIRM]
        self.fields["to_state"].choices = [(to, DECISIONS[to]) for to in self.allowed]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        refusing = cleaned.get("to_state") in (ContributionState.REFUSED, ContributionState.WITHDRAWN)
        if refusing and not cleaned.get("reason") and not self.has_error("reason"):
            self.add_error("reason", "Choisissez un motif : l’auteur le lira.")
        if not refusing:
            cleaned["reason"] = None
        return cleaned

    def decision(self) -> dict[str, Any]:
        """What `actions.change_state` asks."""
        return {name: self.cleaned_data[name] for name in ("to_state", "reason", "message")}
