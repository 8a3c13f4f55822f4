"""Taking contributions away, bringing some in, asking for the synthesis."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from import_export.forms import SelectableFieldsExportForm

from consultation.choices import ContributionState
from consultation.columns import BY_NAME
from consultation.imports.mappings import LAYOUTS
from consultation.models import Demarche
from consultation.models.demarche import DemarcheQuerySet
from socle.exports.formats import FORMATS

UPLOAD_MAX = 20 * 1024 * 1024  # bytes; beyond, the command


class _Named:
    """A format as django-import-export's form asks for it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self) -> _Named:
        return self

    def get_title(self) -> str:
        return FORMATS[self.name].label


FORMAT_NAMES = list(FORMATS)


class ExportForm(SelectableFieldsExportForm):
    media = forms.Media()  # its script only hides what other resources would offer: there is one

    def __init__(self, resources: list[Any], **kwargs: Any) -> None:
        super().__init__([_Named(name) for name in FORMAT_NAMES], resources, **kwargs)
        self.fields["format"].choices = list(enumerate(FORMATS[name].label for name in FORMAT_NAMES))
        self.fields["format"].label = "Format"

    def _get_field_label(self, resource: Any, field_name: str) -> str:  # noqa: ARG002 (the library gives it)
        return BY_NAME[field_name].header

    @property
    def format_name(self) -> str:
        return FORMAT_NAMES[int(self.cleaned_data["format"])]


class DemarcheForm(forms.Form):
    """Which démarche, among those on which one has the right."""

    demarche = forms.ModelChoiceField(Demarche.objects.none(), label="Démarche", empty_label=None)

    def __init__(self, *args: Any, demarches: DemarcheQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["demarche"].queryset = demarches  # type: ignore[attr-defined]


class ImportForm(DemarcheForm):
    file = forms.FileField(
        label="Fichier", help_text="CSV, XLSX ou XLS ; 20 Mo au plus. Rien n’est écrit avant votre confirmation."
    )
    layout = forms.ChoiceField(
        label="D’où il vient",
        required=False,
        choices=[("", "Le reconnaître aux titres des colonnes"), *((one.name, one.label) for one in LAYOUTS.values())],
    )
    state = forms.ChoiceField(
        label="Les contributions reprises",
        choices=[
            (ContributionState.WAITING.value, "attendent la modération"),
            (ContributionState.PUBLISHED.value, "sont publiées tout de suite : elles étaient déjà publiques ailleurs"),
        ],
    )
    field_order = ["file", "demarche", "layout", "state"]

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > UPLOAD_MAX:
            raise forms.ValidationError(
                "Ce fichier dépasse 20 Mo. Coupez-le, ou demandez à l’équipe technique de le reprendre par la commande."
            )
        return file
