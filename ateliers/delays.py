"""Until when those who were there may answer the minutes, and when an organisateur is late with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from ateliers.models import Seance
from consultation.models import Rencontre
from socle.dates import Precision, day_label

LAST_SEANCE = timedelta(days=14)  # no séance follows that would set the date
TOO_LATE = timedelta(days=7)  # the séance that follows is here, or over
SHORT = 3  # days: under them, the page warns
LONGEST = timedelta(days=60)


@dataclass(frozen=True)
class Delay:
    """`default` is the last day proposed, `latest` the last that may be chosen; `why` says it to the organisateur."""

    default: date
    latest: date
    why: str

    @classmethod
    def of(cls, seance: Seance, day: date | None = None) -> Delay:
        """Opened on that day. The day before the next séance at the latest, where there is still such a day."""
        today = day or timezone.localdate()
        following = next_seance(seance)
        if following is None:
            last = today + LAST_SEANCE
            return cls(last, today + LONGEST, "Aucune séance ne suit : deux semaines sont proposées.")
        held_on = timezone.localdate(following.rencontre.starts_at)
        eve = held_on - timedelta(days=1)
        if eve < today:
            last = today + TOO_LATE
            return cls(last, today + LONGEST, _too_late(following, held_on))
        return cls(eve, eve, _in_time(following, held_on, (eve - today).days + 1))


def next_seance(seance: Seance) -> Seance | None:
    """By date, not by rank, of those that will be held on a day that is known; the rencontre of `seance` is loaded."""
    held = Rencontre.objects.published().exclude(state="annulee")
    rows = Seance.objects.filter(
        atelier=seance.atelier_id,
        rencontre__in=held,
        rencontre__precision__in=(Precision.HOUR, Precision.DAY),
        rencontre__starts_at__gt=seance.rencontre.starts_at,
    )
    return rows.select_related("rencontre").order_by("rencontre__starts_at").first()


def _in_time(following: Seance, held_on: date, days: int) -> str:
    said = f"La séance {following.rank} se tient le {day_label(held_on)} : les remarques s’arrêtent la veille."
    if days >= SHORT:
        return said
    left = "un seul jour" if days == 1 else f"{days} jours"
    return f"{said} Les personnes présentes n’ont plus que {left} pour vous lire : prévenez-les aussi autrement."


def _too_late(following: Seance, held_on: date) -> str:
    return (
        f"La séance {following.rank} est celle du {day_label(held_on)} : il n’est plus temps de finir la veille. "
        "Une semaine est proposée ; le groupe travaillera sans ce compte rendu adopté."
    )
