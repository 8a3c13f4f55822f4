"""What stays of a rencontre once it is over: people who came, their answers, photographs."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from ateliers.models import Atelier, Membre, Seance
from consultation.choices import InscriptionState, MediaKind
from consultation.models import EvaluationFigures, Inscription, Media, Rencontre
from socle.comptes.models import Personne
from socle.documents.files import storage
from socle.documents.models import Document, MediaType
from tests.factories import (
    local,
    make_college,
    make_commune,
    make_inscription,
    make_rencontre,
    make_seance,
    make_superuser,
    make_user,
)
from tests.papers import image


def over(**fields: Any) -> Rencontre:
    """A rencontre of yesterday."""
    return make_rencontre(**({"starts_at": local(-1)} | fields))


def came(rencontre: Rencontre, **fields: Any) -> Inscription:
    return make_inscription(**({"rencontre": rencontre, "attended_at": rencontre.starts_at} | fields))


def make_figures(rencontre: Rencontre, number: int = 6, source: str = "lien") -> EvaluationFigures:
    """The public figures: so many evaluations, who all said « plutôt »."""
    marks = {name: [0, number, 0, 0] for name in ("clear", "heard", "fair", "useful", "again")}
    figures = {source: {"evaluations": [number], **marks}}
    return EvaluationFigures.objects.create(rencontre=rencontre, figures=figures, published_on=timezone.localdate())


def make_image() -> Document:
    content = image()
    by = make_user(is_staff=True)
    document = Document.objects.create(
        path=f"image-{by.pk}", media_type=MediaType.JPEG, size=len(content), sha256="0" * 64, created_by=by
    )
    (storage() / document.path).write_bytes(content)
    return document


def make_photo(rencontre: Rencontre, *, published: bool = True, **fields: Any) -> Media:
    return _media(rencontre, published=published, document=make_image(), thumbnail=make_image(), **fields)


def make_recording(rencontre: Rencontre, *, published: bool = True, **fields: Any) -> Media:
    said = {"kind": MediaKind.RECORDING, "url": "https://son.example.org/seance", "alternative": "Bonsoir à tous."}
    return _media(rencontre, published=published, **(said | fields))


def _media(rencontre: Rencontre, *, published: bool, **fields: Any) -> Media:
    now = timezone.now()
    checked = {"rights_checked_by": make_superuser(), "rights_checked_at": now, "published_at": now}
    said = {"alternative": "Huit personnes autour d’une table.", "credit": "Photographie : la Région"}
    return Media.objects.create(rencontre=rencontre, **(said | (checked if published else {}) | fields))


def stays(rencontre: Rencontre, count: int) -> None:
    """`count` of all that its pages show."""
    for _ in range(count):
        make_photo(rencontre)
        make_recording(rencontre)
    for _ in range(6):
        came(rencontre)
    make_figures(rencontre)


def come_back(atelier: Atelier, count: int) -> None:
    """Two past séances more; in each of `count` collèges and territories some came once, others twice."""
    first, second = (make_seance(atelier, starts_at=local(-20 + number)) for number in range(2))
    for number in range(count):
        college = make_college(demarche=atelier.demarche)
        commune = make_commune(epci_code=str(number), epci_name=f"Communauté {number}")
        for person in range(12):
            personne = attend(*((first, second) if person < 6 else (first,)))
            Membre.objects.create(
                atelier=atelier, personne=personne, came_by="candidature", college=college, commune=commune
            )


def attend(*seances: Seance) -> Personne:
    """Somebody who came to these."""
    inscriptions = [came(seances[0].rencontre)]
    personne = inscriptions[0].personne
    for seance in seances[1:]:
        came(seance.rencontre, personne=personne, state=InscriptionState.CONFIRMED)
    return personne
