"""A consultation: its démarche, its étapes with their periods, its enjeux, its thèmes, and who may run it."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from consultation.choices import DemarcheState, Moderation, RoleKind
from consultation.etapes import REGLES, EtapeType, Regle
from socle.dates import Precision, period_label


class DemarcheQuerySet(models.QuerySet["Demarche"]):
    def published(self) -> DemarcheQuerySet:
        """What anyone may read: a démarche that is running or archived, never a draft."""
        return self.exclude(state=DemarcheState.DRAFT)

    def current(self) -> Demarche | None:
        return self.published().filter(courante=True).first()


class Demarche(models.Model):
    """One consultation, from its opening to its follow-up."""

    demarche_path = "pk"

    title = models.CharField("titre", max_length=200)
    slug = models.SlugField(
        "adresse", max_length=80, unique=True, help_text="Dans l’adresse des pages ; ne plus changer ensuite."
    )
    code = models.CharField(
        "code",
        max_length=8,
        unique=True,
        validators=[RegexValidator(r"^[A-Z][A-Z0-9]{1,7}$", "De 2 à 8 capitales ou chiffres, une capitale d’abord.")],
        help_text="Début de la référence de chaque contribution, par exemple DP11. Ne plus le changer ensuite.",
    )
    owner = models.CharField("conduite par", max_length=160, help_text="La collectivité qui consulte et qui répond.")
    summary = models.TextField("en quelques mots", blank=True)
    call = models.TextField(
        "invitation", blank=True, help_text="La phrase qui invite à participer, en tête de l’accueil."
    )
    remote_call = models.TextField(
        "invitation à participer en ligne", blank=True, help_text="Pour qui ne peut pas venir aux rendez-vous."
    )
    state = models.CharField("état", max_length=12, choices=DemarcheState, default=DemarcheState.DRAFT)
    courante = models.BooleanField(
        "démarche courante",
        default=False,
        help_text="Celle de l’accueil et des adresses courtes ; une seule à la fois.",
    )
    moderation = models.CharField("modération", max_length=8, choices=Moderation, default=Moderation.BEFORE)
    contributions_open_at = models.DateTimeField(
        "contributions ouvertes depuis", null=True, blank=True, help_text="Vide : on ne peut pas contribuer en ligne."
    )
    contributions_close_at = models.DateTimeField(
        "contributions ouvertes jusqu’à",
        null=True,
        blank=True,
        help_text="À cet instant, c’est fermé. Vide : sans fin fixée.",
    )
    example_dates = models.BooleanField(
        "dates de démonstration",
        default=False,
        help_text="Écrit sur les pages que les dates ont été décalées pour l’exemple.",
    )

    objects = DemarcheQuerySet.as_manager()

    class Meta:
        verbose_name = "démarche"
        ordering = ["-courante", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["courante"],
                condition=Q(courante=True),
                name="demarche_one_courante",
                violation_error_message="Une autre démarche est déjà la démarche courante.",
            ),
            models.CheckConstraint(
                condition=Q(contributions_close_at__isnull=True)
                | Q(contributions_open_at__isnull=False, contributions_close_at__gt=F("contributions_open_at")),
                name="demarche_window_order",
                violation_error_message="Les contributions doivent ouvrir avant de fermer.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("demarche", args=[self.slug])

    def takes_contributions(self, at: datetime | None = None) -> bool:
        """True from the opening instant on; the closing instant is closed."""
        at = at or timezone.now()
        opens, closes = self.contributions_open_at, self.contributions_close_at
        running = self.state == DemarcheState.PUBLISHED
        return running and opens is not None and opens <= at and (closes is None or at < closes)


class Cadre(models.Model):
    """The frame of a démarche, dated: the latest version is shown, the earlier ones stay readable by staff."""

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="cadres", verbose_name="démarche")
    published_on = models.DateField("en vigueur depuis le")
    object = models.TextField("objet de la consultation")
    open_points = models.TextField("ce qui est ouvert à la discussion", blank=True)
    closed_points = models.TextField("ce qui n’est pas en discussion", blank=True)
    decision = models.TextField("qui décide, et quand", blank=True)
    use_of_contributions = models.TextField("ce que deviennent les contributions", blank=True)
    team = models.TextField("l’équipe", blank=True)
    garant = models.TextField("le garant", blank=True)
    charte = models.TextField("charte de participation", blank=True)
    moderation_rules = models.TextField("règles de modération", blank=True)

    class Meta:
        verbose_name = "cadre"
        ordering = ["-published_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["demarche", "published_on"],
                name="cadre_one_a_day",
                violation_error_message="Une version du cadre porte déjà cette date.",
            )
        ]

    def __str__(self) -> str:
        return f"cadre du {self.published_on:%d/%m/%Y}"


class EtapeQuerySet(models.QuerySet["Etape"]):
    def running(self, at: datetime | None = None) -> EtapeQuerySet:
        day = timezone.localdate(at)
        return self.filter(starts_on__lte=day, ends_on__gte=day)

    def coming(self, at: datetime | None = None) -> EtapeQuerySet:
        return self.filter(starts_on__gt=timezone.localdate(at)).order_by("starts_on", "rank")


class Etape(models.Model):
    """One of the ordered steps of a démarche. Étapes may overlap, and there may be none today."""

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="etapes", verbose_name="démarche")
    rank = models.PositiveSmallIntegerField("rang")
    type = models.CharField(
        "type", max_length=20, choices=EtapeType, help_text="Dit ce qui est ouvert tant qu’elle court."
    )
    title = models.CharField("titre", max_length=200)
    text = models.TextField("texte", blank=True)
    people_count = models.PositiveIntegerField("nombre de personnes", null=True, blank=True)
    people_label = models.CharField("qui elles sont", max_length=200, blank=True)
    starts_on = models.DateField("du")
    ends_on = models.DateField("au", help_text="Dernier jour compris.")
    precision = models.CharField("précision", max_length=8, choices=Precision, default=Precision.DAY)

    objects = EtapeQuerySet.as_manager()

    class Meta:
        verbose_name = "étape"
        ordering = ["demarche", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["demarche", "rank"],
                name="etape_rank_unique",
                violation_error_message="Une autre étape porte déjà ce rang.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="etape_period_order",
                violation_error_message="L’étape doit commencer avant de finir.",
            ),
            models.CheckConstraint(
                condition=Q(rank__gte=1), name="etape_rank_from_1", violation_error_message="Les rangs commencent à 1."
            ),
            models.CheckConstraint(
                condition=~Q(precision="heure"),
                name="etape_precision_not_hour",
                violation_error_message="Une étape se date au jour, au mois ou à la saison.",
            ),
        ]

    def __str__(self) -> str:
        return f"Étape {self.rank} – {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("etape", args=[self.demarche.slug, self.rank])

    @property
    def regle(self) -> Regle:
        return REGLES[self.type]

    def is_running(self, at: datetime | None = None) -> bool:
        return self.starts_on <= timezone.localdate(at) <= self.ends_on

    def is_past(self, at: datetime | None = None) -> bool:
        return self.ends_on < timezone.localdate(at)

    def opens(self, what: str, at: datetime | None = None) -> bool:
        """Whether `what` (a word of `consultation.etapes`) can be done now."""
        return what in self.regle.opens and self.is_running(at)

    @property
    def period_label(self) -> str:
        return period_label(self.starts_on, self.ends_on, self.precision)


class DateChange(models.Model):
    """A period or a date that was changed, with its reason; the planned one is what the first change replaced."""

    etape = models.ForeignKey(
        Etape, models.CASCADE, null=True, blank=True, related_name="date_changes", verbose_name="étape"
    )
    rencontre = models.ForeignKey(
        "consultation.Rencontre",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="date_changes",
        verbose_name="rencontre",
    )
    previous_label = models.CharField("auparavant", max_length=120)
    new_label = models.CharField("désormais", max_length=120)
    reason = models.CharField("raison", max_length=300)
    changed_at = models.DateTimeField("changée le", default=timezone.now)

    class Meta:
        verbose_name = "changement de date"
        verbose_name_plural = "changements de date"
        ordering = ["changed_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(etape__isnull=False, rencontre__isnull=True)
                | Q(etape__isnull=True, rencontre__isnull=False),
                name="datechange_one_subject",
                violation_error_message="Un changement de date concerne une étape ou une rencontre.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.previous_label} → {self.new_label}"


class Enjeu(models.Model):
    """One of the political aims of a démarche, with its whole sentence."""

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="enjeux", verbose_name="démarche")
    rank = models.PositiveSmallIntegerField("rang")
    short_title = models.CharField("en bref", max_length=80, help_text="Le verbe ou le nom qui l’annonce, en gras.")
    sentence = models.TextField("la phrase entière")

    class Meta:
        verbose_name = "enjeu"
        verbose_name_plural = "enjeux"
        ordering = ["demarche", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["demarche", "rank"],
                name="enjeu_rank_unique",
                violation_error_message="Un autre enjeu porte déjà ce rang.",
            )
        ]

    def __str__(self) -> str:
        return self.sentence


class ThemeQuerySet(models.QuerySet["Theme"]):
    def open(self, at: datetime | None = None) -> ThemeQuerySet:
        """Those whose own window, where they have one, is open; the démarche's window is asked beside."""
        at = at or timezone.now()
        return self.filter(
            Q(contributions_open_at__isnull=True) | Q(contributions_open_at__lte=at),
            Q(contributions_close_at__isnull=True) | Q(contributions_close_at__gt=at),
        )


