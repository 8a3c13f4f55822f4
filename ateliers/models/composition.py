"""How a group is composed: the balance aimed at, those who may be drawn, the draw."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from consultation.models import College, Commune
from socle.comptes.models import Personne

from .atelier import Atelier


class Cible(models.Model):
    """Places meant for one collège, or for one territory (an EPCI), in a group."""

    demarche_path = "atelier__demarche"

    atelier = models.ForeignKey(Atelier, models.CASCADE, related_name="cibles", verbose_name="atelier")
    college = models.ForeignKey(
        College, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="collège"
    )
    epci_code = models.CharField("code de l’EPCI", max_length=9, blank=True)
    places = models.PositiveSmallIntegerField("places visées")

    class Meta:
        verbose_name = "cible"
        ordering = ["atelier", "college__rank", "epci_code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(college__isnull=False, epci_code="") | (Q(college__isnull=True) & ~Q(epci_code="")),
                name="cible_college_or_territory",
                violation_error_message="Une cible vise un collège, ou un territoire.",
            ),
            models.UniqueConstraint(
                fields=["atelier", "college"],
                condition=Q(college__isnull=False),
                name="cible_college_once",
                violation_error_message="Ce collège a déjà ses places dans cet atelier.",
            ),
            models.UniqueConstraint(
                fields=["atelier", "epci_code"],
                condition=~Q(epci_code=""),
                name="cible_territory_once",
                violation_error_message="Ce territoire a déjà ses places dans cet atelier.",
            ),
        ]

    def __str__(self) -> str:
        return f"cible {self.pk}"


class Tirage(models.Model):
    """One draw, which anyone can do again: from the seed, the rule and the numbers, without a name.

    `pool` and `drawn` are numbers of `Candidature`s; `by_college`: the rank of each collège, how many were drawn.
    """

    demarche_path = "atelier__demarche"

    atelier = models.ForeignKey(Atelier, models.PROTECT, related_name="tirages", verbose_name="atelier")
    seed = models.CharField("graine", max_length=80, help_text="Publiée avec la règle : le tirage peut être refait.")
    rule = models.TextField("règle", help_text="Publiée telle quelle.")
    pool = models.JSONField("numéros en lice", default=list)
    drawn = models.JSONField("numéros tirés, dans l’ordre", default=list)
    by_college = models.JSONField("tirés par collège", default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="fait par")
    drawn_at = models.DateTimeField("tiré le", default=timezone.now)

    class Meta:
        verbose_name = "tirage au sort"
        verbose_name_plural = "tirages au sort"
        ordering = ["drawn_at", "pk"]

    def __str__(self) -> str:
        return f"tirage {self.pk}"


class Candidature(models.Model):
    """A person who may be put in a group: from the launch, from a list, from the waiting lists."""

    demarche_path = "atelier__demarche"

    atelier = models.ForeignKey(Atelier, models.CASCADE, related_name="candidatures", verbose_name="atelier")
    number = models.PositiveIntegerField("numéro", help_text="Celui du tirage ; publié sans le nom.")
    personne = models.ForeignKey(Personne, models.PROTECT, related_name="+", verbose_name="personne")
    name = models.CharField("nom", max_length=120, blank=True, help_text="Jamais publié.")
    college = models.ForeignKey(
        College, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="collège"
    )
    commune = models.ForeignKey(
        Commune, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="commune"
    )
    organisation = models.CharField("organisation", max_length=160, blank=True)
    received_at = models.DateTimeField("reçue le", default=timezone.now)

    class Meta:
        verbose_name = "candidature"
        ordering = ["atelier", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["atelier", "personne"],
                name="candidature_once",
                violation_error_message="Cette personne est déjà candidate à cet atelier.",
            ),
            models.UniqueConstraint(
                fields=["atelier", "number"],
                name="candidature_number_unique",
                violation_error_message="Ce numéro est déjà celui d’une autre candidature.",
            ),
        ]

    def __str__(self) -> str:
        return f"candidature {self.pk}"
