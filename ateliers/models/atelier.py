"""The groupes de production: an atelier, its séances, the people who compose it."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from consultation.models import College, Commune, Demarche, Lieu, Rencontre, Theme
from socle.comptes.models import Personne


class Objective(models.TextChoices):
    CONSTATS = "constats", "constats"
    PROPOSITIONS = "propositions", "propositions"
    FINALISATION = "finalisation", "finalisation"


class CameBy(models.TextChoices):
    LANCEMENT = "designe_au_lancement", "désigné au lancement"
    CANDIDATURE = "candidature", "candidature"
    TIRAGE = "tirage_au_sort", "tirage au sort"
    LIBRE = "inscription_libre", "inscription libre"


class AtelierQuerySet(models.QuerySet["Atelier"]):
    def published(self) -> AtelierQuerySet:
        return self.filter(demarche__in=Demarche.objects.published())

    def with_example(self) -> AtelierQuerySet:
        """`is_example`: a demonstration has invented its séances, and who compose it."""
        invented = Seance.objects.filter(atelier=OuterRef("pk"), rencontre__example=True)
        return self.annotate(is_example=Exists(invented))


class Atelier(models.Model):
    """One town, one question, its séances. Ateliers sort by rank, whatever their dates."""

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="+", verbose_name="démarche")
    rank = models.PositiveSmallIntegerField("rang")
    question = models.CharField("question", max_length=400, help_text="Mot pour mot, comme elle a été choisie.")
    town = models.CharField("ville", max_length=80)
    lieu = models.ForeignKey(Lieu, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="lieu")
    themes = models.ManyToManyField(Theme, blank=True, related_name="+", verbose_name="thèmes")
    presentation = models.TextField("présentation", blank=True)

    objects = AtelierQuerySet.as_manager()

    class Meta:
        verbose_name = "atelier"
        ordering = ["demarche", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["demarche", "rank"],
                name="atelier_rank_unique",
                violation_error_message="Un autre atelier porte déjà ce rang.",
            ),
            models.CheckConstraint(
                condition=Q(rank__gte=1),
                name="atelier_rank_from_1",
                violation_error_message="Les rangs commencent à 1.",
            ),
        ]

    def __str__(self) -> str:
        return f"Atelier {self.rank} – {self.town}"

    def get_absolute_url(self) -> str:
        return reverse("atelier", args=[self.demarche.slug, self.rank])

    @property
    def topic(self) -> str:
        """What its news and the abonnements to them are about (consultation.topics)."""
        return f"atelier:{self.rank}"


class Seance(models.Model):
    """One meeting of an atelier. Its date, place and places are its rencontre's."""

    demarche_path = "atelier__demarche"

    rencontre = models.OneToOneField(
        Rencontre, models.CASCADE, primary_key=True, related_name="+", verbose_name="rencontre"
    )
    atelier = models.ForeignKey(Atelier, models.CASCADE, related_name="seances", verbose_name="atelier")
    rank = models.PositiveSmallIntegerField("rang")
    objective = models.CharField("objectif", max_length=16, choices=Objective, blank=True)
    ordre_du_jour = models.TextField("ordre du jour", blank=True)
    sheets_printed = models.PositiveSmallIntegerField("fiches imprimées", default=0, db_default=0, editable=False)

    class Meta:
        verbose_name = "séance"
        ordering = ["atelier", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["atelier", "rank"],
                name="seance_rank_unique",
                violation_error_message="Cet atelier a déjà une séance de ce rang.",
            ),
            models.CheckConstraint(
                condition=Q(rank__gte=1), name="seance_rank_from_1", violation_error_message="Les rangs commencent à 1."
            ),
        ]

    def __str__(self) -> str:
        return f"séance {self.rank}"


class MembreQuerySet(models.QuerySet["Membre"]):
    def present(self) -> MembreQuerySet:
        """Those who compose the group now."""
        return self.filter(left_at__isnull=True)


class Membre(models.Model):
    """A person who composes an atelier, and how they came; who leaves stays in the history of the group."""

    demarche_path = "atelier__demarche"

    atelier = models.ForeignKey(Atelier, models.CASCADE, related_name="membres", verbose_name="atelier")
    personne = models.ForeignKey(Personne, models.PROTECT, related_name="+", verbose_name="personne")
    name = models.CharField("nom", max_length=120, blank=True, default="", db_default="", help_text="Jamais publié.")
    came_by = models.CharField("venu par", max_length=24, choices=CameBy)
    college = models.ForeignKey(
        College, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="collège"
    )
    commune = models.ForeignKey(
        Commune, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="commune"
    )
    organisation = models.CharField("organisation", max_length=160, blank=True)
    joined_at = models.DateTimeField("depuis le", default=timezone.now)
    left_at = models.DateTimeField("a quitté le groupe le", null=True, blank=True)

    objects = MembreQuerySet.as_manager()

    class Meta:
        verbose_name = "membre"
        constraints = [
            models.UniqueConstraint(
                fields=["atelier", "personne"],
                name="membre_once",
                violation_error_message="Cette personne est déjà membre de cet atelier.",
            )
        ]

    def __str__(self) -> str:
        return f"membre {self.pk}"


class AnimationQuerySet(models.QuerySet["Animation"]):
    def active(self, day: date | None = None) -> AnimationQuerySet:
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day or timezone.localdate()))


class Animation(models.Model):
    """The member of staff who runs an atelier (« organisateur »)."""

    demarche_path = "atelier__demarche"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="compte")
    atelier = models.ForeignKey(Atelier, models.CASCADE, related_name="animations", verbose_name="atelier")
    ends_on = models.DateField(
        "jusqu’au", null=True, blank=True, help_text="Dernier jour compris. Vide : sans fin fixée."
    )

    objects = AnimationQuerySet.as_manager()

    class Meta:
        verbose_name = "animation"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "atelier"],
                name="animation_once",
                violation_error_message="Cette personne anime déjà cet atelier.",
            )
        ]

    def __str__(self) -> str:
        return f"animation {self.pk}"
