"""What is said of a production or of a passage: online, by whoever wants; in the room, typed by a scribe."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

from django import forms

from ateliers.models import Production
from consultation.choices import Stance
from consultation.forms.base import LinkedErrors, choice
from consultation.forms.contribution import QUESTIONS
from consultation.forms.spoken import SpokenForm, body_field
from consultation.models import Passage
from forums.actions.interventions import About
from forums.models import Forum
from socle.forms import PlainCharField, PlainIntegerField, PlainTextField

BODY_LENGTH = 4000
STANCES = [(value, label.capitalize()) for value, label in Stance.choices]
REFERENCE = re.compile(r"(?:([A-Z][A-Z0-9]{1,7})-)?([0-9]{1,18})")
TOO_LONG = "Ce texte compte %(show_value)s signes, le plus long possible en compte %(limit_value)s."
ASKED: dict[str, dict[str, tuple[str, ...]]] = {
    "Votre remarque": {"Votre position": ("stance",), "Votre texte": ("body", "meant")},
    **dict(list(QUESTIONS.items())[1:]),  # who speaks, and where to write to them
}


class RemarqueForm(SpokenForm):
    """Online; of a passage no position is asked."""

    field_order = [name for steps in ASKED.values() for names in steps.values() for name in names]
    stance = choice(
        "Devant cette production, vous êtes", "Dites si vous êtes pour, contre, ou ni pour ni contre.", choices=STANCES
    )
    body = body_field("Votre remarque", "Écrivez votre remarque.")

    def __init__(self, data: Any = None, *, forum: Forum, about: About) -> None:
        super().__init__(data, demarche=forum.rencontre.demarche)
        self.forum, self.about = forum, about
        if about.passage:
            del self.fields["stance"]
        self.lay_out(ASKED, "Envoyer ma remarque")

    def said(self) -> dict[str, Any]:
        """What `interventions.say_online` keeps."""
        cleaned = self.cleaned_data
        return self.author() | {"stance": cleaned.get("stance", ""), "body": cleaned["body"]}


class RoomForm(LinkedErrors):
    """Short, for many in a row: a reference or the number of a passage, and what is said of it."""

    reference = PlainCharField(
        label="Référence de la production",
        required=False,
        max_length=40,
        help_text="Celle de la production dont on parle, par exemple DP11-42 ; ou un passage, ci-dessous.",
    )
    passage = PlainIntegerField(
        label="Ou numéro du passage",
        required=False,
        min_value=1,
        max_value=9999,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": "Écrivez un numéro, en chiffres."},
    )
    stance = choice("Position", choices=[*STANCES], initial=Stance.NEITHER)
    body = PlainTextField(
        label="Ce qui est dit",
        max_length=BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Dans les mots de la personne, sans la nommer.",
        error_messages={"required": "Écrivez ce qui est dit.", "max_length": TOO_LONG},
    )
    table = PlainIntegerField(
        label="Numéro de la table (facultatif)",
        required=False,
        min_value=1,
        max_value=999,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": "Écrivez un numéro, en chiffres."},
    )
    submission_key = forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"required": "Rechargez la page.", "invalid": "Rechargez la page."}
    )

    def __init__(self, data: Any = None, *, forum: Forum, initial: Any = None) -> None:
        super().__init__(data, initial={"submission_key": uuid4()} | (initial or {}))
        self.forum = forum
        if forum.texte is None or forum.texte.current_id is None:
            del self.fields["passage"]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        reference, number = cleaned.get("reference"), cleaned.get("passage")
        if reference and number:
            self.add_error("passage", "Une remarque porte sur une production ou sur un passage, pas sur les deux.")
        elif reference:
            self._find_production(reference)
        elif number:
            self._find_passage(number)
        elif not self.errors:
            self.add_error("reference", "Dites sur quoi porte cette remarque.")
        return cleaned

    def _find_production(self, reference: str) -> None:
        demarche = self.forum.rencontre.demarche
        found = REFERENCE.fullmatch(reference.strip().upper())
        rows = Production.objects.published().filter(contribution__demarche=demarche)
        rows = rows.select_related("contribution__theme", "contribution__demarche")
        known = found is not None and found[1] in (None, demarche.code)
        production = rows.filter(pk=int(found[2])).first() if found and known else None
        if production is None:
            self.add_error("reference", "Aucune production publiée de cette démarche n’a cette référence.")
        self.about = About(production=production)

    def _find_passage(self, number: int) -> None:
        texte = self.forum.texte
        rows = Passage.objects.filter(version=texte.current_id if texte else None, number=number)
        passage = rows.select_related("version__texte").first()
        if passage is None:
            self.add_error("passage", "Le texte mis en débat n’a pas de passage de ce numéro.")
        self.about = About(passage=passage)

    def said(self) -> dict[str, Any]:
        """What `interventions.say_in_room` keeps."""
        cleaned = self.cleaned_data
        key: UUID = cleaned["submission_key"]
        said = {"stance": cleaned["stance"], "body": cleaned["body"], "table": cleaned["table"]}
        return said | {"about": self.about, "key": key}
