"""Asking for the letter, and changing what one hears of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from crispy_forms.layout import Div, Field, Layout
from django import forms

from consultation.forms.base import LinkedErrors, choice, email_field
from consultation.models import Demarche
from consultation.models.news import WHOLE
from consultation.templatetags.prose import typo
from consultation.topics import topics
from socle.comptes.models import Rhythm
from socle.forms import PlainCharField

# The words of Rhythm, of something else than news.
PARCOURS = [(Rhythm.AT_ONCE, "le jour même"), *(one for one in Rhythm.choices if one[0] != Rhythm.AT_ONCE)]
GONE = "Un sujet qui n’existe plus"
ALL = "tout"  # how the form says « the whole démarche », which is stored as no topic


class TopicsForm(LinkedErrors):
    topics = forms.MultipleChoiceField(
        label="Ce qui vous intéresse",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Cochez au moins une case.",
            "invalid_choice": "Choisissez parmi les sujets proposés.",
            "invalid_list": "Choisissez parmi les sujets proposés.",
        },
    )

    def __init__(self, data: Any = None, *, demarche: Demarche, chosen: set[str] | None = None, **kwargs: Any) -> None:
        initial = {"topics": [value or ALL for value in chosen or ()], **kwargs.pop("initial", {})}
        super().__init__(data, initial=initial, **kwargs)
        self.demarche = demarche
        offered = [(value or ALL, _label(value, topic.label)) for value, topic in topics(demarche).items()]
        self.fields["topics"].choices = offered  # type: ignore[attr-defined]

    def clean_topics(self) -> list[str]:
        return [WHOLE if value == ALL else value for value in self.cleaned_data["topics"]]


def _label(value: str, label: str) -> str:
    return "Toute la démarche, ateliers et thèmes compris" if value == WHOLE else typo(label)


class RhythmsForm(LinkedErrors):
    """How one hears of each subject of a démarche; a subject that is gone may still be stopped."""

    def __init__(self, data: Any = None, *, demarche: Demarche, followed: Mapping[str, str]) -> None:
        super().__init__(data, auto_id=f"id_{demarche.pk}_%s")
        self.demarche = demarche
        offered = {value: _label(value, topic.label) for value, topic in topics(demarche).items()}
        offered |= {value: GONE for value in followed if value not in offered}
        for value, label in offered.items():
            self.fields[value or ALL] = forms.ChoiceField(
                label=label,
                choices=Rhythm.choices,
                initial=followed.get(value, Rhythm.NEVER),
                error_messages=dict.fromkeys(("required", "invalid_choice"), "Choisissez une des réponses proposées."),
            )

    def rhythms(self) -> dict[str, str]:
        return {WHOLE if name == ALL else name: rhythm for name, rhythm in self.cleaned_data.items()}


class ParcoursForm(LinkedErrors):
    rhythm = choice("Je l’apprends", "Choisissez une des réponses proposées.", choices=PARCOURS)


class LetterForm(TopicsForm):
    email = email_field("Votre adresse électronique", help_text="Elle ne sert qu’à cet envoi, et n’est jamais publiée.")
    consent = forms.BooleanField(
        label="J’ai 15 ans ou plus, et je demande à recevoir ces nouvelles par courriel",
        help_text="Vous pourrez tout arrêter d’un clic, depuis chaque lettre.",
        error_messages={"required": "Cochez cette case : sans votre accord, nous ne vous écrirons pas."},
    )
    # A line that nobody sees and that robots fill in.
    precisions = PlainCharField(label="Laissez cette ligne vide", required=False)
    submission_key = PlainCharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, initial={"submission_key": str(uuid4())}, **kwargs)
        self.fields["precisions"].widget.attrs |= {"tabindex": "-1", "autocomplete": "off"}
        self.helper.layout = Layout(
            Field("topics"),
            Field("email"),
            Field("consent"),
            Div(Field("precisions"), css_class="left-empty", aria_hidden="true"),
            Field("submission_key"),
        )

    def clean_precisions(self) -> str:
        if self.cleaned_data["precisions"]:
            raise forms.ValidationError("Laissez cette ligne vide : elle sert à reconnaître les robots.")
        return ""

    def clean_submission_key(self) -> str:
        try:
            return str(UUID(self.cleaned_data["submission_key"]))
        except ValueError:
            return str(uuid4())
