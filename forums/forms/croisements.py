"""What a rédacteur says of productions put side by side, and why a croisement is withdrawn."""

from __future__ import annotations

from typing import Any

from django import forms

from consultation.forms.base import LinkedErrors, choice
from forums.models import Croisement, CroisementKind
from socle.forms import PlainCharField, PlainTextField

TOO_LONG = "Ce texte compte %(show_value)s signes, le plus long possible en compte %(limit_value)s."


class CroisementForm(LinkedErrors):
    kind = choice(
        "Nature",
        "Dites si ces productions convergent, se complètent ou divergent.",
        choices=[(value, label.capitalize()) for value, label in CroisementKind.choices],
    )
    sentence = PlainTextField(
        label="En une phrase",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Ce que ces productions ont à voir. Elles restent entières sous cette phrase.",
        error_messages={"required": "Dites en une phrase ce qu’elles ont à voir.", "max_length": TOO_LONG},
    )
    seal = PlainCharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, croisement: Croisement | None = None) -> None:
        initial = {}
        if croisement:
            initial = {"kind": croisement.kind, "sentence": croisement.sentence, "seal": croisement.seal}
        super().__init__(data, initial=initial)


class WithdrawalForm(LinkedErrors):
    reason = PlainTextField(
        label="Pourquoi le retirer",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="La raison est publique, et entre au registre.",
        error_messages={"required": "Dites pourquoi : la raison est publique.", "max_length": TOO_LONG},
    )
