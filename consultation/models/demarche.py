"""A consultation: its démarche, its frame, and who may run it."""

from __future__ import annotations

from datetime import date, datetime

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from consultation.choices import DAYS_BEFORE, DAYS_LIST, DemarcheState, Level, Moderation, SoutienMode


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
    soutiens_mode = models.CharField(
        "soutiens",
        max_length=10,
        choices=SoutienMode,
        default=SoutienMode.SHOWN,
        db_default=SoutienMode.SHOWN,
        help_text="Masqués : on peut soutenir, les nombres paraissent à la clôture des contributions.",
    )
    takes_reactions = models.BooleanField(
        "réactions ouvertes", default=True, db_default=True, help_text="On peut réagir à une contribution publiée."
    )
    answer_days = models.PositiveSmallIntegerField(
        "délai de réponse aux questions",
        default=30,
        db_default=30,
        help_text="En jours, à partir de la publication de la question.",
    )
    second_reading = models.BooleanField(
        "seconde lecture des saisies",
        default=True,
        db_default=True,
        help_text="Ce qui arrive sur papier ou par téléphone ne paraît qu’une fois relu par quelqu’un d’autre.",
    )
    reminder_days = models.CharField(
        "rappels des rendez-vous",
        max_length=40,
        default="7,1",
        db_default="7,1",
        validators=[RegexValidator(DAYS_LIST, DAYS_BEFORE)],
        help_text="Combien de jours avant, séparés par des virgules ; 0 : aucun rappel. Ils partent à 8 h.",
    )
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
            models.CheckConstraint(
                condition=Q(reminder_days__regex=DAYS_LIST),
                name="demarche_reminder_days",
                violation_error_message=DAYS_BEFORE,
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

    def frame_to_complete(self, at: date | None = None) -> Cadre | None:
        """The version that the démarche would open with: the one in force, else the first to come."""
        return self.cadres.in_force(at) or self.cadres.order_by("published_on").first()

    def missing_to_open(self, at: date | None = None) -> list[str]:
        """The parts of the frame without which it cannot open, by the names of their fields; none: it can."""
        version, day = self.frame_to_complete(at), at or timezone.localdate()
        if version is None:
            return list(Cadre.NEEDED)
        return [*(["published_on"] if version.published_on > day else []), *version.missing()]

    def is_taking_reactions(self, at: datetime | None = None) -> bool:
        return self.takes_reactions and self.takes_contributions(at)

    def takes_soutiens(self, at: datetime | None = None) -> bool:
        return self.soutiens_mode != SoutienMode.OFF and self.takes_contributions(at)

    def shows_soutiens(self, at: datetime | None = None) -> bool:
        """Hidden numbers appear at the closing instant: until then nobody follows the crowd, staff included."""
        closes = self.contributions_close_at
        closed = self.state == DemarcheState.ARCHIVED or (closes is not None and closes <= (at or timezone.now()))
        return self.soutiens_mode == SoutienMode.SHOWN or (self.soutiens_mode == SoutienMode.HIDDEN and closed)


class CadreQuerySet(models.QuerySet["Cadre"]):
    def known(self, at: date | None = None) -> CadreQuerySet:
        """The versions whose day has come, the one in force first."""
        return self.filter(published_on__lte=at or timezone.localdate()).order_by("-published_on")

    def in_force(self, at: date | None = None) -> Cadre | None:
        return self.known(at).first()


class Cadre(models.Model):
    """One version of the frame of a démarche: in force from its day until the day of the next one.

    Every version that has been in force stays readable by everybody, with what it changed and why: whoever
    contributed under the former rules may hold the Region to them. The triggers of 0008 keep it as it was.
    """

    demarche_path = "demarche"
    # What a démarche cannot open without.
    NEEDED = (
        "object",
        "level",
        "open_points",
        "decision",
        "use_of_contributions",
        "charte",
        "moderation_rules",
    )

    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="cadres", verbose_name="démarche")
    published_on = models.DateField(
        "en vigueur à partir du", help_text="Ce jour-là, cette version remplace la précédente, et ne se corrige plus."
    )
    object = models.TextField("objet de la consultation", help_text="Sur quoi l’on consulte, et pourquoi maintenant.")
    level = models.CharField(
        "niveau de participation",
        max_length=16,
        choices=Level,
        blank=True,
        help_text="Ce que pèse la parole de chacun dans la décision. La page publique l’explique.",
    )
    open_points = models.TextField(
        "ce qui est ouvert à la discussion", blank=True, help_text="Un point par ligne, précédé d’un tiret."
    )
    closed_points = models.TextField(
        "ce qui n’est pas en discussion",
        blank=True,
        help_text="Et pourquoi : la loi, une décision déjà prise, le budget.",
    )
    decision = models.TextField(
        "qui décide, et quand", blank=True, help_text="L’instance, la date, et ce qu’elle aura sous les yeux."
    )
    use_of_contributions = models.TextField(
        "ce que deviennent les contributions",
        blank=True,
        help_text="Qui les lit, ce qui en est fait, quand et où la réponse est donnée.",
    )
    team = models.TextField(
        "l’équipe", blank=True, help_text="Les services et les personnes qui conduisent la démarche."
    )
    garant = models.TextField(
        "le garant", blank=True, help_text="Qui veille au respect du cadre, et comment le joindre."
    )
    charte = models.TextField(
        "charte de participation", blank=True, help_text="Ce que chacun s’engage à respecter, la collectivité comprise."
    )
    moderation_rules = models.TextField(
        "règles de modération",
        blank=True,
        help_text="Ce qui n’est pas publié, qui en décide, et comment demander un réexamen.",
    )
    change_reason = models.CharField(
        "ce qui change",
        max_length=300,
        blank=True,
        help_text="Public : ce que cette version change à la précédente, et pourquoi.",
    )

    objects = CadreQuerySet.as_manager()

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

    def get_absolute_url(self) -> str:
        return reverse("cadre_version", args=[self.demarche.slug, self.published_on])

    def missing(self) -> list[str]:
        """The parts that are still to be written, by the names of their fields."""
        return [name for name in self.NEEDED if not getattr(self, name).strip()]

    def is_fixed(self, at: date | None = None) -> bool:
        """True once people may have relied on it: what is to change needs another version."""
        public = self.demarche.state != DemarcheState.DRAFT
        return public and self.published_on <= (at or timezone.localdate()) and not self.missing()


class FrequentQuestionQuerySet(models.QuerySet["FrequentQuestion"]):
    def shown(self) -> FrequentQuestionQuerySet:
        """Those of the démarches that run, the current one's first."""
        rows = self.filter(demarche__state=DemarcheState.PUBLISHED).select_related("demarche")
        return rows.order_by("-demarche__courante", "-demarche", "rank", "pk")


class FrequentQuestion(models.Model):
    """A question that people ask, and its answer, on the page « Questions »."""

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="frequent_questions", verbose_name="démarche")
    rank = models.PositiveSmallIntegerField("rang", default=0)
    question = models.CharField("question", max_length=200)
    answer = models.TextField("réponse", max_length=4000)

    objects = FrequentQuestionQuerySet.as_manager()

    class Meta:
        verbose_name = "question fréquente"
        verbose_name_plural = "questions fréquentes"
        ordering = ["rank", "pk"]

    def __str__(self) -> str:
        return self.question

    @property
    def anchor(self) -> str:
        return f"question-{self.pk}"
