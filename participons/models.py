"""The tables of the roof: who is alive, and which programmes were loaded from a file."""

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from consultation.models import Demarche


class Heartbeat(models.Model):
    """When the worker and beat last showed that they do their work; /sante/ reads it."""

    FRESH = timedelta(minutes=3)

    name = models.CharField("nom", max_length=20, unique=True)
    at = models.DateTimeField("à")

    class Meta:
        verbose_name = "signe de vie"
        verbose_name_plural = "signes de vie"

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str) -> None:
        """In one statement, at the database's hour: several machines may say they live."""
        Heartbeat.objects.bulk_create(
            [Heartbeat(name=name, at=Now())], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
        )

    @classmethod
    def is_fresh(cls, name: str) -> bool:
        return cls.objects.filter(name=name, at__gt=timezone.now() - cls.FRESH).exists()


class ProgrammeLoad(models.Model):
    """What the last load of a programme wrote, so that the next one tells its own words from staff's."""

    slug = models.SlugField("nom du programme", max_length=80, unique=True)
    demarche = models.OneToOneField(Demarche, models.CASCADE, related_name="+", verbose_name="démarche")
    programme = models.JSONField("programme")
    exemple = models.JSONField("exemple", null=True, blank=True)
    weeks = models.IntegerField("semaines de décalage", default=0)
    memory = models.JSONField("ce qui a été écrit", default=dict)

    class Meta:
        verbose_name = "programme chargé"
        verbose_name_plural = "programmes chargés"

    def __str__(self) -> str:
        return self.slug
