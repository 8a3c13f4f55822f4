"""Writing the minutes, opening them, answering what is said of them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from crispy_forms.layout import Field, Layout
from django import forms

from ateliers.actions.comptes_rendus import Words
from ateliers.models import CompteRendu, Point, Remarque
from consultation.forms.base import LinkedErrors, choice
from consultation.forms.contribution import ContributionForm
from socle.forms import PlainCharField, PlainDateField, PlainIntegerField, PlainTextField

EMPTY_ROWS = 3
MOST_POINTS = 60
LAST = 10_000  # where a point without a rank goes: after the others
TOO_LONG = "Ce texte compte %(show_value)s signes, %(limit_value)s au plus. Il est gardé en entier."


def long_text(label: str, most: int, rows: int, **kwargs: Any) -> PlainTextField:
    errors = {"max_length": TOO_LONG} | kwargs.pop("error_messages", {})
    widget = forms.Textarea(attrs={"rows": rows})
    return PlainTextField(label=label, max_length=most, widget=widget, error_messages=errors, **kwargs)


class MinutesForm(LinkedErrors):
    """`seal` is that of the words that were read: nobody writes over what they have not seen."""

    introduction = long_text(
        "Ce qui s’est passé", 10_000, 6, required=False, help_text="En quelques lignes, avant les points."
    )
    next_steps = long_text(
        "La suite", 10_000, 4, required=False, help_text="Ce qui est fait d’ici la prochaine séance, et par qui."
    )
    seal = PlainCharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, compte_rendu: CompteRendu) -> None:
        known = {name: getattr(compte_rendu, name) for name in ("introduction", "next_steps", "seal")}
        super().__init__(data, initial=known)


class PointForm(forms.Form):
    """A row without a title and without a text is no point: emptying it takes the point away."""

    rank = PlainIntegerField(
        label="Ordre",
        required=False,
        min_value=1,
        max_value=LAST,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "Écrivez un nombre, 1 pour le premier."),
    )
    title = PlainCharField(label="Titre", max_length=200, required=False, error_messages={"max_length": TOO_LONG})
    text = long_text("Texte", 10_000, 4, required=False)

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("text") and not self.cleaned_data.get("title") and not self.has_error("title"):
            self.add_error("title", "Donnez un titre à ce point.")
        return self.cleaned_data


class PointRows(forms.BaseFormSet):
    """In the order of the ranks typed; of two with the same, the first on the page."""

    def points(self) -> tuple[tuple[str, str], ...]:
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data.get("title")]
        rows.sort(key=lambda row: row.get("rank") or LAST)
        return tuple((row["title"], row["text"]) for row in rows)

    def error_links(self) -> list[tuple[str, str, str]]:
        """(anchor, label, message), as `LinkedErrors` lists its own."""
        found = [("points", "Les points", str(message)) for message in self.non_form_errors()]
        for number, form in enumerate(self.forms, start=1):
            for field in form:
                label = f"{field.label} de la ligne {number}"
                found += [(field.auto_id, label, str(message)) for message in field.errors]
        return found


_PointRows: Any = forms.formset_factory(  # a PointRows, which the stubs forget
    PointForm, formset=PointRows, extra=EMPTY_ROWS, max_num=MOST_POINTS, absolute_max=MOST_POINTS + 1, validate_max=True
)


def point_rows(data: Any = None, *, compte_rendu: CompteRendu) -> PointRows:
    """Posted rows are not held against those that stand now: one that says the same would pass for an empty one."""
    if data is not None or compte_rendu._state.adding:  # noqa: SLF001
        return _PointRows(data, prefix="points")
    points: list[Point] = list(compte_rendu.points.all())
    initial = [{"rank": point.rank, "title": point.title, "text": point.text} for point in points]
    return _PointRows(prefix="points", initial=initial)


def words_of(form: MinutesForm, rows: PointRows) -> Words:
    return Words(form.cleaned_data["introduction"], form.cleaned_data["next_steps"], rows.points())


class OpeningForm(LinkedErrors):
    until = PlainDateField(
        label="Remarques jusqu’au",
        help_text="Dernier jour compris.",
        error_messages={"required": "Indiquez le dernier jour.", "invalid": "Indiquez une date, comme 31/12/2026."},
    )
    seal = PlainCharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, until: date, seal: str) -> None:
        super().__init__(data, initial={"until": until, "seal": seal}, auto_id="id_ouvrir_%s")


class RemarkAnswerForm(LinkedErrors):
    words = long_text(
        "Réponse", 4000, 3, error_messages={"required": "Répondez à cette remarque : la personne vous lira."}
    )
    taken_up = choice(
        "Le compte rendu",
        "Dites si le compte rendu a été changé.",
        choices=[("oui", "a été changé"), ("non", "reste tel quel")],
    )

    def __init__(self, data: Any = None, *, remarque: Remarque) -> None:
        super().__init__(data, auto_id=f"id_remarque_{remarque.pk}_%s")


class RemarqueForm(LinkedErrors):
    """Of somebody who was there."""

    words = long_text(
        "Votre remarque",
        4000,
        6,
        help_text="4 000 signes au plus. L’équipe vous répondra ; votre remarque n’est pas publiée.",
        error_messages={"required": "Écrivez ce qui est à corriger, ou ce qui manque."},
    )
    submission_key = ContributionForm.base_fields["submission_key"]
    clean_submission_key = ContributionForm.clean_submission_key

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"submission_key": str(uuid4())})
        self.helper.layout = Layout(Field("words"), Field("submission_key"))
