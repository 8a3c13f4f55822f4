"""One's own keys."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms

from consultation.forms.base import LinkedErrors
from consultation.moderation_keys import ACTS, is_key
from socle.forms import PlainCharField

NOT_A_KEY = "Choisissez une seule lettre, ou un de ces signes : ? , ; : !"


class KeysForm(LinkedErrors):
    """A field for each act, named as in the table."""

    enabled = forms.BooleanField(label="Utiliser les touches sur la page de modération", required=False)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name, act in ACTS.items():
            self.fields[name] = PlainCharField(
                label=act.label,
                max_length=1,
                widget=forms.TextInput(attrs={"size": "2", "autocomplete": "off", "autocapitalize": "none"}),
                error_messages={"required": NOT_A_KEY, "max_length": NOT_A_KEY},
            )
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        keys = {name: str(cleaned[name]).lower() for name in ACTS if name in cleaned}
        shared = Counter(keys.values())
        for name, key in keys.items():
            if not is_key(key):
                self.add_error(name, NOT_A_KEY)
            elif shared[key] > 1:
                self.add_error(name, f"« {key} » sert deux fois : une touche ne fait qu’une chose.")
        return cleaned | keys

    def bindings(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ACTS}
