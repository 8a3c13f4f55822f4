"""Contributions that others repeat to the letter, noted as they are published."""

from __future__ import annotations

from django.db import models

from .contribution import Contribution
from .demarche import Demarche


class Repeated(models.Model):
    """One that had a copy as it was published, or as its copy was (triggers of migration 0032).

    Only where to look: whoever reads asks the index `contribution_likeness` whether it still has copies. Written by the
    database without waiting for anyone, it may hold a contribution twice; it forgets one that is no longer online, and
    holds nothing of its words.
    """

    contribution = models.ForeignKey(Contribution, models.CASCADE, related_name="+", verbose_name="contribution")
    demarche = models.ForeignKey(Demarche, models.CASCADE, db_index=False, related_name="+", verbose_name="démarche")

    class Meta:
        verbose_name = "contribution qui se répète"
        verbose_name_plural = "contributions qui se répètent"
        indexes = [models.Index(fields=["demarche", "contribution"], name="repeated_list")]

    def __str__(self) -> str:
        return f"contribution {self.contribution_id}, qui se répète"
