"""Who is asked to run an atelier, by their address, and until when."""

from __future__ import annotations

from typing import Any

from django import forms

from ateliers.models import Atelier
from consultation.forms.roles import GiveForm
from consultation.models import Demarche


class AnimationForm(GiveForm):
    field_order = ["email", "name", "atelier", "ends_on"]
    atelier = forms.ModelChoiceField(
        Atelier.objects.none(),
        label="L’atelier",
        empty_label="Choisissez",
        error_messages={"required": "Choisissez un atelier.", "invalid_choice": "Choisissez un des ateliers proposés."},
    )

    def __init__(self, data: Any = None, *, demarche: Demarche) -> None:
        super().__init__(data)
        self.fields["atelier"].queryset = Atelier.objects.filter(demarche=demarche)  # type: ignore[attr-defined]
        self.fields["atelier"].label_from_instance = named  # type: ignore[attr-defined]


def named(atelier: Atelier) -> str:
    return f"Atelier {atelier.rank}, {atelier.town}"