class Theme(models.Model):
    """A question chosen at the launch: people contribute on it online, an atelier works on it."""

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="themes", verbose_name="démarche")
    rank = models.PositiveSmallIntegerField("rang")
    question = models.CharField("question", max_length=400)
    introduction = models.TextField("présentation", blank=True)
    contributions_open_at = models.DateTimeField("ouvert depuis", null=True, blank=True)
    contributions_close_at = models.DateTimeField("ouvert jusqu’à", null=True, blank=True)

    objects = ThemeQuerySet.as_manager()

    class Meta:
        verbose_name = "thème"
        ordering = ["demarche", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["demarche", "rank"],
                name="theme_rank_unique",
                violation_error_message="Un autre thème porte déjà ce rang.",
            ),
            models.CheckConstraint(
                condition=Q(contributions_open_at__isnull=True)
                | Q(contributions_close_at__isnull=True)
                | Q(contributions_close_at__gt=F("contributions_open_at")),
                name="theme_window_order",
                violation_error_message="Le thème doit ouvrir avant de fermer.",
            ),
        ]

    def __str__(self) -> str:
        return self.question

    def get_absolute_url(self) -> str:
        return reverse("theme", args=[self.demarche.slug, self.rank])

    def takes_contributions(self, at: datetime | None = None) -> bool:
        at = at or timezone.now()
        opens, closes = self.contributions_open_at, self.contributions_close_at
        own = (opens is None or opens <= at) and (closes is None or at < closes)
        return own and self.demarche.takes_contributions(at)


