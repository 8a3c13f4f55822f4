"""What the team types of the three acts of an adoption; and how votes are asked, and read again."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from consultation.choices_adoption import Avis
from consultation.forms.base import LinkedErrors, choice
from consultation.forms.textes import text_field
from consultation.models import Adoption, Rencontre
from consultation.models.adoption import VOTES, too_many
from consultation.models.texte import PASSAGE_LENGTH, REASON_LENGTH
from socle.documents.actions import keep_pdf
from socle.documents.kinds import RefusedFileError
from socle.forms import PlainCharField, PlainDateField, PlainIntegerField

WRONG_DAY = "Indiquez une date, comme 31/12/2026."
MOST_VOTES = 999  # no assembly of a Region has as many
WRONG_NUMBERS = {
    "invalid": "Écrivez un nombre entier, en chiffres.",
    "min_value": "Un nombre de voix n’est jamais négatif.",
    "max_value": "Ce nombre est trop grand : aucun conseil régional n’a mille élus.",
}
NOT_YET = "Ce jour n’est pas venu : on enregistre ce qui a eu lieu."


def happened_on(label: str, required: str = "", help_text: str = "") -> PlainDateField:
    """A day that has come."""
    errors = {"required": required, "invalid": WRONG_DAY}
    return PlainDateField(
        label=label, required=bool(required), error_messages=errors, help_text=help_text, validators=[_has_come]
    )


def _has_come(day: date) -> None:
    if day.year < 2000:
        raise forms.ValidationError(WRONG_DAY)
    if day > timezone.localdate():
        raise forms.ValidationError(NOT_YET)


def number_of_votes(label: str, required: str = "", help_text: str = "") -> PlainIntegerField:
    errors = WRONG_NUMBERS | {"required": required}
    asked: Any = {"min_value": 0, "max_value": MOST_VOTES, "required": bool(required), "error_messages": errors}
    return PlainIntegerField(label=label, help_text=help_text, **asked)


def _link(label: str) -> forms.URLField:
    wrong = "Cette adresse est mal écrite : elle commence par https://."
    return forms.URLField(
        label=label, required=False, max_length=500, assume_scheme="https", error_messages={"invalid": wrong}
    )


def _correction() -> Any:
    return text_field(
        "Pourquoi il est corrigé", REASON_LENGTH, 2, help_text="Demandé une fois l’acte enregistré. C’est public."
    )


class PresentForm(LinkedErrors):
    on = happened_on("Présenté le", "Dites quel jour il a été présenté.")
    seance = forms.ModelChoiceField(
        Rencontre.objects.none(),
        label="Séance commune",
        required=False,
        empty_label="(pas dans l’agenda)",
        error_messages={"invalid_choice": "Choisissez dans l’agenda de la démarche."},
    )
    reason = _correction()

    def __init__(self, data: Any = None, *, adoption: Adoption | None, demarche: Any) -> None:
        known = {"on": adoption.presented_on, "seance": adoption.seance_id} if adoption else {}
        super().__init__(data, initial=known, auto_id="id_presente_%s")
        asked: Any = self.fields["seance"]
        asked.queryset = Rencontre.objects.filter(demarche=demarche).order_by("starts_at")
        if adoption is None:
            del self.fields["reason"]


class AvisForm(LinkedErrors):
    avis_on = happened_on("Rendu le", "Dites quel jour l’avis a été rendu.")
    avis = choice("Avis du CESER", "Dites quel est son avis.", choices=Avis.choices)
    avis_text = text_field("Ce que dit l’avis", PASSAGE_LENGTH, 6, help_text="Ses réserves, ses demandes, à la lettre.")
    avis_url = _link("Où le lire")
    reason = _correction()

    def __init__(self, data: Any = None, *, adoption: Adoption) -> None:
        known = {name: getattr(adoption, name) for name in ("avis_on", "avis", "avis_text", "avis_url")}
        super().__init__(data, initial=known, auto_id="id_avis_%s")
        if adoption.avis_on is None:
            del self.fields["reason"]


class DeliberationForm(LinkedErrors):
    deliberation_on = happened_on("Délibéré le", "Dites quel jour le Conseil régional a délibéré.")
    deliberation_number = PlainCharField(
        label="Numéro", max_length=40, error_messages={"required": "Donnez le numéro de la délibération."}
    )
    adopted = choice("Issue", "Dites si le rapport est adopté.", choices=(("oui", "adopté"), ("non", "rejeté")))
    members = number_of_votes(
        "Conseillers en exercice",
        "Combien de conseillers régionaux sont en exercice ?",
        help_text="Présents ou non. Les voix ne peuvent pas être plus nombreuses qu’eux.",
    )
    votes_for = number_of_votes("Voix pour", "Combien de voix pour ?")
    votes_against = number_of_votes("Voix contre", "Combien de voix contre ?")
    abstentions = number_of_votes("Abstentions", "Combien d’abstentions ?")
    deliberation_url = _link("Où la lire")
    file = forms.FileField(
        label="La délibération (PDF)",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}),
        help_text="10 Mo au plus. Sans nouveau fichier, celui qui est là reste.",
    )
    reason = _correction()

    def __init__(self, data: Any = None, files: Any = None, *, adoption: Adoption, by: Any = None) -> None:
        names = ("deliberation_on", "deliberation_number", "deliberation_url", "members", *VOTES)
        known = {name: getattr(adoption, name) for name in names}
        known["adopted"] = {True: "oui", False: "non"}.get(adoption.adopted)  # type: ignore[arg-type]
        super().__init__(data, files, initial=known, auto_id="id_deliberation_%s")
        self.adoption, self.by = adoption, by
        if adoption.deliberation_on is None:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        """The file is taken in last: what else is wrong is said first, and costs nothing."""
        said = self.cleaned_data
        upload = said.pop("file", None)
        agree(self, said.get("adopted") == "oui", said.get("adopted") == "non", said.get("members"))
        said["adopted"] = said.get("adopted") == "oui"
        said["deliberation_document"] = self.adoption.deliberation_document
        if upload and not self.errors:
            try:
                said["deliberation_document"] = keep_pdf(upload, self.by)
            except RefusedFileError as refused:
                self.add_error("file", str(refused))
        return said


def agree(form: forms.Form, adopted: bool, rejected: bool, members: int | None) -> None:
    """On a tie the president's vote counts double: both are possible. Not asked of numbers that are not given."""
    votes = [number for name in VOTES if (number := form.cleaned_data.get(name)) is not None]
    if len(votes) < len(VOTES):
        return
    votes_for, against, total = votes[0], votes[1], sum(votes)
    if total == 0:
        form.add_error("votes_for", "Personne n’aurait voté : relisez ces nombres.")
    elif (adopted and (votes_for < against or not votes_for)) or (rejected and votes_for > against):
        form.add_error("votes_for", "Ces voix disent le contraire : relisez-les.")
    if members is not None and total > members:
        form.add_error("votes_for", too_many(total, members))
