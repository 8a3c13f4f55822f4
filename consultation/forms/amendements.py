"""What the team types of the amendments to a report, and of what is decided of each of its passages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from consultation.choices_adoption import AmendementKind, AmendementState, ArticleOutcome
from consultation.forms.adoption import agree, happened_on, number_of_votes
from consultation.forms.base import LinkedErrors, choice
from consultation.forms.textes import TOO_LONG, text_field
from consultation.models import Amendement, Article, Passage
from consultation.models.adoption import VOTES
from consultation.models.contribution import STORED_TITLE_LENGTH
from consultation.models.texte import PASSAGE_LENGTH, REASON_LENGTH
from socle.forms import PlainCharField

NOT_IN_THE_LIST = dict.fromkeys(("required", "invalid_choice"), "Choisissez dans la liste.")
WORDS = ("author", "filed_on", "title", "text", "motive")


class AmendementForm(LinkedErrors):
    """Other words for a passage; typed again, those that were typed wrong."""

    kind: str = AmendementKind.CHANGES
    prefix_of_ids = "id_amendement_%s"

    author = PlainCharField(
        label="Déposé par",
        max_length=200,
        error_messages={"required": "Dites qui l’a déposé."},
        help_text="Comme dans une phrase : « le CESER », « le groupe des Verts », un élu par son mandat. Public.",
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
        self.passage = passage
        super().__init__(data, initial=self._offered(), auto_id=self.prefix_of_ids)

    def _offered(self) -> dict[str, Any]:
        return {"title": self.passage.title, "text": self.passage.text, "filed_on": timezone.localdate()}

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if (said.get("title"), said.get("text")) == (self.passage.title, self.passage.text):
            self.add_error("text", self.unchanged())
        return said | {"kind": self.kind}

    def unchanged(self) -> str:
        return "Ce sont les mots du rapport : écrivez ceux que l’amendement propose."


class AjoutForm(AmendementForm):
    """An article that the report does not have."""

    kind = AmendementKind.ADDS
    prefix_of_ids = "id_ajout_%s"

    def __init__(self, data: Any = None, *, passage: Passage) -> None:
        super().__init__(data, passage=passage)
        self.fields["title"].label, self.fields["text"].label = "Titre du nouvel article", "Texte du nouvel article"
        self.fields["title"].error_messages["required"] = "Donnez un titre à cet article."
        self.fields["text"].help_text = "Tel qu’il serait dans la politique."

    def _offered(self) -> dict[str, Any]:
        return {"filed_on": timezone.localdate()}

    def unchanged(self) -> str:
        return "Ce sont les mots de l’orientation qui précède : un article additionnel a les siens."


class RewordForm(AmendementForm):
    """An amendment that was typed wrong, until its sort is said."""

    reason = text_field("Pourquoi il est corrigé", REASON_LENGTH, 2, help_text="C’est public, comme ce qu’il disait.")

    def __init__(self, data: Any = None, *, amendement: Amendement) -> None:
        self.amendement, self.kind = amendement, amendement.kind
        self.prefix_of_ids = f"id_mots_{amendement.number}_%s"
        super().__init__(data, passage=amendement.passage)

    def _offered(self) -> dict[str, Any]:
        return {name: getattr(self.amendement, name) for name in WORDS}


class SettleForm(LinkedErrors):
    state = forms.ChoiceField(label="Sort", choices=AmendementState.choices, error_messages=NOT_IN_THE_LIST)
    votes_for = number_of_votes("Pour")
    votes_against = number_of_votes("Contre")
    abstentions = number_of_votes("Abstentions")
    reason = text_field("Pourquoi son sort est corrigé", REASON_LENGTH, 2, help_text="C’est public.")

    def __init__(self, data: Any = None, *, amendement: Amendement) -> None:
        known = {name: getattr(amendement, name) for name in ("state", *VOTES)}
        super().__init__(data, initial=known, auto_id=f"id_sort_{amendement.number}_%s")
        self.members = amendement.adoption.members
        if amendement.state == AmendementState.FILED:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        given = [name for name in VOTES if said.get(name) is not None]
        state = said.get("state")
        if given and state in (AmendementState.FILED, AmendementState.WITHDRAWN):
            self.add_error("votes_for", "Il n’a été ni adopté ni rejeté : effacez ces nombres, ou changez son sort.")
        elif given and len(given) < len(VOTES) and not self.errors:
            self.add_error("abstentions", "Donnez les trois nombres de voix, ou aucun.")
        else:
            agree(self, state == AmendementState.ADOPTED, state == AmendementState.REJECTED, self.members)
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
    correction = text_field(
        "Pourquoi la décision est corrigée",
        REASON_LENGTH,
        2,
        help_text="Elle est déjà enregistrée : dites ce qui était faux. C’est public.",
    )

    def __init__(self, data: Any = None, *, passage: Passage, article: Article | None) -> None:
        changing = passage.amendements.filter(kind=AmendementKind.CHANGES, state=AmendementState.ADOPTED)
        adopted = changing.first() if article is None else None
        source: Any = article if article and article.title else adopted or passage
        known = {"title": source.title, "text": source.text}
        if article:
            known |= {"outcome": article.outcome, "reason": article.reason}
        elif adopted:
            known["outcome"] = ArticleOutcome.AMENDED
        super().__init__(data, initial=known, auto_id="id_decision_%s")
        if article is None:
            del self.fields["correction"]

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
