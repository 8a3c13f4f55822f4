"""The form that contributes."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from crispy_forms.layout import HTML, Div, Field, Fieldset, Layout, Submit
from django import forms
from django.http import HttpRequest
from django.utils.functional import cached_property

from consultation.choices import Nature
from consultation.forms.author import AuthorForm, options
from consultation.forms.base import choice, email_field
from consultation.models import Demarche, Enjeu, Theme
from consultation.models.contribution import BODY_LENGTH, TITLE_LENGTH
from consultation.spotting import Kind, spot
from socle.comptes.models import Personne
from socle.forms import PlainCharField, PlainTextField

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

SPOTTED = {
    Kind.EMAIL: "une adresse électronique",
    Kind.PHONE: "un numéro de téléphone",
    Kind.IBAN: "un numéro de compte bancaire",
    Kind.NIR: "un numéro de sécurité sociale",
}


class ContributionForm(AuthorForm):
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
    body = PlainTextField(
        label="Votre texte",
        max_length=BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="Jusqu’à 10 000 signes, environ trois pages. Il paraîtra tel que vous l’écrivez.",
        error_messages={
            "required": "Écrivez votre texte.",
            "max_length": "Ce texte compte %(show_value)s signes, le plus long possible en compte %(limit_value)s. "
            "Il est gardé en entier ci-dessous : raccourcissez-le, ou envoyez-le en deux fois.",
        },
    )
    email = email_field(
        "Votre adresse électronique (facultatif)",
        required=False,
        help_text="Elle sert à confirmer votre envoi et à vous dire ce qu’il devient. Elle n’est jamais publiée. "
        "Sans adresse, vous suivrez votre contribution avec son numéro de suivi. "
        "Si tu as moins de 15 ans, donne celle d’un parent ou d’un enseignant, avec son accord.",
    )
    # Asked once, where something in what was written would give somebody away.
    meant = forms.BooleanField(label="Je l’ai voulu", required=False)
    # A line that nobody sees and that robots fill in.
    precisions = PlainCharField(label="Laissez cette ligne vide", required=False)
    submission_key = PlainCharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, demarche: Demarche, theme: str = "", **kwargs: Any) -> None:
        initial = {"submission_key": str(uuid4()), "theme": theme}
        super().__init__(data, demarche=demarche, initial=initial, **kwargs)
        self.open_themes = {str(theme.rank): theme for theme in Theme.objects.filter(demarche=demarche).open()}
        self.known_enjeux = {str(enjeu.rank): enjeu for enjeu in Enjeu.objects.filter(demarche=demarche)}
        self.fields["theme"].choices = [*options(self.open_themes), (OTHER, "Autre sujet")]  # type: ignore[attr-defined]
        self.fields["enjeux"].choices = options(self.known_enjeux)  # type: ignore[attr-defined]
        if not self.known_enjeux:
            del self.fields["enjeux"]
        if not self.spotted:
            del self.fields["meant"]
        self.fields["precisions"].widget.attrs |= {"tabindex": "-1", "autocomplete": "off"}
        self.helper.layout = self._layout()

    @cached_property
    def spotted(self) -> list[str]:
        """« un numéro de téléphone »: what the title and the text hold that would be public."""
        if not self.is_bound:
            return []
        written = f"{self['title'].value() or ''}\n{self['body'].value() or ''}"
        return list(dict.fromkeys(SPOTTED[one.kind] for one in spot(written[: 2 * BODY_LENGTH])))

    def clean_meant(self) -> bool:
        if not self.cleaned_data["meant"]:
            found = " et ".join(self.spotted)
            raise forms.ValidationError(
                f"Votre texte contient {found} : ce serait public. "
                "Retirez-le, ou cochez cette case si c’est ce que vous voulez."
            )
        return True

    def clean_theme(self) -> Theme | None:
        return self.open_themes.get(self.cleaned_data["theme"])

    def clean_enjeux(self) -> list[Enjeu]:
        return [self.known_enjeux[rank] for rank in self.cleaned_data["enjeux"]]

    def clean_precisions(self) -> str:
        if self.cleaned_data["precisions"]:
            raise forms.ValidationError("Laissez cette ligne vide : elle sert à reconnaître les robots.")
        return ""

    def clean_submission_key(self) -> UUID:
        try:
            return UUID(self.cleaned_data["submission_key"])
        except ValueError:
            return uuid4()

    def said(self) -> dict[str, Any]:
        """What `actions.submit` keeps."""
        return self.author() | {name: self.cleaned_data[name] for name in ("theme", "nature", "title", "body")}

    def _layout(self) -> Layout:
        asked = [self._fieldset(legend, steps) for legend, steps in QUESTIONS.items()]
        return Layout(
            *asked,
            Div(Field("precisions"), css_class="left-empty", aria_hidden="true"),
            Field("submission_key"),
            Div(
                HTML('{% include "consultation/write_privacy.html" %}'),
                Submit("envoyer", "Envoyer ma contribution", css_class="btn-primary"),
                HTML('{% include "consultation/write_otherwise.html" %}'),
                data_last="",
            ),
        )

    def _fieldset(self, legend: str, steps: dict[str, tuple[str, ...]]) -> Fieldset:
        """Each step says its name to the script that shows them one by one on a narrow screen."""
        shown = {step: [name for name in names if name in self.fields] for step, names in steps.items()}
        return Fieldset(legend, *[Div(*map(asked, names), data_step=step) for step, names in shown.items() if names])


def asked(name: str) -> Any:
    return Div(Field(name), HTML(SIMILAR)) if name == "title" else Field(name)


SIMILAR = '{% include "consultation/write_similar.html" %}'


def signed_in_personne(request: HttpRequest) -> Personne | None:
    return getattr(request.user, "personne", None)
