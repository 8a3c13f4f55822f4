"""What the author of a contribution was told of it, so that it is told once."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q
from django.utils import timezone

from consultation.choices import AnnonceOutcome
from socle.courriels.models import Envoi

from .contribution import Contribution
from .reserve import Archivage
from .suite import SuiteChange
from .texte import Texte

ABOUT = {
    "production": ["production"],
    "texte": ["reprise", "reponse", "presente", "avis", "vote"],
    "change": ["suite"],
    "archivage": ["archive"],
}


def _about(name: str) -> Q:
    others = {f"{other}__isnull": True for other in ABOUT if other != name}
    return Q(outcome__in=ABOUT[name], **{f"{name}__isnull": False}, **others)


ABOUT_ONE = reduce(or_, map(_about, ABOUT))


class Annonce(models.Model):
    """The author of a contribution was told what became of it, once: a group took it up (`production`), what a texte
    makes of it, or that texte is presented, given an avis, voted (`texte`), how far it is carried out (`change`), its
    démarche is over (`archivage`)."""

    demarche_path = "contribution__demarche"

    production = models.ForeignKey(Contribution, models.CASCADE, null=True, related_name="+", verbose_name="production")
    texte = models.ForeignKey(Texte, models.CASCADE, null=True, related_name="annonces", verbose_name="texte")
    change = models.ForeignKey(SuiteChange, models.CASCADE, null=True, related_name="+", verbose_name="suite")
    archivage = models.ForeignKey(Archivage, models.CASCADE, null=True, related_name="+", verbose_name="archivage")
    contribution = models.ForeignKey(Contribution, models.CASCADE, related_name="annonces", verbose_name="contribution")
    outcome = models.CharField("ce qui en est fait", max_length=10, choices=AnnonceOutcome)
    envoi = models.ForeignKey(Envoi, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="courriel")
    told_at = models.DateTimeField("dit le", default=timezone.now)

    class Meta:
        verbose_name = "annonce à un auteur"
        verbose_name_plural = "annonces aux auteurs"
        constraints = [
            models.UniqueConstraint(
                fields=[*ABOUT, "contribution", "outcome"],
                name="annonce_once",
                nulls_distinct=False,
                violation_error_message="Cela a déjà été dit à son auteur.",
            ),
            models.CheckConstraint(
                condition=ABOUT_ONE,
                name="annonce_about_one",
                violation_error_message="Une annonce dit une seule chose.",
            ),
        ]

    def __str__(self) -> str:
        return f"annonce {self.pk}"
