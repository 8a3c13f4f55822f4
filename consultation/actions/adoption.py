"""The adoption of a report: its three acts, its amendments, what becomes of each passage, and the policy it makes.

The row of the adoption is the lock of all this. What the public reads of it is freshened with each act.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from consultation import votes
from consultation.actions.contributions import StaleState
from consultation.actions.entries_adoption import enter_act, enter_amendement
from consultation.actions.textes import Words, begin, recount
from consultation.actions.textes_publish import Incomplete
from consultation.choices import How, TexteKind
from consultation.choices_adoption import AmendementState, ArticleOutcome
from consultation.models import Adoption, Amendement, Article, Citation, Passage, Rencontre, Texte, TexteVersion
from socle import doorbell
from socle.comptes.models import User
from socle.pagecache.actions import bump

TELL = "consultation.tasks.tell_authors"
VOTED = "Rien n’est enregistré : la politique a paru, ce qui a été voté reste tel quel."
SINCE = "Rien n’est enregistré : un texte n’est présenté qu’une fois publié."
HOWS = {
    ArticleOutcome.AS_SUCH: How.TAKES_UP,
    ArticleOutcome.AMENDED: How.QUALIFIES,
    ArticleOutcome.IN_PART: How.QUALIFIES,
}


@dataclass(frozen=True)
class Votes:
    votes_for: int | None = None
    votes_against: int | None = None
    abstentions: int | None = None


@transaction.atomic
def present(texte: Texte, *, on: date, seance: Rencontre | None, by: User, reason: str = "") -> Adoption:
    """The first act: the version that is public is the one that the assemblies have before them."""
    texte = Texte.objects.select_for_update(of=("self",), no_key=True).select_related("demarche").get(pk=texte.pk)
    if texte.current_id is None:
        raise StaleState(SINCE)
    known = Adoption.objects.filter(texte=texte).first()
    adoption = held(known) if known else Adoption(texte=texte, version_id=texte.current_id)
    said = {"presented_on": on, "seance": seance}
    return _act(adoption, "presente", said, by=by, reason=reason, again=known is not None)


@transaction.atomic
def give_avis(adoption: Adoption, *, by: User, reason: str = "", **said: Any) -> Adoption:
    """The second act. `said`: `avis_on`, `avis`, `avis_text`, `avis_url`."""
    now = held(adoption)
    return _act(now, "avis", said, by=by, reason=reason, again=now.avis_on is not None)


@transaction.atomic
def deliberate(adoption: Adoption, *, by: User, reason: str = "", **said: Any) -> Adoption:
    """The third act. `said`: `deliberation_on`, its number, `adopted`, the votes, its document or its address."""
    now = held(adoption)
    made = _act(now, "deliberation", said, by=by, reason=reason, again=now.deliberation_on is not None)
    doorbell.ring(TELL)
    return made


def held(adoption: Adoption) -> Adoption:
    """As it is now, nobody else writing on it meanwhile; raises StaleState once the policy has appeared."""
    Adoption.objects.select_for_update().get(pk=adoption.pk)
    # Read once it is held: the policy may have appeared while this waited.
    now = Adoption.objects.select_related("texte__demarche", "politique").get(pk=adoption.pk)
    if now.politique and now.politique.current_id:
        raise StaleState(VOTED)
    return now


def _act(adoption: Adoption, name: str, said: dict[str, Any], *, by: User, reason: str, again: bool) -> Adoption:
    """Corrected, an act that is in the register already says why."""
    before = {field: getattr(adoption, field) for field in said}
    if again and before == said:
        return adoption
    if again and not reason:
        raise Incomplete(["Cet acte est déjà public : dites pourquoi il est corrigé."])
    for field, value in said.items():
        setattr(adoption, field, value)
    adoption.full_clean(exclude=["version", "texte", "politique"])
    adoption.save()
    enter_act(adoption, name, by, reason)
    bump()
    return adoption


@transaction.atomic
def amend(adoption: Adoption, passage: Passage, *, by: User, number: int | None = None, **said: Any) -> Amendement:
    """Filed, or written again until its sort is said. `said`: its author, its day, its words, its motive."""
    now = held(adoption)
    found = now.amendements.filter(number=number).first() if number else None
    last = now.amendements.aggregate(last=Max("number"))["last"] or 0
    amendement = found or Amendement(adoption=now, number=number or last + 1)
    if amendement.state != AmendementState.FILED:
        raise StaleState("Rien n’est enregistré : le sort de cet amendement est dit, ses mots restent.")
    amendement.adoption, amendement.passage = now, passage
    for field, value in said.items():
        setattr(amendement, field, value)
    amendement.full_clean()
    amendement.save()
    if found is None:
        enter_amendement(amendement, "amendement.depose", by)
    bump()
    return amendement


@transaction.atomic
def settle(amendement: Amendement, *, state: str, given: Votes, by: User) -> Amendement:
    """What was decided of it, with its votes; until the policy has appeared a mistake is corrected the same way."""
    now = held(amendement.adoption)
    found = now.amendements.select_related("passage").get(pk=amendement.pk)
    found.adoption, found.state = now, state
    for field, value in vars(given).items():
        setattr(found, field, value)
    found.full_clean()
    found.save()
    enter_amendement(found, "amendement.sort", by)
    bump()
    return found


@transaction.atomic
def decide(adoption: Adoption, passage: Passage, *, outcome: str, words: Words, reason: str) -> Article:
    """What the délibération makes of this passage. Where one amendment was adopted, its words are those voted."""
    now = held(adoption)
    article = Article.objects.filter(adoption=now, passage=passage).first() or Article(adoption=now, passage=passage)
    kept = outcome in (ArticleOutcome.AMENDED, ArticleOutcome.IN_PART)
    article.outcome, article.reason = outcome, reason
    article.title, article.text = (words.title, words.text) if kept else ("", "")
    article.full_clean()
    article.save()
    bump()
    return article


@transaction.atomic
def keep_the_others(adoption: Adoption) -> int:
    """Those of which nothing is said yet, and that no amendment touched: adopted as such. Returns how many."""
    now = held(adoption)
    amended = now.amendements.filter(state__in=(AmendementState.FILED, AmendementState.ADOPTED)).values("passage")
    rest = now.version.passages.filter(article__isnull=True).exclude(pk__in=amended)
    made = Article.objects.bulk_create(
        Article(adoption=now, passage=passage, outcome=ArticleOutcome.AS_SUCH) for passage in rest
    )
    bump()
    return len(made)


@transaction.atomic
def make_policy(adoption: Adoption, *, title: str, by: User) -> Texte:
    """The policy, being written: the report with what was voted applied, each article citing where it comes from.

    Made again, its draft is written anew: between the two, a decision may have been corrected. Raises Incomplete.
    """
    now = held(adoption)
    if lacks := votes.missing(now):
        raise Incomplete(lacks)
    texte = now.politique or begin(Texte(demarche=now.texte.demarche, kind=TexteKind.POLITIQUE, title=title))
    draft = TexteVersion.objects.select_for_update().get(texte=texte, state="brouillon")
    draft.passages.all().delete()
    kept = now.articles.exclude(outcome=ArticleOutcome.NOT_KEPT).select_related("passage").order_by("passage__number")
    for number, article in enumerate(kept, start=1):
        _copy(article, draft, number, by)
    Adoption.objects.filter(pk=now.pk).update(politique=texte)
    recount(draft)
    return texte


def _copy(article: Article, draft: TexteVersion, number: int, by: User) -> None:
    title, text = article.words
    liaison = article.passage.liaison
    made = Passage.objects.create(version=draft, key=number, number=number, title=title, text=text, liaison=liaison)
    made.themes.set(article.passage.themes.all())
    how = HOWS[ArticleOutcome(article.outcome)]
    Citation.objects.create(citing_passage=made, cited_passage=article.passage, how=how, by=by)
