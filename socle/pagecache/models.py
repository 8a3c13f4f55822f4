"""The generation of the public pages: what was stored under an earlier one is not served again (design §5)."""

from django.db import models


class Generation(models.Model):
    """One row, id 1. `actions.bump` writes it, `freshness` reads it; nothing else touches it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField("numéro", default=1)

    class Meta:
        verbose_name = "génération des pages publiques"
        verbose_name_plural = "génération des pages publiques"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="generation_is_one_row")]

    def __str__(self) -> str:
        return str(self.number)
