"""The roof has one table of its own: who is alive."""

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone


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
