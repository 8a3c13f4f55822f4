"""What the organiser asks for: a table with a name, so many sheets of paper."""

from __future__ import annotations

from django import forms

from socle.forms import PlainCharField, PlainIntegerField


class TableForm(forms.Form):
    label = PlainCharField(label="Nom de la table (facultatif)", required=False, max_length=80)


class SheetsForm(forms.Form):
    count = PlainIntegerField(label="Combien de fiches de plus", min_value=1, max_value=200, initial=20)
