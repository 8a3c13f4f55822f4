"""The regional meetings where the groups' work is given back, debated and crossed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse

from consultation.models import Demarche, Rencontre


class ForumQuerySet(models.QuerySet["Forum"]):
    def published(self) -> ForumQuerySet:
        return self.filter(rencontre__in=Rencontre.objects.published())

    def of(self, demarche: Demarche) -> ForumQuerySet:
        return self.filter(rencontre__demarche=demarche)


class Forum(models.Model):
    """A forum has an edition number of its own; its date, place and places are its rencontre's."""

    demarche_path = "rencontre__demarche"

    rencontre = models.OneToOneField(
        Rencontre, models.CASCADE, primary_key=True, related_name="+", verbose_name="rencontre"
    )
    edition = models.PositiveSmallIntegerField("édition")
    periodicity = models.CharField("périodicité", max_length=40, blank=True, help_text="Par exemple « biennal ».")
    purpose = models.TextField("objet", blank=True)

    objects = ForumQuerySet.as_manager()

    class Meta:
        verbose_name = "forum"
        ordering = ["rencontre__starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(edition__gte=1),
                name="forum_edition_from_1",
                violation_error_message="La première édition porte le numéro 1.",
            )
        ]

    def __str__(self) -> str:
        return f"forum, {self.edition}e édition"

    def get_absolute_url(self) -> str:
        return reverse("forum", args=[self.pk])
