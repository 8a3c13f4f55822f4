"""What is said at a forum, in the room or online, of a production or of a passage."""

from __future__ import annotations

from django.db import models

from consultation.models import Contribution, Passage

from .forum import Forum


class InterventionQuerySet(models.QuerySet["Intervention"]):
    def published(self) -> InterventionQuerySet:
        return self.filter(contribution__in=Contribution.objects.published())


class Intervention(models.Model):
    """A remark made at a forum is a contribution: of a production it is a réaction to it, of a passage it says which.

    So it is moderated, searched, exported and answered as all that is said.
    """

    demarche_path = "contribution__demarche"

    contribution = models.OneToOneField(
        Contribution, models.CASCADE, primary_key=True, related_name="+", verbose_name="contribution"
    )
    forum = models.ForeignKey(Forum, models.PROTECT, related_name="interventions", verbose_name="forum")
    passage = models.ForeignKey(
        Passage, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="sur le passage"
    )
    table = models.PositiveSmallIntegerField("table", null=True, blank=True)

    objects = InterventionQuerySet.as_manager()

    class Meta:
        verbose_name = "remarque au forum"
        verbose_name_plural = "remarques au forum"
        ordering = ["forum", "-pk"]

    def __str__(self) -> str:
        return f"remarque {self.pk}"
