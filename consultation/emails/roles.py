"""What a colleague is told of what they may do; each is the mail of one trace, which gives it its key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings

from consultation.choices import RoleKind
from consultation.models import Demarche, Role
from socle.comptes.models import User
from socle.courriels.actions import enqueue
from socle.courriels.render import render_mail
from socle.dates import day_label

MAY = {
    RoleKind.LECTEUR: "lire les pages de l’équipe, sans rien y changer",
    RoleKind.MODERATEUR: "décider de chaque contribution, saisir les papiers et emporter les contributions",
    RoleKind.REDACTEUR: "répondre aux questions, écrire les actualités et emporter les contributions",
    RoleKind.RESPONSABLE: "conduire la démarche : son cadre, ses dates, ses rendez-vous, et dire qui est de l’équipe",
}


def role_given(role: Role, trace: int, *, invited: bool) -> None:
    given(role.user, trace, _about(role) | {"invited": invited})


def role_changed(role: Role, trace: int, *, invited: bool) -> None:
    given(role.user, trace, _about(role) | {"invited": invited, "changed": True})


def given(user: User, trace: int, context: Mapping[str, Any]) -> None:
    """The floors above say what else is given on a démarche, in the same words: `demarche`, `role`, `may`, `until`."""
    _tell(user, "role_given", trace, context)


def role_ended(user: User, demarche: Demarche, label: str, trace: int, *, left: bool) -> None:
    contact = f"{settings.SITE_URL}/contact/"
    _tell(user, "role_ended", trace, {"demarche": demarche, "role": label, "left": left, "url": contact})


def nobody_left(role: Role, administrateur: User, last_day: date, reason: str) -> None:
    """To each administrateur, once for each time that it is decided."""
    page = f"{settings.SITE_URL}/admin/consultation/demarche/{role.demarche_id}/equipe/"
    context = {"demarche": role.demarche, "day": day_label(last_day), "reason": reason, "url": page}
    _write(administrateur, "demarche_without_responsable", context, f"sans-responsable:{role.pk}:{last_day}")


def _about(role: Role) -> dict[str, Any]:
    return {
        "demarche": role.demarche,
        "role": role.get_kind_display(),
        "may": MAY[RoleKind(role.kind)],
        "until": day_label(role.ends_on) if role.ends_on else "",
    }


def _tell(user: User, name: str, trace: int, context: Mapping[str, Any]) -> None:
    _write(user, name, {"url": f"{settings.SITE_URL}/admin/", **context}, f"role:{trace}")


def _write(user: User, name: str, context: dict[str, Any], key: str) -> None:
    subject, text, html = render_mail(f"courriels/{name}", context)
    enqueue(to=user.email, subject=subject, text=text, html=html, dedupe_key=f"{key}:{user.pk}")
