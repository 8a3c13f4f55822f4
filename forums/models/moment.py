"""The programme of the day: what comes one after the other, and which productions a group gives back."""

from __future__ import annotations

from hashlib import sha256

from django.db import models
from django.db.models import Q
from django.urls import reverse

from ateliers.models import Atelier, Membre, Production

from .forum import Forum


class MomentKind(models.TextChoices):
    WELCOME = "accueil", "accueil"
    OPENING = "ouverture", "ouverture"
    RESTITUTION = "restitution", "restitution"
    DEBATE = "debat", "débat"
    CROSSING = "croisement", "croisement"
    BREAK = "pause", "pause"
    CLOSING = "cloture", "clôture"


class Moment(models.Model):
    """A part of the day of a forum. A restitution is that of one atelier, and brings productions of its group."""

    demarche_path = "forum__rencontre__demarche"

    forum = models.ForeignKey(Forum, models.CASCADE, related_name="moments", verbose_name="forum")
    rank = models.PositiveSmallIntegerField("ordre")
    kind = models.CharField("nature", max_length=12, choices=MomentKind)
    at = models.TimeField("heure", null=True, blank=True, help_text="Vide : « à préciser ».")
    title = models.CharField(
        "titre", max_length=200, blank=True, help_text="Vide : la nature du moment, ou la question de l’atelier."
    )
    atelier = models.ForeignKey(
        Atelier, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="atelier restitué"
    )
    rapporteur = models.CharField(
        "rapporteur", max_length=120, blank=True, help_text="Public : avec son accord, tel qu’il veut être nommé."
    )
    membre = models.ForeignKey(
        Membre,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="qui est ce membre",
        help_text="S’il compose le groupe : son nom s’effacera d’ici avec ses données, s’il quitte le portail.",
    )
    text = models.TextField("texte", max_length=2000, blank=True)
    productions = models.ManyToManyField(Production, blank=True, related_name="+", verbose_name="productions")

    class Meta:
        verbose_name = "moment du programme"
        verbose_name_plural = "programme du jour"
        ordering = ["forum", "rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["forum", "atelier"],
                name="moment_atelier_once",
                violation_error_message="Cet atelier a déjà sa restitution à ce forum.",
            ),
            models.CheckConstraint(
                condition=Q(kind=MomentKind.RESTITUTION, atelier__isnull=False)
                | (~Q(kind=MomentKind.RESTITUTION) & Q(atelier__isnull=True)),
                name="moment_restitution_of_atelier",
                violation_error_message="Une restitution est celle d’un atelier ; les autres moments n’en ont pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"moment {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("forum_moment", args=[self.forum_id, self.pk])

    @property
    def said(self) -> str:
        """Its title as it is shown; the atelier must be loaded with the row."""
        return self.title or (self.atelier.question if self.atelier else self.get_kind_display().capitalize())

    @property
    def seal(self) -> str:
        """What whoever read its restitution sends back. `productions` are prefetched, or read."""
        keys = " ".join(str(pk) for pk in sorted(one.pk for one in self.productions.all()))
        return sha256(f"{self.rapporteur}\0{self.membre_id}\0{keys}".encode()).hexdigest()[:32]

    @property
    def hour(self) -> str:
        """« 9 h 30 »; empty where it is not known."""
        if self.at is None:
            return ""
        return f"{self.at.hour}\u00a0h" + (f"\u00a0{self.at.minute:02}" if self.at.minute else "")
