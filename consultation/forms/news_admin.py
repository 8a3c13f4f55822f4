"""What staff fill in to tell something, or to give something to read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from consultation.actions.reserve import held_by
from consultation.choices import RessourceKind
from consultation.models import Actualite, Demarche, Ressource
from consultation.models.texte import REASON_LENGTH
from consultation.topics import WHOLE_LABEL, topics
from socle.comptes.models import User
from socle.documents.actions import keep_pdf
from socle.documents.kinds import RefusedFileError
from socle.forms import PlainTextField

TOO_EARLY = (
    "La période de réserve court {} : une actualité ne se date pas d’avant elle. Datez-la d’aujourd’hui, elle en "
    "attendra la fin ; ou dites plus bas pourquoi elle paraît quand même."
)


class ActualiteForm(forms.ModelForm):
    """`demarches` are those the person may write for; a draft that is not saved yet may be about a part of any."""

    demarches: list[Demarche] = []
    in_reserve = PlainTextField(
        label="Pourquoi pendant la période de réserve",
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text="Vide : ce qui est daté d’une période de réserve paraît, et part aux abonnés, quand elle finit. "
        "Remplie : elle paraît aussitôt ; la raison est inscrite au registre public.",
    )
    topic = forms.ChoiceField(
        label="Au sujet de",
        required=False,
        help_text="Les abonnés à toute la démarche reçoivent tout ; les abonnés d’un atelier, ce qui parle de lui.",
    )

    class Meta:
        model = Actualite
        fields = ("demarche", "topic", "title", "body", "published_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "topic" in self.fields:
            self.fields["topic"].choices = self._offered()  # type: ignore[attr-defined]

    def _offered(self) -> list[tuple[str, str]]:
        within = [self.instance.demarche] if self.instance.pk else self.demarches
        named = len(within) > 1
        parts = [
            (topic.value, f"{topic.label} ({demarche.title})" if named else topic.label)
            for demarche in within
            for topic in topics(demarche).values()
            if topic.value
        ]
        return [("", WHOLE_LABEL), *parts]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        demarche = cleaned.get("demarche") or (self.instance.demarche if self.instance.pk else None)
        if demarche and "topic" in cleaned and cleaned["topic"] not in topics(demarche):
            self.add_error("topic", "Cet atelier est d’une autre démarche.")
        if demarche and not self.errors:
            self._check_reserve(demarche, cleaned.get("published_at"), cleaned.get("in_reserve"))
        return cleaned

    def _check_reserve(self, demarche: Demarche, published_at: datetime | None, confirmed: str | None) -> None:
        """What is written while one runs is not dated from before it, to appear all the same."""
        reserve = held_by(demarche)
        if reserve is None or confirmed or published_at is None or "published_at" not in self.changed_data:
            return
        if published_at < reserve.holds_from:
            self.add_error("published_at", TOO_EARLY.format(reserve))


class RessourceForm(forms.ModelForm):
    by: User | None = None  # who brings the file
    file = forms.FileField(
        label="Fichier PDF",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}),
        help_text="10 Mo au plus. Vérifié et nettoyé avant de paraître ; un PDF accessible est lu par tous.",
    )

    class Meta:
        model = Ressource
        fields = ("demarche", "kind", "title", "description", "source", "url", "themes", "published_at")

    def clean(self) -> dict[str, Any]:
        """The file is taken in last: what else is wrong is said first, and costs nothing."""
        cleaned = super().clean() or self.cleaned_data
        kind, upload, url = cleaned.get("kind"), cleaned.get("file"), cleaned.get("url")
        if kind == RessourceKind.LINK:
            self._as_link(upload, url)
        elif kind == RessourceKind.DOCUMENT:
            self._as_document(upload, url)
        self._check_themes(cleaned)
        if upload and not self.errors and self.by is not None:
            try:
                self.instance.document = keep_pdf(upload, self.by)
            except RefusedFileError as refused:
                self.add_error("file", str(refused))
        return cleaned

    def _as_link(self, upload: Any, url: str | None) -> None:
        if upload:
            self.add_error("file", "Un lien n’a pas de fichier : choisissez « document », ou retirez le fichier.")
        if not url and "url" not in self.errors:
            self.add_error("url", "Indiquez l’adresse de la page.")
        self.instance.document = None

    def _as_document(self, upload: Any, url: str | None) -> None:
        if url:
            self.add_error("url", "Un document n’a pas d’adresse : choisissez « lien », ou retirez l’adresse.")
        if not upload and self.instance.document is None and "file" not in self.errors:
            self.add_error("file", "Choisissez le fichier PDF.")

    def _check_themes(self, cleaned: dict[str, Any]) -> None:
        demarche = cleaned.get("demarche") or (self.instance.demarche if self.instance.pk else None)
        if demarche and any(theme.demarche_id != demarche.pk for theme in cleaned.get("themes") or ()):
            self.add_error("themes", "Un de ces thèmes est d’une autre démarche.")
