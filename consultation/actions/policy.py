"""The policy that the vote of a report makes: the report with what was voted applied, article after article."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from consultation import votes
from consultation.actions.adoption import held
from consultation.actions.textes import begin, recount
from consultation.actions.textes_publish import Incomplete
from consultation.choices import How, TexteKind
from consultation.choices_adoption import AmendementKind, AmendementState, ArticleOutcome
from consultation.models import Adoption, Amendement, Article, Citation, Passage, Texte, TexteVersion
from socle.comptes.models import User

HOWS = {
    ArticleOutcome.AS_SUCH: How.TAKES_UP,
    ArticleOutcome.AMENDED: How.QUALIFIES,
    ArticleOutcome.IN_PART: How.QUALIFIES,
}


@transaction.atomic
def make_policy(adoption: Adoption, *, title: str, by: User) -> Texte:
    """Being written; each article cites the passage it comes from, or is known by the amendment that added it.

    Made again, its draft is written anew: between the two, a decision may have been corrected. Raises Incomplete.
    """
    now = held(adoption)
    if lacks := votes.missing(now):
        raise Incomplete(lacks)
    texte = now.politique or begin(Texte(demarche=now.texte.demarche, kind=TexteKind.POLITIQUE, title=title))
    draft = TexteVersion.objects.select_for_update().get(texte=texte, state="brouillon")
    draft.passages.all().delete()
    for number, one in enumerate(_in_place(now), start=1):
        if isinstance(one, Article):
            _copy(one, draft, number, by)
        else:
            Passage.objects.create(
                version=draft, key=number, number=number, title=one.title, text=one.text, added_by=one
            )
    Adoption.objects.filter(pk=now.pk).update(politique=texte)
    recount(draft)
    return texte


def _in_place(adoption: Adoption) -> Iterator[Article | Amendement]:
    """What was kept of each passage, then the articles added after it, in the order of their amendments."""
    kept = adoption.articles.exclude(outcome=ArticleOutcome.NOT_KEPT).select_related("passage")
    added = adoption.amendements.filter(kind=AmendementKind.ADDS, state=AmendementState.ADOPTED)
    places: list[tuple[tuple[int, int], Article | Amendement]] = [((one.passage.number, 0), one) for one in kept]
    places += [((one.passage.number, one.number), one) for one in added.select_related("passage")]
    for _, one in sorted(places, key=lambda placed: placed[0]):
        yield one


def _copy(article: Article, draft: TexteVersion, number: int, by: User) -> None:
    title, text = article.words
    liaison = article.passage.liaison
    made = Passage.objects.create(version=draft, key=number, number=number, title=title, text=text, liaison=liaison)
    made.themes.set(article.passage.themes.all())
    how = HOWS[ArticleOutcome(article.outcome)]
    Citation.objects.create(citing_passage=made, cited_passage=article.passage, how=how, by=by)
