"""What a group makes in a séance: its productions, the tables they are typed at, what becomes of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils import timezone

from consultation.choices import ContributionState
from consultation.models import Contribution, Decision
from consultation.models.contribution import STORED_BODY_LENGTH, STORED_TITLE_LENGTH
from socle.dates import local_midnight

from .atelier import Seance

# Refused or withdrawn, it is nobody's to take further.
ALIVE = (ContributionState.WAITING, ContributionState.PUBLISHED)


class Table(models.Model):
    """Where one scribe types, by a link of its own that opens this séance and this table and nothing else.

    The link is signed with `nonce`: another nonce, or a closed table, and it opens nothing any more.
    """

    demarche_path = "seance__atelier__demarche"

    seance = models.ForeignKey(Seance, models.CASCADE, related_name="tables", verbose_name="séance")
    number = models.PositiveSmallIntegerField("numéro")
    label = models.CharField("nom de la table", max_length=80, blank=True)
    nonce = models.CharField(max_length=32, editable=False)
    opened_at = models.DateTimeField("ouverte le", default=timezone.now, editable=False)
    closed_at = models.DateTimeField("fermée le", null=True, blank=True)

    class Meta:
        verbose_name = "table"
        ordering = ["seance", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["seance", "number"],
                name="table_number_unique",
                violation_error_message="Cette séance a déjà une table de ce numéro.",
            )
        ]

    def __str__(self) -> str:
        return f"table {self.number}"

    def day(self) -> date:
        """The séance's; the day its link was given, where that is later or the séance has no day yet."""
        rencontre, opened = self.seance.rencontre, timezone.localdate(self.opened_at)
        last = rencontre.ends_at or rencontre.starts_at
        return max(timezone.localdate(last), opened) if rencontre.has_day else opened

    def opens_at(self) -> datetime:
        """Midnight before the séance: nothing is typed at a meeting that is still to come."""
        rencontre = self.seance.rencontre
        return local_midnight(timezone.localdate(rencontre.starts_at) if rencontre.has_day else self.day())

    def stops_at(self) -> datetime:
        """The end of the day after; by then what was said is on the portal. The closing instant is closed."""
        return local_midnight(self.last_day + timedelta(days=1))

    @property
    def last_day(self) -> date:
        """Included."""
        return self.day() + timedelta(days=1)

    def is_open(self, at: datetime | None = None) -> bool:
        at = at or timezone.now()
        shut = self.closed_at is not None or self.seance.rencontre.is_cancelled
        return not shut and self.opens_at() <= at < self.stops_at()


class ProductionQuerySet(models.QuerySet["Production"]):
    def published(self) -> ProductionQuerySet:
        return self.filter(contribution__in=Contribution.objects.published())

    def before(self, seance: Seance) -> ProductionQuerySet:
        """What the group still works on when this séance begins: of an earlier one, neither merged nor dropped since,
        refused nor withdrawn."""
        earlier = self.filter(seance__atelier=seance.atelier_id, seance__rank__lt=seance.rank)
        ended = Devenir.objects.standing().filter(seance__rank__lt=seance.rank, fate__in=ENDS)
        return earlier.filter(contribution__state__in=ALIVE).exclude(Exists(ended.filter(production=OuterRef("pk"))))

    def undecided(self, seance: Seance) -> ProductionQuerySet:
        """Of those of before, what this séance has said nothing of yet."""
        decided = Devenir.objects.standing().filter(seance=seance, production=OuterRef("pk"))
        return self.before(seance).exclude(Exists(decided))

    def with_history(self) -> ProductionQuerySet:
        """Each with what stands of its versions and of its devenirs, by séance: two more queries."""
        devenirs = Devenir.objects.standing().select_related("seance__rencontre", "into__contribution__demarche")
        return self.prefetch_related(
            Prefetch("versions", ProductionVersion.objects.standing().select_related("seance__rencontre")),
            Prefetch("devenirs", devenirs.order_by("seance__rank")),
        )


class Production(models.Model):
    """A contribution made by a group. What is public is its contribution's words: those of the latest of its versions
    that the organiser has published; the group works on its `latest`."""

    demarche_path = "contribution__demarche"

    contribution = models.OneToOneField(
        Contribution, models.CASCADE, primary_key=True, related_name="+", verbose_name="contribution"
    )
    seance = models.ForeignKey(Seance, models.PROTECT, related_name="productions", verbose_name="née à la séance")
    table = models.ForeignKey(
        Table, models.SET_NULL, null=True, blank=True, related_name="productions", verbose_name="table"
    )
    sheet = models.PositiveSmallIntegerField(
        "numéro de la fiche", null=True, blank=True, help_text="Celui de la fiche de papier qui a été recopiée."
    )
    minority = models.BooleanField(
        "point de vue minoritaire", default=False, help_text="Une partie du groupe n’est pas d’accord : c’est gardé."
    )

    refusal: Decision | None = None  # of rows given to `wording.with_refusals`

    objects = ProductionQuerySet.as_manager()

    class Meta:
        verbose_name = "production"
        ordering = ["seance", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["seance", "sheet"],
                condition=Q(sheet__isnull=False),
                name="production_sheet_once",
                violation_error_message="Cette fiche a déjà été recopiée.",
            )
        ]

    def __str__(self) -> str:
        return f"production {self.pk}"

    def get_absolute_url(self) -> str:
        """Its history; the démarche and the atelier must be loaded with the row."""
        atelier = self.seance.atelier
        return reverse("production", args=[self.contribution.demarche.slug, atelier.rank, self.contribution.reference])

    @property
    def latest(self) -> ProductionVersion:
        """Of rows read `with_history`."""
        return self.versions.all()[len(self.versions.all()) - 1]

    @property
    def as_read(self) -> str:
        """What a page that shows its words sends back with a decision on them."""
        return f"{self.pk}:{self.latest.pk}"

    @property
    def words(self) -> Words:
        """What the group reads and works on: a passage that was masked since stays masked."""
        unread = any(devenir.published_at is None for devenir in self.devenirs.all() if devenir.fate == Fate.REWORDED)
        masked = self.contribution.masked_at is not None and not unread
        source = self.contribution if masked else self.latest
        return Words(source.title, source.body)


