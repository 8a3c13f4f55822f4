"""What a group makes in a séance: its productions, the tables they are typed at, what becomes of them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from consultation.models import Contribution
from consultation.models.contribution import STORED_BODY_LENGTH, STORED_TITLE_LENGTH

from .atelier import Seance


class Table(models.Model):
    """Where one scribe types, by a link of its own that opens this séance and this table and nothing else.

    The link is signed with `nonce`: another nonce, or a closed table, and it opens nothing any more.
    """

    demarche_path = "seance__atelier__demarche"

    seance = models.ForeignKey(Seance, models.CASCADE, related_name="tables", verbose_name="séance")
    number = models.PositiveSmallIntegerField("numéro")
    label = models.CharField("nom de la table", max_length=80, blank=True)
    nonce = models.CharField(max_length=32, editable=False)
    opened_at = models.DateTimeField("ouverte le", default=timezone.now, editable=False)
    closed_at = models.DateTimeField("fermée le", null=True, blank=True)

    class Meta:
        verbose_name = "table"
        ordering = ["seance", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["seance", "number"],
                name="table_number_unique",
                violation_error_message="Cette séance a déjà une table de ce numéro.",
            )
        ]

    def __str__(self) -> str:
        return f"table {self.number}"


class Production(models.Model):
    """A contribution made by a group; its words are those of the latest of its versions."""

    demarche_path = "contribution__demarche"

    contribution = models.OneToOneField(
        Contribution, models.CASCADE, primary_key=True, related_name="+", verbose_name="contribution"
    )
    seance = models.ForeignKey(Seance, models.PROTECT, related_name="productions", verbose_name="née à la séance")
    table = models.ForeignKey(
        Table, models.SET_NULL, null=True, blank=True, related_name="productions", verbose_name="table"
    )
    sheet = models.PositiveSmallIntegerField(
        "numéro de la fiche", null=True, blank=True, help_text="Celui de la fiche de papier qui a été recopiée."
    )
    minority = models.BooleanField(
        "point de vue minoritaire", default=False, help_text="Une partie du groupe n’est pas d’accord : c’est gardé."
    )

    class Meta:
        verbose_name = "production"
        ordering = ["seance", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["seance", "sheet"],
                condition=Q(sheet__isnull=False),
                name="production_sheet_once",
                violation_error_message="Cette fiche a déjà été recopiée.",
            )
        ]

    def __str__(self) -> str:
        return f"production {self.pk}"


class ProductionVersion(models.Model):
    """The words of a production as they left one séance."""

    demarche_path = "production__contribution__demarche"

    production = models.ForeignKey(Production, models.CASCADE, related_name="versions", verbose_name="production")
    seance = models.ForeignKey(Seance, models.PROTECT, related_name="+", verbose_name="séance")
    title = models.CharField("titre", max_length=STORED_TITLE_LENGTH)
    body = models.TextField("texte", max_length=STORED_BODY_LENGTH)
    written_at = models.DateTimeField("écrite le", default=timezone.now)

    class Meta:
        verbose_name = "version d’une production"
        verbose_name_plural = "versions de productions"
        ordering = ["production", "seance__rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["production", "seance"],
                name="production_version_once",
                violation_error_message="Cette production a déjà une version à cette séance.",
            )
        ]

    def __str__(self) -> str:
        return f"version {self.pk}"


class Fate(models.TextChoices):
    """What a group does in a séance with a production of an earlier one."""

    KEPT = "gardee", "gardée"
    REWORDED = "reformulee", "reformulée"
    MERGED = "fusionnee", "fusionnée"
    DROPPED = "abandonnee", "abandonnée"


class Devenir(models.Model):
    """What became, in a séance, of a production that came from an earlier one."""

    demarche_path = "production__contribution__demarche"

    production = models.ForeignKey(Production, models.CASCADE, related_name="devenirs", verbose_name="production")
    seance = models.ForeignKey(Seance, models.PROTECT, related_name="devenirs", verbose_name="décidé à la séance")
    fate = models.CharField("devenir", max_length=12, choices=Fate)
    into = models.ForeignKey(
        Production, models.PROTECT, null=True, blank=True, related_name="absorbed", verbose_name="fusionnée dans"
    )
    reason = models.TextField("raison", max_length=1000, blank=True)
    decided_at = models.DateTimeField("décidé le", default=timezone.now)

    class Meta:
        verbose_name = "devenir"
        verbose_name_plural = "devenirs"
        ordering = ["production", "seance__rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["production", "seance"],
                name="devenir_once",
                violation_error_message="Le groupe a déjà décidé de cette production à cette séance.",
            ),
            models.CheckConstraint(
                condition=Q(fate=Fate.MERGED, into__isnull=False) | (~Q(fate=Fate.MERGED) & Q(into__isnull=True)),
                name="devenir_merged_into",
                violation_error_message="Une production fusionnée l’est dans une autre.",
            ),
            models.CheckConstraint(
                condition=Q(into__isnull=True) | ~Q(into=F("production")),
                name="devenir_not_into_itself",
                violation_error_message="Une production ne se fusionne pas avec elle-même.",
            ),
            models.CheckConstraint(
                condition=~Q(fate=Fate.DROPPED) | ~Q(reason=""),
                name="devenir_dropped_says_why",
                violation_error_message="Dites pourquoi le groupe abandonne cette production.",
            ),
        ]

    def __str__(self) -> str:
        return f"devenir {self.pk}"
