"""What staff fill in for others: a paper as it is written, the position of an organisation."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db.models import QuerySet
from django.utils import timezone

from consultation.choices import Display, Nature, Origine, SpeaksAs
from consultation.forms.author import TOO_LONG, options
from consultation.forms.base import choice
from consultation.forms.contribution import OTHER, QUESTIONS, ContributionForm
from consultation.models import Contribution, Demarche, Theme
from consultation.models.contribution import STORED_BODY_LENGTH, STORED_TITLE_LENGTH
from socle.forms import PlainCharField

RECEIVED_AS = [(one.value, one.label) for one in (Origine.PAPER, Origine.POST, Origine.PHONE)]
CAHIER_RECEIVED_AS = [
    (Origine.POST.value, "par courrier"),
    (Origine.PAPER.value, "remis en main propre"),
    (Origine.ONLINE.value, "par courriel"),
]
NAME_LENGTH = 120  # of a signature
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
    origine = choice("Arrivé", "Dites comment : sur papier, par courrier ou par téléphone.", choices=RECEIVED_AS)
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


def asked(name: str, *, most: int = 0, **changes: Any) -> Any:
    """A question of the screen, in other words or with room for a longer answer."""
    field: Any = deepcopy(ContributionForm.base_fields[name])
    for attribute, value in changes.items():
        setattr(field, attribute, value)
    if most:
        others = [one for one in field.validators if not isinstance(one, MaxLengthValidator)]
        field.max_length, field.validators = most, [*others, MaxLengthValidator(most)]
    return field


class TypedForm(ContributionForm):
    """The questions of the screen, for staff: any thème, texts as long as they come, no robot to catch."""

    title = asked("title", most=STORED_TITLE_LENGTH, help_text="Sans titre sur le papier : ses premiers mots.")
    body = asked("body", most=STORED_BODY_LENGTH, help_text="")
    left_out: tuple[str, ...] = ()

    def __init__(self, data: Any = None, *, demarche: Demarche, **kwargs: Any) -> None:
        super().__init__(data, demarche=demarche, **kwargs)
        # A paper may answer a question that has closed since.
        self.open_themes = {str(theme.rank): theme for theme in Theme.objects.filter(demarche=demarche)}
        self.fields["theme"].choices = [*options(self.open_themes), (OTHER, "Autre sujet")]  # type: ignore[attr-defined]
        self.fields["body"].widget.attrs["rows"] = 22
        for name in ("precisions", *self.left_out):
            self.fields.pop(name, None)

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
    email = asked(
        "email",
        help_text="Comparez-la deux fois au papier : un lien y sera envoyé, pour recevoir des nouvelles. "
        "Elle n’est jointe à la contribution qu’une fois ce lien suivi.",
    )


class ReadingForm(TypedForm):
    """The same questions, filled in as they were typed; `seen` seals the words that were read."""

    left_out = ("submission_key", "email")
    seen = PlainCharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, contribution: Contribution) -> None:
        super().__init__(data, demarche=contribution.demarche)
        self.initial = {**self.initial, **typed(contribution), "seen": contribution.words_seal}

    def corrected(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return self.said() | {"enjeux": cleaned.get("enjeux", ()), "seen": cleaned["seen"]}


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

    organisation = asked(
        "organisation",
        most=NAME_LENGTH,
        label="Organisation",
        help_text="Son nom sera public.",
        required=True,
        error_messages={"required": "Indiquez le nom de l’organisation.", "max_length": TOO_LONG},
    )
    title = asked(
        "title",
        most=STORED_TITLE_LENGTH,
        help_text="Ce que l’organisation défend, en une phrase.",
        error_messages={"required": "Donnez un titre à cette position.", "max_length": TOO_LONG},
    )
    body = asked(
        "body",
        most=STORED_BODY_LENGTH,
        label="Résumé",
        help_text="Relu par l’organisation : c’est lui que l’on lit, cherche et cite.",
        error_messages={"required": "Écrivez le résumé.", "max_length": TOO_LONG},
    )
    theme = asked("theme", label="La question à laquelle elle répond")
    enjeux = asked("enjeux", label="Les enjeux dont elle parle (facultatif)")
    college = asked("college", label="Elle participe en tant que… (facultatif)")
    commune_name = asked("commune_name", label="Sa commune (facultatif)")
    email = asked(
        "email",
        label="Adresse électronique de l’organisation (facultatif)",
        help_text="Jamais publiée. Un lien y sera envoyé, pour recevoir des nouvelles.",
    )
    nature = choice(
        "Ce qu’elle apporte",
        "Dites ce qu’elle apporte.",
        choices=[(one.value, one.label) for one in (Nature.REFLEXION, Nature.PROPOSITION)],
    )
    origine = choice("Arrivé", "Dites comment il est arrivé.", choices=CAHIER_RECEIVED_AS)
    received_on = ReceivedOnField()
    document = pdf_field(required=False)

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
