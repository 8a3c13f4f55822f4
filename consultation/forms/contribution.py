"""The form that contributes."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import HTML
from django import forms
from django.http import HttpRequest

from consultation.choices import Nature
from consultation.forms.author import options
from consultation.forms.base import choice
from consultation.forms.spoken import SpokenForm
from consultation.models import Demarche, Enjeu, Theme
from consultation.models.contribution import TITLE_LENGTH
from socle.comptes.models import Personne
from socle.forms import PlainCharField

OTHER = "autre"
# Legend → step → its fields. A field that this démarche does not ask is not there, nor a step without any.
QUESTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "Ce que vous avez à dire": {
        "La question": ("theme",),
        "Les enjeux": ("enjeux",),
        "Ce que vous apportez": ("nature",),
        "Votre contribution": ("title", "body", "meant"),
    },
    "Qui vous êtes": {
        "Votre signature": ("minor", "display", "author_name"),
        "À quel titre": ("speaks_as", "organisation", "people_count", "function"),
        "D’où vous parlez": ("college", "commune_name", "commune_code"),
    },
    "Avoir des nouvelles": {"Votre adresse": ("email",)},
}


class ContributionForm(SpokenForm):
    # The errors are listed in the order of the questions.
    field_order = [name for steps in QUESTIONS.values() for names in steps.values() for name in names]
    theme = choice(
        "La question à laquelle vous répondez",
        "Choisissez une question, ou « Autre sujet ».",
        invalid="Cette question n’est plus ouverte : choisissez-en une autre, ou « Autre sujet ».",
    )
    enjeux = forms.MultipleChoiceField(
        label="Les enjeux dont vous parlez (facultatif)",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choisissez parmi les enjeux proposés.", "invalid_list": "Choisissez."},
    )
    nature = choice("Vous apportez", "Dites ce que vous apportez.", choices=Nature.choices)
    title = PlainCharField(
        label="Titre",
        max_length=TITLE_LENGTH,
        help_text=f"L’essentiel en une phrase, {TITLE_LENGTH} signes au plus.",
        error_messages={
            "required": "Donnez un titre à votre contribution.",
            "max_length": "Ce titre compte %(show_value)s signes, le plus long possible en compte %(limit_value)s.",
        },
    )

    def __init__(self, data: Any = None, *, demarche: Demarche, theme: str = "", **kwargs: Any) -> None:
        super().__init__(data, demarche=demarche, initial={"theme": theme}, **kwargs)
        self.open_themes = {str(theme.rank): theme for theme in Theme.objects.filter(demarche=demarche).open()}
        self.known_enjeux = {str(enjeu.rank): enjeu for enjeu in Enjeu.objects.filter(demarche=demarche)}
        self.fields["theme"].choices = [*options(self.open_themes), (OTHER, "Autre sujet")]  # type: ignore[attr-defined]
        self.fields["enjeux"].choices = options(self.known_enjeux)  # type: ignore[attr-defined]
        if not self.known_enjeux:
            del self.fields["enjeux"]
        self.lay_out(QUESTIONS, "Envoyer ma contribution", HTML('{% include "consultation/write_otherwise.html" %}'))

    def clean_theme(self) -> Theme | None:
        return self.open_themes.get(self.cleaned_data["theme"])

    def clean_enjeux(self) -> list[Enjeu]:
        return [self.known_enjeux[rank] for rank in self.cleaned_data["enjeux"]]

    def said(self) -> dict[str, Any]:
        """What `actions.submit` keeps."""
        return self.author() | {name: self.cleaned_data[name] for name in ("theme", "nature", "title", "body")}


def signed_in_personne(request: HttpRequest) -> Personne | None:
    return getattr(request.user, "personne", None)


def proved_address(request: HttpRequest) -> str:
    """That of the account, ready in the form: no mail will ask to prove it again. Empty for who is out."""
    personne = signed_in_personne(request)
    return personne.email if personne and personne.is_confirmed else ""
