"""What moderation sends to the author of a contribution besides its decision."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from consultation.links import suivi_path
from consultation.models import Contribution, Reformulation, Version
from socle.courriels.actions import enqueue
from socle.courriels.models import Envoi
from socle.courriels.render import render_mail
from socle.dates import Precision, day_label, local_midnight, moment_label, next_midnight


def reformulation_key(asked: Reformulation) -> str:
    return f"reformulation:{asked.pk}"


def reformulation_asked(asked: Reformulation) -> Envoi | None:
    """Past its date the mail would ask for what is no longer waited for."""
    context = {"asked": asked, "due": day_label(asked.due_on)}
    end = next_midnight(local_midnight(asked.due_on))
    return _to_author("reformulation_asked", asked.contribution, context, reformulation_key(asked), not_after=end)


def masked(version: Version) -> Envoi | None:
    """What was hidden is not repeated: a mail may be read by others."""
    return _to_author("passage_masked", version.contribution, {"version": version}, f"masquage:{version.pk}")


def _to_author(name: str, contribution: Contribution, context: dict[str, Any], key: str, **when: Any) -> Envoi | None:
    """To a proved address, to nobody else."""
    personne = contribution.personne
    if personne is None or not personne.is_confirmed:
        return None
    context |= {
        "contribution": contribution,
        "received": moment_label(contribution.submitted_at, None, Precision.HOUR),
        "url": settings.SITE_URL + contribution.get_absolute_url(),
        "suivi_url": settings.SITE_URL + suivi_path(contribution),
    }
    subject, text, html = render_mail(f"courriels/{name}", context)
    return enqueue(to=personne.email, subject=subject, text=text, html=html, dedupe_key=key, subject_key=key, **when)
