"""The regional meetings where the groups' work is given back, debated and crossed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from consultation.choices import DemarcheState
from consultation.models import Demarche, Rencontre, Texte
from socle.dates import Precision, day_label, local_midnight, moment_label


class ForumQuerySet(models.QuerySet["Forum"]):
    def published(self) -> ForumQuerySet:
        return self.filter(rencontre__in=Rencontre.objects.published())

    def of(self, demarche: Demarche) -> ForumQuerySet:
        return self.filter(rencontre__demarche=demarche)


def _instant(at: datetime) -> str:
    midnight = local_midnight(timezone.localdate(at))
    return moment_label(at, None, Precision.DAY if at == midnight else Precision.HOUR)


class Forum(models.Model):
    """A forum has an edition number of its own; its date, place and places are its rencontre's."""

    demarche_path = "rencontre__demarche"

    rencontre = models.OneToOneField(
        Rencontre, models.CASCADE, primary_key=True, related_name="+", verbose_name="rencontre"
    )
    edition = models.PositiveSmallIntegerField("édition")
    periodicity = models.CharField("périodicité", max_length=40, blank=True, help_text="Par exemple « biennal ».")
    purpose = models.TextField("objet", blank=True)
    texte = models.ForeignKey(
        Texte,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="texte mis en débat",
        help_text="Ses passages peuvent être discutés au forum, une fois qu’il a paru.",
    )
    remarks_open_at = models.DateTimeField(
        "remarques en ligne à partir du",
        null=True,
        blank=True,
        help_text="Chacun pourra écrire en ligne sur une production restituée ou sur un passage du texte mis en débat.",
    )
    remarks_close_at = models.DateTimeField("jusqu’au", null=True, blank=True)
    # Where the scribes type what is said in the room: another nonce, and the link before opens nothing any more.
    scribe_nonce = models.CharField(max_length=32, blank=True, default="", db_default="", editable=False)
    scribes_since = models.DateTimeField("saisie ouverte le", null=True, editable=False)

    objects = ForumQuerySet.as_manager()

    class Meta:
        verbose_name = "forum"
        ordering = ["rencontre__starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(edition__gte=1),
                name="forum_edition_from_1",
                violation_error_message="La première édition porte le numéro 1.",
            ),
            models.CheckConstraint(
                condition=Q(remarks_open_at__isnull=True, remarks_close_at__isnull=True)
                | Q(remarks_open_at__isnull=False, remarks_close_at__gt=F("remarks_open_at")),
                name="forum_remarks_window",
                violation_error_message="Les remarques en ligne ont un début, et une fin qui vient après.",
            ),
        ]

    def __str__(self) -> str:
        return f"forum, {self.edition}e édition"

    def get_absolute_url(self) -> str:
        return reverse("forum", args=[self.pk])

    def takes_remarks(self, at: datetime | None = None) -> bool:
        """Online, now."""
        at, opens, closes = at or timezone.now(), self.remarks_open_at, self.remarks_close_at
        return opens is not None and closes is not None and opens <= at < closes and self._is_held

    def takes_remarks_later(self, at: datetime | None = None) -> bool:
        """The window online is announced, and not open yet."""
        opens = self.remarks_open_at
        return opens is not None and (at or timezone.now()) < opens and self._is_held

    @property
    def _is_held(self) -> bool:
        """Not cancelled, and of a démarche that is not archived: nothing more is said there."""
        return not self.rencontre.is_cancelled and self.rencontre.demarche.state == DemarcheState.PUBLISHED

    @property
    def remarks_from(self) -> str:
        """« lundi 10 mai 2011, à 9 h »; the day alone where it opens as the day begins."""
        return _instant(self.remarks_open_at) if self.remarks_open_at else ""

    @property
    def remarks_until(self) -> str:
        """« mardi 24 mai 2011, à 18 h »; of a window that closes as a day ends, that day."""
        closes = self.remarks_close_at
        if closes is None:
            return ""
        last = timezone.localdate(closes - timedelta(microseconds=1))
        return f"{day_label(last)} inclus" if closes == local_midnight(timezone.localdate(closes)) else _instant(closes)

    def takes_scribes(self, at: datetime | None = None) -> bool:
        """From the morning of the forum to the evening after, or to the evening after its link was made again."""
        at, last = at or timezone.now(), self.scribes_last_day
        if last is None or not self._is_held:
            return False
        opens = local_midnight(timezone.localdate(self.rencontre.starts_at))
        return opens <= at < local_midnight(last + timedelta(days=1))

    @property
    def scribes_last_day(self) -> date | None:
        """Included; None where there is no link, or no day."""
        rencontre = self.rencontre
        if not self.scribe_nonce or self.scribes_since is None or not rencontre.has_day:
            return None
        held = timezone.localdate(rencontre.ends_at or rencontre.starts_at)
        return max(held, timezone.localdate(self.scribes_since)) + timedelta(days=1)
