"""The reminders of a rencontre as the team reads them: sent, returned, called back, skipped and why, still to come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from consultation.models import Inscription, Rappel, Rencontre
from socle.courriels.models import UNFINISHED, Envoi, State
from socle.dates import Precision, moment_label

TO_COME, DUE, TO_LEAVE, SENT, RETURNED, NOT_SENT, CALLED_BACK = (
    "à venir",
    "dû",
    "à envoyer",
    "parti",
    "revenu",
    "non envoyé",
    "rappelé avant son départ",
)
ORDER = (DUE, TO_LEAVE, RETURNED, NOT_SENT, CALLED_BACK, SENT, TO_COME)
UNPROVED = "l’adresse n’est pas confirmée"


@dataclass(frozen=True)
class Line:
    """One reminder of one person, who is shown by reference."""

    personne_pk: int
    days: int
    status: str
    detail: str = ""


def leads(rencontre: Rencontre) -> list[int]:
    """How many days before, the farthest first; none where it has no day, or nobody is to be reminded."""
    if not rencontre.has_day:
        return []
    asked = rencontre.reminder_days or rencontre.demarche.reminder_days
    return sorted({int(days) for days in asked.split(",")} - {0}, reverse=True)


def leads_label(rencontre: Rencontre) -> str:
    """« 15, 7 et 1 jours avant »; nothing where nobody is to be reminded."""
    said = [str(days) for days in leads(rencontre)]
    if not said:
        return ""
    listed = " et ".join(filter(None, [", ".join(said[:-1]), said[-1]]))
    return f"{listed} jour{'' if said == ['1'] else 's'} avant"


def due_at(rencontre: Rencontre, days: int) -> datetime:
    """For what is still to come; whether it has come is the database's to say (`RappelQuerySet.due`)."""
    day = timezone.localdate(rencontre.starts_at) - timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, time(8)))


def lines(rencontre: Rencontre) -> list[Line]:
    """All of them, what needs a look first."""
    decided = list(
        Rappel.objects.filter(inscription__rencontre=rencontre).select_related("inscription", "envoi").order_by("pk")
    )
    done = {(row.inscription_id, row.days) for row in decided if row.starts_at == rencontre.starts_at}
    found = [_decided(row, rencontre) for row in decided] + list(_undecided(rencontre, done))
    return sorted(found, key=lambda line: (ORDER.index(line.status), -line.days, line.personne_pk))


def _decided(row: Rappel, rencontre: Rencontre) -> Line:
    status, detail = _became(row.envoi) if not row.why_not else (NOT_SENT, row.get_why_not_display())
    if row.starts_at != rencontre.starts_at:
        earlier = moment_label(row.starts_at, None, Precision.HOUR if rencontre.has_hour else Precision.DAY)
        detail = "\N{NO-BREAK SPACE}; ".join(filter(None, [f"pour la date d’avant, {earlier}", detail]))
    return Line(row.inscription.personne_id, row.days, status, detail)


def _became(envoi: Envoi | None) -> tuple[str, str]:
    if envoi is None:
        return SENT, "son courriel est effacé"
    if envoi.bounced_at:
        return RETURNED, envoi.last_error
    if envoi.state == State.SENT and envoi.sent_at:
        return SENT, moment_label(envoi.sent_at, None, Precision.HOUR)
    if envoi.state in UNFINISHED:
        return TO_LEAVE, envoi.last_error
    return (CALLED_BACK if envoi.state == State.CANCELLED else NOT_SENT), envoi.last_error


def _undecided(rencontre: Rencontre, done: set[tuple[int, int]]) -> Iterable[Line]:
    """Of those who hold a place now; a rencontre that is over, or cancelled, reminds nobody any more."""
    if rencontre.is_cancelled or rencontre.has_begun():
        return
    due = {(one.inscription_id, one.days): one for one in Rappel.objects.due([rencontre.pk])}
    holders = Inscription.objects.filter(rencontre=rencontre).confirmed().select_related("personne")
    for inscription in holders:
        for days in leads(rencontre):
            if (inscription.pk, days) not in done:
                now = due.get((inscription.pk, days))
                yield Line(inscription.personne_id, days, *_will_be(inscription, rencontre, days, now))


def _will_be(inscription: Inscription, rencontre: Rencontre, days: int, now: object) -> tuple[str, str]:
    if inscription.personne.confirmed_at is None:
        return NOT_SENT, UNPROVED
    if now is not None:
        return DUE, ""
    return TO_COME, moment_label(due_at(rencontre, days), None, Precision.HOUR)


def counts(found: Iterable[Line]) -> list[tuple[str, int]]:
    """« parti : 12 », in the order of the page."""
    numbers = Counter(line.status for line in found)
    return [(status, numbers[status]) for status in ORDER if numbers[status]]
