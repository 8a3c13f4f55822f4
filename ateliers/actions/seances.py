"""What plans a séance."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ateliers.actions.composition import catch_up, lock_group
from ateliers.models import Atelier, Seance
from consultation.choices import DemarcheState, RencontreKind, RencontreState
from consultation.models import Etape, Rencontre
from socle.comptes.models import User
from socle.dates import Precision


def seance_title(atelier: Atelier, rank: int) -> str:
    return f"Atelier {atelier.rank} – {atelier.town}, séance {rank}"


@transaction.atomic
def plan_seance(
    atelier: Atelier,
    rank: int,
    starts_at: datetime,
    *,
    ends_at: datetime | None = None,
    precision: str = Precision.HOUR,
    capacity: int | None = None,
    objective: str = "",
    ordre_du_jour: str = "",
    etape: Etape | None = None,
    by: User | None = None,
) -> Seance:
    """A séance and the rencontre that holds its date, its place (the atelier's) and its places; announced at once.

    Those who compose the group by then get their inscription with it.
    """
    lock_group(atelier)
    rencontre = Rencontre.objects.create(
        demarche=atelier.demarche,
        etape=etape or etape_of_ateliers(atelier),
        kind=RencontreKind.SEANCE,
        title=seance_title(atelier, rank),
        starts_at=starts_at,
        ends_at=ends_at,
        precision=precision,
        lieu=atelier.lieu,
        capacity=capacity,
        state=RencontreState.PUBLISHED,
    )
    seance = Seance.objects.create(
        rencontre=rencontre, atelier=atelier, rank=rank, objective=objective, ordre_du_jour=ordre_du_jour
    )
    catch_up(atelier, by)
    return seance


def announced(rencontre: Rencontre, by: User) -> str:
    """A rencontre that was a draft can be read by all (settings.ANNOUNCED): where it is a séance, the members of its
    group are put down for it, with one message each. What is said of it to whoever announced it.

    Its row is held already, which is before the group's: nobody who holds a group waits for a draft.
    """
    seance = Seance.objects.filter(pk=rencontre.pk).select_related("atelier__demarche").first()
    if seance is None or seance.atelier.demarche.state != DemarcheState.PUBLISHED:
        return ""
    composed = catch_up(seance.atelier, by, only=seance)
    taken, waiting = composed.confirmed[seance.pk], composed.waiting[seance.pk]
    if not taken + waiting:
        return ""
    line = f", {waiting} sur la liste d’attente" if waiting else ""
    return f"Le groupe y est inscrit : {taken} avec une place{line}. Chaque adresse confirmée reçoit un message."


def etape_of_ateliers(atelier: Atelier) -> Etape | None:
    """The étape whose type opens the work of the ateliers, where the démarche has one."""
    etapes = Etape.objects.filter(demarche=atelier.demarche)
    return next((etape for etape in etapes if "productions" in etape.regle.opens), None)
