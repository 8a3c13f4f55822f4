"""The counters of the limiter. Nobody is named in them: a key is a fingerprint made with SECRET_KEY."""

from django.db import models


class Hit(models.Model):
    """How often one key was used in one window. The window's end names it, and says when the row may go."""

    pk = models.CompositePrimaryKey("key", "ends_at")
    key = models.CharField("empreinte", max_length=64)
    ends_at = models.DateTimeField("fin de la fenêtre", db_index=True)
    count = models.PositiveIntegerField("usages")

    class Meta:
        verbose_name = "compteur d’usage"
        verbose_name_plural = "compteurs d’usage"

    def __str__(self) -> str:
        return f"{self.key[:8]} : {self.count}"
