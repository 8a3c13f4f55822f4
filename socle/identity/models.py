"""The one row that says whose portal this is; nothing in it defaults to a real institution."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

LOGO_MAX = 4096  # bytes: it is in the first view of every page (design § 8)


class AccessibilityState(models.TextChoices):
    NON = "non_conforme", "non conforme"
    PARTIAL = "partiellement_conforme", "partiellement conforme"
    FULL = "totalement_conforme", "totalement conforme"


class SiteIdentity(models.Model):
    """« Identité du site »: shown in the head and foot of every page, in the mails and in the legal pages."""

    site_name = models.CharField("nom du portail", max_length=80, default="Participons")
    region_name = models.CharField("nom de la collectivité", max_length=120, blank=True)
    postal_address = models.TextField("adresse postale", blank=True)
    contact_email = models.EmailField("adresse électronique de contact", blank=True)
    contact_phone = models.CharField(
        "téléphone", max_length=40, blank=True, help_text="Affiché à qui préfère contribuer par téléphone."
    )
    contact_hours = models.CharField("heures d’appel", max_length=120, blank=True)
    answer_delay = models.TextField(
        "délai de réponse",
        blank=True,
        help_text="Ce que l’on promet à qui écrit ou appelle, par exemple : une réponse sous cinq jours ouvrés.",
    )
    logo = models.BinaryField("logo", blank=True, default=bytes, max_length=LOGO_MAX)
    logo_hash = models.CharField(max_length=16, blank=True, editable=False)
    logo_width = models.PositiveSmallIntegerField(default=0, editable=False)
    logo_height = models.PositiveSmallIntegerField(default=0, editable=False)
    publication_director = models.CharField("directeur de la publication", max_length=120, blank=True)
    host = models.TextField("hébergeur", blank=True, help_text="Nom, adresse et téléphone, comme la loi le demande.")
    dpo_contact = models.TextField("délégué à la protection des données", blank=True)
    security_contact = models.EmailField(
        "contact de sécurité", blank=True, help_text="Publié dans /.well-known/security.txt."
    )
    accessibility_state = models.CharField(
        "accessibilité",
        max_length=24,
        choices=AccessibilityState,
        default=AccessibilityState.NON,
        help_text="Sans audit valide, la loi demande d’écrire « non conforme ».",
    )
    accessibility_audited_on = models.DateField("date de l’audit d’accessibilité", null=True, blank=True)
    accessibility_notes = models.TextField("contenus non accessibles et dérogations", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "identité du site"
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1), name="identity_one_row", violation_error_message="Le site n’a qu’une identité."
            ),
            models.CheckConstraint(
                condition=Q(accessibility_state="non_conforme") | Q(accessibility_audited_on__isnull=False),
                name="identity_conformity_needs_audit",
                violation_error_message="Sans date d’audit, l’accessibilité ne peut être dite que « non conforme ».",
            ),
            models.CheckConstraint(
                condition=Q(logo=b"", logo_hash="")
                | (~Q(logo=b"") & ~Q(logo_hash="") & Q(logo_width__gt=0, logo_height__gt=0)),
                name="identity_logo_whole",
                violation_error_message="Un logo a ses dimensions et son empreinte.",
            ),
        ]

    def __str__(self) -> str:
        return "identité du site"

    @classmethod
    def current(cls) -> SiteIdentity:
        """The row, or an unsaved one with the defaults where staff have not written it yet; the image stays behind."""
        return cls.objects.filter(pk=1).defer("logo").first() or cls(pk=1)
