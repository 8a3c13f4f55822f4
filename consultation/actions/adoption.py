"""The adoption of a report: its three acts, its amendments, and what becomes of each passage.

The row of the adoption is the lock of all this. What the public reads of it is freshened with each act.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from consultation.actions.contributions import StaleState
from consultation.actions.entries_adoption import enter_act, enter_amendement, enter_article, enter_kept
from consultation.actions.textes import Words
from consultation.actions.textes_publish import Incomplete
from consultation.choices_adoption import AmendementKind, AmendementState, ArticleOutcome
from consultation.models import Adoption, Amendement, Article, Passage, Rencontre, Texte
from socle import doorbell
from socle.comptes.models import User
from socle.pagecache.actions import bump

TELL = "consultation.tasks.tell_authors"
VOTED = "Rien n’est enregistré : la politique a paru, ce qui a été voté reste tel quel."
SINCE = "Rien n’est enregistré : un texte n’est présenté qu’une fois publié."
SETTLED = "Rien n’est enregistré : le sort de cet amendement est dit, ses mots restent."


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
    """The third act. `said`: `deliberation_on`, its number, `adopted`, `members`, the votes, document, address."""
    now = held(adoption)
    if not said.get("adopted"):  # corrected: nothing of it was adopted (trigger `adoption_rejected_whole`)
        now.articles.all().delete()
    return _act(now, "deliberation", said, by=by, reason=reason, again=now.deliberation_on is not None)


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
    if not _changed(adoption, said) and again:
        return adoption
    if again and not reason:
        raise Incomplete(["Cet acte est déjà public : dites pourquoi il est corrigé."])
    adoption.full_clean(exclude=["version", "texte", "politique"])
    adoption.save()
    enter_act(adoption, name, by, reason)
    bump()
    doorbell.ring(TELL)
    return adoption


@transaction.atomic
def amend(adoption: Adoption, passage: Passage, *, by: User, **said: Any) -> Amendement:
    """Filed. `said`: its kind, its author, its day, its words, its motive."""
    now = held(adoption)
    last = now.amendements.aggregate(last=Max("number"))["last"] or 0
    amendement = Amendement(adoption=now, passage=passage, number=last + 1, **said)
    amendement.full_clean()
    amendement.save()
    enter_amendement(amendement, "amendement.depose", by)
    bump()
    return amendement


@transaction.atomic
def reword(amendement: Amendement, *, by: User, reason: str, **said: Any) -> Amendement:
    """It was typed wrong, and its sort is not said yet; why it is corrected is public, as it was."""
    found = _held_amendement(amendement)
    if found.state != AmendementState.FILED:
        raise StaleState(SETTLED)
    if not _changed(found, said):
        return found
    if not reason:
        raise Incomplete(["Cet amendement est déjà public : dites pourquoi il est corrigé."])
    found.full_clean()
    found.save()
    enter_amendement(found, "amendement.corrige", by, reason)
    bump()
    return found


@transaction.atomic
def settle(amendement: Amendement, *, state: str, given: Votes, by: User, reason: str = "") -> Amendement:
    """What was decided of it, with its votes; until the policy has appeared a mistake is corrected, and says why."""
    found = _held_amendement(amendement)
    again = found.state != AmendementState.FILED
    if not _changed(found, {"state": state, **vars(given)}):
        return found
    if again and not reason:
        raise Incomplete(["Le sort de cet amendement est déjà public : dites pourquoi il est corrigé."])
    found.full_clean()
    found.save()
    enter_amendement(found, "amendement.sort", by, reason)
    bump()
    return found


def _held_amendement(amendement: Amendement) -> Amendement:
    now = held(amendement.adoption)
    found = now.amendements.select_related("passage").get(pk=amendement.pk)
    found.adoption = now
    return found


def _changed(row: Any, said: dict[str, Any]) -> bool:
    """Whether what is said is not what it was; it is set."""
    before = {name: getattr(row, name) for name in said}
    for name, value in said.items():
        setattr(row, name, value)
    return before != said


@transaction.atomic
def decide(
    adoption: Adoption, passage: Passage, *, outcome: str, words: Words, reason: str, by: User, correction: str = ""
) -> Article:
    """What the délibération makes of this passage. Where one amendment was adopted, its words are those voted.

    `correction`: why it is said otherwise than before, once it was said.
    """
    now = held(adoption)
    known = Article.objects.filter(adoption=now, passage=passage).first()
    article = known or Article(adoption=now, passage=passage)
    kept = outcome in (ArticleOutcome.AMENDED, ArticleOutcome.IN_PART)
    title, text = (words.title, words.text) if kept else ("", "")
    if not _changed(article, {"outcome": outcome, "reason": reason, "title": title, "text": text}):
        return article
    if known and not correction:
        raise Incomplete(["Cette décision est déjà publique : dites pourquoi elle est corrigée."])
    article.full_clean()
    article.save()
    enter_article(article, by, correction)
    bump()
    return article


@transaction.atomic
def keep_the_others(adoption: Adoption, *, by: User) -> int:
    """Those of which nothing is said yet, and that no amendment touched: adopted as such. Returns how many."""
    now = held(adoption)
    touching = now.amendements.filter(kind=AmendementKind.CHANGES)
    amended = touching.filter(state__in=(AmendementState.FILED, AmendementState.ADOPTED)).values("passage")
    rest = now.version.passages.filter(article__isnull=True).exclude(pk__in=amended).order_by("number")
    made = Article.objects.bulk_create(
        Article(adoption=now, passage=passage, outcome=ArticleOutcome.AS_SUCH) for passage in rest
    )
    if made:
        enter_kept(now, [article.passage.number for article in made], by)
    bump()
    return len(made)
