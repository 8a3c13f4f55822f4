"""What a moderator decides, asks and writes; and what an author answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from consultation import masking
from consultation.choices import Advice, ContributionState
from consultation.forms.base import LinkedErrors, choice
from consultation.models import Contribution, RefusalReason
from consultation.models.contribution import BODY_LENGTH, TITLE_LENGTH
from consultation.states import allowed_from
from socle.forms import PlainCharField, PlainIntegerField, PlainTextField

# What a moderator may decide, in the words of the buttons.
DECISIONS = {
    ContributionState.PUBLISHED: "Publier",
    ContributionState.REFUSED: "Ne pas publier",
    ContributionState.WITHDRAWN: "Retirer du site",
}
NOT_ALLOWED = "Cette décision n’est plus possible : la contribution a changé d’état."
TOO_LONG = "Ce texte compte %(show_value)s signes, %(limit_value)s au plus."
LONGEST_DELAY = 60  # days given to an author
USUAL_DELAY = 10


def words(label: str, required: str = "", max_length: int = 2000, rows: int = 3, **kwargs: Any) -> PlainTextField:
    """A few lines; `required` is what is said when there are none."""
    return PlainTextField(
        label=label,
        max_length=max_length,
        required=bool(required),
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": required, "max_length": TOO_LONG},
        **kwargs,
    )


def reasons() -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        RefusalReason.objects.filter(is_active=True),
        label="Motif",
        required=False,
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choisissez un motif de la liste."},
    )


class DecisionForm(LinkedErrors):
    """What a moderator decides, from the buttons that the state of the contribution allows, as `change_state` asks it.

    `seen` seals the words that were read; where something is spotted in them, publishing asks once more.
    """

    to_state = forms.ChoiceField(error_messages=dict.fromkeys(("required", "invalid_choice"), NOT_ALLOWED))
    reason = reasons()
    message = words("Un mot à l’auteur (facultatif)")
    confirm = forms.BooleanField(label="Publier quand même ce qui est signalé dans le texte", required=False)
    seen = PlainCharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, state: str, spotted: bool = False, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.spotted = spotted
        self.allowed = [to for to in DECISIONS if state in allowed_from(to) and state != ContributionState.TO_CONFIRM]
        self.fields["to_state"].choices = [(to, DECISIONS[to]) for to in self.allowed]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        to_state = cleaned.get("to_state")
        refusing = to_state in (ContributionState.REFUSED, ContributionState.WITHDRAWN)
        if refusing and not cleaned.get("reason") and not self.has_error("reason"):
            self.add_error("reason", "Choisissez un motif : l’auteur le lira.")
        if not refusing:
            cleaned["reason"] = None
        if not cleaned.pop("confirm", False) and self.spotted and to_state == ContributionState.PUBLISHED:
            self.add_error(
                "confirm",
                "Ce qui est signalé deviendrait public : masquez-le, ou cochez « Publier quand même » et publiez.",
            )
        return cleaned


class RefuseSelectionForm(LinkedErrors):
    """One reason for all: how many they are is typed, so that nobody refuses by a slip."""

    reason = reasons()
    count = PlainIntegerField(
        label="Pour confirmer, écrivez combien vous en refusez",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": "6"}),
        error_messages={"invalid": "Écrivez ce nombre en chiffres."},
    )

    def __init__(self, data: Any = None, *, expected: int, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.expected = expected

    def clean_reason(self) -> RefusalReason:
        if not (reason := self.cleaned_data["reason"]):
            raise forms.ValidationError("Choisissez un motif : chaque auteur le lira.")
        return reason

    def clean_count(self) -> int:
        count = self.cleaned_data["count"]
        if count != self.expected:
            raise forms.ValidationError(f"Ce n’est pas le bon nombre : il y en a {self.expected} ci-dessous.")
        return count


class NoteForm(LinkedErrors):
    note = words("Note interne", "Écrivez la note.", help_text="Lue par les modérateurs, jamais montrée à l’auteur.")


class OpinionForm(LinkedErrors):
    question = words(
        "Votre question à un collègue",
        "Dites sur quoi vous hésitez.",
        help_text="La contribution rejoint la liste « Avis demandés » des autres modérateurs.",
    )


class AdviceForm(LinkedErrors):
    advice = choice("Votre avis", "Choisissez un avis.", choices=[(one.value, one.label) for one in Advice])
    words = words("En quelques mots (facultatif)", rows=2)


class ReformulationForm(LinkedErrors):
    request = words("Ce qui est demandé à l’auteur", "Dites à l’auteur ce qu’il faudrait changer, et pourquoi.")
    due_on = forms.DateField(
        label="Réponse attendue jusqu’au",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": "Indiquez une date.", "invalid": "Indiquez une date, comme 31/12/2026."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"].initial = timezone.localdate() + timedelta(days=USUAL_DELAY)

    def clean_due_on(self) -> Any:
        due_on, today = self.cleaned_data["due_on"], timezone.localdate()
        if not today < due_on <= today + timedelta(days=LONGEST_DELAY):
            raise forms.ValidationError(f"Choisissez une date entre demain et {LONGEST_DELAY} jours.")
        return due_on


class MaskForm(LinkedErrors):
    passages = words(
        "Les mots à masquer, exactement ; un passage par ligne",
        "Indiquez les mots à masquer.",
        help_text="Chacun devient « [passage masqué] », partout où il est, dans le titre et dans le texte.",
    )
    reason = PlainCharField(
        label="Raison",
        max_length=300,
        help_text="Elle paraît sous le texte publié : n’y nommez personne.",
        error_messages={"required": "Indiquez la raison : elle sera publique.", "max_length": TOO_LONG},
    )
    only = PlainIntegerField(
        label="Une seule de ses apparitions (facultatif)",
        required=False,
        min_value=1,
        max_value=10_000,
        help_text="Pour n’en masquer qu’une : 1 pour la première, 2 pour la deuxième… dans le titre, puis le texte.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": "6"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "Écrivez son rang en chiffres : 2."),
    )
    seen = PlainCharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, contribution: Contribution, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.texts = (contribution.title, contribution.body)

    def clean_passages(self) -> list[str]:
        asked = masking.passages(self.cleaned_data["passages"])
        if short := [one for one in asked if len(one) < 2]:
            raise forms.ValidationError(f"« {short[0]} » est trop court : il serait masqué au milieu de tout.")
        if absent := [one for one in asked if not masking.count(one, *self.texts)]:
            raise forms.ValidationError(f"Ces mots ne sont pas dans la contribution : « {absent[0][:200]} ».")
        return asked

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("only") and cleaned.get("passages"):
            found = masking.count(cleaned["passages"][0], *self.texts)
            if len(cleaned["passages"]) > 1:
                self.add_error("only", "Pour n’en masquer qu’une fois, indiquez un seul passage.")
            elif cleaned["only"] > found:
                self.add_error("only", f"Ces mots n’y sont que {found} fois.")
        return cleaned


class ReformulationAnswerForm(LinkedErrors):
    """The author's other words, in answer to a moderator; the first ones are there to start from."""

    title = PlainCharField(
        label="Titre",
        max_length=TITLE_LENGTH,
        error_messages={"required": "Donnez un titre à votre contribution.", "max_length": TOO_LONG},
    )
    body = words("Votre texte", "Écrivez votre texte.", max_length=BODY_LENGTH, rows=12)

    def __init__(self, data: Any = None, *, contribution: Contribution, **kwargs: Any) -> None:
        first = {"title": contribution.title, "body": contribution.body}
        super().__init__(data, initial=first, **kwargs)

    def clean(self) -> dict[str, Any]:
        if not self.errors and not self.has_changed():
            self.add_error("body", "Ce sont les mêmes mots : changez ce qui vous est demandé, puis envoyez.")
        return self.cleaned_data
