"""How a group is composed: the balance aimed at, those who may be drawn, the draw, who came in and who left."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from consultation.models import College, Commune
from socle.comptes.models import Personne

from .atelier import Atelier, Membre


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

    Announced first, with its pool: the seed comes afterwards, and nobody can have chosen who it draws. Neither is
    ever changed or deleted (trigger `tirage_stays`), and what is drawn is what the rule gives (`tirage_follows_rule`).
    `pool` is a list of lots, as `ateliers.lots` writes them; `by_college` says which collège is which lot.
    """

    demarche_path = "atelier__demarche"

    atelier = models.ForeignKey(Atelier, models.PROTECT, related_name="tirages", verbose_name="atelier")
    seed = models.CharField("graine", max_length=80, blank=True, help_text="Publiée : le tirage peut être refait.")
    seed_source = models.CharField(
        "d’où vient la graine", max_length=300, help_text="Publié avec l’annonce, avant que la graine soit connue."
    )
    rule = models.TextField("règle", help_text="Publiée telle quelle.")
    pool = models.JSONField("numéros en lice, par lot", default=list)
    drawn = models.JSONField("numéros tirés, par lot et dans l’ordre", default=list)
    by_college = models.JSONField("le lot de chaque collège", default=dict, help_text="Jamais publié.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="fait par")
    announced_at = models.DateTimeField("annoncé le", default=timezone.now)
    drawn_at = models.DateTimeField("tiré le", null=True, blank=True)

    class Meta:
        verbose_name = "tirage au sort"
        verbose_name_plural = "tirages au sort"
        ordering = ["announced_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(drawn_at__isnull=True, seed="", drawn=[]) | (Q(drawn_at__isnull=False) & ~Q(seed="")),
                name="tirage_drawn_with_its_seed",
                violation_error_message="Un tirage fait a sa graine ; un tirage annoncé n’en a pas encore.",
            ),
            models.UniqueConstraint(
                fields=["atelier"],
                condition=Q(drawn_at__isnull=True),
                name="tirage_one_announced",
                violation_error_message="Un tirage annoncé attend encore sa graine.",
            ),
        ]

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


class MembreEventKind(models.TextChoices):
    JOINED = "entree", "entrée dans le groupe"
    LEFT = "depart", "départ du groupe"
    BACK = "retour", "retour dans le groupe"


class MembreEvent(models.Model):
    """Somebody came into a group, left it or came back, and who in the team wrote it down."""

    demarche_path = "membre__atelier__demarche"

    membre = models.ForeignKey(Membre, models.CASCADE, related_name="events", verbose_name="membre")
    kind = models.CharField("quoi", max_length=8, choices=MembreEventKind)
    at = models.DateTimeField("le", db_default=Now())
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="par",
        help_text="Vide : la personne elle-même.",
    )

    class Meta:
        verbose_name = "mouvement d’un groupe"
        verbose_name_plural = "mouvements d’un groupe"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"mouvement {self.pk}"
