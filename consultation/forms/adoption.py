"""What the team types of an adoption: its acts, the amendments, what is decided of each passage."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from consultation.choices_adoption import AmendementState, ArticleOutcome, Avis
from consultation.forms.base import LinkedErrors, choice
from consultation.forms.textes import TOO_LONG, text_field
from consultation.models import Adoption, Amendement, Article, Passage, Rencontre
from consultation.models.contribution import STORED_TITLE_LENGTH
from consultation.models.texte import PASSAGE_LENGTH, REASON_LENGTH
from socle.documents.actions import keep_pdf
from socle.documents.kinds import RefusedFileError
from socle.forms import PlainCharField, PlainDateField, PlainIntegerField

WRONG_DAY = "Indiquez une date, comme 31/12/2026."
WRONG_NUMBER = "Écrivez un nombre entier, ou rien."
MOST_VOTES = 32_767
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


def _votes(label: str, required: str = "") -> PlainIntegerField:
    errors = dict.fromkeys(("invalid", "min_value", "max_value"), WRONG_NUMBER) | {"required": required}
    return PlainIntegerField(
        label=label, min_value=0, max_value=MOST_VOTES, required=bool(required), error_messages=errors
    )


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
    votes_for = _votes("Voix pour", "Combien de voix pour ?")
    votes_against = _votes("Voix contre", "Combien de voix contre ?")
    abstentions = _votes("Abstentions", "Combien d’abstentions ?")
    deliberation_url = _link("Où la lire")
    file = forms.FileField(
        label="La délibération (PDF)",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}),
        help_text="10 Mo au plus. Sans nouveau fichier, celui qui est là reste.",
    )
    reason = _correction()

    def __init__(self, data: Any = None, files: Any = None, *, adoption: Adoption, by: Any = None) -> None:
        names = ("deliberation_on", "deliberation_number", "deliberation_url", *VOTES)
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
        _agree(self, said.get("adopted") == "oui", said.get("adopted") == "non")
        said["adopted"] = said.get("adopted") == "oui"
        said["deliberation_document"] = self.adoption.deliberation_document
        if upload and not self.errors:
            try:
                said["deliberation_document"] = keep_pdf(upload, self.by)
            except RefusedFileError as refused:
                self.add_error("file", str(refused))
        return said


VOTES = ("votes_for", "votes_against", "abstentions")


def _agree(form: forms.Form, adopted: bool, rejected: bool) -> None:
    """On a tie the president's vote counts double: both are possible."""
    votes_for, against = (form.cleaned_data.get(name) for name in VOTES[:2])
    if votes_for is None or against is None:
        return
    if (adopted and votes_for < against) or (rejected and votes_for > against):
        form.add_error("votes_for", "Ces voix disent le contraire : relisez-les.")


class AmendementForm(LinkedErrors):
    author = PlainCharField(
        label="Déposé par",
        max_length=200,
        error_messages={"required": "Dites qui l’a déposé."},
        help_text="Un groupe, une commission, le CESER, ou un élu dans son mandat. C’est public.",
    )
    filed_on = happened_on("Déposé le", "Dites quel jour il a été déposé.")
    title = PlainCharField(
        label="Titre proposé",
        max_length=STORED_TITLE_LENGTH,
        error_messages={"max_length": TOO_LONG, "required": "Donnez le titre proposé, même inchangé."},
    )
    text = text_field(
        "Texte proposé", PASSAGE_LENGTH, 8, help_text="Le passage entier, tel que l’amendement le voudrait."
    )
    motive = text_field("Exposé des motifs", REASON_LENGTH, 3, "Donnez le motif : il est public.")

    def __init__(self, data: Any = None, *, passage: Passage) -> None:
        known = {"title": passage.title, "text": passage.text, "filed_on": timezone.localdate()}
        super().__init__(data, initial=known, auto_id="id_amendement_%s")

    def as_said(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class SettleForm(LinkedErrors):
    state = forms.ChoiceField(
        label="Sort",
        choices=AmendementState.choices,
        error_messages={"required": "Choisissez dans la liste.", "invalid_choice": "Choisissez dans la liste."},
    )
    votes_for = _votes("Pour")
    votes_against = _votes("Contre")
    abstentions = _votes("Abstentions")

    def __init__(self, data: Any = None, *, amendement: Amendement) -> None:
        known = {name: getattr(amendement, name) for name in ("state", *VOTES)}
        super().__init__(data, initial=known, auto_id=f"id_sort_{amendement.number}_%s")

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        given = [name for name in VOTES if said.get(name) is not None]
        if given and len(given) < len(VOTES) and not self.errors:
            self.add_error("abstentions", "Donnez les trois nombres de voix, ou aucun.")
        state = said.get("state")
        _agree(self, state == AmendementState.ADOPTED, state == AmendementState.REJECTED)
        return said


class DecideForm(LinkedErrors):
    """The words are asked only where they are not those of the report."""

    outcome = choice("Décision", "Choisissez la décision.", choices=ArticleOutcome.choices)
    title = PlainCharField(
        label="Titre voté", max_length=STORED_TITLE_LENGTH, required=False, error_messages={"max_length": TOO_LONG}
    )
    text = text_field(
        "Texte voté",
        PASSAGE_LENGTH,
        8,
        help_text="Lu seulement s’il est amendé ou adopté en partie ; sinon, ce sont les mots du rapport.",
    )
    reason = text_field("Raison", REASON_LENGTH, 3, help_text="Demandée s’il n’est pas retenu, ou en partie. Publique.")

    def __init__(self, data: Any = None, *, passage: Passage, article: Article | None) -> None:
        adopted = passage.amendements.filter(state=AmendementState.ADOPTED).first() if article is None else None
        source: Any = article if article and article.title else adopted or passage
        known = {"title": source.title, "text": source.text}
        if article:
            known |= {"outcome": article.outcome, "reason": article.reason}
        elif adopted:
            known["outcome"] = ArticleOutcome.AMENDED
        super().__init__(data, initial=known, auto_id="id_decision_%s")

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        outcome = said.get("outcome")
        if outcome in (ArticleOutcome.AMENDED, ArticleOutcome.IN_PART) and not said.get("title"):
            self.add_error("title", "Donnez le titre voté, même inchangé.")
        if outcome in (ArticleOutcome.NOT_KEPT, ArticleOutcome.IN_PART) and not said.get("reason"):
            self.add_error("reason", "Dites pourquoi : la raison est publique.")
        return said


class PolicyForm(LinkedErrors):
    title = PlainCharField(
        label="Titre de la politique",
        max_length=200,
        error_messages={"required": "Donnez un titre à la politique.", "max_length": TOO_LONG},
    )
