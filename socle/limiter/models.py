"""The counters of the limiter. Nobody is named in them: a key is a fingerprint made with SECRET_KEY."""

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class InstantsField(models.Field):
    """Instants, in one column. Django's own ArrayField wants an app that looks two types up on every connection."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002
        return "timestamptz[]"


class Tally(models.Model):
    """The uses of one key that still count. One row for a key: its lock is what makes the count exact."""

    key = models.CharField("empreinte", max_length=64, primary_key=True)
    # As many as the limit allows, at most, and those of the last minute (actions.SLACK).
    uses = InstantsField("fin de chaque usage")
    # Without an index: written at each use, read once an hour by the purge.
    ends_at = models.DateTimeField("fin du dernier usage")

    class Meta:
        verbose_name = "compteur d’usage"
        verbose_name_plural = "compteurs d’usage"

    def __str__(self) -> str:
        return f"{self.key[:8]} : {len(self.uses)}"
