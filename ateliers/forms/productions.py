"""What a table types: a production, other words for one, what becomes of one."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import Q

from ateliers.models import Objective, Production, Seance, Table
from consultation.choices import Nature
from consultation.forms.base import LinkedErrors
from consultation.models import Contribution, Enjeu, Theme
from consultation.models.contribution import TITLE_LENGTH
from socle.forms import PlainCharField, PlainIntegerField, PlainTextField

BODY_LENGTH = 4000  # what a group says in one production
CITED = 20  # contributions one production comes from
REFERENCE = re.compile(r"([A-Z][A-Z0-9]{1,7})-([0-9]{1,18})")
NATURES = {Nature.REFLEXION: "Un constat", Nature.PROPOSITION: "Une proposition"}
TOO_LONG = "Ce texte compte %(show_value)s signes, le plus long possible en compte %(limit_value)s."

MISSING = {"title": "Donnez un titre à la nouvelle production.", "body": "Écrivez son texte."}
ALONE = "Cochez-en deux au moins ; une seule se reformule."
ITSELF = "Cochez une autre production que celle qui la reçoit."


def title_field(*, required: bool = True) -> PlainCharField:
    return PlainCharField(
        label="Titre",
        required=required,
        max_length=TITLE_LENGTH,
        error_messages={"required": "Donnez un titre, l’essentiel en une phrase.", "max_length": TOO_LONG},
    )


def body_field(*, required: bool = True) -> PlainTextField:
    return PlainTextField(
        label="Texte",
        required=required,
        max_length=BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Écrivez ce que dit le groupe, dans ses mots.", "max_length": TOO_LONG},
    )


def usual_nature(seance: Seance) -> str:
    """What is said at it more often than not."""
    return Nature.REFLEXION if seance.objective == Objective.CONSTATS else Nature.PROPOSITION


class WordsForm(LinkedErrors):
    """`seen` is the version that was on the page: on other words, nothing is written."""

    title = title_field()
    body = body_field()
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**63 - 1)

    def clean_seen(self) -> int:
        return self.cleaned_data["seen"] or 0


class CitingForm(LinkedErrors):
    title = title_field()
    body = body_field()
    minority = forms.BooleanField(
        label="Point de vue minoritaire",
        required=False,
        help_text="Une partie du groupe n’est pas d’accord : il est gardé.",
    )
    cites = PlainCharField(
        label="Vient de (facultatif)",
        required=False,
        max_length=400,
        help_text="Les références de ce qu’elle reprend, par exemple DP11-42 DP11-57.",
    )

    def __init__(self, data: Any = None, *, table: Table, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.table = table

    def clean_cites(self) -> list[Contribution]:
        """Published, or written by this very group; the sentence says nothing more of the others."""
        typed = list(dict.fromkeys(re.split(r"[\s,;]+", self.cleaned_data["cites"].upper().strip(" ,;"))))
        wanted = {one: REFERENCE.fullmatch(one) for one in typed if one}
        demarche = self.table.seance.atelier.demarche
        pks = [int(found[2]) for found in wanted.values() if found and found[1] == demarche.code]
        rows = Contribution.objects.filter(demarche=demarche, pk__in=pks[:CITED])
        own = Production.objects.filter(seance__atelier=self.table.seance.atelier_id)
        known = list(rows.filter(Q(pk__in=own.values("pk")) | Q(pk__in=Contribution.objects.published())))
        unknown = wanted.keys() - {f"{demarche.code}-{row.pk}" for row in known}
        if unknown:
            named = ", ".join(sorted(unknown))
            raise forms.ValidationError(f"Aucune contribution publiée de cette démarche n’a cette référence : {named}.")
        return known


class ProductionForm(CitingForm):
    """Short, for many in a row: what is rarely said stands apart (`rare`)."""

    submission_key = forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"required": "Rechargez la page.", "invalid": "Rechargez la page."}
    )
    nature = forms.ChoiceField(
        label="C’est",
        choices=NATURES.items(),
        error_messages={"required": "Dites ce que c’est.", "invalid_choice": "Choisissez une des réponses proposées."},
    )
    sheet = PlainIntegerField(
        label="Numéro de la fiche de papier (facultatif)",
        required=False,
        min_value=1,
        max_value=9999,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": "C’est un nombre, écrit en haut de la fiche."},
    )
    theme = forms.ChoiceField(
        label="Thème",
        required=False,
        error_messages={"invalid_choice": "Choisissez parmi les thèmes de l’atelier."},
    )
    enjeux = forms.MultipleChoiceField(
        label="Enjeux (facultatif)",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choisissez parmi les enjeux proposés.", "invalid_list": "Choisissez."},
    )
    rare = ("sheet", "cites", "theme", "enjeux")

    def __init__(self, data: Any = None, *, table: Table, initial: dict[str, Any] | None = None) -> None:
        first = {"submission_key": uuid4(), "nature": usual_nature(table.seance)}
        super().__init__(data, table=table, initial=first | (initial or {}))
        atelier = table.seance.atelier
        self.themes = {str(theme.rank): theme for theme in atelier.themes.order_by("rank")}
        self.known_enjeux = {str(enjeu.rank): enjeu for enjeu in Enjeu.objects.filter(demarche=atelier.demarche)}
        named = [(rank, theme.question) for rank, theme in self.themes.items()]
        self.fields["theme"].choices = [("", "Pas un en particulier"), *named]  # type: ignore[attr-defined]
        self.fields["enjeux"].choices = [(rank, str(one)) for rank, one in self.known_enjeux.items()]  # type: ignore[attr-defined]
        if len(self.themes) < 2:
            del self.fields["theme"]
        if not self.known_enjeux:
            del self.fields["enjeux"]

    @property
    def rare_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.rare if name in self.fields]

    @property
    def rare_open(self) -> bool:
        """Not folded away over an error, nor over what a link or a sheet filled in."""
        return any(field.errors or field.value() for field in self.rare_fields)

    def clean_theme(self) -> Theme | None:
        return self.themes.get(self.cleaned_data["theme"])

    def clean_enjeux(self) -> list[Enjeu]:
        return [self.known_enjeux[rank] for rank in self.cleaned_data["enjeux"]]

    def said(self) -> dict[str, Any]:
        """What `actions.productions.write` keeps; an atelier with one thème works on no other."""
        only = next(iter(self.themes.values())) if len(self.themes) == 1 else None
        return {"theme": only} | self.cleaned_data


class CorrectionForm(CitingForm, WordsForm):
    field_order = ("title", "body", "minority", "cites", "seen")


class DropForm(LinkedErrors):
    reason = PlainTextField(
        label="Pourquoi le groupe l’abandonne",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="La raison est publiée, telle quelle.",
        error_messages={"required": "Dites pourquoi le groupe l’abandonne : ce sera publié.", "max_length": TOO_LONG},
    )


class MergeForm(LinkedErrors):
    """Several become one: one that exists, or one that is written now."""

    NEW = "nouvelle"
    productions = forms.MultipleChoiceField(
        label="Celles qui sont fusionnées",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Cochez les productions à fusionner.",
            "invalid_choice": "Une de ces productions n’est plus à travailler : rechargez la page.",
            "invalid_list": "Cochez les productions à fusionner.",
        },
    )
    into = forms.ChoiceField(
        label="Elles deviennent",
        error_messages={
            "required": "Dites dans laquelle elles sont fusionnées.",
            "invalid_choice": "Cette production n’est plus à travailler : rechargez la page.",
        },
    )
    title = PlainCharField(
        label="Titre", required=False, max_length=TITLE_LENGTH, error_messages={"max_length": TOO_LONG}
    )
    body = PlainTextField(
        label="Texte",
        required=False,
        max_length=BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": TOO_LONG},
    )
    reason = PlainCharField(label="Pourquoi (facultatif)", required=False, max_length=300)
    submission_key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": "Rechargez la page."})

    def __init__(
        self, data: Any = None, *, mergeable: list[Production], targets: list[Production], **kwargs: Any
    ) -> None:
        super().__init__(data, initial={"submission_key": uuid4()} | kwargs.pop("initial", {}), **kwargs)
        self.targets = {str(one.pk): one for one in targets}
        self.mergeable = {str(one.pk): one for one in mergeable}
        self.fields["productions"].choices = [(pk, _line(one)) for pk, one in self.mergeable.items()]  # type: ignore[attr-defined]
        named = [(pk, _line(one)) for pk, one in self.targets.items()]
        self.fields["into"].choices = [(self.NEW, "Une nouvelle production, écrite ci-dessous"), *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen, into = cleaned.get("productions", []), cleaned.get("into")
        if into == self.NEW:
            for name, missing in MISSING.items():
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, missing)
        others = [pk for pk in chosen if pk != into]
        if chosen and len(others) < (2 if into == self.NEW else 1):
            self.add_error("productions", ALONE if into == self.NEW else ITSELF)
        return cleaned

    def merged(self) -> list[Production]:
        return [self.mergeable[pk] for pk in self.cleaned_data["productions"]]

    def target(self) -> Production | None:
        """None: it is written now."""
        return self.targets.get(self.cleaned_data["into"])


def _line(production: Production) -> str:
    return f"{production.contribution.reference} – {production.words.title}"
