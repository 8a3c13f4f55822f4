"""The public records of an archived démarche that a visa may let go (settings.RECORDS)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from consultation.choices import ContributionState, DemarcheState
from consultation.held import ERASED, ERASED_TITLE
from consultation.models import Contribution, Demarche, Feuille, Version
from consultation.models.contribution import ContributionQuerySet
from socle.privacy.records import Record
from socle.registre.actions import forget_text
from socle.registre.models import Entree

IN_USE = timedelta(days=5 * 365)  # after the archiving: the longest time in which a decision of that kind is argued
NEVER_SHOWN = (ContributionState.REFUSED, ContributionState.TO_CONFIRM, ContributionState.WITHDRAWN)


def over() -> dict[str, str]:
    """The démarches archived for longer than IN_USE; the register says since when."""
    told = Entree.objects.filter(kind="demarche.archivee")
    recent = told.filter(recorded_at__gt=timezone.now() - IN_USE)
    rows = Demarche.objects.filter(state=DemarcheState.ARCHIVED, slug__in=told.values("demarche"))
    return dict(rows.exclude(slug__in=recent.values("demarche")).order_by("pk").values_list("slug", "title"))


def _never_published(slug: str) -> ContributionQuerySet:
    rows = Contribution.objects.filter(demarche__slug=slug, state__in=NEVER_SHOWN, published_at__isnull=True)
    return rows.exclude(body=ERASED)


def _destroy_never_published(slug: str) -> int:
    """Their words and their names; that they came, and what was decided, stays."""
    rows = list(_never_published(slug).select_related("demarche").select_for_update(of=("self",)).order_by("pk"))
    for one in rows:
        forget_text(one.reference)
    pks = [one.pk for one in rows]
    Version.objects.filter(contribution__in=pks).update(title=ERASED_TITLE, body=ERASED)
    said = {"title": ERASED_TITLE, "body": ERASED, "display": "anonyme", "author_name": "", "function": ""}
    return Contribution.objects.filter(pk__in=pks).update(**said, organisation="", commune_name="", personne=None)


def _sheets(slug: str) -> Q:
    return Q(rencontre__demarche__slug=slug)


NEVER_PUBLISHED = Record(
    "Textes jamais publiés",
    "refusés, retirés avant d’avoir paru ou jamais confirmés, d’une démarche archivée depuis plus de cinq ans",
    over,
    lambda slug: _never_published(slug).count(),
    _destroy_never_published,
)
SHEETS = Record(
    "Feuilles d’émargement",
    "les listes préparées pour la porte, d’une démarche archivée depuis plus de cinq ans ; les présences restent",
    over,
    lambda slug: Feuille.objects.filter(_sheets(slug)).count(),
    lambda slug: Feuille.objects.filter(_sheets(slug)).delete()[0],
)
