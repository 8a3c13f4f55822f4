"""Anything one can come to, and where it is held."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from consultation.choices import DAYS_BEFORE, DAYS_LIST, DemarcheState, Mode, RencontreKind, RencontreState
from socle.dates import Precision, local_midnight, moment_label, season_start
from socle.text import sort_key

from .demarche import Demarche
from .etape import Etape


class Lieu(models.Model):
    """A place, with how to get there."""

    name = models.CharField("nom", max_length=160)
    street = models.CharField("rue", max_length=200, blank=True)
    postcode = models.CharField("code postal", max_length=10, blank=True)
    town = models.CharField("commune", max_length=80)
    latitude = models.FloatField(
        "latitude", null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.FloatField(
        "longitude", null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    access = models.TextField("venir : arrêts, gare, stationnement", blank=True)
    step_free = models.TextField("cheminement sans marche", blank=True)
    room_plan = models.TextField("dans le bâtiment", blank=True)
    sort_key = models.CharField(max_length=250, editable=False, db_index=True)

    class Meta:
        verbose_name = "lieu"
        verbose_name_plural = "lieux"
        ordering = ["sort_key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="lieu_coordinates",
                violation_error_message="Latitude et longitude vont ensemble, en degrés.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.town}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = sort_key(f"{self.town} {self.name}")
        super().save(*args, **kwargs)

    @property
    def one_line(self) -> str:
        """« Kursaal, place du Casino, 59140 Dunkerque », with what is known."""
        return ", ".join(filter(None, [self.name, self.street, f"{self.postcode} {self.town}".strip()]))


class Service(models.Model):
    """What can be prepared for those who ask: French sign language, a place for a wheelchair, childcare, a shuttle."""

    label = models.CharField("service", max_length=120, unique=True)
    rank = models.PositiveSmallIntegerField("rang", default=0)
    is_active = models.BooleanField("proposé", default=True)

    class Meta:
        verbose_name = "service"
        ordering = ["rank", "label"]

    def __str__(self) -> str:
        return self.label


class RencontreQuerySet(models.QuerySet["Rencontre"]):
    def published(self) -> RencontreQuerySet:
        """What anyone may read: announced or cancelled, in a published démarche."""
        return self.exclude(state=RencontreState.DRAFT).filter(demarche__in=Demarche.objects.published())

    def coming(self, at: datetime | None = None) -> RencontreQuerySet:
        """Not over yet, soonest first. Without an hour a day lasts until its end; so do a month and a season."""
        at = at or timezone.now()
        day = timezone.localdate(at)
        return self.filter(
            Q(ends_at__gt=at)
            | Q(ends_at__isnull=True, starts_at__gte=local_midnight(day))
            | Q(precision=Precision.MONTH, starts_at__gte=local_midnight(day.replace(day=1)))
            | Q(precision=Precision.SEASON, starts_at__gte=local_midnight(season_start(day)))
        ).order_by("starts_at", "pk")

    def past(self, at: datetime | None = None) -> RencontreQuerySet:
        return self.exclude(pk__in=self.coming(at).order_by().values("pk")).order_by("-starts_at", "-pk")


class Rencontre(models.Model):
    """A launch, a séance, a forum, a joint sitting, a public meeting. Its row is the only lock for places."""

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="rencontres", verbose_name="démarche")
    etape = models.ForeignKey(
        Etape, models.SET_NULL, null=True, blank=True, related_name="rencontres", verbose_name="étape"
    )
    kind = models.CharField("nature", max_length=16, choices=RencontreKind)
    title = models.CharField("titre", max_length=200)
    other_title = models.CharField(
        "autre nom", max_length=200, blank=True, help_text="Un second nom sous lequel on la connaît."
    )
    text = models.TextField("présentation", blank=True)
    starts_at = models.DateTimeField(
        "commence le", help_text="Pour une précision au jour, au mois ou à la saison : minuit du premier jour."
    )
    ends_at = models.DateTimeField("finit le", null=True, blank=True)
    precision = models.CharField("précision", max_length=8, choices=Precision, default=Precision.DAY)
    lieu = models.ForeignKey(
        Lieu, models.PROTECT, null=True, blank=True, related_name="rencontres", verbose_name="lieu"
    )
    mode = models.CharField("se tient", max_length=8, choices=Mode, default=Mode.ROOM)
    capacity = models.PositiveIntegerField(
        "places", null=True, blank=True, help_text="Vide : nombre de places à préciser."
    )
    takes_inscriptions = models.BooleanField(
        "on s’y inscrit",
        default=True,
        db_default=True,
        help_text="Décochée : on y vient sans s’inscrire, ou le groupe est déjà composé.",
    )
    inscriptions_close_at = models.DateTimeField(
        "inscriptions jusqu’au",
        null=True,
        blank=True,
        help_text="À cet instant, c’est fermé. Vide : jusqu’au début de la rencontre.",
    )
    services = models.ManyToManyField(
        Service,
        blank=True,
        related_name="rencontres",
        verbose_name="services proposés",
        help_text="Ce que l’on peut demander en s’inscrivant ; n’offrez que ce qui sera fait.",
    )
    remote_url = models.URLField(
        "adresse pour suivre à distance",
        max_length=500,
        blank=True,
        help_text="Envoyée aux seules personnes confirmées ; elle n’est jamais publiée.",
    )
    reminder_days = models.CharField(
        "rappels",
        max_length=40,
        blank=True,
        validators=[RegexValidator(DAYS_LIST, DAYS_BEFORE)],
        help_text="Combien de jours avant, séparés par des virgules. Vide : comme la démarche ; 0 : aucun rappel.",
    )
    cancel_reason = models.CharField(
        "pourquoi elle est annulée",
        max_length=300,
        blank=True,
        help_text="Public, et pour toujours dans le registre : n’y nommez personne.",
    )
    state = models.CharField("état", max_length=12, choices=RencontreState, default=RencontreState.DRAFT)
    fill_told = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)  # 50, 80 or 100 %
    ics_sequence = models.PositiveIntegerField(default=0, editable=False)
    example = models.BooleanField(
        "précisions d’exemple",
        default=False,
        help_text="L’heure, le lieu ou les places sont inventés pour la démonstration.",
    )

    objects = RencontreQuerySet.as_manager()

    class Meta:
        verbose_name = "rencontre"
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["demarche", "starts_at"], name="rencontre_agenda")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="rencontre_order",
                violation_error_message="La rencontre doit commencer avant de finir.",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(precision__in=["heure", "jour"]),
                name="rencontre_end_needs_day",
                violation_error_message="Sans jour fixé, laissez vide la fin de la rencontre.",
            ),
            models.CheckConstraint(
                condition=~Q(state=RencontreState.CANCELLED) | ~Q(cancel_reason=""),
                name="rencontre_cancelled_says_why",
                violation_error_message="Dites pourquoi la rencontre est annulée.",
            ),
            models.CheckConstraint(
                condition=Q(reminder_days="") | Q(reminder_days__regex=DAYS_LIST),
                name="rencontre_reminder_days",
                violation_error_message=DAYS_BEFORE,
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("rencontre", args=[self.pk])

    @property
    def when_label(self) -> str:
        return moment_label(self.starts_at, self.ends_at, self.precision)

    @property
    def has_hour(self) -> bool:
        return self.precision == Precision.HOUR

    @property
    def has_day(self) -> bool:
        return self.precision in (Precision.HOUR, Precision.DAY)

    @property
    def is_cancelled(self) -> bool:
        return self.state == RencontreState.CANCELLED

    def has_begun(self, at: datetime | None = None) -> bool:
        """Without an hour, once its day is over; without a day, never."""
        at = at or timezone.now()
        if self.has_hour:
            return at >= self.starts_at
        return self.has_day and timezone.localdate(at) > timezone.localdate(self.starts_at)

    def takes_names(self, at: datetime | None = None) -> bool:
        """Whether one may register now; the closing instant is closed, and so is the beginning."""
        at = at or timezone.now()
        closes = self.inscriptions_close_at or (self.starts_at if self.has_hour else None)
        open_day = timezone.localdate(self.starts_at) >= timezone.localdate(at) or not self.has_day
        announced = self.state == RencontreState.PUBLISHED and self.demarche.state == DemarcheState.PUBLISHED
        return announced and self.takes_inscriptions and open_day and (closes is None or at < closes)
