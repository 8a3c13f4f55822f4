"""Who is asked into the team of a démarche, what they may do there, and until when."""

from __future__ import annotations

from django import forms

from consultation.choices import RoleKind
from consultation.forms.base import LinkedErrors, email_field
from socle.forms import PlainCharField, PlainDateField

DAY = {"invalid": "Indiquez une date, comme 31/12/2026."}


class GiveForm(LinkedErrors):
    """To whom, and until when; what is given, the form of each page says."""

    email = email_field(
        "Son adresse électronique",
        help_text="Un courriel lui dit son rôle. Sans compte à cette adresse, il l’invite à entrer.",
    )
    name = PlainCharField(
        label="Son nom",
        max_length=120,
        help_text="Vu de l’équipe seulement. Un compte qui a déjà un nom garde le sien.",
        error_messages={"required": "Indiquez son nom : l’équipe saura de qui il s’agit."},
    )
    ends_on = PlainDateField(
        label="Jusqu’au", required=False, help_text="Dernier jour compris. Vide : sans fin fixée.", error_messages=DAY
    )


class RoleForm(GiveForm):
    field_order = ["email", "name", "kind", "ends_on"]
    kind = forms.ChoiceField(
        label="Son rôle",
        choices=[("", "Choisissez"), *RoleKind.choices],
        error_messages={"required": "Choisissez un rôle.", "invalid_choice": "Choisissez un des rôles proposés."},
    )


class ChangeForm(LinkedErrors):
    ends_on = PlainDateField(label="Jusqu’au", required=False, error_messages=DAY)
    reason = PlainCharField(
        label="Pourquoi",
        max_length=300,
        required=False,
        error_messages={"max_length": "La raison compte 300 signes au plus."},
    )
