"""What people ask about their data: to leave, a copy of it, to object to a use of it."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from socle.comptes.models import Personne
from socle.privacy.retention import kept_for

COPIE_KEPT = kept_for("copies")


class DepartQuerySet(models.QuerySet["Depart"]):
    def open(self) -> DepartQuerySet:
        """Asked, not given up, and not carried out."""
        return self.filter(erased_at__isnull=True, cancelled_at__isnull=True)

    def due(self) -> DepartQuerySet:
        """What a worker may carry out, by the database's clock."""
        return self.open().filter(next_attempt_at__lte=Now()).order_by("next_attempt_at", "pk")

    def to_close(self) -> DepartQuerySet:
        """Carried out, and whose address is still here for the last mail."""
        return self.filter(erased_at__isnull=False, closed_at__isnull=True).order_by("pk")


class Depart(models.Model):
    """Somebody leaves, once. When it is closed nothing of them is left in it: it proves that it was done, and when."""

    personne = models.ForeignKey(Personne, models.SET_NULL, null=True, related_name="+", verbose_name="personne")
    address = models.EmailField("adresse", max_length=254, blank=True)
    with_texts = models.BooleanField("avec ses textes", default=False)
    cause = models.CharField(
        "pourquoi",
        max_length=12,
        choices=[("demande", "à sa demande"), ("echeance", "échéance de la conservation")],
        default="demande",
    )
    asked_at = models.DateTimeField("demandé le", default=timezone.now)
    cancelled_at = models.DateTimeField("abandonné le", null=True, blank=True)
    next_attempt_at = models.DateTimeField("prochain essai")
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    problem = models.CharField("ce qui l’a empêché", max_length=300, blank=True)
    erased_at = models.DateTimeField("effacé le", null=True, blank=True)
    closed_at = models.DateTimeField("clos le", null=True, blank=True)

    objects = DepartQuerySet.as_manager()

    class Meta:
        verbose_name = "départ"
        ordering = ["-asked_at", "-pk"]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                name="depart_due",
                condition=Q(erased_at__isnull=True, cancelled_at__isnull=True),
            ),
            models.Index(fields=["id"], name="depart_to_close", condition=Q(closed_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["personne"],
                condition=Q(erased_at__isnull=True, cancelled_at__isnull=True),
                name="depart_one_open",
                violation_error_message="Cette personne a déjà demandé à partir.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(erased_at__isnull=False, address="", personne__isnull=True),
                name="depart_closed_names_nobody",
                violation_error_message="Un départ clos ne garde ni adresse, ni personne.",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | Q(erased_at__isnull=True, address=""),
                name="depart_cancelled_keeps_no_address",
                violation_error_message="Un départ abandonné ne garde pas d’adresse.",
            ),
        ]

    def __str__(self) -> str:
        return f"départ {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.erased_at is None and self.cancelled_at is None


class CopieState(models.TextChoices):
    WAITING = "en_attente", "en préparation"
    READY = "prete", "prête"
    EXPIRED = "expiree", "effacée"
    FAILED = "echec", "échec"


class CopieQuerySet(models.QuerySet["Copie"]):
    def due(self) -> CopieQuerySet:
        """What a worker may build; a claim that ran out is due again."""
        return self.filter(state=CopieState.WAITING, next_attempt_at__lte=Now()).order_by("next_attempt_at", "pk")

    def over(self) -> CopieQuerySet:
        return self.filter(state=CopieState.READY, expires_at__lte=Now())


