"""What the forms that contribute and that answer ask alike: a text, who speaks, where to write; and how they ask it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from crispy_forms.layout import HTML, Div, Field, Fieldset, Layout, Submit
from django import forms
from django.utils.functional import cached_property

from consultation.forms.author import AuthorForm
from consultation.forms.base import email_field
from consultation.models import Demarche
from consultation.models.contribution import BODY_LENGTH
from consultation.spotting import Kind, spot
from socle.forms import PlainCharField, PlainTextField

SPOTTED = {
    Kind.EMAIL: "une adresse électronique",
    Kind.PHONE: "un numéro de téléphone",
    Kind.IBAN: "un numéro de compte bancaire",
    Kind.NIR: "un numéro de sécurité sociale",
}


def body_field(label: str, required: str) -> PlainTextField:
    return PlainTextField(
        label=label,
        max_length=BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="Jusqu’à 10 000 signes, environ trois pages. Il paraîtra tel que vous l’écrivez.",
        error_messages={
            "required": required,
            "max_length": "Ce texte compte %(show_value)s signes, le plus long possible en compte %(limit_value)s. "
            "Il est gardé en entier ci-dessous : raccourcissez-le, ou envoyez-le en deux fois.",
        },
    )


class SpokenForm(AuthorForm):
    body = body_field("Votre texte", "Écrivez votre texte.")
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

    def __init__(self, data: Any = None, *, demarche: Demarche, initial: Any = None, **kwargs: Any) -> None:
        initial = {"submission_key": str(uuid4())} | (initial or {})
        super().__init__(data, demarche=demarche, initial=initial, **kwargs)
        if not self.spotted:
            del self.fields["meant"]
        self.fields["precisions"].widget.attrs |= {"tabindex": "-1", "autocomplete": "off"}

    @cached_property
    def spotted(self) -> list[str]:
        """« un numéro de téléphone »: what the title and the text hold that would be public."""
        if not self.is_bound:
            return []
        written = "\n".join(self[name].value() or "" for name in ("title", "body") if name in self.fields)
        return list(dict.fromkeys(SPOTTED[one.kind] for one in spot(written[: 2 * BODY_LENGTH])))

    def clean_meant(self) -> bool:
        if not self.cleaned_data["meant"]:
            found, them = " et ".join(self.spotted), "le" if len(self.spotted) == 1 else "les"
            raise forms.ValidationError(
                f"Votre texte contient {found} : ce serait public. "
                f"Retirez-{them}, ou cochez cette case si c’est ce que vous voulez."
            )
        return True

    def clean_precisions(self) -> str:
        if self.cleaned_data["precisions"]:
            raise forms.ValidationError("Laissez cette ligne vide : elle sert à reconnaître les robots.")
        return ""

    def clean_submission_key(self) -> UUID:
        try:
            return UUID(self.cleaned_data["submission_key"])
        except ValueError:
            return uuid4()

    def lay_out(self, questions: dict[str, dict[str, tuple[str, ...]]], send: str, *beside: Any) -> None:
        """Once the fields that are not asked are gone."""
        self.helper.layout = Layout(
            *[self._fieldset(legend, steps) for legend, steps in questions.items()],
            Div(Field("precisions"), css_class="left-empty", aria_hidden="true"),
            Field("submission_key"),
            Div(
                HTML('{% include "consultation/write_privacy.html" %}'),
                Submit("envoyer", send, css_class="btn-primary"),
                *beside,
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
