"""The five questions of an évaluation, on the screen; and their answers, typed from a pile of papers."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

from crispy_forms.layout import Field, Layout
from django import forms

from consultation.choices import Mark
from consultation.forms.base import LinkedErrors, choice
from consultation.models import Evaluation
from consultation.models.after import QUESTIONS
from consultation.templatetags.prose import typo
from socle.forms import PlainCharField, PlainTextField

CHOICES = [(str(mark.value), str(mark.label).capitalize()) for mark in Mark] + [("", "Sans réponse")]
NO_ANSWER = "-–—"
MOST_PAPERS = 300
_BETWEEN = re.compile(r"[\s,;/]+")


class EvaluationForm(LinkedErrors):
    """Each question is optional; one answer at least."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for name, sentence in Evaluation.sentences().items():
            self.fields[name] = choice(typo(sentence), choices=CHOICES, initial="")
        self.helper.layout = Layout(*(Field(name) for name in self.fields))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not any(cleaned.values()):
            self.add_error(QUESTIONS[0], "Répondez à une question au moins.")
        return cleaned

    def marks(self) -> dict[str, int | None]:
        return {name: int(mark) if mark else None for name, mark in self.cleaned_data.items()}


class PapersForm(LinkedErrors):
    """One line for each paper: « 4 3 – 4 2 », in the order of the questions; nothing is kept until all are right."""

    lines = PlainTextField(
        label="Une ligne par feuille",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 12, "autocomplete": "off", "spellcheck": "false"}),
        help_text="Cinq réponses de 1 à 4, dans l’ordre des questions ; un tiret pour une question sans réponse.",
        error_messages={
            "required": "Tapez une ligne pour chaque feuille.",
            "max_length": "C’est trop long : enregistrez ces feuilles en plusieurs fois.",
        },
    )
    key = PlainCharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"key": str(uuid4())})

    def clean_key(self) -> UUID:
        try:
            return UUID(self.cleaned_data["key"])
        except ValueError:
            return uuid4()

    def clean_lines(self) -> list[dict[str, int | None]]:
        typed = [(rank, line.strip()) for rank, line in enumerate(self.cleaned_data["lines"].split("\n"), start=1)]
        read = [(rank, line, _marks(line)) for rank, line in typed if line]
        if len(read) > MOST_PAPERS:
            raise forms.ValidationError(f"{MOST_PAPERS} feuilles au plus à la fois : enregistrez celles-ci d’abord.")
        if wrong := [_wrong(rank, line) for rank, line, marks in read if marks is None]:
            raise forms.ValidationError(wrong)
        return [marks for _, _, marks in read if marks is not None]


def _marks(line: str) -> dict[str, int | None] | None:
    """None where it is not five answers, one of them at least said."""
    signs = _BETWEEN.sub("", line)
    if len(signs) != len(QUESTIONS) or any(sign not in f"1234{NO_ANSWER}" for sign in signs):
        return None
    marks = {name: None if sign in NO_ANSWER else int(sign) for name, sign in zip(QUESTIONS, signs, strict=True)}
    return marks if any(marks.values()) else None


def _wrong(rank: int, line: str) -> str:
    signs = _BETWEEN.sub("", line)
    if all(sign in NO_ANSWER for sign in signs) and len(signs) == len(QUESTIONS):
        return f"Ligne {rank} : cette feuille ne répond à rien, retirez-la."
    return f"Ligne {rank}, « {line[:30]} » : il faut cinq réponses de 1 à 4, ou un tiret."
