"""What « Mon espace » shows of somebody: one query for each list, whatever its length."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import F, FilteredRelation, Q
from django.utils import timezone

from consultation import links
from consultation.forms.news import RhythmsForm
from consultation.letter_links import Reader, sign_reader
from consultation.models import Contribution, Demarche, Inscription, Rencontre, Soutien
from socle.comptes.models import Personne

SHOWN = 50  # rows of a list; nobody has written that much, and a page must end


@dataclass(frozen=True)
class Mine:
    """A contribution of one's own: where it stands, and where it is followed."""

    contribution: Contribution
    path: str


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


@dataclass(frozen=True)
class News:
    """A form for the subjects of the current démarche; of each other one that is followed, the page that changes it."""

    form: RhythmsForm | None
    others: list[tuple[Demarche, str]]


def followed(personne: Personne, data: Any) -> News:
    """One query: the current démarche comes whether it is followed or not."""
    mine = Q(abonnements__personne=personne, abonnements__ended_at=None)
    shown = Demarche.objects.published().annotate(mine=FilteredRelation("abonnements", condition=mine))
    shown = shown.filter(Q(courante=True) | Q(mine__isnull=False)).order_by("-courante", "pk", "mine__pk")
    rhythms: dict[Demarche, dict[str, str]] = defaultdict(dict)
    for one in shown.annotate(topic=F("mine__topic"), rhythm=F("mine__rhythm"))[:SHOWN]:
        rhythms[one] |= {one.topic: one.rhythm} if one.rhythm else {}
    current = next((one for one in rhythms if one.courante), None)
    others = [(one, sign_reader(Reader(personne.pk, one.pk))) for one in rhythms if one != current]
    form = RhythmsForm(data, demarche=current, followed=rhythms[current]) if current else None
    return News(form, others)
