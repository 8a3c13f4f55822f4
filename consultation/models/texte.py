"""The textes of a démarche, from synthèse to bilan: their versions, their passages, and what was answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import models
from django.db.models import Deferrable, F, Q
from django.urls import reverse
from django.utils import timezone

from consultation.choices import ReponseKind, TexteKind, TexteState
from consultation.textes import REGLES, Regle

from .contribution import STORED_TITLE_LENGTH, Contribution
from .demarche import Demarche
from .etape import Etape
from .theme import Theme

PASSAGE_LENGTH = 20_000  # characters of one passage
REASON_LENGTH = 2000


class TexteQuerySet(models.QuerySet["Texte"]):
    def published(self) -> TexteQuerySet:
        """Those of which a version can be read by anyone."""
        return self.filter(current__isnull=False, demarche__in=Demarche.objects.published())


class Texte(models.Model):
    """A synthèse, the report, the policy, the bilan. What it says is in its versions; `current` is the one that the
    public reads, and the database alone moves it."""

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.PROTECT, related_name="textes", verbose_name="démarche")
    etape = models.ForeignKey(
        Etape, models.SET_NULL, null=True, blank=True, related_name="textes", verbose_name="étape"
    )
    kind = models.CharField("genre", max_length=24, choices=TexteKind)
    title = models.CharField("titre", max_length=200)
    current = models.ForeignKey(
        "TexteVersion", models.PROTECT, null=True, editable=False, related_name="+", verbose_name="version publiée"
    )
    # The order of the textes: each cites those that were public before it.
    first_published_at = models.DateTimeField("publié pour la première fois le", null=True, editable=False)

    objects = TexteQuerySet.as_manager()

    class Meta:
        verbose_name = "texte"
        ordering = ["demarche", "pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("texte", args=[self.pk])

    @property
    def regle(self) -> Regle:
        return REGLES[self.kind]

    @property
    def draft(self) -> TexteVersion | None:
        """The version that is being written, where there is one. A query."""
        return self.versions.filter(state=TexteState.DRAFT).first()


class TexteVersionQuerySet(models.QuerySet["TexteVersion"]):
    def published(self) -> TexteVersionQuerySet:
        return self.exclude(state=TexteState.DRAFT)


class TexteVersion(models.Model):
    """What a texte says, with its passages and their citations; frozen once published (triggers of 0023)."""

    demarche_path = "texte__demarche"

    texte = models.ForeignKey(Texte, models.CASCADE, related_name="versions", verbose_name="texte")
    number = models.PositiveSmallIntegerField("numéro")
    state = models.CharField("état", max_length=12, choices=TexteState, default=TexteState.DRAFT, editable=False)
    introduction = models.TextField("introduction", max_length=PASSAGE_LENGTH, blank=True)
    # The first instant that is too late: local midnight after the last day.
    received_before = models.DateTimeField("contributions reçues avant le", null=True, blank=True)
    reason = models.TextField("raison de la nouvelle version", max_length=REASON_LENGTH, blank=True)
    published_at = models.DateTimeField("publiée le", null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="par"
    )
    # Of a draft, what was counted last; of a published version, what the database counted as it was published.
    figures = models.JSONField("chiffres", default=dict, editable=False)
    counted_at = models.DateTimeField("comptés le", null=True, editable=False)
    authors_told_at = models.DateTimeField("auteurs prévenus le", null=True, editable=False)

    objects = TexteVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "version d’un texte"
        verbose_name_plural = "versions de textes"
        ordering = ["texte", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["texte", "number"],
                name="texte_version_number",
                violation_error_message="Ce texte a déjà une version de ce numéro.",
            ),
            models.UniqueConstraint(
                fields=["texte"],
                condition=Q(state="brouillon"),
                name="texte_version_one_draft",
                violation_error_message="Une version de ce texte est déjà en cours d’écriture.",
            ),
            models.CheckConstraint(
                condition=Q(state="brouillon", published_at__isnull=True)
                | (~Q(state="brouillon") & Q(published_at__isnull=False)),
                name="texte_version_published_dated",
                violation_error_message="Une version publiée a une date de publication.",
            ),
            models.CheckConstraint(
                condition=Q(state="brouillon") | Q(number=1) | ~Q(reason=""),
                name="texte_version_says_why",
                violation_error_message="Dites pourquoi une nouvelle version remplace la précédente.",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} du texte {self.texte_id}"

    @property
    def is_draft(self) -> bool:
        return self.state == TexteState.DRAFT

    @property
    def last_day(self) -> date | None:
        """The last day whose contributions it treats."""
        return timezone.localdate(self.received_before - timedelta(seconds=1)) if self.received_before else None

    @property
    def seal(self) -> str:
        """Of what comes before the passages, the title of the texte with it. A query where the texte is not read."""
        return frame_seal(self.texte.title, self.introduction, self.received_before)


def frame_seal(title: str, introduction: str, received_before: datetime | None) -> str:
    return _seal(title, introduction, received_before.astimezone(UTC).isoformat() if received_before else "")


class Passage(models.Model):
    """A numbered part of one version. `key` stays from version to version, whatever its number becomes: addresses
    are made of it. A `liaison` only links others: it says nothing that would need a source."""

    demarche_path = "version__texte__demarche"

    version = models.ForeignKey(TexteVersion, models.CASCADE, related_name="passages", verbose_name="version")
    key = models.PositiveIntegerField("clé")
    number = models.PositiveIntegerField("numéro")
    title = models.CharField("titre", max_length=STORED_TITLE_LENGTH)
    text = models.TextField("texte", max_length=PASSAGE_LENGTH, blank=True)
    liaison = models.BooleanField("liaison", default=False, help_text="Il relie les autres, et n’a pas de source.")
    themes = models.ManyToManyField(Theme, blank=True, related_name="passages", verbose_name="thèmes")
    # An article of the policy that the report did not have: this amendment is where it comes from.
    added_by = models.ForeignKey(
        "consultation.Amendement",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="added",
        verbose_name="amendement qui l’a ajouté",
    )
    # Of the form that added it: sent again, it adds no second one.
    submission_key = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        verbose_name = "passage"
        ordering = ["version", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "number"],
                name="passage_number",
                deferrable=Deferrable.DEFERRED,
                violation_error_message="Un passage de ce texte porte déjà ce numéro.",
            ),
            models.UniqueConstraint(
                fields=["version", "key"],
                name="passage_key",
                deferrable=Deferrable.DEFERRED,
                violation_error_message="Un passage de ce texte a déjà cette clé.",
            ),
            models.CheckConstraint(
                condition=~Q(title=""),
                name="passage_titled",
                violation_error_message="Donnez un titre à ce passage.",
            ),
        ]

    def __str__(self) -> str:
        return f"passage {self.pk}"

    @property
    def seal(self) -> str:
        """What whoever read this passage sends back with other words: on other ones nothing is written.

        A query, but where its themes were read with it."""
        return passage_seal(self.title, self.text, liaison=self.liaison, themes=self.themes.all())


def passage_seal(title: str, text: str, *, liaison: bool, themes: Iterable[Theme]) -> str:
    return _seal(title, text, str(liaison), *(str(pk) for pk in sorted(theme.pk for theme in themes)))


class ReponseQuerySet(models.QuerySet["Reponse"]):
    def of_version(self, version: TexteVersion) -> ReponseQuerySet:
        given = self.filter(texte=version.texte_id, since__lte=version.number)
        return given.filter(Q(until__isnull=True) | Q(until__gt=version.number))

    def public(self) -> ReponseQuerySet:
        """Those that the version the public reads gives."""
        shown = self.filter(texte__current__isnull=False, since__lte=F("texte__current__number"))
        return shown.filter(Q(until__isnull=True) | Q(until__gt=F("texte__current__number")))


class Reponse(models.Model):
    """What a texte answers to a contribution that it does not cite, and why; from its version `since`, to the one
    before `until` where it was changed."""

    demarche_path = "texte__demarche"

    texte = models.ForeignKey(Texte, models.CASCADE, related_name="reponses", verbose_name="texte")
    contribution = models.ForeignKey(Contribution, models.PROTECT, related_name="reponses", verbose_name="contribution")
    kind = models.CharField("réponse", max_length=20, choices=ReponseKind)
    reason = models.TextField("motif", max_length=REASON_LENGTH)
    passed_to = models.CharField("transmise à", max_length=160, blank=True)
    # The same for all those that got one answer together.
    lot = models.UUIDField("lot", null=True, blank=True, editable=False)
    since = models.PositiveSmallIntegerField("depuis la version", editable=False)
    until = models.PositiveSmallIntegerField("jusqu’avant la version", null=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="par"
    )
    given_at = models.DateTimeField("donnée le", default=timezone.now, editable=False)

    objects = ReponseQuerySet.as_manager()

    class Meta:
        verbose_name = "réponse"
        ordering = ["texte", "pk"]
        indexes = [models.Index(fields=["texte", "lot"], name="reponse_lot")]
        constraints = [
            models.UniqueConstraint(
                fields=["texte", "contribution"],
                condition=Q(until__isnull=True),
                name="reponse_once",
                violation_error_message="Ce texte répond déjà à cette contribution.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="reponse_says_why",
                violation_error_message="Donnez le motif de cette réponse : son auteur le lira.",
            ),
            models.CheckConstraint(
                condition=~Q(kind="hors_competence") | ~Q(passed_to=""),
                name="reponse_passed_to_someone",
                violation_error_message="Dites à qui la contribution est transmise.",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
                name="reponse_in_order",
                violation_error_message="Une réponse cesse après avoir été donnée.",
            ),
        ]

    def __str__(self) -> str:
        return f"réponse {self.pk}"

    @property
    def said(self) -> str:
        return f"{self.get_kind_display()}, transmise à {self.passed_to}" if self.passed_to else self.get_kind_display()


def _seal(*words: str) -> str:
    return sha256("\0".join(words).encode()).hexdigest()[:32]
