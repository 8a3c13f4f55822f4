"""Composing a group: one person, a file, those who came to the launch; the places meant for each; the draw."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms import BaseInlineFormSet, inlineformset_factory

from ateliers.actions.composition import Someone
from ateliers.models import Atelier, CameBy, Cible
from ateliers.rosters import MAX_BYTES
from consultation.forms.base import email_field
from consultation.models import College, Commune, Inscription
from consultation.models.inscription import InscriptionQuerySet
from socle.forms import PlainCharField, PlainIntegerField

GIVEN_BY_TEAM = [(way.value, way.label) for way in (CameBy.LANCEMENT, CameBy.CANDIDATURE, CameBy.LIBRE)]
PLACES_MAX = 2000
NOT_A_NUMBER = "Écrivez un nombre de places, de 0 à 2 000."


def way_field() -> forms.ChoiceField:
    return forms.ChoiceField(label="Comment elle vient dans le groupe", choices=GIVEN_BY_TEAM)


class CollegeForm(forms.Form):
    """With the collèges of the démarche."""

    college = forms.ModelChoiceField(
        College.objects.none(), label="Collège", required=False, empty_label="Non dit", blank=True
    )

    def __init__(self, *args: Any, atelier: Atelier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleges = College.objects.filter(demarche=atelier.demarche_id).order_by("rank")
        self.fields["college"].queryset = colleges  # type: ignore[attr-defined]


class PersonForm(CollegeForm):
    email = email_field("Adresse électronique")
    name = PlainCharField(label="Nom", required=False, max_length=120, help_text="Pour l’équipe ; jamais publié.")
    commune = PlainCharField(label="Commune", required=False, max_length=80, help_text="Nom, ou code INSEE.")
    organisation = PlainCharField(label="Organisation", required=False, max_length=160)
    came_by = way_field()
    field_order = ["email", "name", "college", "commune", "organisation", "came_by"]

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        if not email.isascii():
            raise ValidationError("Cette adresse a une lettre accentuée : corrigez-la.")
        return email

    def clean_commune(self) -> Commune | None:
        typed = self.cleaned_data["commune"]
        if not typed:
            return None
        found = list(Commune.objects.filter(insee_code=typed)[:1] or Commune.objects.named(typed)[:2])
        if len(found) != 1:
            few = "Plusieurs communes portent ce nom : donnez" if found else "Cette commune n’est pas connue : donnez"
            raise ValidationError(f"{few} son code INSEE, ou laissez vide.")
        return found[0]

    def someone(self) -> Someone:
        said = self.cleaned_data
        return Someone(
            said["email"],
            said["name"],
            said["college"].pk if said["college"] else None,
            said["commune"].pk if said["commune"] else None,
            said["organisation"],
        )


class RosterForm(forms.Form):
    file = forms.FileField(
        label="Fichier",
        help_text="CSV, XLSX ou XLS, de 2 Mo au plus : 300 membres, ou 1 000 candidatures. "
        "Rien n’est écrit avant votre confirmation.",
    )
    came_by = way_field()

    def __init__(self, *args: Any, for_draw: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if for_draw:
            del self.fields["came_by"]

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError("Ce fichier dépasse 2 Mo. Coupez-le, ou donnez-le en CSV.")
        return file


class LaunchForm(CollegeForm):
    """`people` are inscriptions at the launch; what is posted must be among them."""

    people = forms.ModelMultipleChoiceField(
        Inscription.objects.none(),
        label="Personnes",
        error_messages={
            "required": "Cochez au moins une personne.",
            "invalid_choice": "Une personne cochée n’est pas de celles qui sont venues.",
            "invalid_pk_value": "Une personne cochée n’est pas de celles qui sont venues.",
            "list": "Cochez les personnes une par une.",
        },
    )

    def __init__(self, *args: Any, came: InscriptionQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = came.select_related("personne")  # type: ignore[attr-defined]

    def someones(self) -> list[Someone]:
        college = self.cleaned_data["college"]
        pk = college.pk if college else None
        return [Someone(one.personne.email, one.name, pk) for one in self.cleaned_data["people"]]


class CibleForm(forms.ModelForm):
    epci_code = forms.ChoiceField(label="Territoire (EPCI)", required=False)
    places = PlainIntegerField(
        label="Places visées",
        min_value=0,
        max_value=PLACES_MAX,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), NOT_A_NUMBER),
    )

    class Meta:
        model = Cible
        fields = ("college", "epci_code", "places")

    def __init__(self, *args: Any, colleges: Any, territories: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["college"].queryset = colleges  # type: ignore[attr-defined]
        self.fields["college"].empty_label = "—"  # type: ignore[attr-defined]
        self.fields["epci_code"].choices = [("", "—"), *territories]  # type: ignore[attr-defined]


class CiblesFormSet(BaseInlineFormSet):
    def clean(self) -> None:
        """Django looks for the same row twice, but not where its constraint has a condition."""
        super().clean()
        kept = [form.cleaned_data for form in self.forms if form.is_valid() and not form.cleaned_data.get("DELETE")]
        aims = [said.get("college") or said.get("epci_code") for said in kept if said]
        if len(set(aims)) < len(aims):
            raise ValidationError("Un collège ou un territoire est visé par deux lignes : gardez-en une.")


def cible_formset(atelier: Atelier, data: Any = None) -> BaseInlineFormSet[Cible, Atelier, CibleForm]:
    """A line for each cible, and a few more to fill."""
    made = inlineformset_factory(Atelier, Cible, form=CibleForm, formset=CiblesFormSet, extra=4, can_delete_extra=False)
    known = Commune.objects.exclude(epci_code="").order_by("epci_name", "epci_code")
    names = dict(known.values_list("epci_code", "epci_name").distinct())
    kept = Cible.objects.filter(atelier=atelier).exclude(epci_code="").values_list("epci_code", flat=True)
    territories = {code: f"EPCI {code}" for code in kept} | {code: name or code for code, name in names.items()}
    shared = {
        "colleges": College.objects.filter(demarche=atelier.demarche_id).order_by("rank"),
        "territories": list(territories.items()),
    }
    return made(data, instance=atelier, prefix="cibles", form_kwargs=shared)


class TirageForm(forms.Form):
    NOW, COMING = "portail", "a_venir"
    others = PlainIntegerField(
        label="Places pour les candidatures sans collège visé",
        min_value=0,
        max_value=PLACES_MAX,
        initial=0,
        help_text="Celles des collèges viennent des places visées qui ne sont pas encore prises.",
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), NOT_A_NUMBER),
    )
    how = forms.ChoiceField(
        label="La graine",
        widget=forms.RadioSelect,
        choices=[
            (COMING, "est un nombre public à venir : annoncer le tirage maintenant, le faire quand il sera connu"),
            (NOW, "est tirée par le portail : faire le tirage maintenant"),
        ],
        error_messages={"required": "Dites d’où vient la graine.", "invalid_choice": "Choisissez une des réponses."},
    )
    source = PlainCharField(
        label="D’où viendra la graine",
        required=False,
        max_length=300,
        help_text="Publié tout de suite. Par exemple : les cinq numéros du Loto du samedi 5 mars, dans l’ordre "
        "croissant, séparés par une espace.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("how") == self.COMING and not cleaned.get("source") and "source" not in self.errors:
            self.add_error("source", "Dites quel nombre public sera la graine, avant qu’il soit connu.")
        return cleaned


class SeedForm(forms.Form):
    seed = PlainCharField(
        label="La graine",
        max_length=80,
        help_text="Telle que chacun peut la lire, au signe près. Le tirage est fait aussitôt, et reste.",
        error_messages={"required": "Le tirage n’est pas fait : donnez la graine qui a été annoncée."},
    )
