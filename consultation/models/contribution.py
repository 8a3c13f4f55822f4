"""Anything said by someone."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone

from consultation.choices import ContributionState, Display, Nature, Origine, SpeaksAs, Stance, WithdrawnBy
from socle.comptes.models import Personne
from socle.fulltext import Holds, Query

from .demarche import Demarche
from .rencontre import Rencontre
from .territory import Commune
from .theme import College, Enjeu, Theme
from .unconfirmed import UnconfirmedRows

TITLE_LENGTH = 160  # what a citizen may write
STORED_TITLE_LENGTH = 300  # what an import may hold
BODY_LENGTH = 10_000  # characters a citizen may write in one contribution (issue of the form)
STORED_BODY_LENGTH = 100_000  # what an import or a transcription may hold
# The day `Contribution.answer_due_on` says, in SQL.
DUE_ON = ExpressionWrapper(TruncDate("published_at") + F("demarche__answer_days"), output_field=models.DateField())


class ContributionQuerySet(UnconfirmedRows, models.QuerySet["Contribution"]):
    def published(self) -> ContributionQuerySet:
        return self.filter(state=ContributionState.PUBLISHED)

    def appeared(self) -> ContributionQuerySet:
        """Online, or taken down since it was: it keeps an address."""
        shown = (ContributionState.PUBLISHED, ContributionState.WITHDRAWN)
        return self.filter(state__in=shown, published_at__isnull=False)

    def waiting(self, day: date | None = None) -> ContributionQuerySet:
        """The moderation queue, oldest first; without those whose author still has time to find other words."""
        asked = Contribution.objects.with_their_author(day)
        rows = self.filter(state=ContributionState.WAITING).exclude(pk__in=asked.values("pk"))
        return rows.order_by("submitted_at", "pk")

    def with_their_author(self, day: date | None = None) -> ContributionQuerySet:
        """Those that wait for a reformulation; the last day is included (`Reformulation.objects.open`)."""
        return self.filter(
            state=ContributionState.WAITING,
            reformulations__answered_at__isnull=True,
            reformulations__due_on__gte=day or timezone.localdate(),
        )

    def without_reactions(self) -> ContributionQuerySet:
        """Lists and figures hold contributions; what answers them is read and counted apart."""
        return self.filter(parent__isnull=True)

    def reactions_only(self) -> ContributionQuerySet:
        return self.filter(parent__isnull=False)

    def for_synthese(self) -> ContributionQuerySet:
        """What a synthèse counts: questions get the answer of a service, and count only where a passage cites them
        (issue « Contributing and moderating », 3); réactions are read with what they answer, and counted apart."""
        return self.published().without_reactions().exclude(nature=Nature.QUESTION)

    def questions(self) -> ContributionQuerySet:
        """Those that a service owes a public answer."""
        return self.published().without_reactions().filter(nature=Nature.QUESTION)

    def answered(self) -> ContributionQuerySet:
        return self.filter(service_answer__published_at__isnull=False)

    def unanswered(self) -> ContributionQuerySet:
        return self.filter(service_answer__published_at__isnull=True)

    def with_due_date(self) -> ContributionQuerySet:
        """`due_on`, as `Contribution.answer_due_on` says it."""
        return self.annotate(due_on=DUE_ON)

    def overdue(self, at: datetime | None = None) -> ContributionQuerySet:
        """Unanswered past the last day of the delay."""
        late: ContributionQuerySet = self.unanswered().with_due_date()
        return late.filter(due_on__lt=timezone.localdate(at))  # type: ignore[misc]  # annotated

    def newest(self) -> ContributionQuerySet:
        """The public order, stable for keyset paging."""
        return self.order_by("-published_at", "-pk")

    def matching(self, words: str | Query) -> ContributionQuerySet:
        """Those that hold the words, spelt with or without accents; none where there is nothing to look for."""
        query = words if isinstance(words, Query) else Query.read(words)
        return self.filter(Holds("pk", query)) if query else self.none()

    def with_reference(self, reference: str) -> ContributionQuerySet:
        """The row of « DP11-42 »; none where the reference is not one."""
        code, _, number = reference.rpartition("-")
        if not (code.isascii() and code.isalnum() and number.isascii() and number.isdigit() and len(number) < 19):
            return self.none()
        return self.filter(demarche__code=code, pk=int(number))


class Contribution(models.Model):
    """One row for anything said, online, on paper, in a séance or at a forum."""

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.PROTECT, related_name="contributions", verbose_name="démarche")
    theme = models.ForeignKey(
        Theme,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contributions",
        verbose_name="thème",
        help_text="Vide : « autre sujet », ou pas encore classée.",
    )
    enjeux = models.ManyToManyField(Enjeu, blank=True, related_name="contributions", verbose_name="enjeux")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reactions", verbose_name="en réaction à"
    )
    stance = models.CharField("position", max_length=20, choices=Stance, blank=True)
    nature = models.CharField("nature", max_length=12, choices=Nature)
    title = models.CharField("titre", max_length=STORED_TITLE_LENGTH)
    body = models.TextField("texte", max_length=STORED_BODY_LENGTH)

    display = models.CharField("signature", max_length=12, choices=Display, default=Display.ANONYMOUS)
    author_name = models.CharField("nom à afficher", max_length=120, blank=True)
    speaks_as = models.CharField("s’exprime", max_length=12, choices=SpeaksAs, default=SpeaksAs.PERSONAL)
    organisation = models.CharField("organisation", max_length=160, blank=True)
    function = models.CharField("fonction", max_length=120, blank=True)
    minor = models.BooleanField("moins de 15 ans", default=False, db_default=False)
    people_count = models.PositiveSmallIntegerField(
        "nombre de personnes", null=True, blank=True, help_text="D’une classe ou d’un groupe qui s’exprime ensemble."
    )
    college = models.ForeignKey(
        College, models.PROTECT, null=True, blank=True, related_name="contributions", verbose_name="collège"
    )
    commune_name = models.CharField("commune indiquée", max_length=120, blank=True)
    commune = models.ForeignKey(
        Commune, models.SET_NULL, null=True, blank=True, related_name="contributions", verbose_name="commune reconnue"
    )
    personne = models.ForeignKey(
        Personne, models.SET_NULL, null=True, blank=True, related_name="contributions", verbose_name="personne"
    )

    origine = models.CharField("origine", max_length=12, choices=Origine, default=Origine.ONLINE)
    rencontre = models.ForeignKey(
        Rencontre, models.SET_NULL, null=True, blank=True, related_name="contributions", verbose_name="dite à"
    )
    place_label = models.CharField("où elle a été dite", max_length=200, blank=True, editable=False)
    state = models.CharField("état", max_length=12, choices=ContributionState, editable=False)
    submitted_at = models.DateTimeField("reçue le", default=timezone.now, editable=False)
    published_at = models.DateTimeField("publiée le", null=True, blank=True, editable=False)

    withdrawn_by = models.CharField(
        "retirée", max_length=12, choices=WithdrawnBy, blank=True, default="", db_default="", editable=False
    )
    masked_at = models.DateTimeField("passage masqué le", null=True, blank=True, editable=False)
    # Changed by actions in SQL alone.
    support_count = models.PositiveIntegerField("soutiens", default=0, db_default=0, editable=False)

    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    tracking_hash = models.BinaryField(max_length=32, null=True, unique=True, editable=False)
    import_source = models.CharField("source de la reprise", max_length=80, blank=True, editable=False)
    import_key = models.CharField("identifiant à la source", max_length=120, blank=True, editable=False)
    example = models.BooleanField(
        "exemple", default=False, help_text="Inventée pour la démonstration ; la page le dit."
    )

    objects = ContributionQuerySet.as_manager()

    class Meta:
        verbose_name = "contribution"
        ordering = ["-submitted_at", "-pk"]
        indexes = [
            models.Index(
                fields=["demarche", "-published_at", "-id"],
                name="contribution_public_list",
                condition=Q(state="publiee"),
            ),
            models.Index(
                fields=["theme", "-published_at", "-id"],
                name="contribution_theme_list",
                condition=Q(state="publiee"),
            ),
            models.Index(
                fields=["demarche", "-support_count", "-id"],
                name="contribution_supported_list",
                condition=Q(state="publiee", parent__isnull=True),
            ),
            models.Index(
                fields=["demarche", "-published_at", "-id"],
                name="contribution_reaction_list",
                condition=Q(state="publiee", parent__isnull=False),
            ),
            models.Index(
                fields=["parent", "stance", "-published_at", "-id"],
                name="contribution_reactions",
                condition=Q(state="publiee", parent__isnull=False),
            ),
            models.Index(fields=["submitted_at", "id"], name="contribution_queue", condition=Q(state="en_attente")),
            models.Index(
                fields=["submitted_at", "id"], name="contribution_unconfirmed", condition=Q(state="a_confirmer")
            ),
            # The few of a large table: counted above the list of the moderators.
            models.Index(
                fields=["demarche", "state"],
                name="contribution_set_aside",
                condition=Q(state__in=["refusee", "retiree"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="publiee") | Q(published_at__isnull=False),
                name="contribution_published_dated",
                violation_error_message="Une contribution publiée a une date de publication.",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(stance=""),
                name="contribution_reaction_stance",
                violation_error_message="Une réaction est pour, contre, ou ni l’un ni l’autre.",
            ),
            models.CheckConstraint(
                condition=~Q(parent=F("pk")),
                name="contribution_not_own_parent",
                violation_error_message="Une contribution ne peut se répondre à elle-même.",
            ),
            models.CheckConstraint(
                condition=Q(display="anonyme") | ~Q(author_name=""),
                name="contribution_named_has_name",
                violation_error_message="Indiquez le nom à afficher, ou choisissez « Anonyme ».",
            ),
            models.CheckConstraint(
                condition=Q(minor=False) | (~Q(display="nom") & ~Q(speaks_as="organisation")),
                name="contribution_minor_unnamed",
                violation_error_message="Avant 15 ans, on signe d’un pseudonyme ou l’on reste anonyme.",
            ),
            models.CheckConstraint(
                condition=Q(people_count__isnull=True) | Q(speaks_as="groupe", people_count__gte=2),
                name="contribution_people_of_group",
                violation_error_message="Le nombre de personnes est celui d’un groupe, de deux au moins.",
            ),
            models.CheckConstraint(
                condition=Q(Q(state="retiree") & ~Q(withdrawn_by="")) | Q(~Q(state="retiree") & Q(withdrawn_by="")),
                name="contribution_withdrawn_by_someone",
                violation_error_message="Une contribution retirée l’a été par son auteur ou par la modération.",
            ),
            models.UniqueConstraint(
                fields=["demarche", "import_source", "import_key"],
                condition=~Q(import_key=""),
                name="contribution_imported_once",
                violation_error_message="Cette contribution a déjà été reprise.",
            ),
        ]

    def __str__(self) -> str:
        return f"contribution {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("contribution", args=[self.reference])

    @property
    def reference(self) -> str:
        """The public reference; the démarche must be loaded with the row."""
        return f"{self.demarche.code}-{self.pk}"

    @property
    def signature(self) -> str:
        """What is shown of the author."""
        name = self.author_name if self.display != Display.ANONYMOUS else "Anonyme"
        if self.speaks_as == SpeaksAs.PERSONAL or not self.organisation:
            return name
        if self.speaks_as == SpeaksAs.GROUP and self.display == Display.ANONYMOUS:
            name = ""  # « Anonyme, 3e B » would say that one pupil hides
        many = f"\u00a0({self.people_count} personnes)" if self.people_count else ""
        # The position of an organisation is signed by it: its name is said once.
        return ", ".join(dict.fromkeys(filter(None, [name, self.function, self.organisation]))) + many

    @property
    def words_seal(self) -> str:
        """What whoever read these words sends back with a decision: on other words it is no decision."""
        return sha256(f"{self.title}\0{self.body}".encode()).hexdigest()[:32]

    @property
    def is_published(self) -> bool:
        return self.state == ContributionState.PUBLISHED

    @property
    def address_unverified(self) -> bool:
        """Sent online without an e-mail address that was proved; moderators see it."""
        return self.origine == Origine.ONLINE and (self.personne is None or not self.personne.is_confirmed)

    @property
    def answer_due_on(self) -> date | None:
        """The last day of the delay in which a service answers; the démarche must be loaded with the row."""
        if self.published_at is None:
            return None
        return timezone.localdate(self.published_at) + timedelta(days=self.demarche.answer_days)
