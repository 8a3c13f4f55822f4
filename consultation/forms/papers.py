"""What staff fill in for others: a paper as it is written, the position of an organisation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from consultation.choices import Display, Nature, Origine, SpeaksAs
from consultation.forms.base import choice
from consultation.forms.contribution import QUESTIONS, ContributionForm, options
from consultation.models import Contribution, Demarche, Theme
from consultation.models.contribution import STORED_BODY_LENGTH, STORED_TITLE_LENGTH

RECEIVED_AS = [(one.value, one.label) for one in (Origine.PAPER, Origine.POST, Origine.PHONE)]
CAHIER_RECEIVED_AS = [
    (Origine.POST.value, "par courrier"),
    (Origine.PAPER.value, "remis en main propre"),
    (Origine.ONLINE.value, "par courriel"),
]
FILES = "PDF, JPEG ou PNG, 20 Mo au plus. Seules ses pages sont gardées, dessinées de nouveau."


@dataclass(frozen=True)
class Group:
    """Questions under one heading, as on the paper."""

    legend: str
    fields: list[forms.BoundField]


class ReceivedOnField(forms.DateField):
    """A day that has come."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="Reçu le",
            initial=timezone.localdate,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            error_messages={"required": "Dites quel jour il est arrivé.", "invalid": "Écrivez une date : 07/03/2011."},
            **kwargs,
        )

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and value > timezone.localdate():
            raise ValidationError("Ce jour n’est pas encore venu.")


