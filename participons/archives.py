"""The transfer of a démarche to public archives: its texts, its data with their dictionary, its register, all sealed.

A folder, whole or absent: `manifeste.json` says what each file is, `sha256sums.txt` is read by `sha256sum -c`.
"""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from django.conf import settings
from django.utils import timezone

from ateliers.models import Seance
from consultation.columns import STAFF_COLUMNS
from consultation.exporting import all_query
from consultation.exporting import write as write_rows
from consultation.models import Adoption, CahierActeur, Demarche, Ressource, Texte
from consultation.texte_files.build import KIND
from participons.versement import TABLES
from socle.documents.files import storage
from socle.documents.models import Document
from socle.exports.columns import Column
from socle.exports.formats import CSV
from socle.publications.models import Publication
from socle.registre.models import Entree
from socle.registre.verify import stored_lines

MANIFEST, SUMS = "manifeste.json", "sha256sums.txt"


@dataclass(frozen=True)
class Item:
    """One file of the transfer; `path` is inside its folder."""

    path: str
    what: str


class ThereAlreadyError(Exception):
    """A transfer is never written over another one."""


def export(demarche: Demarche, target: Path) -> list[Item]:
    """Raises ThereAlreadyError, and OSError; nothing is left half written."""
    if target.exists():
        raise ThereAlreadyError
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=".versement-", dir=target.parent))
    try:
        items = list(_written(demarche, draft))
        _seal(demarche, draft, items)
        draft.replace(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return items


def _written(demarche: Demarche, folder: Path) -> Iterator[Item]:
    for name in ("donnees", "textes", "registre"):
        (folder / name).mkdir()
    rows = write_rows(all_query(demarche), CSV, folder / "donnees" / "contributions.csv")
    yield Item("donnees/contributions.csv", f"{rows} contributions, publiées ou non, et les décisions prises")
    _dictionary(folder / "donnees" / "dictionnaire.csv", STAFF_COLUMNS)
    yield Item("donnees/dictionnaire.csv", "ce que veut dire chaque colonne de contributions.csv")
    yield from _tables(demarche, folder)
    _frames(demarche, folder / "textes" / "cadre.json")
    yield Item("textes/cadre.json", "le cadre de la démarche, version par version, et ses étapes")
    for name, what, document in _documents(demarche):
        shutil.copyfile(storage() / document.path, folder / "textes" / name)
        yield Item(f"textes/{name}", what)
    entries = Entree.objects.sealed()
    with (folder / "registre" / "registre.jsonl").open("wb") as file:
        file.writelines(stored_lines(entries))
    yield Item("registre/registre.jsonl", "le registre public, entier : ses sceaux se vérifient du premier au dernier")


def _tables(demarche: Demarche, folder: Path) -> Iterator[Item]:
    """What was voted and done, each table beside its dictionary; one that has no row is there too, and says so."""
    for table in TABLES:
        path = f"donnees/{table.name}.csv"
        rows = write_rows(table.query(demarche), CSV, folder / path)
        yield Item(path, f"{table.about} (lignes : {rows})")
        path = f"donnees/dictionnaire-{table.name}.csv"
        _dictionary(folder / path, table.columns)
        yield Item(path, f"ce que veut dire chaque colonne de {table.name}.csv")


def _dictionary(path: Path, columns: Sequence[Column]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["colonne", "sorte", "description"])
        writer.writerows([one.header, str(one.kind), one.description] for one in columns)


def _frames(demarche: Demarche, path: Path) -> None:
    own = ("published_on", "object", "level", "open_points", "closed_points", "decision", "use_of_contributions")
    rules = ("team", "garant", "charte", "moderation_rules", "change_reason")
    steps = demarche.etapes.order_by("rank").values("rank", "title", "text", "starts_on", "ends_on", "precision")
    said = {
        "titre": demarche.title,
        "code": demarche.code,
        "conduite_par": demarche.owner,
        "presentation": demarche.summary,
        "cadres": list(demarche.cadres.order_by("published_on").values(*own, *rules)),
        "etapes": list(steps),
    }
    path.write_text(json.dumps(said, ensure_ascii=False, indent=2, default=str) + "\n")


def _documents(demarche: Demarche) -> Iterator[tuple[str, str, Document]]:
    """What was published as a file."""
    seances = {
        str(one.pk): one
        for one in Seance.objects.filter(atelier__demarche=demarche).select_related("atelier").order_by("pk")
    }
    made = Publication.objects.ready().filter(kind="compte_rendu", key__in=seances).select_related("document")
    for one in made.order_by("key", "media_type"):
        seance = seances[one.key]
        place = f"atelier {seance.atelier.rank}, séance {seance.rank}"
        name = f"compte-rendu-atelier-{seance.atelier.rank}-seance-{seance.rank}"
        yield f"{name}.{_document(one).extension}", f"compte rendu adopté, {place}", _document(one)
    yield from _textes(demarche)
    cahiers = CahierActeur.objects.filter(contribution__demarche=demarche, contribution__state="publiee")
    for cahier in cahiers.select_related("document", "contribution__demarche").order_by("pk"):
        reference = cahier.contribution.reference
        yield f"cahier-{reference}.{cahier.document.extension}", f"cahier d’acteur {reference}", cahier.document
    kept = Ressource.objects.published().filter(demarche=demarche, document__isnull=False).select_related("document")
    for ressource in kept.order_by("pk"):
        if ressource.document:
            yield f"ressource-{ressource.pk}.{ressource.document.extension}", ressource.title, ressource.document


def _textes(demarche: Demarche) -> Iterator[tuple[str, str, Document]]:
    """The synthèses, the reports, the policy and the bilan as the public takes them; the délibérations."""
    textes = {str(one.pk): one for one in Texte.objects.filter(demarche=demarche, current__isnull=False)}
    made = Publication.objects.ready().filter(kind=KIND, key__in=textes).select_related("document")
    for one in made.order_by("pk"):
        texte = textes[one.key]
        name = f"texte-{texte.pk}.{_document(one).extension}"
        yield name, f"{texte.get_kind_display()}, « {texte.title} »", _document(one)
    voted = Adoption.objects.filter(texte__demarche=demarche, deliberation_document__isnull=False)
    for adoption in voted.select_related("deliberation_document").order_by("pk"):
        if document := adoption.deliberation_document:
            name = f"deliberation-{adoption.texte_id}.{document.extension}"
            yield name, f"délibération n° {adoption.deliberation_number}", document


def _document(made: Publication) -> Document:
    if made.document is None:
        raise ValueError("a file that is ready has its document")
    return made.document


def _seal(demarche: Demarche, folder: Path, items: list[Item]) -> None:
    """The manifest is sealed too; the sums alone cannot be."""
    files = [
        {"fichier": one.path, "contenu": one.what, "octets": (folder / one.path).stat().st_size}
        | {"sha256": _sha256(folder / one.path)}
        for one in items
    ]
    manifest = {
        "versement": demarche.title,
        "demarche": demarche.slug,
        "etat": demarche.get_state_display(),
        "fait_le": timezone.localtime().isoformat(timespec="seconds"),
        "portail": settings.SITE_URL,
        "sommes": "SHA-256, dans sha256sums.txt ; à vérifier par « sha256sum -c sha256sums.txt »",
        "tableaux": "CSV en UTF-8 avec BOM, point-virgule ; un dictionnaire pour chacun",
        "fichiers": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")
    sums = [f"{one['sha256']}  {one['fichier']}" for one in files] + [f"{_sha256(folder / MANIFEST)}  {MANIFEST}"]
    (folder / SUMS).write_text("\n".join(sums) + "\n")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
