"""What a démarche is about, and from where people speak: its enjeux, its thèmes, its collèges."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from .demarche import Demarche


class Enjeu(models.Model):
    """One of the political aims of a démarche, with its whole sentence."""

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="enjeux", verbose_name="démarche")
    rank = models.PositiveSmallIntegerField("rang")
    short_title = models.CharField("en bref", max_length=80, help_text="Le verbe ou le nom qui l’annonce, en gras.")
    sentence = models.TextField("la phrase entière")

    class Meta:
        verbose_name = "enjeu"
        verbose_name_plural = "enjeux"
        ordering = ["demarche", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["demarche", "rank"],
                name="enjeu_rank_unique",
                violation_error_message="Un autre enjeu porte déjà ce rang.",
            )
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def opening(self) -> str:
        """What a tag can hold of the sentence: « poser la démocratie participative comme… »."""
        return Truncator(self.sentence).words(5, truncate="…")


class ThemeQuerySet(models.QuerySet["Theme"]):
    def open(self, at: datetime | None = None) -> ThemeQuerySet:
        """Those whose own window, where they have one, is open; the démarche's window is asked beside."""
        at = at or timezone.now()
        return self.filter(
            Q(contributions_open_at__isnull=True) | Q(contributions_open_at__lte=at),
            Q(contributions_close_at__isnull=True) | Q(contributions_close_at__gt=at),
        )


class Theme(models.Model):
    """A question chosen at the launch: people contribute on it online, an atelier works on it."""

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="themes", verbose_name="démarche")
    rank = models.PositiveSmallIntegerField("rang")
    question = models.CharField("question", max_length=400)
    introduction = models.TextField("présentation", blank=True)
    contributions_open_at = models.DateTimeField("ouvert depuis", null=True, blank=True)
    contributions_close_at = models.DateTimeField("ouvert jusqu’à", null=True, blank=True)

    objects = ThemeQuerySet.as_manager()

    class Meta:
        verbose_name = "thème"
        ordering = ["demarche", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["demarche", "rank"],
                name="theme_rank_unique",
                violation_error_message="Un autre thème porte déjà ce rang.",
            ),
            models.CheckConstraint(
                condition=Q(contributions_open_at__isnull=True)
                | Q(contributions_close_at__isnull=True)
                | Q(contributions_close_at__gt=F("contributions_open_at")),
                name="theme_window_order",
                violation_error_message="Le thème doit ouvrir avant de fermer.",
            ),
        ]

    def __str__(self) -> str:
        return self.question

    def get_absolute_url(self) -> str:
        return reverse("theme", args=[self.demarche.slug, self.rank])

    @property
    def topic(self) -> str:
        """What its news and the abonnements to them are about (consultation.topics)."""
        return f"theme:{self.rank}"

    def takes_contributions(self, at: datetime | None = None) -> bool:
        at = at or timezone.now()
        opens, closes = self.contributions_open_at, self.contributions_close_at
        own = (opens is None or opens <= at) and (closes is None or at < closes)
        return own and self.demarche.takes_contributions(at)


class College(models.Model):
    """The part of society one speaks from: « Vous participez en tant que… »."""

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="colleges", verbose_name="démarche")
    rank = models.PositiveSmallIntegerField("rang")
    label = models.CharField("libellé", max_length=120)

    class Meta:
        verbose_name = "collège"
        ordering = ["demarche", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["demarche", "rank"],
                name="college_rank_unique",
                violation_error_message="Un autre collège porte déjà ce rang.",
            ),
            models.UniqueConstraint(
                fields=["demarche", "label"],
                name="college_label_unique",
                violation_error_message="Ce collège existe déjà.",
            ),
        ]

    def __str__(self) -> str:
        return self.label
