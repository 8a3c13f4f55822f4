"""What a member types when they object, and what is answered to them; the days of a droit de regard."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms

from ateliers.models import Production
from consultation.forms.base import LinkedErrors
from consultation.models import Passage, TexteVersion
from consultation.templatetags.prose import typo
from forums.models import ANSWER_LENGTH, Forum
from forums.models.regard import DAYS_MAX
from forums.taken_up import TakenUp
from socle.forms import PlainCharField, PlainDateField, PlainIntegerField, PlainTextField

OBJECTION_LENGTH = 4000
TOO_LONG = "Ce texte compte %(show_value)s signes, le plus long possible en compte %(limit_value)s."


class ObjectionForm(LinkedErrors):
    """Of one production of the group, and of one passage that takes it up where there is one."""

    about = forms.ChoiceField(
        label="Sur quoi porte votre objection",
        error_messages={
            "required": "Choisissez la production dont il s’agit.",
            "invalid_choice": "Choisissez une des productions de la liste.",
        },
    )
    body = PlainTextField(
        label="Votre objection",
        max_length=OBJECTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Dites ce qui manque, ou ce qui trahit les mots du groupe. Elle paraîtra sans votre nom, "
        "une fois relue par la modération, avec la réponse qui lui est faite.",
        error_messages={"required": "Écrivez votre objection.", "max_length": TOO_LONG},
    )
    submission_key = PlainCharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, lines: list[TakenUp], chosen: str | None = None) -> None:
        super().__init__(data, initial={"submission_key": str(uuid4()), "about": chosen or ""})
        self.known: dict[str, tuple[Production, Passage | None, str]] = {}
        for line in lines:
            reference, title = line.production.contribution.reference, typo(line.production.contribution.title)
            if not line.citations:
                self.known[f"{line.production.pk}"] = (line.production, None, f"{reference}, « {title} »")
            for one in line.citations:
                passage: Any = one.citing_passage
                said = f"{reference}, « {title} », au passage {passage.number}"
                self.known[f"{line.production.pk}-{passage.key}"] = (line.production, passage, said)
        choices = [(value, typo(label)) for value, (_, _, label) in self.known.items()]
        self.fields["about"].choices = [("", "Choisissez une production"), *choices]  # type: ignore[attr-defined]

    def clean_submission_key(self) -> UUID:
        try:
            return UUID(self.cleaned_data["submission_key"])
        except ValueError:
            return uuid4()

    def said(self) -> dict[str, Any]:
        production, passage, _ = self.known[self.cleaned_data["about"]]
        key = self.cleaned_data["submission_key"]
        return {"production": production, "passage": passage, "body": self.cleaned_data["body"], "key": key}


class AnswerForm(LinkedErrors):
    """`seal` is the answer that was read: nobody writes over the words of a colleague."""

    words = PlainTextField(
        label="Réponse publique",
        max_length=ANSWER_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Elle paraît aussitôt, sous l’objection ; son auteur est prévenu. Ne nommez personne.",
        error_messages={"required": "Écrivez la réponse : elle est publique.", "max_length": TOO_LONG},
    )
    seal = PlainTextField(required=False, widget=forms.HiddenInput)


class OpenForm(LinkedErrors):
    version = forms.ModelChoiceField(
        TexteVersion.objects.none(),
        label="Ce que les groupes relisent",
        empty_label="Choisissez une version",
        error_messages={"required": "Choisissez une version.", "invalid_choice": "Choisissez une des versions."},
    )
    days = PlainIntegerField(
        label="Pendant combien de jours",
        min_value=1,
        max_value=DAYS_MAX,
        help_text="Entiers, à partir de demain. Le dernier jour finit à minuit, la veille du forum au plus tard.",
        error_messages={
            "required": "Dites pendant combien de jours.",
            "invalid": "Écrivez un nombre de jours, en chiffres.",
            "min_value": "Un jour au moins.",
            "max_value": f"{DAYS_MAX} jours au plus.",
        },
    )

    def __init__(self, data: Any = None, *, forum: Forum) -> None:
        super().__init__(data)
        rows = TexteVersion.objects.filter(texte__demarche=forum.rencontre.demarche_id).select_related("texte")
        field: Any = self.fields["version"]
        field.queryset = rows.order_by("texte", "-number")
        field.label_from_instance = _label


def _label(version: TexteVersion) -> str:
    return typo(f"{version.texte.title}, version {version.number} ({version.get_state_display()})")


class ProlongForm(LinkedErrors):
    last_day = PlainDateField(
        label="Nouveau dernier jour",
        error_messages={"required": "Choisissez un jour.", "invalid": "Écrivez un jour : 16/05/2011."},
    )