class Copie(models.Model):
    """The data of one person, in one file for them alone; the file goes after a week.

    `next_attempt_at` is also when the claim of a worker that vanished runs out.
    """

    personne = models.ForeignKey(Personne, models.CASCADE, related_name="+", verbose_name="personne")
    state = models.CharField("état", max_length=12, choices=CopieState, default=CopieState.WAITING)
    file = models.CharField(max_length=80, blank=True, editable=False)
    size = models.PositiveIntegerField("taille", default=0)
    asked_at = models.DateTimeField("demandée le", default=timezone.now)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    next_attempt_at = models.DateTimeField("prochain essai", db_default=Now())
    ready_at = models.DateTimeField("prête le", null=True, blank=True)
    expires_at = models.DateTimeField("effacée le", null=True, blank=True)

    objects = CopieQuerySet.as_manager()

    class Meta:
        verbose_name = "copie de données"
        verbose_name_plural = "copies de données"
        ordering = ["-asked_at", "-pk"]
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], name="copie_due", condition=Q(state="en_attente")),
            models.Index(fields=["expires_at"], name="copie_over", condition=Q(state="prete")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["personne"],
                condition=Q(state="en_attente"),
                name="copie_one_waiting",
                violation_error_message="Une copie est déjà en préparation.",
            ),
            models.CheckConstraint(
                condition=Q(state="prete", expires_at__isnull=False) & ~Q(file="") | ~Q(state="prete") & Q(file=""),
                name="copie_ready_has_file",
                violation_error_message="Une copie prête a un fichier et une date de fin ; une autre n’en a pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"copie {self.pk}"

    @property
    def is_available(self) -> bool:
        return self.state == CopieState.READY and self.expires_at is not None and timezone.now() < self.expires_at


class Outcome(models.TextChoices):
    GRANTED = "admise", "il y est fait droit"
    PARTLY = "en_partie", "il y est fait droit en partie"
    REFUSED = "refusee", "il n’y est pas fait droit"


class OppositionQuerySet(models.QuerySet["Opposition"]):
    def waiting(self) -> OppositionQuerySet:
        return self.filter(answered_at__isnull=True).order_by("asked_at", "pk")


class Opposition(models.Model):
    """Somebody objects to a use of their data (GDPR, article 21); the team owes an answer within a month."""

    personne = models.ForeignKey(Personne, models.SET_NULL, null=True, related_name="+", verbose_name="personne")
    words = models.TextField("ce qui est demandé", max_length=4000)
    asked_at = models.DateTimeField("demandé le", default=timezone.now, editable=False)
    outcome = models.CharField("suite donnée", max_length=12, choices=Outcome, blank=True)
    answer = models.TextField("réponse", max_length=4000, blank=True)
    answered_at = models.DateTimeField("répondu le", null=True, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="répondu par",
        editable=False,
    )
    submission_key = models.UUIDField(unique=True, editable=False)

    objects = OppositionQuerySet.as_manager()

    class Meta:
        verbose_name = "opposition"
        ordering = ["answered_at", "asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, outcome="", answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(outcome="") & ~Q(answer="")),
                name="opposition_answered_whole",
                violation_error_message="Une réponse a son sens, son texte, sa date et qui l’a faite.",
            )
        ]

    def __str__(self) -> str:
        return f"opposition {self.pk}"

    @property
    def due_on(self) -> date:
        """The last day of the month in which an answer is owed (GDPR, article 12)."""
        return timezone.localdate(self.asked_at) + timedelta(days=30)


class RetentionRun(models.Model):
    """What was over, and was erased: how many rows of a kind of settings.RETENTION, and when."""

    kind = models.CharField("sorte", max_length=40)
    rows = models.PositiveIntegerField("lignes effacées")
    ran_at = models.DateTimeField("le", db_default=Now())

    class Meta:
        verbose_name = "passage de la conservation"
        verbose_name_plural = "passages de la conservation"
        ordering = ["-ran_at", "-pk"]

    def __str__(self) -> str:
        return f"passage {self.pk}"


class VisaQuerySet(models.QuerySet["Visa"]):
    def to_carry_out(self) -> VisaQuerySet:
        return self.filter(signed_on__isnull=False, destroyed_at__isnull=True).order_by("signed_on", "pk")


class Visa(models.Model):
    """The leave to destroy public records (code du patrimoine, article L. 212-2): proposed, printed, signed, done.

    `record` is a kind of settings.RECORDS, `subject` what it is about. Never deleted; once signed, it only receives
    what was destroyed, once (trigger `visa_stays`).
    """

    record = models.CharField("sorte de documents", max_length=40, editable=False)
    subject = models.CharField("de quoi", max_length=120, editable=False)
    what = models.CharField("ce qui serait détruit", max_length=300, editable=False)
    rows = models.PositiveIntegerField("combien", editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="proposé par", editable=False
    )
    proposed_at = models.DateTimeField("proposé le", default=timezone.now, editable=False)
    reference = models.CharField("référence du visa", max_length=80, blank=True)
    signed_by = models.CharField(
        "signé par", max_length=160, blank=True, help_text="Le nom et la qualité de qui a visé, du service d’archives."
    )
    signed_on = models.DateField("visé le", null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="enregistré par",
        editable=False,
    )
    destroyed_at = models.DateTimeField("détruit le", null=True, blank=True, editable=False)
    destroyed_rows = models.PositiveIntegerField("lignes détruites", null=True, blank=True, editable=False)

    objects = VisaQuerySet.as_manager()

    class Meta:
        verbose_name = "visa d’élimination"
        verbose_name_plural = "visas d’élimination"
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_on__isnull=True, reference="", signed_by="", recorded_by__isnull=True)
                | (Q(signed_on__isnull=False, recorded_by__isnull=False) & ~Q(reference="") & ~Q(signed_by="")),
                name="visa_signed_whole",
                violation_error_message="Un visa signé a sa référence, qui l’a signé, et le jour.",
            ),
            models.CheckConstraint(
                condition=Q(destroyed_at__isnull=True, destroyed_rows__isnull=True)
                | Q(destroyed_at__isnull=False, destroyed_rows__isnull=False, signed_on__isnull=False),
                name="visa_destroyed_once_signed",
                violation_error_message="Rien ne se détruit avant le visa.",
            ),
            models.UniqueConstraint(
                fields=["record", "subject"],
                condition=Q(destroyed_at__isnull=True),
                name="visa_one_open",
                violation_error_message="Un visa est déjà demandé pour ces documents.",
            ),
        ]

    def __str__(self) -> str:
        return f"visa {self.pk}"
