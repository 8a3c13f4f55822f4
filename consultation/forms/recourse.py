"""What can be asked after a decision, and what staff answer."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from crispy_forms.layout import Div, Field, Layout
from django import forms

from consultation.choices import ReexamenOutcome, SignalementOutcome, SignalementReason
from consultation.forms.base import LinkedErrors, choice, email_field
from consultation.forms.contribution import ContributionForm
from consultation.models import RefusalReason, Signalement
from socle.forms import PlainCharField, PlainTextField

WORDS_LENGTH = 2000
TOO_LONG = (
    "Ce texte compte %(show_value)s signes, le plus long possible en compte %(limit_value)s. Il est gardé en entier."
)


def words(label: str, required: str = "", rows: int = 6, **kwargs: Any) -> PlainTextField:
    """A few lines; `required` is what is said when there are none."""
    return PlainTextField(
        label=label,
        max_length=WORDS_LENGTH,
        required=bool(required),
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": required, "max_length": TOO_LONG},
        **kwargs,
    )


class CorrectionForm(LinkedErrors):
    title = ContributionForm.base_fields["title"]
    body = ContributionForm.base_fields["body"]


class ReexamenForm(LinkedErrors):
    words = words(
        "Pourquoi cette décision vous paraît injuste",
        "Dites en quelques mots pourquoi : c’est ce que lira le modérateur qui réexamine.",
        help_text="2 000 signes au plus. Seule l’équipe de la consultation vous lira.",
    )


class SignalementForm(LinkedErrors):
    reason = choice("Ce qui ne va pas", "Dites ce qui ne va pas.", choices=SignalementReason.choices)
    words = words("Précisez, si vous le pouvez (facultatif)", help_text="Le passage en cause, et pourquoi.")
    email = email_field(
        "Votre adresse électronique (facultatif)",
        required=False,
        help_text="Pour savoir ce qui aura été décidé. Elle n’est ni publiée, ni donnée à l’auteur de la contribution. "
        "Sans adresse, un numéro vous permettra de le savoir aussi.",
    )
    precisions = ContributionForm.base_fields["precisions"]
    submission_key = ContributionForm.base_fields["submission_key"]
    clean_precisions = ContributionForm.clean_precisions
    clean_submission_key = ContributionForm.clean_submission_key

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, initial={"submission_key": str(uuid4())}, **kwargs)
        self.fields["precisions"].widget.attrs |= {"tabindex": "-1", "autocomplete": "off"}
        self.helper.layout = Layout(
            *(Field(name) for name in ("reason", "words", "email", "submission_key")),
            Div(Field("precisions"), css_class="left-empty", aria_hidden="true"),
        )

    def clean(self) -> dict[str, Any]:
        other = self.cleaned_data.get("reason") == SignalementReason.OTHER
        if other and not self.cleaned_data.get("words") and not self.has_error("words"):
            self.add_error("words", "Dites en quelques mots ce qui ne va pas.")
        return self.cleaned_data

    def said(self) -> dict[str, Any]:
        """What `actions.recourse.report` keeps."""
        return {name: self.cleaned_data[name] for name in ("submission_key", "reason", "words", "email")}


class ReexamenDecisionForm(LinkedErrors):
    outcome = choice("Après réexamen", "Dites ce que devient la décision.", choices=ReexamenOutcome.choices)
    answer = words("Réponse à l’auteur", "Répondez à l’auteur : la décision se motive.", rows=5)
    seen = PlainCharField(required=False, widget=forms.HiddenInput)

    def decision(self) -> dict[str, Any]:
        """What `actions.recourse.decide_reexamen` asks."""
        return {name: self.cleaned_data[name] for name in ("outcome", "answer", "seen")}


class SignalementDecisionForm(LinkedErrors):
    """One outcome for the signalements of one contribution that are ticked."""

    chosen = forms.MultipleChoiceField(
        label="Les signalements auxquels vous répondez",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Cochez au moins un signalement.",
            "invalid_choice": "Un de ces signalements a déjà sa réponse : relisez la liste.",
            "invalid_list": "Cochez au moins un signalement.",
        },
    )
    outcome = choice("Ce que vous décidez", "Dites ce que devient la contribution.", choices=SignalementOutcome.choices)
    reason = forms.ModelChoiceField(
        RefusalReason.objects.filter(is_active=True),
        label="Motif, si elle est retirée",
        required=False,
        empty_label="Choisissez un motif",
        error_messages={"invalid_choice": "Choisissez un motif de la liste."},
    )
    message = words("Un mot à son auteur, si elle est retirée (facultatif)", rows=3)
    answer = words(
        "Réponse à qui a signalé (facultatif)",
        rows=3,
        help_text="Elle part aux adresses données, et se lit avec le numéro du signalement.",
    )
    seen = PlainCharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, waiting: list[Signalement], taken_down: bool, **kwargs: Any) -> None:
        """`taken_down`: the contribution is no longer online, nothing else can be answered."""
        super().__init__(data, **kwargs)
        self.taken_down = taken_down
        self.fields["chosen"].choices = [(str(row.pk), str(row)) for row in waiting]  # type: ignore[attr-defined]
        self.fields["chosen"].initial = [str(row.pk) for row in waiting]
        if taken_down:
            only = SignalementOutcome.TAKEN_DOWN
            self.fields["outcome"].choices = [(only.value, only.label)]  # type: ignore[attr-defined]
            self.fields["outcome"].initial = only.value
            del self.fields["reason"], self.fields["message"]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        taking_down = cleaned.get("outcome") == SignalementOutcome.TAKEN_DOWN and not self.taken_down
        if taking_down and not cleaned.get("reason") and not self.has_error("reason"):
            self.add_error("reason", "Choisissez un motif : l’auteur le lira, et il paraîtra à la place du texte.")
        if not taking_down:
            cleaned |= {"reason": None, "message": ""}
        return cleaned

    def chosen_pks(self) -> list[int]:
        return [int(pk) for pk in self.cleaned_data["chosen"]]

    def decision(self) -> dict[str, Any]:
        """What `actions.recourse.decide_signalements` asks besides."""
        return {name: self.cleaned_data[name] for name in ("outcome", "answer", "reason", "message", "seen")}
