"""What the rédacteurs type: the frame of a texte, its passages, what they cite, what they answer, why they publish."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone

from consultation.actions.textes import Words
from consultation.choices import How, ReponseKind
from consultation.forms.base import LinkedErrors, choice
from consultation.models import Texte, TexteVersion, Theme
from consultation.models.contribution import STORED_TITLE_LENGTH
from consultation.models.texte import PASSAGE_LENGTH, REASON_LENGTH
from consultation.quotes import LONGEST
from socle.dates import local_midnight
from socle.forms import PlainCharField, PlainDateField, PlainIntegerField, PlainTextField

TOO_LONG = "Ce texte compte %(show_value)s signes, %(limit_value)s au plus. Il est gardé en entier."


def text_field(label: str, most: int, rows: int, required: str = "", help_text: str = "") -> PlainTextField:
    errors = {"max_length": TOO_LONG, "required": required}
    widget = forms.Textarea(attrs={"rows": rows})
    return PlainTextField(
        label=label,
        max_length=most,
        widget=widget,
        required=bool(required),
        error_messages=errors,
        help_text=help_text,
    )


class TexteForm(forms.ModelForm):
    """A new texte: it stays of its démarche."""

    title = PlainCharField(label="Titre", max_length=200, help_text="Celui que tout le monde lira.")

    class Meta:
        model = Texte
        fields = ("demarche", "kind", "title", "etape")

    def clean(self) -> dict[str, Any] | None:
        etape, demarche = self.cleaned_data.get("etape"), self.cleaned_data.get("demarche")
        if etape and demarche and etape.demarche_id != demarche.pk:
            self.add_error("etape", "Cette étape est celle d’une autre démarche.")
        return self.cleaned_data


class FrameForm(LinkedErrors):
    """What comes before the passages. `seal` is that of what was read; the title stays once the texte has appeared."""

    title = PlainCharField(
        label="Titre",
        max_length=200,
        error_messages={"required": "Donnez un titre à ce texte.", "max_length": TOO_LONG},
    )
    last_day = PlainDateField(
        label="Traite les contributions reçues jusqu’au",
        required=False,
        help_text="Dernier jour compris. Celles qui arrivent après iront au texte suivant.",
        error_messages={"invalid": "Indiquez une date, comme 31/12/2026."},
    )
    introduction = text_field("Introduction", PASSAGE_LENGTH, 5)
    seal = PlainCharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, version: TexteVersion) -> None:
        known = {"last_day": version.last_day, "introduction": version.introduction, "seal": version.seal}
        super().__init__(data, initial=known | {"title": version.texte.title}, auto_id="id_cadre_%s")
        if version.texte.current_id:
            del self.fields["title"]

    def words(self) -> dict[str, Any]:
        """What is said, as the action takes it."""
        said, day = self.cleaned_data, self.cleaned_data["last_day"]
        before = local_midnight(day + timedelta(days=1)) if day else None
        kept = {"introduction": said["introduction"], "seal": said["seal"], "title": said.get("title", "")}
        return kept | {"received_before": before}

    def clean_last_day(self) -> Any:
        day = self.cleaned_data["last_day"]
        if day and not 2000 <= day.year <= timezone.localdate().year + 5:
            raise forms.ValidationError("Indiquez une date, comme 31/12/2026.")
        return day


class PassageForm(LinkedErrors):
    """`seal` is that of the words that were read: nobody writes over what they have not seen."""

    title = PlainCharField(
        label="Titre",
        max_length=STORED_TITLE_LENGTH,
        error_messages={"max_length": TOO_LONG, "required": "Donnez un titre à ce passage."},
    )
    text = text_field(
        "Texte", PASSAGE_LENGTH, 12, help_text="Une ligne vide entre deux paragraphes ; un tiret commence une liste."
    )
    themes = forms.ModelMultipleChoiceField(
        Theme.objects.none(),
        label="Thèmes",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": "Choisissez parmi les thèmes de la démarche.",
            "invalid_pk_value": "Choisissez parmi les thèmes de la démarche.",
        },
    )
    liaison = forms.BooleanField(
        label="C’est une liaison : il relie les autres passages, et n’a pas de source.", required=False
    )
    seal = PlainCharField(required=False, widget=forms.HiddenInput)
    # Of a new passage: the same form sent again, by itself or by hand, adds no second one.
    submission_key = forms.UUIDField(
        required=False, widget=forms.HiddenInput, error_messages={"invalid": "Rechargez la page, puis recommencez."}
    )

    def __init__(
        self,
        data: Any = None,
        *,
        version: TexteVersion,
        words: Words | None = None,
        themes: Sequence[Theme] | None = None,
        typed: dict[str, Any] | None = None,
    ) -> None:
        """`words`: those that stand. `themes`: those of the démarche, where the page has read them already.

        `typed`: how a new one begins.
        """
        known: dict[str, Any] = {"submission_key": uuid4()} | (typed or {})
        if words:
            known = {name: getattr(words, name) for name in ("title", "text", "liaison", "seal")}
            known["themes"] = [theme.pk for theme in words.themes]
        super().__init__(data, initial=known, auto_id="id_passage_%s")
        rows = Theme.objects.filter(demarche=version.texte.demarche_id).order_by("rank")
        asked: Any = self.fields["themes"]
        asked.queryset = rows
        asked.choices = [(theme.pk, str(theme)) for theme in (rows if themes is None else themes)]


class CiteForm(LinkedErrors):
    """One source: a contribution, or an earlier passage, and the words that are taken from it."""

    how = forms.ChoiceField(
        label="Comment",
        choices=How.choices,
        error_messages={"required": "Dites comment il est repris.", "invalid_choice": "Choisissez dans la liste."},
    )
    quote = text_field(
        "Mots cités",
        LONGEST,
        2,
        help_text="À la lettre, ou rien. Sélectionnez-les dans le texte : ils viennent ici.",
    )


class ReponseForm(LinkedErrors):
    kind = choice("Réponse", "Choisissez une réponse.", choices=ReponseKind.choices)
    passed_to = PlainCharField(
        label="Transmise à", max_length=160, required=False, help_text="À remplir pour « hors compétence »."
    )
    reason = text_field(
        "Motif",
        REASON_LENGTH,
        4,
        "Donnez le motif : chaque auteur le lira.",
        "Le même pour toutes celles qui sont choisies. Il est public.",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="id_reponse_%s")

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("kind") != ReponseKind.NOT_OURS:
            self.cleaned_data["passed_to"] = ""
        elif not self.cleaned_data.get("passed_to") and not self.has_error("passed_to"):
            self.add_error("passed_to", "Dites à qui elles sont transmises.")
        return self.cleaned_data


class PublishForm(LinkedErrors):
    reason = text_field(
        "Pourquoi cette nouvelle version", REASON_LENGTH, 3, help_text="Public, au-dessus de ce qui change."
    )


class PlaceForm(LinkedErrors):
    """Where a passage goes, or after which paragraph it is cut."""

    place = PlainIntegerField(
        min_value=1,
        max_value=100_000,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), "Écrivez un nombre, à partir de 1."
        ),
    )
