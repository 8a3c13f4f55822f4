"""The form that contributes."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

from crispy_forms.layout import HTML, Div, Field, Fieldset, Layout, Submit
from django import forms
from django.http import HttpRequest
from django.utils.functional import cached_property

from consultation.choices import Display, Nature, SpeaksAs
from consultation.forms.base import LinkedErrors, choice, email_field
from consultation.models import College, Commune, Demarche, Enjeu, Theme
from consultation.models.contribution import BODY_LENGTH, TITLE_LENGTH
from consultation.templatetags.prose import typo
from socle.comptes.models import Personne
from socle.forms import PlainCharField, PlainTextField

OTHER = "autre"
OTHER_PLACE = "aucune"
_COMMUNE = re.compile(r"(?P<name>.+?)\s*\((?P<departement>[0-9AB]{2,3})\)")


class ContributionForm(LinkedErrors):
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
    display = choice("Comment signer", "Choisissez comment signer.", choices=Display.choices, initial=Display.ANONYMOUS)
    author_name = PlainCharField(
        label="Nom à afficher",
        max_length=120,
        required=False,
        help_text="Seulement si vous ne restez pas anonyme. Il sera public.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"max_length": "Ce nom est trop long : %(limit_value)s signes au plus."},
    )
    speaks_as = choice("Vous vous exprimez", "Choisissez.", choices=SpeaksAs.choices, initial=SpeaksAs.PERSONAL)
    organisation = PlainCharField(
        label="Organisation",
        max_length=160,
        required=False,
        help_text="Commune, association, entreprise, lycée… Son nom sera public.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"max_length": "Ce nom est trop long : %(limit_value)s signes au plus."},
    )
    function = PlainCharField(
        label="Votre fonction (facultatif)",
        max_length=120,
        required=False,
        help_text="Elle sera publique.",
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
        error_messages={"max_length": "C’est trop long : %(limit_value)s signes au plus."},
    )
    college = choice("Vous participez en tant que… (facultatif)", help_text="Votre réponse sera publique.")
    commune_name = PlainCharField(
        label="Votre commune (facultatif)",
        max_length=120,
        required=False,
        help_text="Dans la région ou ailleurs. Elle sera publique.",
        widget=forms.TextInput(attrs={"autocomplete": "address-level2", "data-communes": ""}),
        error_messages={"max_length": "Ce nom est trop long : %(limit_value)s signes au plus."},
    )
    commune_code = choice("Laquelle ?")
    email = email_field(
        "Votre adresse électronique (facultatif)",
        required=False,
        help_text="Elle sert à confirmer votre envoi et à vous dire ce qu’il devient. Elle n’est jamais publiée. "
        "Sans adresse, vous suivrez votre contribution avec son numéro de suivi.",
    )
    # A line that nobody sees and that robots fill in.
    precisions = PlainCharField(label="Laissez cette ligne vide", required=False)
    submission_key = PlainCharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, demarche: Demarche, theme: str = "", **kwargs: Any) -> None:
        initial = {"submission_key": str(uuid4()), "theme": theme}
        super().__init__(data, initial=initial, **kwargs)
        self.demarche = demarche
        self.open_themes = {str(theme.rank): theme for theme in Theme.objects.filter(demarche=demarche).open()}
        self.known_enjeux = {str(enjeu.rank): enjeu for enjeu in Enjeu.objects.filter(demarche=demarche)}
        self.known_colleges = {str(college.rank): college for college in College.objects.filter(demarche=demarche)}
        self.fields["theme"].choices = [*_options(self.open_themes), (OTHER, "Autre sujet")]  # type: ignore[attr-defined]
        self.fields["enjeux"].choices = _options(self.known_enjeux)  # type: ignore[attr-defined]
        self.fields["college"].choices = [*_options(self.known_colleges), ("", "Je préfère ne pas le dire")]  # type: ignore[attr-defined]
        self._drop_what_is_not_asked()
        self.fields["precisions"].widget.attrs |= {"tabindex": "-1", "autocomplete": "off"}
        self.helper.layout = self._layout()

    def _drop_what_is_not_asked(self) -> None:
        if not self.known_enjeux:
            del self.fields["enjeux"]
        if not self.known_colleges:
            del self.fields["college"]
        if len(self.homonyms) > 1:
            options = [(commune.pk, str(commune)) for commune in self.homonyms]
            self.fields["commune_code"].choices = [*options, (OTHER_PLACE, "Une autre")]  # type: ignore[attr-defined]
        else:
            del self.fields["commune_code"]

    @cached_property
    def homonyms(self) -> list[Commune]:
        """The communes of the region that bear the name typed; « Lille (59) » names one département's."""
        typed = self["commune_name"].data if self.is_bound else ""
        if not isinstance(typed, str) or not typed.strip() or len(typed) > 120:
            return []
        if match := _COMMUNE.fullmatch(typed.strip()):
            return list(Commune.objects.named(match["name"]).filter(departement=match["departement"])[:20])
        return list(Commune.objects.named(typed)[:20])

    def clean_theme(self) -> Theme | None:
        return self.open_themes.get(self.cleaned_data["theme"])

    def clean_enjeux(self) -> list[Enjeu]:
        return [self.known_enjeux[rank] for rank in self.cleaned_data["enjeux"]]

    def clean_college(self) -> College | None:
        return self.known_colleges.get(self.cleaned_data["college"])

    def clean_precisions(self) -> str:
        if self.cleaned_data["precisions"]:
            raise forms.ValidationError("Laissez cette ligne vide : elle sert à reconnaître les robots.")
        return ""

    def clean_submission_key(self) -> UUID:
        try:
            return UUID(self.cleaned_data["submission_key"])
        except ValueError:
            return uuid4()

    def clean(self) -> dict[str, Any]:
        """A field that already has its error is not given a second one."""
        cleaned = self.cleaned_data
        if cleaned.get("display") == Display.NAMED and cleaned.get("author_name") == "":
            self.add_error("author_name", "Indiquez le nom à afficher, ou choisissez « Anonyme ».")
        if cleaned.get("speaks_as") == SpeaksAs.ORGANISATION and cleaned.get("organisation") == "":
            self.add_error("organisation", "Indiquez au nom de quelle organisation vous parlez.")
        if cleaned.get("commune_code") == "":
            self.add_error("commune_code", "Plusieurs communes portent ce nom : dites laquelle.")
        return cleaned

    def commune(self) -> Commune | None:
        if len(self.homonyms) < 2:
            return next(iter(self.homonyms), None)
        code = self.cleaned_data["commune_code"]
        return next((commune for commune in self.homonyms if commune.pk == code), None)

    def said(self) -> dict[str, Any]:
        """What `actions.submit` keeps; a name nobody asked to show is not kept."""
        cleaned, commune = self.cleaned_data, self.commune()
        kept = {name: cleaned[name] for name in ("theme", "nature", "title", "body", "display", "speaks_as")}
        named = cleaned["display"] == Display.NAMED
        organised = cleaned["speaks_as"] == SpeaksAs.ORGANISATION
        return kept | {
            "author_name": cleaned["author_name"] if named else "",
            "organisation": cleaned["organisation"] if organised else "",
            "function": cleaned["function"] if organised else "",
            "college": cleaned.get("college"),
            "commune": commune,
            "commune_name": commune.name if commune else cleaned["commune_name"],
        }

    def _layout(self) -> Layout:
        return Layout(
            Fieldset("Ce que vous avez à dire", *self._asked("theme", "enjeux", "nature", "title", "body")),
            Fieldset(
                "Qui vous êtes",
                *self._asked(
                    "display",
                    "author_name",
                    "speaks_as",
                    "organisation",
                    "function",
                    "college",
                    "commune_name",
                    "commune_code",
                ),
            ),
            Fieldset("Avoir des nouvelles", Field("email")),
            Div(Field("precisions"), css_class="left-empty", aria_hidden="true"),
            Field("submission_key"),
            HTML('{% include "consultation/write_privacy.html" %}'),
            Submit("envoyer", "Envoyer ma contribution", css_class="btn-primary"),
        )

    def _asked(self, *names: str) -> list[Field]:
        return [Field(name) for name in names if name in self.fields]


def _options(rows: dict[str, Any]) -> list[tuple[str, str]]:
    return [(rank, typo(row)) for rank, row in rows.items()]


def signed_in_personne(request: HttpRequest) -> Personne | None:
    return getattr(request.user, "personne", None)
