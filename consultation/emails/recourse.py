"""What is sent about a réexamen to the author, about a signalement to whoever made it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from consultation.choices import ReexamenOutcome
from consultation.limits import MAILS
from consultation.links import signalement_path, suivi_path
from consultation.models import Reexamen, Signalement
from socle.comptes.models import Personne
from socle.courriels.actions import enqueue
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail
from socle.dates import Precision, moment_label

RECEIPT, ANSWER = "recu", "reponse"  # the two mails about a signalement


def reexamen_decided(reexamen: Reexamen) -> Envoi | None:
    """Told to the author whose address is proved, as the decision was."""
    contribution = reexamen.contribution
    personne = contribution.personne
    if personne is None or not personne.is_confirmed:
        return None
    context = {
        "reexamen": reexamen,
        "contribution": contribution,
        "overturned": reexamen.outcome == ReexamenOutcome.OVERTURNED,
        "asked": moment_label(reexamen.asked_at, None, Precision.DAY),
        "url": settings.SITE_URL + contribution.get_absolute_url(),
        "suivi_url": settings.SITE_URL + suivi_path(contribution),
    }
    return _send("courriels/reexamen_decided", context, personne.email, f"reexamen:{reexamen.pk}")


def signalement_received(signalement: Signalement) -> Envoi | None:
    """Anyone can type any address: nothing of what was written is in this mail."""
    return _about(signalement, "courriels/signalement_received", RECEIPT)


def signalement_answered(signalement: Signalement) -> Envoi | None:
    """The answer itself goes to a proved address; another one is only told that it can be read.

    Three an hour to one address, as from the forms, since anyone may have typed it in many of them. But what answers
    a decision of staff is never lost: the next ones wait for their turn in the outbox. They are not counted with the
    mails of the forms, or a crowd of them would keep someone's own confirmations from leaving.
    Who decides holds the row of the personne: the turns are given one after the other.
    """
    return _about(signalement, "courriels/signalement_answered", ANSWER, not_before=_turn(signalement.personne))


def _turn(personne: Personne | None) -> datetime | None:
    """When a further answer may leave; None for now."""
    if personne is None:
        return None
    answered = Signalement.objects.filter(personne=personne, decided_at__isnull=False).values_list("pk", flat=True)
    written = Envoi.objects.filter(dedupe_key__in=[_key(pk, ANSWER) for pk in answered])
    latest = written.order_by("-not_before").values_list("not_before", flat=True)[MAILS.count - 1 : MAILS.count]
    turn = max(latest, default=None)
    return turn + MAILS.per if turn and turn + MAILS.per > timezone.now() else None


def _about(signalement: Signalement, template: str, step: str, not_before: datetime | None = None) -> Envoi | None:
    personne = signalement.personne
    if personne is None:
        return None
    context = {
        "signalement": signalement,
        "reference": signalement.contribution.reference,
        "received": moment_label(signalement.received_at, None, Precision.HOUR),
        "proved": personne.is_confirmed,
        "url": settings.SITE_URL + signalement_path(signalement),
    }
    return _send(template, context, personne.email, _key(signalement.pk, step), not_before)


def _key(pk: int, step: str) -> str:
    return f"signalement:{pk}:{step}"


def _send(template: str, context: dict[str, Any], to: str, key: str, not_before: datetime | None = None) -> Envoi:
    subject, text, html = render_mail(template, context)
    return enqueue(to=to, subject=subject, text=text, html=html, dedupe_key=key, subject_key=key, not_before=not_before)
