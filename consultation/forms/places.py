"""What the team does of the places of a rencontre: whom it puts down, who is released and why."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms

from consultation.forms.base import LinkedErrors, email_field
from consultation.models import Inscription
from socle.forms import PlainIntegerField, PlainTextField

CAPACITY_MAX = 2**31 - 1  # what the column holds


class EnlistForm(LinkedErrors):
    email = email_field(
        "Son adresse électronique",
        help_text="Un courriel lui dit sa place, et lui demande de confirmer l’adresse si elle ne l’est pas.",
    )


class ReleaseForm(LinkedErrors):
    """How many places there will be, who loses theirs by it, and what they are told."""

    capacity = PlainIntegerField(
        label="Nombre de places",
        min_value=0,
        max_value=CAPACITY_MAX,
        error_messages={
            "required": "Dites combien de places il reste.",
            "invalid": "Écrivez le nombre de places en chiffres.",
            "min_value": "Un nombre de places ne peut être négatif.",
            "max_value": "Ce nombre de places est trop grand.",
        },
    )
    released = forms.TypedMultipleChoiceField(
        label="Qui rend sa place",
        coerce=int,
        required=False,
        error_messages={
            "invalid_choice": "L’une de ces personnes n’a plus de place : voyez qui reste.",
            "invalid_list": "Choisissez parmi les personnes de la liste.",
        },
    )
    note = PlainTextField(
        label="Ce qui leur est dit",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Envoyé tel quel à chacune, et gardé avec son inscription.",
        error_messages={"max_length": "La raison compte 300 signes au plus."},
    )

    def __init__(self, data: Any = None, *, holders: Collection[Inscription], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.holders = holders
        self.fields["released"].choices = [(one.pk, one.pk) for one in holders]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("released") and not cleaned.get("note") and "note" not in self.errors:
            self.add_error("note", "Dites pourquoi : chaque personne qui perd sa place lira cette raison.")
        return cleaned

    def ticked(self) -> set[str]:
        """As they were posted, right or wrong, so that nobody has to be looked for again."""
        return set(self["released"].value() or ())

    def named(self) -> list[Inscription]:
        chosen = set(self.cleaned_data["released"])
        return [one for one in self.holders if one.pk in chosen]
