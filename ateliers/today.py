"""What presses on those who run an atelier today: their ateliers, and the comptes rendus that are late."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from ateliers.models import Atelier, CompteRenduState, Seance
from ateliers.permissions import animated_today
from consultation.choices import DemarcheState, RencontreState
from consultation.models import Rencontre
from consultation.permissions import RUNNING, Visitor, visible_demarches
from consultation.pressing import Task, counted


def page_of(atelier_pk: int, seance_rank: int | None = None) -> str:
    """The page on which everything about an atelier is, at one of its séances."""
    page = reverse("admin:ateliers_atelier_tableau", args=[atelier_pk])
    return page if seance_rank is None else f"{page}#seance-{seance_rank}"


def led(user: Visitor) -> list[Task]:
    """The ateliers this account runs, each with its page."""
    rows = Atelier.objects.filter(pk__in=animated_today(user)).order_by("demarche", "rank")
    return [Task(str(atelier), page_of(atelier.pk), atelier.question) for atelier in rows]


def pages(rencontres: Collection[int]) -> dict[int, str]:
    """Of those that are séances, the page of their atelier."""
    rows = Seance.objects.filter(pk__in=rencontres).values_list("pk", "atelier", "rank")
    return {pk: page_of(atelier, rank) for pk, atelier, rank in rows}


def comptes_rendus(user: Visitor, at: datetime | None = None) -> list[Task]:
    """Those of the ateliers this person runs, as their organisateur or as the responsable; one query."""
    run = visible_demarches(user, RUNNING).filter(state=DemarcheState.PUBLISHED)
    theirs = Q(atelier__in=animated_today(user)) | Q(atelier__demarche__in=run.values("pk"))
    return minutes_due(list(awaiting_minutes(at).filter(theirs)), at)


def awaiting_minutes(at: datetime | None = None) -> Any:
    """The séances that were held, and whose compte rendu is not opened, or is past its remarks and not adopted."""
    held = Rencontre.objects.filter(state=RencontreState.PUBLISHED, demarche__state=DemarcheState.PUBLISHED).past(at)
    over = Q(compte_rendu__state=CompteRenduState.OPENED, compte_rendu__remarks_until__lt=timezone.localdate(at))
    unopened = Q(compte_rendu__isnull=True) | Q(compte_rendu__state=CompteRenduState.DRAFT)
    unanswered = Count("compte_rendu__remarques", filter=Q(compte_rendu__remarques__answered_at__isnull=True))
    rows = Seance.objects.filter(unopened | over, rencontre__in=held.order_by().values("pk"))
    return (
        rows.annotate(unanswered=unanswered)
        .select_related("rencontre", "atelier", "compte_rendu")
        .order_by("rencontre__starts_at", "pk")
    )


def minutes_due(seances: Collection[Any], at: datetime | None = None) -> list[Task]:
    """The oldest first, with the days since the séance."""
    return [_minutes(seance, timezone.localdate(at)) for seance in seances]


def _minutes(seance: Any, today: Any) -> Task:
    name = f"séance {seance.rank} de l’atelier {seance.atelier.rank}"
    url = page_of(seance.atelier_id, seance.rank)
    written = getattr(seance, "compte_rendu", None)
    if written is not None and written.state == CompteRenduState.OPENED:
        left = counted(seance.unanswered, "remarque attend sa réponse", "remarques attendent leur réponse")
        return Task(f"Compte rendu à adopter : {name}", url, f"{left}." if seance.unanswered else "Tout est répondu.")
    days = (today - timezone.localdate(seance.rencontre.starts_at)).days
    since = f"La séance a eu lieu il y a {counted(days, 'jour', 'jours')}"
    begun = "il est commencé" if written is not None else "rien n’est écrit"
    verb = "à ouvrir" if written is not None else "à écrire"
    return Task(f"Compte rendu {verb} : {name}", url, f"{since}, {begun}." if days > 0 else f"{begun.capitalize()}.")
