"""What is typed and tapped at the door, and afterwards from the paper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from consultation.actions.feuilles import Typed
from consultation.actions.presence import Newcomer
from consultation.choices import Presence
from consultation.forms.base import EMAIL_ERROR, LinkedErrors, PlainEmailField
from consultation.forms.inscription import NAME_LONG
from consultation.models import College, Feuille, Inscription, Rencontre, Venue
from consultation.numbers import read_numbers
from socle.forms import PlainCharField, PlainTextField

TAP = re.compile(r"(arrivee|effacer|photo-non|photo-oui) ([AV])([0-9]{1,18})(?: (salle|distance))?")
WAITED = timedelta(days=7)  # the longest that a telephone keeps what it could not send
TOO_LONG = f"Un nom compte {NAME_LONG} signes au plus."
NO_PHOTO = "sans photo"
LINES_MAX = 200  # spare lines typed at once


@dataclass(frozen=True)
class Tap:
    """« arrivee A482 »: the value of a button, and of what a telephone sends again."""

    verb: str
    kind: str
    pk: int
    presence: Presence | None = None

    @property
    def is_line(self) -> bool:
        return self.kind == "V"

    @classmethod
    def read(cls, said: str) -> Tap | None:
        matched = TAP.fullmatch(said)
        if matched is None:
            return None
        verb, kind, pk, where = matched.groups()
        return cls(verb, kind, int(pk), Presence(where) if where else None)


def said_at(seconds: str) -> datetime:
    """When a tap was made, by how long ago the telephone says it was: its clock may be wrong, its patience is not."""
    waited = int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < 9 else 0
    return timezone.now() - min(timedelta(seconds=waited), WAITED)


class _NameField(PlainCharField):
    def __init__(self, label: str, **kwargs: Any) -> None:
        messages = {"max_length": TOO_LONG, "required": "Écrivez un nom."}
        super().__init__(label=label, max_length=NAME_LONG, error_messages=messages, **kwargs)


class WalkInForm(LinkedErrors):
    """Under thirty seconds: a name is enough."""

    name = _NameField("Nom", required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = PlainEmailField(
        label="Adresse électronique (facultatif)",
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": EMAIL_ERROR, "max_length": EMAIL_ERROR},
        help_text="Pour recevoir la suite. Aucun courriel ne part maintenant.",
    )
    college = forms.ModelChoiceField(
        College.objects.none(),
        label="À quel titre (facultatif)",
        required=False,
        empty_label="Non dit",
        error_messages={"invalid_choice": "Choisissez dans la liste."},
    )
    image_refused = forms.BooleanField(label="Ne veut pas être photographiée", required=False)
    key = PlainCharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, rencontre: Rencontre) -> None:
        super().__init__(data, initial={"key": str(uuid4())}, auto_id="venue_%s", label_suffix="")
        self.fields["college"].queryset = College.objects.filter(demarche=rencontre.demarche_id)  # type: ignore[attr-defined]

    def clean_key(self) -> UUID:
        return _key(self.cleaned_data["key"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not (cleaned["name"] or cleaned["email"]):
            self.add_error("name", "Écrivez un nom, ou une adresse : un des deux suffit.")
        return cleaned

    def newcomer(self) -> Newcomer:
        cleaned = self.cleaned_data
        return Newcomer(cleaned["name"], cleaned["email"], cleaned["college"], cleaned["image_refused"])


def _key(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError:
        return uuid4()


class SheetForm(LinkedErrors):
    """The numbers of a sheet, as it was signed."""

    present = PlainTextField(
        label="Numéros de ceux qui ont signé",
        required=False,
        max_length=4000,
        help_text="Par exemple : 1-12, 14, 17, 20-35.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    image_refused = PlainTextField(
        label="Numéros de ceux qui ont coché « pas de photo »",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    newcomers = PlainTextField(
        label="Lignes libres",
        required=False,
        max_length=40_000,
        help_text=f"Une personne par ligne. Ajoutez après un point-virgule son adresse, ou « {NO_PHOTO} ».",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    key = PlainCharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, feuille: Feuille) -> None:
        super().__init__(data, initial={"key": str(uuid4())}, label_suffix="")
        self.feuille = feuille

    def clean_present(self) -> frozenset[int]:
        return frozenset(read_numbers(self.cleaned_data["present"], self.feuille.highest))

    def clean_image_refused(self) -> frozenset[int]:
        return frozenset(read_numbers(self.cleaned_data["image_refused"], self.feuille.highest))

    def clean_newcomers(self) -> list[Newcomer]:
        lines = [line for line in self.cleaned_data["newcomers"].splitlines() if line.strip()]
        if len(lines) > LINES_MAX:
            raise ValidationError(f"{LINES_MAX} lignes au plus à la fois : enregistrez celles-ci, puis les suivantes.")
        return [_newcomer(number, line) for number, line in enumerate(lines, 1)]

    def clean_key(self) -> UUID:
        return _key(self.cleaned_data["key"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        said = [name for name in ("present", "image_refused", "newcomers") if cleaned.get(name)]
        if not self.errors and not said:
            self.add_error("present", "Écrivez au moins un numéro, ou une ligne libre.")
        return cleaned

    def typed(self) -> Typed:
        cleaned = self.cleaned_data
        return Typed(cleaned["present"], cleaned["image_refused"], cleaned["newcomers"])


def _newcomer(number: int, line: str) -> Newcomer:
    """« Jeanne Martin ; jeanne@exemple.fr ; sans photo », in any order after the name."""
    pieces = [piece.strip() for piece in line.split(";")]
    refused = NO_PHOTO in [piece.lower() for piece in pieces]
    said = [piece for piece in pieces if piece and piece.lower() != NO_PHOTO]
    emails, names = [one for one in said if "@" in one], [one for one in said if "@" not in one]
    if len(emails) > 1 or len(names) > 1 or not said:
        raise ValidationError(f"Ligne {number} : écrivez un nom, puis, s’il y en a une, une seule adresse.")
    if names and len(names[0]) > NAME_LONG:
        raise ValidationError(f"Ligne {number} : {TOO_LONG[:1].lower()}{TOO_LONG[1:]}")
    if emails:
        _check_email(number, emails[0])
    return Newcomer("".join(names), "".join(emails), image_refused=refused)


def _check_email(number: int, email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise ValidationError(f"Ligne {number} : {EMAIL_ERROR[:1].lower()}{EMAIL_ERROR[1:]}") from error
    if len(email) > 254:
        raise ValidationError(f"Ligne {number} : cette adresse est trop longue.")


class AttestationForm(LinkedErrors):
    name = _NameField("Votre nom, tel qu’il sera écrit", widget=forms.TextInput(attrs={"autocomplete": "name"}))

    def __init__(self, data: Any = None, *, of: Inscription | Venue) -> None:
        super().__init__(data, initial={"name": of.name}, label_suffix="")