class College(models.Model):
    """The part of society one speaks from: « Vous participez en tant que… »."""

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="colleges", verbose_name="démarche")
    rank = models.PositiveSmallIntegerField("rang")
    label = models.CharField("libellé", max_length=120)

    class Meta:
        verbose_name = "collège"
        ordering = ["demarche", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["demarche", "rank"],
                name="college_rank_unique",
                violation_error_message="Un autre collège porte déjà ce rang.",
            ),
            models.UniqueConstraint(
                fields=["demarche", "label"],
                name="college_label_unique",
                violation_error_message="Ce collège existe déjà.",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class RoleQuerySet(models.QuerySet["Role"]):
    def active(self, day: date | None = None) -> RoleQuerySet:
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day or timezone.localdate()))


class Role(models.Model):
    """What one member of staff may do on one démarche."""

    demarche_path = "demarche"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="roles", verbose_name="compte")
    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="roles", verbose_name="démarche")
    kind = models.CharField("rôle", max_length=12, choices=RoleKind)
    ends_on = models.DateField(
        "jusqu’au", null=True, blank=True, help_text="Dernier jour compris. Vide : sans fin fixée."
    )

    objects = RoleQuerySet.as_manager()

    class Meta:
        verbose_name = "rôle"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "demarche", "kind"],
                name="role_unique",
                violation_error_message="Cette personne a déjà ce rôle.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} : {self.demarche}"
