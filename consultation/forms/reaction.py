"""The form that answers a contribution: where one stands, why, and who speaks, asked as for a contribution."""

from __future__ import annotations

from typing import Any

from consultation.choices import Nature, Stance
from consultation.forms.base import choice
from consultation.forms.contribution import QUESTIONS
from consultation.forms.spoken import SpokenForm, body_field
from consultation.models import Contribution

ASKED: dict[str, dict[str, tuple[str, ...]]] = {
    "Votre réaction": {"Votre position": ("stance",), "Vos raisons": ("body", "meant")},
    **dict(list(QUESTIONS.items())[1:]),  # who speaks, and where to write to them
}


class ReactionForm(SpokenForm):
    field_order = [name for steps in ASKED.values() for names in steps.values() for name in names]
    stance = choice(
        "Devant cette contribution, vous êtes",
        "Dites si vous êtes pour, contre, ou ni pour ni contre.",
        choices=[(value, label.capitalize()) for value, label in Stance.choices],
    )
    body = body_field("Pourquoi", "Dites pourquoi : votre réaction paraîtra avec vos raisons.")

    def __init__(self, data: Any = None, *, parent: Contribution) -> None:
        super().__init__(data, demarche=parent.demarche)
        self.parent = parent
        self.lay_out(ASKED, "Envoyer ma réaction")

    def said(self) -> dict[str, Any]:
        """What `actions.submit` keeps.

        The title names the contribution by its reference alone: its words may be masked or withdrawn one day, and those
        who look for them look for it, not for all that answers it. Pages show its title as it is that day.
        """
        return self.author() | {
            "parent": self.parent,
            "stance": self.cleaned_data["stance"],
            "title": f"Réaction à la contribution {self.parent.reference}",
            "body": self.cleaned_data["body"],
            "nature": Nature.REFLEXION,
            "theme": self.parent.theme,
        }
