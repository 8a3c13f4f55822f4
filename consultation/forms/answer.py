"""The public answer of a service to a question: kept as a draft, then published."""

from __future__ import annotations

from typing import Any

from django import forms

from consultation.forms.base import LinkedErrors
from consultation.models import ServiceAnswer
from socle.forms import PlainCharField, PlainTextField

ANSWER_LENGTH = 10_000  # characters


class AnswerForm(LinkedErrors):
    """`answer` is what was read: its seal goes with the next words, so that two agents never write over each other."""

    service = PlainCharField(
        label="Service qui répond",
        max_length=160,
        help_text="Par exemple « Direction des transports ». Il sera public, votre nom ne le sera pas.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        error_messages={
            "required": "Dites quel service répond : son nom sera public.",
            "max_length": "Ce nom est trop long : %(limit_value)s signes au plus.",
        },
    )
    body = PlainTextField(
        label="Réponse",
        max_length=ANSWER_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "class": "vLargeTextField"}),
        help_text="Elle paraîtra telle quelle sous la question, et partira à son auteur si son adresse est confirmée.",
        error_messages={"max_length": "Cette réponse compte %(show_value)s signes, %(limit_value)s au plus."},
    )
    seal = PlainCharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, answer: ServiceAnswer | None = None, service: str = "") -> None:
        kept = answer or ServiceAnswer(service=service)
        super().__init__(data, initial={"service": kept.service, "body": kept.body, "seal": answer and answer.seal})
        self.publishing = "publier" in self.data or bool(answer and answer.is_published)

    def clean_body(self) -> str:
        if self.publishing and not self.cleaned_data["body"]:
            raise forms.ValidationError("Écrivez la réponse avant de la publier.")
        return self.cleaned_data["body"]
