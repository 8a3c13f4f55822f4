"""The outbox: a mail is a row before it is a message, written with what caused it."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper


class State(models.TextChoices):
    WAITING = "en_attente", "en attente"
    SENDING = "en_cours", "en cours d’envoi"
    SENT = "parti", "parti"
    FAILED = "echec", "échec"
    ABANDONED = "abandonne", "abandonné"
    CANCELLED = "annule", "annulé"


UNFINISHED = (State.WAITING, State.SENDING)
# The address itself is refused: unknown, in an unknown domain, badly written, moved, that takes no mail, closed.
# Never 5.7.*, nor 5.1.7 and 5.1.8: those speak of the sender, and a server set wrong would empty every list.
DEAD = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")


class EnvoiQuerySet(models.QuerySet["Envoi"]):
    def unfinished(self) -> EnvoiQuerySet:
        return self.filter(state__in=UNFINISHED)

    def due(self, at: datetime | None = None) -> EnvoiQuerySet:
        """What a worker may take: its hour has come, by the database's clock; a claim that ran out is due again."""
        return self.unfinished().filter(next_attempt_at__lte=at or Now())

    def vanished(self, at: datetime | None = None) -> EnvoiQuerySet:
        """Those that a worker took, and of which nothing was heard before its claim ran out."""
        return self.due(at).filter(state=State.SENDING)

    def too_late(self, at: datetime | None = None) -> EnvoiQuerySet:
        return self.unfinished().filter(not_after__lte=at or Now())

    def backlog(self, at: datetime | None = None) -> EnvoiQuerySet:
        """What should have left and has not, whatever its next attempt is."""
        return self.unfinished().filter(not_before__lte=at or Now())

    def bounced_for_good(self) -> EnvoiQuerySet:
        """The address does not exist, or no longer: what is sent to it will come back again."""
        return self.filter(bounced_at__isnull=False, bounce_status__in=DEAD)


def new_message_id(domain: str) -> str:
    return f"<{uuid4().hex}@{domain}>"


class Envoi(models.Model):
    """One mail to one address. `next_attempt_at` is also when the claim of a worker that vanished runs out."""

    to = models.EmailField("destinataire", max_length=254, blank=True)
    subject = models.CharField("objet", max_length=200, blank=True)
    body_text = models.TextField("texte", blank=True)
    body_html = models.TextField("version HTML", blank=True)
    headers = models.JSONField("en-têtes", default=dict, blank=True)
    attachments = models.JSONField("pièces jointes", default=list, blank=True)
    # Who writes its words when it leaves (settings.MAIL_WRITERS), and about what; empty where they are written at once.
    writer = models.CharField("rédigé par", max_length=40, blank=True, default="", db_default="")
    facts = models.JSONField("au sujet de quoi", default=dict, db_default={}, blank=True)
    dedupe_key = models.CharField("clé d’unicité", max_length=200)
    message_id = models.CharField("Message-ID", max_length=200)
    subject_key = models.CharField("au sujet de", max_length=100, blank=True)
    state = models.CharField("état", max_length=12, choices=State, default=State.WAITING)
    not_before = models.DateTimeField("à envoyer dès", db_default=Now())
    not_after = models.DateTimeField("inutile après", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("tentatives", default=0)
    interrupted = models.PositiveSmallIntegerField("interruptions", default=0, db_default=0)
    next_attempt_at = models.DateTimeField("prochaine tentative", db_default=Now())
    claimed_at = models.DateTimeField("pris le", null=True, blank=True)
    sent_at = models.DateTimeField("parti le", null=True, blank=True)
    last_error = models.CharField("dernier motif", max_length=300, blank=True)
    bounced_at = models.DateTimeField("refusé ou revenu le", null=True, blank=True)
    bounce_status = models.CharField("code de retour", max_length=12, blank=True)
    created_at = models.DateTimeField("créé le", db_default=Now())

    objects = EnvoiQuerySet.as_manager()

    class Meta:
        verbose_name = "courriel"
        default_permissions = ("change", "view")
        permissions = [
            ("view_address", "Peut voir l’adresse des destinataires"),
            ("read_kept", "Peut lire les courriels gardés sur le serveur"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["dedupe_key"], name="envoi_dedupe_key", violation_error_message="Ce courriel existe déjà."
            ),
            models.UniqueConstraint(
                fields=["message_id"], name="envoi_message_id", violation_error_message="Ce Message-ID existe déjà."
            ),
            models.CheckConstraint(
                condition=Q(state__in=State.values),
                name="envoi_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.SENT) | Q(sent_at__isnull=False),
                name="envoi_sent_has_a_date",
                violation_error_message="Un courriel parti a une date d’envoi.",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.SENDING) | Q(claimed_at__isnull=False),
                name="envoi_sending_is_claimed",
                violation_error_message="Un courriel en cours d’envoi a été pris par un processus.",
            ),
            models.CheckConstraint(
                condition=Q(bounce_status="") | Q(bounced_at__isnull=False),
                name="envoi_bounce_has_a_date",
                violation_error_message="Un courriel revenu porte la date de son retour.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=UNFINISHED) | ~Q(to=""),
                name="envoi_has_an_address",
                violation_error_message="Un courriel à envoyer a un destinataire.",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], name="envoi_due", condition=Q(state__in=UNFINISHED)),
            models.Index(fields=["not_after"], name="envoi_too_late", condition=Q(state__in=UNFINISHED)),
            models.Index(fields=["subject_key"], name="envoi_subject_key", condition=~Q(subject_key="")),
            models.Index(Upper("to"), name="envoi_address"),
            models.Index(fields=["state", "-id"], name="envoi_state"),
            models.Index(fields=["sent_at"], name="envoi_sent", condition=Q(sent_at__isnull=False)),
            models.Index(fields=["bounced_at"], name="envoi_bounced", condition=Q(bounced_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"courriel {self.pk}"
