"""The communes of the territory, from INSEE's list, loaded by staff (`import_communes`)."""

from __future__ import annotations

from typing import Any

from django.db import models

from socle.text import fold, sort_key


class CommuneQuerySet(models.QuerySet["Commune"]):
    def named(self, name: str) -> CommuneQuerySet:
        return self.filter(sort_key=sort_key(name))

    def starting(self, letters: str) -> CommuneQuerySet:
        return self.filter(sort_key__startswith=fold(letters)).order_by("sort_key")


class Commune(models.Model):
    insee_code = models.CharField("code INSEE", max_length=5, primary_key=True)
    name = models.CharField("nom", max_length=80)
    departement = models.CharField("département", max_length=3)
    epci_code = models.CharField("code de l’EPCI", max_length=9, blank=True)
    epci_name = models.CharField("EPCI", max_length=120, blank=True)
    population = models.PositiveIntegerField("population", null=True, blank=True)
    sort_key = models.CharField(max_length=80, editable=False, db_index=True)

    objects = CommuneQuerySet.as_manager()

    class Meta:
        verbose_name = "commune"
        ordering = ["sort_key"]

    def __str__(self) -> str:
        return f"{self.name} ({self.departement})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = sort_key(self.name)
        super().save(*args, **kwargs)
