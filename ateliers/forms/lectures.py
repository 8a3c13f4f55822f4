"""What a group did with what the absent had said: many at once, by their numbers."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime

from ateliers.actions.lectures import Said
from ateliers.models import Lecture, Outcome
from consultation.forms.base import LinkedErrors
from socle.forms import PlainCharField

ROWS = 6
HIGHEST = 9999
_RANGE = re.compile(r"([0-9]{1,4})(?:\s*(?:-|–|à)\s*([0-9]{1,4}))?")
NUMBERS = "Écrivez des numéros de la feuille, comme « 1-4, 8, 12 à 15 »."


class NumbersField(PlainCharField):
    """« 1-4, 8, 12 à 15 » as a set of numbers."""

    def clean(self, value: Any) -> frozenset[int]:
        found: set[int] = set()
        for part in filter(None, re.split(r"\s*[,;]\s*|\s+et\s+", super().clean(value))):
            match = _RANGE.fullmatch(part.strip())
            first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
            if not 1 <= first <= last <= HIGHEST:
                raise ValidationError(NUMBERS)
            found.update(range(first, last + 1))
        return frozenset(found)


class SaidForm(forms.Form):
    numbers = NumbersField(label="Numéros", max_length=200, required=False)
    outcome = forms.ChoiceField(
        label="Ce que le groupe en a fait",
        choices=[("", "…"), *Outcome.choices],
        required=False,
        error_messages={"invalid_choice": "Choisissez une des réponses proposées."},
    )
    words = PlainCharField(label="En quelques mots", max_length=1000, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        numbers, outcome = cleaned.get("numbers"), cleaned.get("outcome")
        if (outcome or cleaned.get("words")) and not numbers and not self.has_error("numbers"):
            self.add_error("numbers", f"De quelles contributions ? {NUMBERS}")
        if numbers and not outcome and not self.has_error("outcome"):
            self.add_error("outcome", "Dites ce que le groupe en a fait.")
        if outcome == Outcome.SET_ASIDE and not cleaned.get("words"):
            self.add_error("words", "Dites pourquoi le groupe les a écartées : leurs auteurs le liront.")
        return cleaned


class SaidRows(forms.BaseFormSet):
    def clean(self) -> None:
        """A number is said once: twice, nobody knows which is meant."""
        seen: set[int] = set()
        for form in self.forms:
            numbers = form.cleaned_data.get("numbers") or frozenset()
            if again := sorted(seen & numbers):
                form.add_error("numbers", f"Le numéro {again[0]} est déjà dans une ligne plus haut.")
            seen |= numbers

    def said(self) -> list[Said]:
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data.get("numbers")]
        return [Said(row["numbers"], row["outcome"], row["words"]) for row in rows]

    def error_links(self) -> list[tuple[str, str, str]]:
        found = [("lignes", "Les lignes", str(message)) for message in self.non_form_errors()]
        for number, form in enumerate(self.forms, start=1):
            for field in form:
                label = f"{field.label} de la ligne {number}"
                found += [(field.auto_id, label, str(message)) for message in field.errors]
        return found


said_rows = forms.formset_factory(SaidForm, formset=SaidRows, extra=ROWS, max_num=100, absolute_max=100)


class ReadAtForm(LinkedErrors):
    """The last answer that was on the page: what a colleague says after it is not written over."""

    read_at = PlainCharField(required=False, widget=forms.HiddenInput)

    def clean_read_at(self) -> Any:
        try:
            at = parse_datetime(self.cleaned_data["read_at"])
        except ValueError:
            at = None
        return at if at and at.tzinfo else None


def read_at(rows: list[Lecture]) -> str:
    answered = [row.answered_at for row in rows if row.answered_at]
    return max(answered).isoformat() if answered else ""
