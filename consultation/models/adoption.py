"""The adoption of a report: presented, given an avis, deliberated; its amendments, and what becomes of each passage."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Max, Q
from django.urls import reverse
from django.utils import timezone

from consultation.choices_adoption import AmendementKind, AmendementState, ArticleOutcome, Avis
from socle.dates import day_label
from socle.documents.models import Document

from .contribution import STORED_TITLE_LENGTH
from .rencontre import Rencontre
from .texte import PASSAGE_LENGTH, REASON_LENGTH, Passage, Texte, TexteVersion

VOTES = ("votes_for", "votes_against", "abstentions")


# On a tie the president's vote counts double (CGCT, L4132-13); where everybody abstains, nothing is adopted.
CARRIED = Q(votes_for__gte=F("votes_against"), votes_for__gt=0)
LOST = Q(votes_for__lte=F("votes_against")) & (Q(votes_against__gt=0) | Q(abstentions__gt=0))


class AdoptionQuerySet(models.QuerySet["Adoption"]):
    def deliberated(self) -> AdoptionQuerySet:
        return self.filter(deliberation_on__isnull=False)


class Adoption(models.Model):
    """Three acts, in their order: the presentation of a report to the joint sitting of the Conseil régional and the
    CESER, the avis of the CESER, the délibération of the Conseil régional; then the policy, which says what was voted.

    Each is public from the day it is written here; all stay as they are once the policy has appeared (trigger
    `adoption_stays`).
    """

    demarche_path = "texte__demarche"

    texte = models.OneToOneField(Texte, models.PROTECT, related_name="adoption", verbose_name="rapport")
    # What was before the assemblies, to the letter: a correction of the report since then is not.
    version = models.ForeignKey(TexteVersion, models.PROTECT, related_name="+", verbose_name="version présentée")
    politique = models.OneToOneField(
        Texte,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="adopted_by",
        verbose_name="politique",
    )
    presented_on = models.DateField("présenté le")
    seance = models.ForeignKey(
        Rencontre, models.SET_NULL, null=True, blank=True, related_name="adoptions", verbose_name="séance commune"
    )
    avis_on = models.DateField("avis rendu le", null=True, blank=True)
    avis = models.CharField("avis du CESER", max_length=20, choices=Avis, blank=True)
    avis_text = models.TextField("ce que dit l’avis", max_length=PASSAGE_LENGTH, blank=True)
    avis_url = models.URLField("adresse de l’avis", max_length=500, blank=True)
    deliberation_on = models.DateField("délibéré le", null=True, blank=True)
    deliberation_number = models.CharField("numéro de la délibération", max_length=40, blank=True)
    adopted = models.BooleanField("adopté", null=True, blank=True)
    members = models.PositiveSmallIntegerField("conseillers en exercice", null=True, blank=True)
    votes_for = models.PositiveSmallIntegerField("pour", null=True, blank=True)
    votes_against = models.PositiveSmallIntegerField("contre", null=True, blank=True)
    abstentions = models.PositiveSmallIntegerField("abstentions", null=True, blank=True)
    deliberation_url = models.URLField("adresse de la délibération", max_length=500, blank=True)
    deliberation_document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="délibération (PDF)"
    )
    presentation_told_at = models.DateTimeField("auteurs prévenus de la présentation le", null=True, editable=False)
    avis_told_at = models.DateTimeField("auteurs prévenus de l’avis le", null=True, editable=False)
    authors_told_at = models.DateTimeField("auteurs prévenus du vote le", null=True, editable=False)

    objects = AdoptionQuerySet.as_manager()

    class Meta:
        verbose_name = "adoption"
        constraints = [
            models.CheckConstraint(
                condition=Q(avis_on__isnull=True, avis="", avis_text="", avis_url="")
                | (Q(avis_on__gte=F("presented_on")) & ~Q(avis="")),
                name="adoption_avis_after_presentation",
                violation_error_message="L’avis du CESER vient avec la présentation, ou après ; il a un sens.",
            ),
            models.CheckConstraint(
                condition=Q(
                    deliberation_on__isnull=True,
                    deliberation_number="",
                    adopted__isnull=True,
                    votes_for__isnull=True,
                    votes_against__isnull=True,
                    abstentions__isnull=True,
                    deliberation_url="",
                    deliberation_document__isnull=True,
                )
                | (
                    Q(
                        avis_on__isnull=False,
                        deliberation_on__gte=F("avis_on"),
                        adopted__isnull=False,
                        votes_for__isnull=False,
                        votes_against__isnull=False,
                        abstentions__isnull=False,
                    )
                    & ~Q(deliberation_number="")
                ),
                name="adoption_deliberation_after_avis",
                violation_error_message="La délibération vient après l’avis du CESER ; elle a un numéro et des votes.",
            ),
            models.CheckConstraint(
                condition=Q(adopted__isnull=True) | Q(adopted=True) & CARRIED | Q(adopted=False) & LOST,
                name="adoption_as_voted",
                violation_error_message="Ces votes disent le contraire : adopté, il a plus de voix pour que contre.",
            ),
            models.CheckConstraint(
                condition=Q(members__isnull=True)
                | Q(members__gte=F("votes_for") + F("votes_against") + F("abstentions"), deliberation_on__isnull=False),
                name="adoption_votes_of_members",
                violation_error_message="Il y a plus de voix que de conseillers en exercice.",
            ),
        ]

    def __str__(self) -> str:
        return f"adoption du texte {self.texte_id}"

    def get_absolute_url(self) -> str:
        return reverse("adoption", args=[self.texte_id])

    def clean(self) -> None:
        """Of a row that is kept: no amendment had more votes than there are members (trigger `votes_of_members`)."""
        if self.members is None or self.pk is None:
            return
        total = F("votes_for") + F("votes_against") + F("abstentions")
        most = self.amendements.aggregate(most=Max(total))["most"]
        if most and most > self.members:
            raise ValidationError({"members": f"Un amendement a reçu {most} voix : il y a au moins autant d’élus."})

    @property
    def votes(self) -> str:
        """« 61 voix pour, 40 contre, 12 abstentions »; empty before the délibération."""
        return said_votes(self.votes_for, self.votes_against, self.abstentions)

    @property
    def apart(self) -> int | None:
        """How many councillors took no part in the vote; None where their number is not known."""
        if self.members is None:
            return None
        return self.members - sum(getattr(self, name) or 0 for name in VOTES)


def too_many(total: int, members: int) -> str:
    return f"Il y aurait {total} voix pour {members} conseillers en exercice : relisez ces nombres."


def said_votes(votes_for: int | None, votes_against: int | None, abstentions: int | None) -> str:
    if votes_for is None or votes_against is None:
        return ""
    held = abstentions or 0
    kept = f"{held} abstention{'s' if held > 1 else ''}" if held else "aucune abstention"
    return f"{votes_for} voix pour, {votes_against} contre, {kept}"


class Amendement(models.Model):
    """Other words for one passage of the report, or an article of its own after that passage; and its sort.

    Two that add an article after the same passage follow each other by their numbers.
    """

    demarche_path = "adoption__texte__demarche"

    adoption = models.ForeignKey(Adoption, models.CASCADE, related_name="amendements", verbose_name="adoption")
    number = models.PositiveSmallIntegerField("numéro")
    kind = models.CharField("objet", max_length=8, choices=AmendementKind, default=AmendementKind.CHANGES)
    # What it changes, or what the article that it adds comes after.
    passage = models.ForeignKey(Passage, models.PROTECT, related_name="amendements", verbose_name="orientation")
    author = models.CharField(
        "déposé par",
        max_length=200,
        help_text="Un groupe, une commission, le CESER, ou un élu dans son mandat ; c’est public.",
    )
    filed_on = models.DateField("déposé le", default=timezone.localdate)
    title = models.CharField("titre proposé", max_length=STORED_TITLE_LENGTH)
    text = models.TextField("texte proposé", max_length=PASSAGE_LENGTH, blank=True)
    motive = models.TextField("exposé des motifs", max_length=REASON_LENGTH)
    state = models.CharField("sort", max_length=8, choices=AmendementState, default=AmendementState.FILED)
    votes_for = models.PositiveSmallIntegerField("pour", null=True, blank=True)
    votes_against = models.PositiveSmallIntegerField("contre", null=True, blank=True)
    abstentions = models.PositiveSmallIntegerField("abstentions", null=True, blank=True)

    class Meta:
        verbose_name = "amendement"
        ordering = ["adoption", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["adoption", "number"],
                name="amendement_number",
                violation_error_message="Un autre amendement porte déjà ce numéro.",
            ),
            models.CheckConstraint(
                condition=~Q(author="") & ~Q(motive="") & ~Q(title=""),
                name="amendement_whole",
                violation_error_message="Un amendement a un auteur, des mots et un motif.",
            ),
            models.CheckConstraint(
                condition=Q(votes_for__isnull=True, votes_against__isnull=True, abstentions__isnull=True)
                | Q(votes_for__isnull=False, votes_against__isnull=False, abstentions__isnull=False),
                name="amendement_votes_whole",
                violation_error_message="Donnez les trois nombres de voix : pour, contre, abstentions.",
            ),
            models.CheckConstraint(
                condition=Q(votes_for__isnull=True)
                | Q(state=AmendementState.ADOPTED) & CARRIED
                | Q(state=AmendementState.REJECTED) & LOST,
                name="amendement_as_voted",
                violation_error_message="Ces votes disent le contraire de ce sort.",
            ),
        ]

    def __str__(self) -> str:
        return f"amendement {self.number}"

    @property
    def adds(self) -> bool:
        return self.kind == AmendementKind.ADDS

    def clean(self) -> None:
        """Its adoption is loaded with it."""
        voted_on = self.adoption.deliberation_on
        if voted_on and self.filed_on > voted_on:
            day = day_label(voted_on, weekday=False)
            raise ValidationError({"filed_on": f"Le Conseil a délibéré le {day} : un amendement est déposé avant."})
        votes, members = [getattr(self, name) for name in VOTES], self.adoption.members
        if members is not None and None not in votes and sum(votes) > members:
            raise ValidationError({"votes_for": too_many(sum(votes), members)})

    @property
    def votes(self) -> str:
        """As `Adoption.votes`; of those that a show of hands decided, that nobody counted."""
        if self.votes_for is None and self.state in (AmendementState.ADOPTED, AmendementState.REJECTED):
            return "sans décompte des voix"
        return said_votes(self.votes_for, self.votes_against, self.abstentions)


class Article(models.Model):
    """What the délibération makes of one passage of the report: kept with these words, or not, and why."""

    demarche_path = "adoption__texte__demarche"

    adoption = models.ForeignKey(Adoption, models.CASCADE, related_name="articles", verbose_name="adoption")
    passage = models.OneToOneField(Passage, models.PROTECT, related_name="article", verbose_name="orientation")
    outcome = models.CharField("décision", max_length=12, choices=ArticleOutcome)
    # The words that were voted, where they are not those of the report.
    title = models.CharField("titre voté", max_length=STORED_TITLE_LENGTH, blank=True)
    text = models.TextField("texte voté", max_length=PASSAGE_LENGTH, blank=True)
    reason = models.TextField("raison", max_length=REASON_LENGTH, blank=True)

    class Meta:
        verbose_name = "article"
        ordering = ["adoption", "passage__number"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(outcome__in=["tel_quel", "non_retenu"], title="", text=""))
                | (Q(outcome__in=["amende", "en_partie"]) & ~Q(title="")),
                name="article_words_where_changed",
                violation_error_message="Amendé ou adopté en partie, il a ses mots ; sinon, ce sont ceux du rapport.",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=["en_partie", "non_retenu"]) | ~Q(reason=""),
                name="article_says_why",
                violation_error_message="Dites pourquoi il n’est pas retenu, ou seulement en partie.",
            ),
        ]

    def __str__(self) -> str:
        return f"article {self.pk}"

    @property
    def words(self) -> tuple[str, str]:
        """Title and text as they were voted; its passage is loaded with it."""
        if self.outcome == ArticleOutcome.AS_SUCH:
            return self.passage.title, self.passage.text
        return self.title, self.text
