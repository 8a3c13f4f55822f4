"""Registering: an address first, then, once it is proved, what one comes to and how."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from crispy_forms.layout import Div, Field, Layout
from django import forms

from consultation.actions.inscriptions import Asked
from consultation.choices import Mode, Presence
from consultation.forms.base import LinkedErrors, choice, email_field
from consultation.models import Inscription, Rencontre, Service
from consultation.places import Filling, fillings
from consultation.templatetags.prose import typo
from socle.forms import PlainCharField

NAME_LONG = 120  # as the column
PHONE = re.compile(r"\+?[0-9][0-9 .()/-]{5,18}")


def name_field() -> PlainCharField:
    """Asked with the place, and again in « Mes inscriptions », where it is changed or taken back."""
    return PlainCharField(
        label="Votre nom, pour vous accueillir (facultatif)",
        required=False,
        max_length=NAME_LONG,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="Pour l’accueil et la feuille que l’on signe à l’entrée ; jamais publié. Effacé un an après, "
        "ou dès que vous rendez votre place.",
        error_messages={"max_length": f"Un nom compte {NAME_LONG} signes au plus."},
    )


class NameForm(LinkedErrors):
    name = name_field()


IMAGES = "J’accepte que l’on me photographie ou me filme, et que l’on me reconnaisse sur les images publiées ici"
IMAGES_BASIS = (
    "Rien ne vous y oblige, et cela ne change rien à votre place. C’est votre consentement (RGPD, article 6, 1 a) : "
    "il est daté, et vous le retirez quand vous voulez dans « Mes inscriptions »."
)


class RencontresForm(LinkedErrors):
    """What one registers for, all ticked; a single rencontre is not asked."""

    rencontres = forms.TypedMultipleChoiceField(
        label="Vous vous inscrivez à",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Cochez au moins un rendez-vous.",
            "invalid_choice": "L’un de ces rendez-vous ne prend plus d’inscriptions : voyez ceux qui restent.",
            "invalid_list": "Choisissez parmi les rendez-vous proposés.",
        },
    )

    def __init__(self, data: Any = None, *, offered: Sequence[Rencontre], **kwargs: Any) -> None:
        initial = {"rencontres": [rencontre.pk for rencontre in offered], **kwargs.pop("initial", {})}
        super().__init__(data, initial=initial, **kwargs)
        self.offered = offered
        if len(offered) == 1:
            del self.fields["rencontres"]
            return
        known = fillings(offered)
        self.fields["rencontres"].choices = [(one.pk, label(one, known[one.pk])) for one in offered]  # type: ignore[attr-defined]

    def chosen(self) -> list[int]:
        return self.cleaned_data.get("rencontres") or [rencontre.pk for rencontre in self.offered]


def label(rencontre: Rencontre, filling: Filling) -> str:
    """« Lundi 7 mars 2011, de 18 h à 20 h – Atelier 5, séance 1 (12 places restent) »."""
    when = rencontre.when_label
    said = f"{when[:1].upper()}{when[1:]} – {rencontre.title}"
    return typo(f"{said} ({filling.label[:1].lower()}{filling.label[1:]})" if filling.label else said)


class AskForm(RencontresForm):
    field_order = ["rencontres", "email"]
    email = email_field(
        "Votre adresse électronique",
        help_text="Un courriel y part, avec un lien pour prendre la place. Elle n’est jamais publiée.",
    )
    # A line that nobody sees and that robots fill in.
    precisions = PlainCharField(label="Laissez cette ligne vide", required=False)
    submission_key = PlainCharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, initial={"submission_key": str(uuid4())}, **kwargs)
        self.fields["precisions"].widget.attrs |= {"tabindex": "-1", "autocomplete": "off"}
        self.helper.layout = Layout(
            *(Field(name) for name in self.fields if name not in ("precisions", "submission_key")),
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


class TakeForm(RencontresForm):
    """Needs and a phone number are asked of the reader of the mail alone, and kept with their inscription."""

    field_order = ["rencontres", "name", "presence", "services", "phone", "images"]
    name = name_field()
    presence = choice("Vous venez", "Dites si vous venez dans la salle ou à distance.", choices=Presence.choices)
    services = forms.ModelMultipleChoiceField(
        Service.objects.none(),
        label="Ce dont vous avez besoin (facultatif)",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Seule l’équipe qui prépare le rendez-vous le sait ; c’est effacé 7 jours après.",
        error_messages={
            "invalid_choice": "Ce service n’est plus proposé : choisissez parmi ceux de la liste.",
            "invalid_pk_value": "Choisissez parmi les services proposés.",
            "invalid_list": "Choisissez parmi les services proposés.",
        },
    )
    phone = PlainCharField(
        label="Votre téléphone (facultatif)",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
        help_text="Seulement pour vous prévenir d’un changement de dernière minute. Effacé 7 jours après.",
        error_messages={"max_length": "Un numéro de téléphone compte 20 signes au plus."},
    )
    images = forms.BooleanField(label=IMAGES, required=False, help_text=IMAGES_BASIS)

    def __init__(self, data: Any = None, *, offered: Sequence[Rencontre], mine: Sequence[Inscription] = ()) -> None:
        super().__init__(data, offered=offered, initial=_said(mine))
        offered_services = Service.objects.filter(rencontres__in=offered, is_active=True).distinct()
        self.fields["services"].queryset = offered_services  # type: ignore[attr-defined]
        if not offered_services:
            del self.fields["services"]
        if all(rencontre.mode != Mode.BOTH for rencontre in offered):
            del self.fields["presence"]
        self.helper.layout = Layout(*(Field(name) for name in self.fields))

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"]
        if phone and not PHONE.fullmatch(phone):
            raise forms.ValidationError("Ce numéro est incomplet ou mal écrit. Il ressemble à 06 12 34 56 78.")
        return phone

    def asked(self) -> Asked:
        cleaned = self.cleaned_data
        services = frozenset(service.pk for service in cleaned.get("services", ()))
        return Asked(
            cleaned.get("presence") == Presence.REMOTE, cleaned["phone"], services, cleaned["name"], cleaned["images"]
        )


def _said(mine: Sequence[Inscription]) -> dict[str, Any]:
    """What they said before, for a form that replaces it."""
    if not mine:
        return {"presence": Presence.ROOM}
    return {
        "presence": mine[0].presence,
        "name": next((one.name for one in mine if one.name), ""),
        "phone": next((one.phone for one in mine if one.phone), ""),
        "services": {service.pk for one in mine for service in one.services.all()},
        "images": all(one.image_agreed_at for one in mine),
    }
