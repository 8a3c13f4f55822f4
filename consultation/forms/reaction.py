"""The form that answers a contribution: where one stands, why, and who speaks, asked as for a contribution."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from crispy_forms.layout import HTML, Div, Field, Layout, Submit

from consultation.choices import Nature, Stance
from consultation.forms.author import AuthorForm
from consultation.forms.base import choice
from consultation.forms.contribution import QUESTIONS, ContributionForm
from consultation.models import Contribution

ASKED = {
    "Votre réaction": {"Votre position": ("stance",), "Vos raisons": ("body",)},
    **dict(list(QUESTIONS.items())[1:]),  # who speaks, and where to write to them
}


class ReactionForm(AuthorForm):
    field_order = [name for steps in ASKED.values() for names in steps.values() for name in names]
    stance = choice(
        "Devant cette contribution, vous êtes",
        "Dites si vous êtes pour, contre, ou ni pour ni contre.",
        choices=[(value, label.capitalize()) for value, label in Stance.choices],
    )
    body = ContributionForm.base_fields["body"]
    email = ContributionForm.base_fields["email"]
    precisions = ContributionForm.base_fields["precisions"]
    submission_key = ContributionForm.base_fields["submission_key"]
    clean_precisions = ContributionForm.clean_precisions
    clean_submission_key = ContributionForm.clean_submission_key
    fieldset = ContributionForm._fieldset  # noqa: SLF001 (the same steps, for the same script)

    def __init__(self, data: Any = None, *, parent: Contribution) -> None:
        super().__init__(data, demarche=parent.demarche, initial={"submission_key": str(uuid4())})
        self.parent = parent
        self.fields["body"].label = "Pourquoi"
        self.fields["body"].error_messages["required"] = "Dites pourquoi : votre réaction paraîtra avec vos raisons."
        self.fields["precisions"].widget.attrs |= {"tabindex": "-1", "autocomplete": "off"}
        self.helper.layout = Layout(
            *[self.fieldset(legend, steps) for legend, steps in ASKED.items()],
            Div(Field("precisions"), css_class="left-empty", aria_hidden="true"),
            Field("submission_key"),
            Div(
                HTML('{% include "consultation/write_privacy.html" %}'),
                Submit("envoyer", "Envoyer ma réaction", css_class="btn-primary"),
                data_last="",
            ),
        )

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
