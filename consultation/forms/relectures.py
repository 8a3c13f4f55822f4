"""What the second reader types: how many to draw, whether they agree; and what the rédacteurs did of a disagreement."""

from __future__ import annotations

from typing import Any

from consultation.forms.base import LinkedErrors, choice
from consultation.forms.textes import text_field
from consultation.models.texte import REASON_LENGTH
from socle.forms import PlainIntegerField

MOST = 5000  # in one draw
SIZE = f"Écrivez combien de contributions tirer, de 1 à {MOST}."


class DrawForm(LinkedErrors):
    size = PlainIntegerField(
        label="Combien en tirer au sort",
        min_value=1,
        max_value=MOST,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), SIZE),
    )


class RelectureForm(LinkedErrors):
    agrees = choice(
        "Ce que le texte en fait est-il juste ?",
        "Dites si vous êtes d’accord.",
        choices=[("oui", "oui"), ("non", "non, à reprendre")],
    )
    reason = text_field("Pourquoi", REASON_LENGTH, 2, help_text="À dire si c’est non : les rédacteurs le liront.")

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("agrees") == "non" and not said.get("reason") and not self.has_error("reason"):
            self.add_error("reason", "Dites pourquoi vous n’êtes pas d’accord : les rédacteurs le liront.")
        return said


class SettleForm(LinkedErrors):
    settlement = text_field(
        "Ce que vous avez changé, ou pourquoi vous le gardez",
        REASON_LENGTH,
        2,
        "Dites ce que vous avez changé, ou pourquoi vous gardez ce qui est écrit.",
    )