class Words(NamedTuple):
    title: str
    body: str


class ProductionVersionQuerySet(models.QuerySet["ProductionVersion"]):
    def standing(self) -> ProductionVersionQuerySet:
        return self.filter(replaced_at__isnull=True).order_by("seance__rank")


class ProductionVersion(models.Model):
    """The words of a production as they left one séance. Never rewritten: other words are another row, and the one
    they replaced in that séance, or that was undone, stays with its date."""

    demarche_path = "production__contribution__demarche"

    production = models.ForeignKey(Production, models.CASCADE, related_name="versions", verbose_name="production")
    seance = models.ForeignKey(Seance, models.PROTECT, related_name="+", verbose_name="séance")
    title = models.CharField("titre", max_length=STORED_TITLE_LENGTH)
    body = models.TextField("texte", max_length=STORED_BODY_LENGTH)
    written_at = models.DateTimeField("écrite le", default=timezone.now)
    replaced_at = models.DateTimeField("remplacée le", null=True, blank=True)

    objects = ProductionVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "version d’une production"
        verbose_name_plural = "versions de productions"
        ordering = ["production", "seance__rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["production", "seance"],
                condition=Q(replaced_at__isnull=True),
                name="production_version_once",
                violation_error_message="Cette production a déjà une version à cette séance.",
            )
        ]

    def __str__(self) -> str:
        return f"version {self.pk}"


class Fate(models.TextChoices):
    """What a group does in a séance with a production of an earlier one."""

    KEPT = "gardee", "gardée"
    REWORDED = "reformulee", "reformulée"
    MERGED = "fusionnee", "fusionnée"
    DROPPED = "abandonnee", "abandonnée"


ENDS = (Fate.MERGED, Fate.DROPPED)


class DevenirQuerySet(models.QuerySet["Devenir"]):
    def standing(self) -> DevenirQuerySet:
        return self.filter(undone_at__isnull=True)

    def published(self) -> DevenirQuerySet:
        return self.standing().filter(published_at__isnull=False)

    def to_publish(self) -> DevenirQuerySet:
        """Those that the organiser has not read yet."""
        return self.standing().filter(published_at__isnull=True)


class Devenir(models.Model):
    """What became, in a séance, of a production that came from an earlier one; public once an organiser has read it.

    One that was undone stays, with its date.
    """

    demarche_path = "production__contribution__demarche"

    production = models.ForeignKey(Production, models.CASCADE, related_name="devenirs", verbose_name="production")
    seance = models.ForeignKey(Seance, models.PROTECT, related_name="devenirs", verbose_name="décidé à la séance")
    fate = models.CharField("devenir", max_length=12, choices=Fate)
    into = models.ForeignKey(
        Production, models.PROTECT, null=True, blank=True, related_name="absorbed", verbose_name="fusionnée dans"
    )
    reason = models.TextField("raison", max_length=1000, blank=True)
    decided_at = models.DateTimeField("décidé le", default=timezone.now)
    published_at = models.DateTimeField("publié le", null=True, blank=True)
    undone_at = models.DateTimeField("annulé le", null=True, blank=True)

    objects = DevenirQuerySet.as_manager()

    class Meta:
        verbose_name = "devenir"
        verbose_name_plural = "devenirs"
        ordering = ["production", "seance__rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["production", "seance"],
                condition=Q(undone_at__isnull=True),
                name="devenir_once",
                violation_error_message="Le groupe a déjà décidé de cette production à cette séance.",
            ),
            models.CheckConstraint(
                condition=Q(fate=Fate.MERGED, into__isnull=False) | (~Q(fate=Fate.MERGED) & Q(into__isnull=True)),
                name="devenir_merged_into",
                violation_error_message="Une production fusionnée l’est dans une autre.",
            ),
            models.CheckConstraint(
                condition=Q(into__isnull=True) | ~Q(into=F("production")),
                name="devenir_not_into_itself",
                violation_error_message="Une production ne se fusionne pas avec elle-même.",
            ),
            models.CheckConstraint(
                condition=~Q(fate=Fate.DROPPED) | ~Q(reason=""),
                name="devenir_dropped_says_why",
                violation_error_message="Dites pourquoi le groupe abandonne cette production.",
            ),
        ]

    def __str__(self) -> str:
        return f"devenir {self.pk}"
