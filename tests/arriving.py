"""An evening: a rencontre of today, people with a place, and somebody of the team at the door."""

from __future__ import annotations

import io
from typing import Any

from pypdf import PdfReader

from consultation.choices import InscriptionState, RoleKind
from consultation.models import Inscription, Rencontre
from socle.comptes.models import User
from socle.dates import Precision
from tests.factories import local, make_inscription, make_personne, make_rencontre, make_role, make_user

WAITING, CANCELLED = InscriptionState.WAITING, InscriptionState.CANCELLED


def tonight(**fields: Any) -> Rencontre:
    """Today, without an hour, so that no test depends on what time it is."""
    return make_rencontre(**({"starts_at": local(), "precision": Precision.DAY, "title": "Réunion à Lens"} | fields))


def organiser(rencontre: Rencontre) -> User:
    user = make_user(is_staff=True, display_name="Camille")
    make_role(user=user, demarche=rencontre.demarche, kind=RoleKind.RESPONSABLE)
    return user


def guest(rencontre: Rencontre, name: str = "", **fields: Any) -> Inscription:
    email = fields.pop("email", "")
    personne = make_personne(**({"email": email} if email else {}))
    return make_inscription(rencontre=rencontre, personne=personne, name=name, **fields)


def door(rencontre: Rencontre, page: str = "arrivees/") -> str:
    return f"/admin/consultation/rencontre/{rencontre.pk}/{page}"


def kinds(inscription: Inscription) -> list[str]:
    return list(inscription.events.order_by("pk").values_list("kind", flat=True))


def plain(content: bytes | str) -> str:
    text = content.decode() if isinstance(content, bytes) else content
    return " ".join(text.replace("&nbsp;", " ").replace("\N{NO-BREAK SPACE}", " ").split())


def pages_of(pdf: bytes) -> list[str]:
    return [plain(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]
