"""Who has a place at a rencontre, who waits for one, and everything that happened to each."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from consultation.choices import InscriptionEventKind, InscriptionState, Presence
from socle.comptes.models import Personne

from .rencontre import Rencontre, Service
from .theme import College


class InscriptionQuerySet(models.QuerySet["Inscription"]):
    def active(self) -> InscriptionQuerySet:
        return self.exclude(state=InscriptionState.CANCELLED)

    def confirmed(self) -> InscriptionQuerySet:
        return self.filter(state=InscriptionState.CONFIRMED)

    def releasable(self) -> InscriptionQuerySet:
        """Those who hold a place that they have not used yet; who walked in beyond the places holds none."""
        return self.confirmed().filter(sur_place=False, attended_at__isnull=True).newest_places()

    def newest_places(self) -> InscriptionQuerySet:
        """Whoever received theirs last comes first, from the line or at once."""
        return self.order_by(Coalesce("promoted_at", "created_at").desc(), "-pk")

    def waiting(self) -> InscriptionQuerySet:
        """The waiting list, first come first; its order is the rank."""
        return self.filter(state=InscriptionState.WAITING).order_by("created_at", "pk")

    def with_rank(self) -> InscriptionQuerySet:
        """`rank` on the waiting list; it says nothing of who does not wait."""
        before = Q(created_at__lt=OuterRef("created_at")) | Q(created_at=OuterRef("created_at"), pk__lte=OuterRef("pk"))
        line = Inscription.objects.filter(before, rencontre=OuterRef("rencontre"), state=InscriptionState.WAITING)
        return self.annotate(rank=Subquery(line.order_by().values("rencontre").annotate(n=Count("pk")).values("n")))


class Inscription(models.Model):
    """One person's place, or rank on the waiting list, at one rencontre."""

    demarche_path = "rencontre__demarche"

    rencontre = models.ForeignKey(Rencontre, models.PROTECT, related_name="inscriptions", verbose_name="rencontre")
    personne = models.ForeignKey(Personne, models.PROTECT, related_name="inscriptions", verbose_name="personne")
    name = models.CharField(
        "nom",
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text="Pour l’accueil et la feuille d’émargement ; jamais publié.",
    )
    state = models.CharField("état", max_length=12, choices=InscriptionState)
    sur_place = models.BooleanField(
        "venue sans inscription", default=False, help_text="Au-delà des places : comptée à part."
    )
    attended_at = models.DateTimeField("présente à", null=True, blank=True)
    presence = models.CharField("vient", max_length=8, choices=Presence, default=Presence.ROOM, db_default="salle")
    college = models.ForeignKey(
        College,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="collège",
        help_text="Dit à l’arrivée par qui vient sans inscription.",
    )
    image_refused = models.BooleanField(
        "ne veut pas être photographiée",
        default=False,
        db_default=False,
        help_text="Dit à l’arrivée, ou sur la feuille.",
    )
    # A consent (GDPR, article 6, 1 a): empty until the person ticks the box, and again once it is withdrawn.
    # The events keep when each was said.
    image_agreed_at = models.DateTimeField("a accepté d’être photographiée le", null=True, blank=True, editable=False)
    services = models.ManyToManyField(Service, blank=True, related_name="+", verbose_name="services demandés")
    phone = models.CharField(
        "téléphone",
        max_length=20,
        blank=True,
        default="",
        db_default="",
        help_text="Pour un changement de dernière minute ; effacé 7 jours après.",
    )
    # A place freed by somebody else was given: until then its holder is asked whether they still want it.
    promoted_at = models.DateTimeField("place reçue le", null=True, blank=True, editable=False)
    cancelled_at = models.DateTimeField("annulée le", null=True, blank=True, editable=False)
    # Once only, and no answer of an évaluation knows whose it is.
    has_evaluated = models.BooleanField("a donné son avis", default=False, db_default=False, editable=False)
    created_at = models.DateTimeField("demandée le", default=timezone.now, editable=False)

    objects = InscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = "inscription"
        ordering = ["rencontre", "created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rencontre", "personne"],
                name="inscription_once",
                violation_error_message="Cette personne a déjà une inscription à cette rencontre.",
            ),
            models.CheckConstraint(
                condition=Q(attended_at__isnull=True, sur_place=False) | Q(state=InscriptionState.CONFIRMED),
                name="inscription_present_is_confirmed",
                violation_error_message="Une personne présente, ou venue sur place, est confirmée.",
            ),
            models.CheckConstraint(
                condition=Q(image_agreed_at__isnull=True) | Q(image_refused=False),
                name="inscription_image_agreed_or_refused",
                violation_error_message="Une personne ne peut pas à la fois accepter et refuser d’être photographiée.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["rencontre", "created_at", "id"], name="inscription_line", condition=Q(state="en_attente")
            )
        ]

    def __str__(self) -> str:
        return f"inscription {self.pk}"

    @property
    def code(self) -> str:
        """What is said at the door where the QR code cannot be read: « A482 »."""
        return f"A{self.pk}"

    @property
    def is_confirmed(self) -> bool:
        return self.state == InscriptionState.CONFIRMED

    @property
    def is_waiting(self) -> bool:
        return self.state == InscriptionState.WAITING

    def can_say_present(self, at: datetime | None = None) -> bool:
        """At a distance, on the day: nobody of the team sees them come in."""
        today = timezone.localdate(at) == timezone.localdate(self.rencontre.starts_at)
        remote = self.is_confirmed and self.presence == Presence.REMOTE
        return remote and today and self.rencontre.has_day and not self.rencontre.is_cancelled

    @property
    def place_label(self) -> str:
        """« Votre place est confirmée », « 4e sur la liste d’attente »; of a row read `with_rank`."""
        if self.state == InscriptionState.CANCELLED:
            return "Inscription annulée"
        if self.is_confirmed:
            return "Votre place est confirmée"
        rank = getattr(self, "rank", None) or 1
        return "En tête de la liste d’attente" if rank == 1 else f"{rank}e sur la liste d’attente"