class ReceptionForm(forms.Form):
    """What has arrived, and how; its scan is then shown beside what is typed."""

    demarche = forms.ModelChoiceField(Demarche.objects.none(), label="Démarche", empty_label=None)
    origine = forms.ChoiceField(
        label="Comment", choices=RECEIVED_AS, widget=forms.RadioSelect, error_messages={"required": "Dites comment."}
    )
    received_on = ReceivedOnField(help_text="Le jour où le papier ou l’appel est arrivé.")
    scan = forms.FileField(
        label="Le papier numérisé",
        required=False,
        help_text=f"{FILES} Sans scan, gardez le papier pour la seconde lecture.",
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )

    def __init__(self, *args: Any, demarches: QuerySet[Demarche], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["demarche"].queryset = demarches  # type: ignore[attr-defined]


class TypedForm(ContributionForm):
    """The questions of the screen, for staff: any thème, texts as long as they come, no robot to catch."""

    def __init__(self, data: Any = None, *, demarche: Demarche, **kwargs: Any) -> None:
        super().__init__(data, demarche=demarche, **kwargs)
        # A paper may answer a question that has closed since.
        self.open_themes = {str(theme.rank): theme for theme in Theme.objects.filter(demarche=demarche)}
        self.fields["theme"].choices = [*options(self.open_themes), ("autre", "Autre sujet")]  # type: ignore[attr-defined]
        self._limit("title", STORED_TITLE_LENGTH)
        self._limit("body", STORED_BODY_LENGTH)
        self.fields["body"].widget.attrs["rows"] = 22
        self.fields["body"].help_text = ""
        self.fields["title"].help_text = "Sans titre sur le papier : ses premiers mots."
        for name in ("precisions", *self.left_out):
            self.fields.pop(name, None)

    left_out: tuple[str, ...] = ()

    def _limit(self, name: str, most: int) -> None:
        field: Any = self.fields[name]
        field.max_length = most
        field.validators = [one for one in field.validators if getattr(one, "code", "") != "max_length"]
        field.validators.append(forms.CharField(max_length=most).validators[0])

    def groups(self) -> Iterator[Group]:
        for legend, steps in QUESTIONS.items():
            fields = [self[name] for names in steps.values() for name in names if name in self.fields]
            if fields:
                yield Group(legend, fields)

    def entered(self) -> dict[str, Any]:
        """What `actions.papers` keeps."""
        cleaned = self.cleaned_data
        return self.said() | {"enjeux": cleaned.get("enjeux", ()), "email": cleaned.get("email", "")}


class TranscriptionForm(TypedForm):
    """A paper as it is written; what cannot be read is typed [illisible]. Its key came with its reception."""

    left_out = ("submission_key",)


class ReadingForm(TypedForm):
    """The same questions, filled in as they were typed."""

    left_out = ("submission_key", "email")

    def __init__(self, data: Any = None, *, contribution: Contribution) -> None:
        super().__init__(data, demarche=contribution.demarche)
        self.initial = {**self.initial, **typed(contribution)}

    def corrected(self) -> dict[str, Any]:
        return self.said() | {"enjeux": self.cleaned_data.get("enjeux", ())}


def typed(contribution: Contribution) -> dict[str, Any]:
    """The answers of the form that gave this row."""
    same = ("nature", "title", "body", "minor", "display", "author_name", "speaks_as", "organisation", "people_count")
    answers = {name: getattr(contribution, name) for name in (*same, "function")}
    commune = contribution.commune
    return answers | {
        "theme": str(contribution.theme.rank) if contribution.theme else "autre",
        "enjeux": [str(enjeu.rank) for enjeu in contribution.enjeux.all()],
        "college": str(contribution.college.rank) if contribution.college else "",
        "commune_name": str(commune) if commune else contribution.commune_name,
    }


def pdf_field(**kwargs: Any) -> forms.FileField:
    return forms.FileField(
        label="Le document",
        help_text="PDF, 10 Mo et 200 pages au plus. Il paraît tel quel ; le nom de son auteur sort de ses propriétés.",
        widget=forms.FileInput(attrs={"accept": ".pdf"}),
        error_messages={"required": "Choisissez le document."},
        **kwargs,
    )


class DocumentForm(forms.Form):
    """Another version of the document, before it is public."""

    document = pdf_field()


class CahierForm(TypedForm):
    """The position of an organisation: a summary that is read, and the document that it sent."""

    left_out = ("minor", "display", "author_name", "speaks_as", "people_count", "function")
    field_order = ["organisation", *ContributionForm.field_order, "origine", "received_on", "document"]

    nature = choice(
        "Ce qu’elle apporte",
        "Dites ce qu’elle apporte.",
        choices=[(one.value, one.label) for one in (Nature.REFLEXION, Nature.PROPOSITION)],
    )
    origine = forms.ChoiceField(label="Arrivé", choices=CAHIER_RECEIVED_AS, widget=forms.RadioSelect)
    received_on = ReceivedOnField()
    document = pdf_field(required=False)

    def __init__(self, data: Any = None, *, demarche: Demarche, **kwargs: Any) -> None:
        super().__init__(data, demarche=demarche, **kwargs)
        said = {
            "organisation": ("Organisation", "Son nom sera public."),
            "title": ("Titre", "Ce que l’organisation défend, en une phrase."),
            "body": ("Résumé", "Relu par l’organisation : c’est lui que l’on lit, cherche et cite."),
            "email": (
                "Adresse électronique de l’organisation (facultatif)",
                "Jamais publiée. Elle recevra un lien pour avoir des nouvelles.",
            ),
            "college": ("Elle participe en tant que… (facultatif)", ""),
            "commune_name": ("Sa commune (facultatif)", ""),
        }
        for name, (label, help_text) in said.items():
            if name in self.fields:
                self.fields[name].label, self.fields[name].help_text = label, help_text
        self._limit("organisation", Contribution._meta.get_field("author_name").max_length or 0)
        self.fields["organisation"].required = True
        self.fields["organisation"].error_messages["required"] = "Indiquez le nom de l’organisation."

    def groups(self) -> Iterator[Group]:
        said = ("organisation", "title", "body", "nature", "theme", "enjeux")
        where = ("college", "commune_name", "commune_code", "email")
        came = ("origine", "received_on", "document")
        legends = {"La position": said, "L’organisation": where, "Le document": came}
        for legend, names in legends.items():
            yield Group(legend, [self[name] for name in names if name in self.fields])

    def key(self) -> UUID:
        """One for each form opened: sent twice, it is one cahier."""
        return self.cleaned_data["submission_key"]

    def author(self) -> dict[str, Any]:
        """Signed by the organisation."""
        cleaned, commune = self.cleaned_data, self.commune()
        return {
            "display": Display.NAMED,
            "author_name": cleaned["organisation"],
            "speaks_as": SpeaksAs.ORGANISATION,
            "organisation": cleaned["organisation"],
            "college": cleaned.get("college"),
            "commune": commune,
            "commune_name": commune.name if commune else cleaned["commune_name"],
            "origine": cleaned["origine"],
        }
