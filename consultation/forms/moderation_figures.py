"""Which period, on which démarche."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from consultation.forms.base import LinkedErrors
from consultation.models import Demarche

USUAL = 30  # days
LONGEST = 366
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "Indiquez une date, comme 31/12/2026."},
    )


class PeriodForm(LinkedErrors):
    """Read from the address: what is left empty is the last thirty days, on all the démarches one reads."""

    du = _day("Du")
    au = _day("Au")
    demarche = forms.ModelChoiceField(
        Demarche.objects.none(),
        label="Démarche",
        required=False,
        empty_label="Toutes les miennes",
        to_field_name="slug",
        error_messages={"invalid_choice": "Choisissez une démarche de la liste."},
    )

    def __init__(self, data: Any = None, *, demarches: QuerySet[Demarche], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.demarches = demarches
        self.fields["demarche"].queryset = demarches  # type: ignore[attr-defined]

    def clean_du(self) -> date | None:
        return _near(self.cleaned_data["du"])

    def clean_au(self) -> date | None:
        return _near(self.cleaned_data["au"])

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        first, last = cleaned.get("du"), cleaned.get("au")
        if first and last and not first <= last < first + timedelta(days=LONGEST):
            self.add_error("au", f"Cette date est au moins la première, et moins de {LONGEST} jours après elle.")
        return cleaned

    def period(self) -> tuple[date, date]:
        """Its first and its last day; the usual one where the form is wrong."""
        cleaned = self.cleaned_data if self.is_valid() else {}
        first, last = cleaned.get("du"), cleaned.get("au")
        if first and not last:
            last = max(first, min(timezone.localdate(), first + timedelta(days=LONGEST - 1)))
        last = last or timezone.localdate()
        return first or last - timedelta(days=USUAL - 1), last

    def chosen(self) -> QuerySet[Demarche]:
        one = self.cleaned_data.get("demarche") if self.is_valid() else None
        return self.demarches.filter(pk=one.pk) if one else self.demarches


def _near(day: date | None) -> date | None:
    if day and not EARLIEST <= day <= LATEST:
        raise forms.ValidationError(f"Choisissez une date entre {EARLIEST.year} et {LATEST.year}.")
    return day
