"""The public register: each public act, once, sealed in a chain that nobody can rewrite unseen (design §9).

The triggers of 0001_initial keep a sealed row as it is for ever, and refuse a seal that does not follow the last one.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone


class EntreeQuerySet(models.QuerySet["Entree"]):
    def sealed(self) -> EntreeQuerySet:
        return self.filter(number__isnull=False)

    def to_seal(self) -> EntreeQuerySet:
        """In the order in which they will be sealed: a row that commits late comes late, and is never left out."""
        return self.filter(number__isnull=True).order_by("pk")

    def oldest_first(self) -> EntreeQuerySet:
        return self.sealed().order_by("number")

    def newest_first(self) -> EntreeQuerySet:
        return self.sealed().order_by("-number")


class Entree(models.Model):
    """One public act: its reference, who acted as a role, and facts that are public elsewhere; no name, no text.

    `number`, `previous_hash` and `hash` are given once, at sealing (`actions.seal`).
    """

    recorded_at = models.DateTimeField("inscrite le", default=timezone.now, editable=False)
    kind = models.CharField("acte", max_length=40)
    subject = models.CharField("objet", max_length=110)
    role = models.CharField("agissant comme", max_length=40)
    facts = models.JSONField("faits", default=dict, blank=True)
    fingerprint = models.CharField("empreinte du texte", max_length=64, blank=True)
    demarche = models.CharField("démarche", max_length=80, blank=True)
    number = models.PositiveBigIntegerField("numéro", null=True, blank=True, unique=True)
    previous_hash = models.CharField("sceau précédent", max_length=64, blank=True)
    hash = models.CharField("sceau", max_length=64, blank=True)

    objects = EntreeQuerySet.as_manager()

    class Meta:
        verbose_name = "entrée du registre"
        verbose_name_plural = "registre public"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["id"], name="registre_to_seal", condition=Q(number__isnull=True)),
            models.Index(fields=["subject"], name="registre_subject"),
            models.Index(fields=["kind", "number"], name="registre_kind"),
            models.Index(fields=["demarche", "number"], name="registre_demarche"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(number__isnull=True, previous_hash="", hash="")
                | Q(number__gte=1, previous_hash__regex="^[0-9a-f]{64}$", hash__regex="^[0-9a-f]{64}$"),
                name="registre_sealed_whole",
                violation_error_message="Une entrée scellée a son numéro, son sceau et le sceau précédent.",
            )
        ]

    def __str__(self) -> str:
        return f"entrée {self.number}" if self.number else f"entrée à sceller ({self.pk})"


class EntreeKey(models.Model):
    """What ties a fingerprint to its text. Destroyed with the text: the fingerprint then says nothing of anything."""

    entree = models.OneToOneField(Entree, models.PROTECT, primary_key=True, related_name="key", verbose_name="entrée")
    secret = models.BinaryField("clé", max_length=32)

    class Meta:
        verbose_name = "clé d’empreinte"
        verbose_name_plural = "clés d’empreinte"

    def __str__(self) -> str:
        return f"clé {self.pk}"
