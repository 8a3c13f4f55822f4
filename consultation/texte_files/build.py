"""The files of a texte, made by the worker: those that anyone takes, and those of the team while it is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils.text import slugify

from consultation.models import Texte, TexteVersion
from consultation.permissions import can_write
from consultation.texte_files import volumes
from consultation.texte_files.document import DRAFT, Tell, document, is_large
from consultation.texte_files.reading import how_many
from consultation.traces import scope_of
from socle.comptes.models import User
from socle.documents.models import EXTENSIONS, MediaType
from socle.exports.builders import Builder, BuildRefusedError
from socle.exports.files import snapshot
from socle.exports.formats import Progress
from socle.publications.drawing import draw_apart

KIND = "texte"
FILES = (MediaType.PDF, MediaType.DOCX, MediaType.ODT)
READ_WITH = ("texte__demarche",)


def wanted(version: TexteVersion) -> tuple[MediaType, ...]:
    return (*FILES, MediaType.ZIP) if is_large(version) else FILES


def public(key: str, media_type: str, path: Path, alive: Tell) -> None:
    """A file of the version that the public reads (settings.PUBLICATION_BUILDERS); `key` is that of its texte."""
    version = TexteVersion.objects.select_related(*READ_WITH).get(
        texte=Texte.objects.published().get(pk=int(key)), pk=F("texte__current")
    )
    write(version, media_type, path, alive)


def write(version: TexteVersion, media_type: str, path: Path, tell: Tell) -> int:
    """One file; returns how many passages, sources and contributions it tells."""
    if media_type == MediaType.ZIP:
        return volumes.write(version, settings.SITE_URL, path, tell)
    told = [0]

    def heard(number: int) -> None:
        told[0] = number
        tell(number)

    with snapshot():
        written = document(version, settings.SITE_URL, heard)
    draw_apart(written, media_type, path)
    return told[0]


def filename(version: TexteVersion, extension: str) -> str:
    """« synthese-du-printemps-version-2.pdf »."""
    draft = f"-{slugify(DRAFT)}" if version.is_draft else ""
    name = slugify(version.texte.title)[:60] or "texte"
    return f"{'annexe-' if extension == 'zip' else ''}{name}-version-{version.number}{draft}.{extension}"


def _version(params: Mapping[str, Any]) -> TexteVersion | None:
    return TexteVersion.objects.select_related(*READ_WITH).filter(pk=params["version"]).first()


def _label(params: Mapping[str, Any]) -> str:
    version = _version(params)
    if version is None:
        return "Texte disparu"
    what = "Annexe" if params["media_type"] == MediaType.ZIP else MediaType(params["media_type"]).label
    draft = f", {DRAFT}" if version.is_draft else ""
    return f"{version.texte.title[:120]}, version {version.number}{draft} ({what})"


def _download_name(params: Mapping[str, Any]) -> str:
    version = _version(params)
    extension = EXTENSIONS[params["media_type"]]
    return filename(version, extension) if version else f"texte.{extension}"


def _may(user: User, params: Mapping[str, Any]) -> bool:
    version = _version(params)
    return version is not None and can_write(user, version.texte.demarche)


def _write(_owner: User, params: Mapping[str, Any], path: Path, progress: Progress) -> int:
    version = _version(params)
    if version is None:
        raise BuildRefusedError("Ce texte n’existe plus.")
    return write(version, params["media_type"], path, progress)


def _total(params: Mapping[str, Any]) -> int:
    version = _version(params)
    if version is None:
        return 0
    notes, annex = how_many(version)
    large, archive = is_large(version), params["media_type"] == MediaType.ZIP
    return annex + (notes if archive else version.passages.count() + notes - (annex if large else 0))


def _scopes(params: Mapping[str, Any]) -> list[str]:
    version = _version(params)
    return [scope_of(version.texte.demarche_id)] if version else []


BUILDER = Builder(_label, _download_name, _may, _write, _scopes, _total)
