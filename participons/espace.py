"""What « Mon espace » shows of somebody: one query for each list, whatever its length."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from consultation import links
from consultation.letter_links import Reader, sign_reader
from consultation.models import Abonnement, Contribution, Demarche, Inscription, Rencontre, Soutien
from consultation.models.news import WHOLE
from socle.comptes.models import Personne

SHOWN = 50  # rows of a list; nobody has written that much, and a page must end


@dataclass(frozen=True)
class Mine:
    """A contribution of one's own: where it stands, and where it is followed."""

    contribution: Contribution
    path: str


@dataclass
class Followed:
    """What somebody asked to be told of a démarche; `signed` opens the page where it is changed."""

    demarche: Demarche
    signed: str
    whole: bool = False
    subjects: int = 0


def contributions(personne: Personne) -> list[Mine]:
    rows = Contribution.objects.filter(personne=personne).select_related("demarche").order_by("-submitted_at", "-pk")
    return [Mine(row, links.suivi_path(row) if row.tracking_hash else "") for row in rows[:SHOWN]]


def inscriptions(personne: Personne) -> list[Inscription]:
    """Those to come, and today's; the others are in « Mes inscriptions »."""
    rows = (
        Inscription.objects.active().with_rank().filter(personne=personne, rencontre__in=Rencontre.objects.published())
    )
    coming = rows.filter(rencontre__starts_at__gte=timezone.localtime().replace(hour=0, minute=0, second=0))
    ordered = coming.select_related("rencontre__demarche", "rencontre__lieu").order_by("rencontre__starts_at", "pk")
    return list(ordered[:SHOWN])


def soutiens(personne: Personne) -> list[Soutien]:
    """Of what is still published: what was taken down is shown nowhere."""
    shown = Contribution.objects.published().filter(demarche__in=Demarche.objects.published())
    rows = Soutien.objects.filter(personne=personne, contribution__in=shown)
    return list(rows.select_related("contribution__demarche").order_by("-given_at", "-pk")[:SHOWN])


def followed(personne: Personne) -> list[Followed]:
    found: dict[int, Followed] = {}
    rows = Abonnement.objects.active().filter(personne=personne).select_related("demarche").order_by("demarche", "pk")
    for row in rows[:SHOWN]:
        signed = sign_reader(Reader(personne.pk, row.demarche_id))
        about = found.setdefault(row.demarche_id, Followed(row.demarche, signed))
        about.whole |= row.topic == WHOLE
        about.subjects += 1
    return list(found.values())
