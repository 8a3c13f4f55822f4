"""What an account is written: its codes, and what changed in it. No mail says whether an address is known."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string

from socle.comptes import codes
from socle.comptes.codes import Purpose
from socle.courriels.actions import enqueue
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail
from socle.dates import Precision, moment_label

WHY = {
    Purpose.ENTER: "vous connecter",
    Purpose.CREATE: "créer votre compte",
    Purpose.FORGOTTEN: "choisir un nouveau mot de passe",
    Purpose.CHANGE: "utiliser désormais cette adresse",
    Purpose.AGAIN: "confirmer que c’est bien vous",
}


def code(email: str, purpose: Purpose, secret: str) -> Envoi:
    """Its subject says nothing of it: staff see the subjects of what leaves."""
    context = {
        "code": codes.shown(secret),
        "minutes": int(codes.AGE.total_seconds() // 60),
        "why": WHY[purpose],
        "url": settings.SITE_URL + reverse("account_code"),
    }
    subject, text, html = render_mail("courriels/compte_code", context)
    return enqueue(
        to=email,
        subject=subject,
        text=text,
        html=html,
        dedupe_key=f"compte:code:{get_random_string(32)}",
        not_after=timezone.now() + codes.AGE,
    )


def notice(email: str, sentence: str) -> Envoi:
    """Something of the account changed: said to its owner, who may not be who did it."""
    when = moment_label(timezone.now(), None, Precision.HOUR)
    context = {"sentence": sentence, "when": when, "url": settings.SITE_URL + reverse("usersessions_list")}
    subject, text, html = render_mail("courriels/compte_changed", context)
    key = f"compte:avis:{get_random_string(32)}"
    return enqueue(to=email, subject=subject, text=text, html=html, dedupe_key=key)