class InscriptionEvent(models.Model):
    """One thing that happened to an inscription: read again from the first, they give the list as it stands."""

    demarche_path = "inscription__rencontre__demarche"

    inscription = models.ForeignKey(Inscription, models.CASCADE, related_name="events", verbose_name="inscription")
    kind = models.CharField("quoi", max_length=16, choices=InscriptionEventKind)
    at = models.DateTimeField("le", db_default=Now())
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="par",
        help_text="Vide : la personne elle-même, ou la règle.",
    )
    note = models.CharField("précision", max_length=300, blank=True)

    class Meta:
        verbose_name = "événement"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"événement {self.pk}"


class Call(models.Model):
    """Somebody was called because a rencontre changed at the last minute; whether they were reached."""

    demarche_path = "inscription__rencontre__demarche"

    inscription = models.ForeignKey(Inscription, models.CASCADE, related_name="calls", verbose_name="inscription")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="par")
    reached = models.BooleanField("jointe")
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "appel"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"appel {self.pk}"


class VenueQuerySet(models.QuerySet["Venue"]):
    def counted(self) -> VenueQuerySet:
        return self.filter(erased_at__isnull=True)


class Venue(models.Model):
    """Somebody came without registering and leaves no address: a name for the sheet, counted apart."""

    demarche_path = "rencontre__demarche"

    rencontre = models.ForeignKey(Rencontre, models.CASCADE, related_name="venues", verbose_name="rencontre")
    name = models.CharField(
        "nom", max_length=120, blank=True, help_text="Pour la feuille d’émargement ; jamais publié."
    )
    college = models.ForeignKey(
        College, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="collège"
    )
    image_refused = models.BooleanField("ne veut pas être photographiée", default=False)
    arrived_at = models.DateTimeField("venue à", default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="notée par")
    # The arrival page may send the same line twice from a bad network.
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # A line noted by mistake leaves its trace, and is not counted.
    erased_at = models.DateTimeField("effacée le", null=True, blank=True)
    erased_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="effacée par"
    )

    objects = VenueQuerySet.as_manager()

    class Meta:
        verbose_name = "venue sur place"
        verbose_name_plural = "venues sur place"
        ordering = ["arrived_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True, erased_by__isnull=True)
                | Q(erased_at__isnull=False, erased_by__isnull=False),
                name="venue_erased_by",
                violation_error_message="Une ligne effacée dit par qui.",
            )
        ]

    def __str__(self) -> str:
        return f"venue {self.pk}"

    @property
    def code(self) -> str:
        """As for an inscription, with another letter."""
        return f"V{self.pk}"
