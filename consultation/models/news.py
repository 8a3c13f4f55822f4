"""What is told and given to read: news, resources, and who asked to be told by e-mail."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from urllib.parse import urlsplit

from django.db import models
from django.db.models import CharField, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Concat, TruncDate, Upper
from django.urls import reverse
from django.utils import timezone

from consultation.choices import EndReason, RessourceKind
from socle.comptes.models import Personne, Rhythm
from socle.courriels.models import Envoi
from socle.documents.models import Document

from .demarche import Demarche
from .reserve import Confirmation, Reserve
from .theme import Theme

# What an actualité or an abonnement is about: the whole démarche, a thème (« theme:2 »), or something of an upper
# floor (« atelier:5 »).
WHOLE = ""


# Somebody answers for it, whatever the période de réserve.
_CONFIRMED = Confirmation.objects.filter(subject=Concat(Value("actualite:"), Cast(OuterRef("pk"), CharField())))


class PublishedQuerySet(models.QuerySet):
    def published(self, at: datetime | None = None) -> Self:
        return self.filter(published_at__lte=at or timezone.now())


class ActualiteQuerySet(PublishedQuerySet):
    def published(self, at: datetime | None = None) -> Self:
        """But what a période de réserve that runs holds back: it appears once it is over, or once confirmed."""
        day = timezone.localdate(at)
        running = Reserve.objects.running(day).filter(
            demarche=OuterRef("demarche"),
            starts_on__lte=OuterRef("published_day"),
            set_at__lte=OuterRef("published_at"),
        )
        rows = super().published(at).alias(published_day=TruncDate("published_at"))
        return rows.exclude(Exists(running) & ~Exists(_CONFIRMED))

    def to_announce(self, at: datetime | None = None) -> Self:
        """Public, and not yet sent to those who asked: no letter leaves during a période de réserve, but confirmed."""
        shown = self.published(at).filter(demarche__in=Demarche.objects.published(), announced_at__isnull=True)
        running = Reserve.objects.running(timezone.localdate(at)).filter(demarche=OuterRef("demarche"))
        return shown.exclude(Exists(running) & ~Exists(_CONFIRMED))

    def confirmed(self) -> Self:
        """Each with `confirmed_at`: since when somebody answers for it."""
        return self.annotate(confirmed_at=Subquery(_CONFIRMED.order_by("pk").values("at")[:1]))


class Actualite(models.Model):
    """A news item; those who asked for it receive it by e-mail when it appears."""

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="actualites", verbose_name="démarche")
    topic = models.CharField("au sujet de", max_length=40, blank=True, default=WHOLE)
    title = models.CharField("titre", max_length=160)
    body = models.TextField("texte", max_length=20_000)
    published_at = models.DateTimeField(
        "publiée le",
        null=True,
        blank=True,
        help_text="Dès cet instant, elle est visible de tous et part aux abonnés. Vide : brouillon.",
    )
    announced_at = models.DateTimeField("envoyée aux abonnés le", null=True, blank=True, editable=False)

    objects = ActualiteQuerySet.as_manager()

    class Meta:
        verbose_name = "actualité"
        ordering = ["-published_at", "-pk"]
        indexes = [models.Index(fields=["demarche", "-published_at", "-id"], name="actualite_list")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("actualite", args=[self.pk])

    @property
    def subject(self) -> str:
        """As the register and a période de réserve name it."""
        return f"actualite:{self.pk}"


class Ressource(models.Model):
    """A document or a link to prepare oneself with."""

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="ressources", verbose_name="démarche")
    kind = models.CharField("sorte", max_length=10, choices=RessourceKind)
    title = models.CharField("titre", max_length=160)
    description = models.TextField("en quelques mots", max_length=2000, blank=True)
    source = models.CharField("source", max_length=160, blank=True, help_text="Qui l’a écrite, et quand.")
    url = models.URLField("adresse", max_length=500, blank=True)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="document"
    )
    themes = models.ManyToManyField(Theme, blank=True, related_name="ressources", verbose_name="thèmes")
    published_at = models.DateTimeField("publiée le", null=True, blank=True, help_text="Vide : brouillon.")

    objects = PublishedQuerySet.as_manager()

    class Meta:
        verbose_name = "ressource"
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="lien", document__isnull=True) & ~Q(url=""))
                | Q(kind="document", document__isnull=False, url=""),
                name="ressource_document_or_link",
                violation_error_message="Une ressource est un document, ou un lien.",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def host(self) -> str:
        """Where a link goes, said before it is followed."""
        return (urlsplit(self.url).hostname or "").removeprefix("www.")


class AbonnementQuerySet(models.QuerySet["Abonnement"]):
    def active(self) -> AbonnementQuerySet:
        return self.filter(ended_at__isnull=True)

    def told_of(self, actualite: Actualite) -> AbonnementQuerySet:
        """Who asked for the whole démarche hears of all its parts; who asked for an atelier or a thème, of it alone."""
        return self.active().filter(demarche=actualite.demarche, topic__in={WHOLE, actualite.topic})

    def dead(self) -> AbonnementQuerySet:
        """Active ones whose address was refused for good since it was confirmed."""
        bounced = Envoi.objects.bounced_for_good().annotate(address=Upper("to"))
        since = bounced.filter(address=Upper(OuterRef("personne__email")), bounced_at__gt=OuterRef("confirmed_at"))
        return self.active().filter(Exists(since))


class Abonnement(models.Model):
    """A person asked, and confirmed from their mail, to be told; the dates prove the consent and its end."""

    demarche_path = "demarche"

    personne = models.ForeignKey(Personne, models.CASCADE, related_name="abonnements", verbose_name="personne")
    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="abonnements", verbose_name="démarche")
    topic = models.CharField("au sujet de", max_length=40, blank=True, default=WHOLE)
    rhythm = models.CharField(
        "reçues",
        max_length=8,
        choices=[one for one in Rhythm.choices if one[0] != Rhythm.NEVER],
        default=Rhythm.AT_ONCE,
        db_default=Rhythm.AT_ONCE,
    )
    confirmed_at = models.DateTimeField("confirmé le", default=timezone.now)
    ended_at = models.DateTimeField("terminé le", null=True, blank=True)
    end_reason = models.CharField("raison de la fin", max_length=16, choices=EndReason, blank=True)

    objects = AbonnementQuerySet.as_manager()

    class Meta:
        verbose_name = "abonnement"
        constraints = [
            models.UniqueConstraint(
                fields=["personne", "demarche", "topic"],
                condition=Q(ended_at__isnull=True),
                name="abonnement_once",
                violation_error_message="Cette personne est déjà abonnée.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end_reason="") | Q(ended_at__isnull=False) & ~Q(end_reason=""),
                name="abonnement_end_has_reason",
                violation_error_message="Un abonnement terminé a une raison.",
            ),
            models.CheckConstraint(
                condition=~Q(rhythm=Rhythm.NEVER),
                name="abonnement_is_told",
                violation_error_message="Ne plus rien recevoir d’un sujet, c’est y mettre fin.",
            ),
        ]

    def __str__(self) -> str:
        return f"abonnement {self.pk}"
