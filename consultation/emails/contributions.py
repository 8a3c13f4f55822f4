"""What is sent to the author of a contribution."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from consultation.choices import ContributionState, DecisionCause
from consultation.links import CONFIRM_AGE, confirmation_path, suivi_path
from consultation.models import Contribution, Decision, Reexamen
from socle.comptes.models import Personne
from socle.courriels.actions import enqueue
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail
from socle.dates import Precision, day_label, moment_label


def subject_key(contribution: Contribution) -> str:
    return f"contribution:{contribution.pk}"


def written(contribution: Contribution) -> Any:
    """The confirmation mails of this contribution, whatever became of them."""
    return Envoi.objects.filter(dedupe_key__startswith=f"{subject_key(contribution)}:confirmation:")


def confirmation(contribution: Contribution, personne: Personne, attempt: str) -> Envoi:
    """Anyone can type any address: nothing of what was written is in this mail, nor the numéro de suivi."""
    context = {
        "received": moment_label(contribution.submitted_at, None, Precision.HOUR),
        "url": settings.SITE_URL + confirmation_path(contribution, personne),
        "days": CONFIRM_AGE.days,
    }
    return _send(
        "courriels/contribution_confirm",
        context,
        to=personne.email,
        dedupe_key=f"{subject_key(contribution)}:confirmation:{attempt}",
        subject_key=subject_key(contribution),
        not_after=timezone.now() + CONFIRM_AGE,
    )


def decided(decision: Decision) -> Envoi | None:
    """Told to the author whose address is proved, to nobody else. Of a réexamen its own mail tells the outcome.

    Withdrawn before it was confirmed, it may be anybody's who typed the address of somebody known: not a word to them.
    """
    personne = decision.contribution.personne
    if personne is None or not personne.is_confirmed or decision.cause == DecisionCause.REEXAMEN:
        return None
    if decision.from_state == ContributionState.TO_CONFIRM and decision.cause == DecisionCause.AUTHOR:
        return None
    name, context = _letter(decision)
    key = f"decision:{decision.pk}"
    return _send(f"courriels/{name}", context, to=personne.email, dedupe_key=key, subject_key=key)


def _letter(decision: Decision) -> tuple[str, dict[str, Any]]:
    """Which mail tells this decision, and what it says."""
    contribution = decision.contribution
    context = {
        "decision": decision,
        "contribution": contribution,
        "received": moment_label(contribution.submitted_at, None, Precision.HOUR),
        "write_url": settings.SITE_URL + reverse("contribution_new"),
    }
    if decision.to_state == ContributionState.PUBLISHED:
        return "contribution_published", context | {"url": settings.SITE_URL + contribution.get_absolute_url()}
    if decision.cause == DecisionCause.AUTHOR:
        return "contribution_withdrawn", context
    context["frame_url"] = settings.SITE_URL + reverse("cadre", args=[contribution.demarche.slug])
    if Reexamen.contestable(contribution):
        context["contest_until"] = day_label(Reexamen.last_day(decision), weekday=False)
        context["contest_url"] = settings.SITE_URL + suivi_path(contribution, "suivi_reexamen")
    return "contribution_set_aside", context


def _send(template: str, context: dict[str, Any], **where: Any) -> Envoi:
    subject, text, html = render_mail(template, context)
    return enqueue(subject=subject, text=text, html=html, **where)
