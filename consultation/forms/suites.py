"""What the team types of a suite: what it is, and how far it is; and of a période de réserve."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from consultation.actions import suites
from consultation.actions.reserve import held_by
from consultation.choices_adoption import SuiteState
from consultation.forms.base import LinkedErrors
from consultation.models import Rencontre, Reserve, Suite
from consultation.models.suite import DAYS
from consultation.models.texte import REASON_LENGTH
from socle.dates import Precision, season_start
from socle.forms import PlainDateField, PlainTextField

MOVED = (
    "Quelqu’un d’autre a changé cette suite entre-temps : son état est maintenant « {} ». "
    "Rien n’est enregistré ; relisez, puis recommencez."
)


class SuiteForm(forms.ModelForm):
    """The row is held from the moment it is checked (the page is one transaction): nobody moves it in between."""

    how_far = forms.ChoiceField(label="État", choices=SuiteState.choices)
    by_when = PlainDateField(
        label="Échéance",
        required=False,
        help_text="Au mois ou à la saison : un jour de ce mois, de cette saison.",
        error_messages={"invalid": "Indiquez une date, comme 31/12/2026."},
    )
    precision = forms.ChoiceField(label="Précision", choices=DAYS, required=False)
    reason = PlainTextField(
        label="Raison du changement",
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text="Publique, et pour toujours dans le registre : n’y nommez personne. Demandée si la suite est "
        "abandonnée, revient en arrière ou change d’échéance.",
    )
    change_url = forms.URLField(label="Où le lire", required=False, max_length=500, assume_scheme="https")
    in_reserve = PlainTextField(
        label="Pourquoi pendant la période de réserve",
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text="Demandé pour dire « réalisée » pendant qu’elle court. Inscrit au registre public, avec votre rôle.",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Suite
        fields = ("passage", "title", "text", "enjeu", "in_charge", "url", "rencontres")
        error_messages = {
            "passage": {"required": "Choisissez l’article de la politique dont c’est la suite."},
            "title": {"required": "Dites ce qui est fait."},
            "in_charge": {"required": "Dites quel service ou quel organisme en est chargé."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        suite = self.instance
        if suite.pk:
            self.initial.update(
                {
                    "how_far": suite.state,
                    "by_when": suite.due_on,
                    "precision": suite.due_precision or Precision.DAY,
                    "seen": suite.state,
                }
            )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if self.errors:
            return said
        passage = said.get("passage") or self.instance.passage
        demarche = passage.version.texte.demarche
        self._check_demarche(said, demarche)
        before = suites.held(self.instance) if self.instance.pk else None
        if before and before.state != said.get("seen"):
            self.add_error(None, MOVED.format(before.get_state_display()))
        elif before:
            for sentence in suites.owed(before, self.promise(), self.said()):
                self.add_error("reason", sentence)
        elif said["how_far"] == SuiteState.GIVEN_UP and not said["reason"]:
            self.add_error("reason", "Dites pourquoi elle est abandonnée : la raison est publique.")
        done = said["how_far"] == SuiteState.DONE and (before is None or before.state != SuiteState.DONE)
        reserve = held_by(demarche) if done and not said["in_reserve"] else None
        if reserve:
            self.add_error("in_reserve", f"La période de réserve court {reserve} : dites pourquoi cela paraît.")
        return said

    def _check_demarche(self, said: dict[str, Any], demarche: Any) -> None:
        enjeu = said.get("enjeu")
        if enjeu and enjeu.demarche_id != demarche.pk:
            self.add_error("enjeu", "Cet enjeu est d’une autre démarche.")
        if any(one.demarche_id != demarche.pk for one in said.get("rencontres") or ()):
            self.add_error("rencontres", "Un de ces rendez-vous est d’une autre démarche.")

    def promise(self) -> suites.Promise:
        said = self.cleaned_data
        day: date | None = said.get("by_when")
        if day is None:
            return suites.Promise(said["how_far"])
        precision = said.get("precision") or Precision.DAY
        first = {Precision.MONTH: day.replace(day=1), Precision.SEASON: season_start(day)}
        return suites.Promise(said["how_far"], first.get(Precision(precision), day), precision)

    def said(self) -> suites.Said:
        said = self.cleaned_data
        return suites.Said(said["reason"], said["change_url"], said["in_reserve"])


class PresentedForm(LinkedErrors):
    """The suites of the démarche, by article; `seen` are those that were ticked when the page was read."""

    suites = forms.MultipleChoiceField(
        label="Suites présentées à ce rendez-vous",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choisissez parmi les suites de cette démarche."},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, rencontre: Rencontre) -> None:
        rows = Suite.objects.of_demarche(rencontre.demarche_id)
        self.known = {str(one.pk): one for one in rows.select_related("passage").order_by("passage__number", "pk")}
        ticked = [str(pk) for pk in rencontre.suites.values_list("pk", flat=True)]
        super().__init__(data, initial={"suites": ticked, "seen": " ".join(ticked)}, auto_id="id_presente_%s")
        by_article: dict[str, list[tuple[str, str]]] = {}
        for pk, one in self.known.items():
            article = f"{one.passage.number}. {one.passage.title}"
            by_article.setdefault(article, []).append((pk, f"{one.title}, {one.get_state_display()}"))
        self.fields["suites"].choices = list(by_article.items())  # type: ignore[attr-defined]

    def added(self) -> list[Suite]:
        chosen = self.known if self.data.get("toutes") else self.cleaned_data["suites"]
        return [self.known[pk] for pk in chosen]

    def removed(self) -> list[Suite]:
        added = set(self.added())
        seen = (self.known.get(pk) for pk in self.cleaned_data["seen"].split())
        return [one for one in seen if one and one not in added]


class ReserveForm(forms.ModelForm):
    """Nothing that is already read is taken away: it begins today at the earliest. What is over of it stays."""

    lift = forms.BooleanField(
        label="La lever maintenant",
        required=False,
        help_text="Ce qu’elle retient paraît aussitôt, les résumés partent le matin qui suit. Inscrit au registre.",
    )

    class Meta:
        model = Reserve
        fields = ("demarche", "starts_on", "ends_on", "reason")
        error_messages = {
            "starts_on": {"required": "Dites quel jour elle commence."},
            "ends_on": {"required": "Dites quel jour elle finit."},
            "reason": {"required": "Dites pourquoi : la raison est publique."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "lift" in self.fields and not self.instance.pk:
            del self.fields["lift"]

    def clean_starts_on(self) -> date:
        day: date = self.cleaned_data["starts_on"]
        if "starts_on" not in self.changed_data:
            return day
        if self.instance.pk and self.instance.has_begun():
            raise forms.ValidationError("Elle a commencé : son premier jour reste. Levez-la, ou changez le dernier.")
        if day < timezone.localdate():
            raise forms.ValidationError("Elle commence aujourd’hui au plus tôt : ce qui a paru reste.")
        return day

    def clean_ends_on(self) -> date:
        day: date = self.cleaned_data["ends_on"]
        if "ends_on" in self.changed_data and day < timezone.localdate():
            raise forms.ValidationError("Elle finit aujourd’hui au plus tôt ; pour la finir à l’instant, levez-la.")
        return day
