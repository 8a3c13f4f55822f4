"""What staff say of a photograph or a recording."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import URLValidator

from consultation.forms.base import LinkedErrors
from consultation.models import Media
from socle.forms import PlainCharField, PlainIntegerField, PlainTextField

ALTERNATIVE_LENGTH = 1000  # of a photograph; a recording has its transcript
TRANSCRIPT_LENGTH = 20_000
RIGHTS = (
    "J’ai vérifié les droits : l’auteur accepte que ce soit publié, les personnes que l’on reconnaît aussi, "
    "et aucune de celles qui ont refusé n’y est visible ni audible."
)


class SaidForm(LinkedErrors):
    """What each of them has."""

    alternative = PlainTextField(
        label="Texte de remplacement",
        max_length=ALTERNATIVE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Ce que la photographie montre, pour qui ne la voit pas. N’y nommez personne sans son accord.",
        error_messages={
            "required": "Dites ce que l’on y voit : sans ce texte, elle ne peut pas paraître.",
            "max_length": "Mille signes au plus : dites l’essentiel.",
        },
    )
    credit = PlainCharField(
        label="Crédit",
        max_length=160,
        help_text="De qui elle est, tel que ce sera écrit : « Photographie : service communication de la Région ».",
        error_messages={"required": "Dites de qui c’est.", "max_length": "160 signes au plus."},
    )


class PhotoForm(SaidForm):
    field_order = ["photo", "alternative", "credit"]
    photo = forms.FileField(
        label="La photographie",
        help_text="JPEG ou PNG, 20 Mo au plus. Le lieu, la date et l’appareil inscrits dans le fichier sont retirés.",
        widget=forms.FileInput(attrs={"accept": ".jpg,.jpeg,.png"}),
        error_messages={"required": "Choisissez la photographie.", "empty": "Ce fichier est vide."},
    )


def _transcript() -> PlainTextField:
    return PlainTextField(
        label="Transcription",
        max_length=TRANSCRIPT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="Ce qui y est dit, pour qui ne l’entend pas ; ou un résumé fidèle, s’il est long.",
        error_messages={
            "required": "Écrivez ce qui y est dit : sans ce texte, l’enregistrement ne peut pas paraître.",
            "max_length": "20 000 signes au plus : résumez.",
        },
    )


class RecordingForm(SaidForm):
    field_order = ["url", "alternative", "credit"]
    url = PlainCharField(
        label="Adresse de l’enregistrement",
        max_length=500,
        validators=[URLValidator(["https"], message="Donnez une adresse entière, qui commence par https://.")],
        widget=forms.URLInput(),
        help_text="Une adresse https:// : la page publique y mène par un lien, rien n’en est chargé d’ici.",
        error_messages={"required": "Donnez son adresse.", "max_length": "500 signes au plus."},
    )
    alternative = _transcript()


class RewordForm(SaidForm):
    """What is said of one that is there."""

    field_order = ["alternative", "credit", "rank"]
    rank = PlainIntegerField(
        label="Rang",
        min_value=1,
        max_value=999,
        help_text="Les images paraissent dans l’ordre des rangs.",
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), "Donnez un rang, de 1 à 999."),
    )

    def __init__(self, data: Any = None, *, media: Media) -> None:
        super().__init__(data, initial={"alternative": media.alternative, "credit": media.credit, "rank": media.rank})
        if not media.document_id:
            self.fields["alternative"] = _transcript()


class PublishForm(LinkedErrors):
    rights = forms.BooleanField(
        label=RIGHTS, error_messages={"required": "Cochez cette case une fois les droits vérifiés, pas avant."}
    )
