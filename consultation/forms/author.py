"""Who speaks, as the forms that contribute ask it: a name or none, alone or with others, from where."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.functional import cached_property

from consultation.choices import Display, SpeaksAs
from consultation.forms.base import LinkedErrors, choice
from consultation.models import College, Commune, Demarche
from consultation.templatetags.prose import typo
from socle.forms import PlainCharField, PlainIntegerField

OTHER_PLACE = "aucune"
LARGEST_GROUP = 2000  # beyond a whole school, it is a petition: one signature of an organisation
TOO_LONG = "C’est trop long : %(limit_value)s signes au plus."
_COMMUNE = re.compile(r"(?P<name>.+?)\s*\((?P<departement>[0-9AB]{2,3})\)")


class AuthorForm(LinkedErrors):
    minor = forms.BooleanField(
        label="J’ai moins de 15 ans",
        required=False,
        help_text="Si tu coches cette case, ne donne ni ton nom ni celui de ta classe : choisis un pseudonyme, "
        "ou reste anonyme. Toute la classe veut participer ? C’est l’enseignant qui envoie.",
    )
    display = choice("Comment signer", "Choisissez comment signer.", choices=Display.choices, initial=Display.ANONYMOUS)
    author_name = PlainCharField(
        label="Nom ou pseudonyme à afficher",
        max_length=120,
        required=False,
        help_text="Seulement si vous ne restez pas anonyme. Il sera public.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"max_length": TOO_LONG},
    )
    speaks_as = choice("Vous vous exprimez", "Choisissez.", choices=SpeaksAs.choices, initial=SpeaksAs.PERSONAL)
    organisation = PlainCharField(
        label="Organisation, classe ou groupe",
        max_length=160,
        required=False,
        help_text="Si vous parlez en son nom : commune, association, « 3e B, collège Jean-Macé »… Son nom sera public.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"max_length": TOO_LONG},
    )
    people_count = PlainIntegerField(
        label="Combien êtes-vous ?",
        required=False,
        min_value=2,
        max_value=LARGEST_GROUP,
        help_text="Pour une classe ou un groupe. Ce nombre sera public.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": "Écrivez un nombre, en chiffres : 24 par exemple.",
            "min_value": "Un groupe compte au moins deux personnes.",
            "max_value": "Au-delà de 2 000 personnes, parlez plutôt au nom d’une organisation.",
        },
    )
    function = PlainCharField(
        label="Votre fonction dans l’organisation (facultatif)",
        max_length=120,
        required=False,
        help_text="Elle sera publique.",
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
        error_messages={"max_length": TOO_LONG},
    )
    college = choice("Vous participez en tant que… (facultatif)", help_text="Votre réponse sera publique.")
    commune_name = PlainCharField(
        label="Votre commune (facultatif)",
        max_length=120,
        required=False,
        help_text="Dans la région ou ailleurs. Elle sera publique.",
        widget=forms.TextInput(attrs={"autocomplete": "address-level2", "data-communes": ""}),
        error_messages={"max_length": TOO_LONG},
    )
    commune_code = choice("Laquelle ?")

    def __init__(self, *args: Any, demarche: Demarche, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.demarche = demarche
        self.known_colleges = {str(college.rank): college for college in College.objects.filter(demarche=demarche)}
        self.fields["college"].choices = [*options(self.known_colleges), ("", "Je préfère ne pas le dire")]  # type: ignore[attr-defined]
        if not self.known_colleges:
            del self.fields["college"]
        if len(self.homonyms) > 1:
            found = [(commune.pk, str(commune)) for commune in self.homonyms]
            self.fields["commune_code"].choices = [*found, (OTHER_PLACE, "Une autre")]  # type: ignore[attr-defined]
        else:
            del self.fields["commune_code"]

    @cached_property
    def homonyms(self) -> list[Commune]:
        """The communes of the region that bear the name typed; « Lille (59) » names one département's."""
        typed = self["commune_name"].data if self.is_bound else ""
        if not isinstance(typed, str) or not typed.strip() or len(typed) > 120:
            return []
        if match := _COMMUNE.fullmatch(typed.strip()):
            return list(Commune.objects.named(match["name"]).filter(departement=match["departement"])[:20])
        return list(Commune.objects.named(typed)[:20])

    def clean_college(self) -> College | None:
        return self.known_colleges.get(self.cleaned_data["college"])

    def clean(self) -> dict[str, Any]:
        """A field that already has its error is not given a second one."""
        cleaned = self.cleaned_data
        if cleaned.get("minor"):
            self._check_minor(cleaned)
        if cleaned.get("author_name") == "" and cleaned.get("display") in NAME_MISSING:
            self.add_error("author_name", NAME_MISSING[cleaned["display"]])
        if cleaned.get("organisation") == "" and cleaned.get("speaks_as") in GROUP_MISSING:
            self.add_error("organisation", GROUP_MISSING[cleaned["speaks_as"]])
        if cleaned.get("speaks_as") == SpeaksAs.GROUP and "people_count" in cleaned and not cleaned["people_count"]:
            self.add_error("people_count", "Dites combien vous êtes, en chiffres.")
        if cleaned.get("commune_code") == "":
            self.add_error("commune_code", "Plusieurs communes portent ce nom : dites laquelle.")
        return cleaned

    def _check_minor(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("display") == Display.NAMED:
            self.add_error("display", "Avant 15 ans, on ne donne pas son nom : choisis un pseudonyme, ou « Anonyme ».")
        if cleaned.get("speaks_as", SpeaksAs.PERSONAL) != SpeaksAs.PERSONAL:
            self.add_error(
                "speaks_as",
                "Avant 15 ans, on parle pour soi : choisis « À titre personnel ». "
                "Pour toute une classe, c’est l’enseignant qui envoie, sans cocher « moins de 15 ans ».",
            )

    def commune(self) -> Commune | None:
        if len(self.homonyms) < 2:
            return next(iter(self.homonyms), None)
        code = self.cleaned_data["commune_code"]
        return next((commune for commune in self.homonyms if commune.pk == code), None)

    def author(self) -> dict[str, Any]:
        """What is kept of who speaks; a name nobody asked to show is not kept."""
        cleaned, commune = self.cleaned_data, self.commune()
        speaks_as = cleaned["speaks_as"]
        return {
            "minor": cleaned["minor"],
            "display": cleaned["display"],
            "author_name": cleaned["author_name"] if cleaned["display"] != Display.ANONYMOUS else "",
            "speaks_as": speaks_as,
            "organisation": cleaned["organisation"] if speaks_as != SpeaksAs.PERSONAL else "",
            "people_count": cleaned["people_count"] if speaks_as == SpeaksAs.GROUP else None,
            "function": cleaned["function"] if speaks_as == SpeaksAs.ORGANISATION else "",
            "college": cleaned.get("college"),
            "commune": commune,
            "commune_name": commune.name if commune else cleaned["commune_name"],
        }


NAME_MISSING = {
    Display.NAMED: "Indiquez le nom à afficher, ou choisissez « Anonyme ».",
    Display.PSEUDONYM: "Indiquez le pseudonyme à afficher, ou choisissez « Anonyme ».",
}
GROUP_MISSING = {
    SpeaksAs.ORGANISATION: "Indiquez au nom de quelle organisation vous parlez.",
    SpeaksAs.GROUP: "Indiquez au nom de quelle classe ou de quel groupe vous parlez.",
}


def options(rows: dict[str, Any]) -> list[tuple[str, str]]:
    return [(rank, typo(row)) for rank, row in rows.items()]
