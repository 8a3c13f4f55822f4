"""A texte is written: its frame, its passages, their order, their sources.

The row of the version is the lock of all this. Whoever writes sends back the seal of what they read: two rédacteurs at
once never write over each other, the second is told and shown both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from consultation.actions.contributions import StaleState
from consultation.choices import How
from consultation.coverage import Coverage, count
from consultation.models import Citation, Contribution, Passage, Reponse, Texte, TexteVersion, Theme
from consultation.models.contribution import STORED_TITLE_LENGTH, ContributionQuerySet
from consultation.models.texte import passage_seal
from consultation.quotes import exact
from socle import doorbell
from socle.comptes.models import User

LIVE = 20_000  # contributions that are counted again while a rédacteur waits; beyond, the worker does it
COUNT = "consultation.tasks.count_textes"
PUBLISHED = "Rien n’est enregistré : cette version est publiée, elle reste telle quelle. Préparez la suivante."
OVERWRITTEN = (
    "Rien n’est enregistré : quelqu’un d’autre a écrit ici entre-temps. Les deux textes sont ci-dessous, avec ce qui "
    "les sépare : choisissez ce que vous gardez."
)
REWORDED = (
    "Rien n’est changé : quelqu’un d’autre a écrit ici entre-temps. Voici le passage tel qu’il est maintenant : "
    "regardez, puis recommencez."
)
GONE = "Rien n’est enregistré : quelqu’un d’autre a ôté ce passage entre-temps."
NOT_SAID = "Ces mots ne sont pas dans ce que vous citez : copiez-les à la lettre, sans rien changer ni abréger."


class NotSaid(Exception):  # noqa: N818 (a refusal, not a fault)
    """The words to quote are not those of what is cited."""


@dataclass(frozen=True)
class Words:
    """What a passage says, and what it is about."""

    title: str
    text: str
    liaison: bool = False
    themes: Sequence[Theme] = ()

    @property
    def seal(self) -> str:
        return passage_seal(self.title, self.text, liaison=self.liaison, themes=set(self.themes))


@transaction.atomic
def begin(texte: Texte) -> Texte:
    """Kept for the first time, with the version that will be written."""
    texte.save()
    recount(TexteVersion.objects.create(texte=texte, number=1))
    return texte


def held(version: TexteVersion) -> TexteVersion:
    """This draft as it is now, nobody else writing on it meanwhile; raises StaleState once it is published."""
    rows = TexteVersion.objects.select_for_update(of=("self",), no_key=True).select_related("texte__demarche")
    now = rows.get(pk=version.pk)
    if not now.is_draft:
        raise StaleState(PUBLISHED)
    return now


@transaction.atomic
def frame(
    version: TexteVersion, *, introduction: str, received_before: datetime | None, seal: str, title: str = ""
) -> TexteVersion:
    """What comes before the passages, and until when contributions are treated; the title until it is public."""
    now = held(version)
    if now.seal != seal:
        raise StaleState(OVERWRITTEN)
    if title and now.texte.current_id is None:
        Texte.objects.filter(pk=now.texte_id).update(title=title)
    now.introduction, now.received_before = introduction, received_before
    now.save(update_fields=["introduction", "received_before"])
    recount(now)
    return now


@transaction.atomic
def add(version: TexteVersion, words: Words) -> Passage:
    """At the end."""
    now = held(version)
    # A key is never given twice in a texte, even after its passage has gone.
    key = Passage.objects.filter(version__texte=now.texte_id).aggregate(last=Max("key"))["last"] or 0
    last = now.passages.aggregate(last=Max("number"))["last"] or 0
    passage = Passage(version=now, key=key + 1, number=last + 1)
    _say(passage, words)
    recount(now)
    return passage


@transaction.atomic
def write(passage: Passage, words: Words, seal: str) -> Passage:
    """Other words; raises StaleState where those that were read, whose `seal` this is, are not those that stand."""
    now = held_passage(passage)
    if now.seal not in (seal, words.seal):  # the same words said twice are no conflict
        raise StaleState(OVERWRITTEN)
    counts = now.liaison != words.liaison
    _say(now, words)
    if counts:
        recount(now.version)
    return now


def held_passage(passage: Passage) -> Passage:
    version = held(passage.version)
    now = Passage.objects.filter(pk=passage.pk).prefetch_related("themes").first()
    if now is None:
        raise StaleState(GONE)
    now.version = version
    return now


def _say(passage: Passage, words: Words) -> None:
    passage.title, passage.text, passage.liaison = words.title, words.text, words.liaison
    passage.save()
    passage.themes.set(words.themes)


@transaction.atomic
def move(passage: Passage, to: int) -> None:
    """To this place, from 1; the others make room, and everything keeps its sources and its address."""
    now = held_passage(passage)
    rows = Passage.objects.filter(version=now.version)
    to = max(1, min(to, rows.count()))
    if to > now.number:
        rows.filter(number__gt=now.number, number__lte=to).update(number=F("number") - 1)
    else:
        rows.filter(number__lt=now.number, number__gte=to).update(number=F("number") + 1)
    rows.filter(pk=now.pk).update(number=to)


@transaction.atomic
def remove(passage: Passage) -> None:
    now = held_passage(passage)
    Passage.objects.filter(pk=now.pk).delete()
    Passage.objects.filter(version=now.version, number__gt=now.number).update(number=F("number") - 1)
    recount(now.version)


@transaction.atomic
def split(passage: Passage, after: int, seal: str) -> Passage:
    """What follows so many paragraphs becomes a passage of its own, next to it, with the same sources."""
    now = held_passage(passage)
    if now.seal != seal:
        raise StaleState(REWORDED)
    parts = paragraphs_of(now.text)
    if not 0 < after < len(parts):
        raise StaleState("Rien n’est changé : ce passage n’a pas autant de paragraphes.")
    themes = list(now.themes.all())
    rest = add(
        now.version,
        Words(f"{now.title} (suite)"[:STORED_TITLE_LENGTH], "\n\n".join(parts[after:]), now.liaison, themes),
    )
    move(rest, now.number + 1)
    _say(now, Words(now.title, "\n\n".join(parts[:after]), now.liaison, themes))
    for citation in now.citations.order_by("pk"):
        citation.pk, citation.citing_passage = None, rest
        citation._state.adding = True  # noqa: SLF001
        citation.save()
    recount(now.version)
    return rest


def paragraphs_of(text: str) -> list[str]:
    return [part.strip("\n") for part in re.split(r"\n\s*\n", text) if part.strip()]


@transaction.atomic
def merge(passage: Passage, seal: str) -> Passage:
    """With the one that follows, whose words and sources come after its own."""
    now = held_passage(passage)
    if now.seal != seal:
        raise StaleState(REWORDED)
    rest = Passage.objects.filter(version=now.version, number=now.number + 1).first()
    if rest is None:
        raise StaleState("Rien n’est changé : aucun passage ne suit celui-ci.")
    known = {(one.cited_id, one.cited_passage_id) for one in now.citations.all()}
    for citation in rest.citations.all():
        if (citation.cited_id, citation.cited_passage_id) not in known:
            Citation.objects.filter(pk=citation.pk).update(citing_passage=now)
    text = "\n\n".join(filter(None, [now.text, rest.title, rest.text]))
    _say(now, Words(now.title, text, now.liaison and rest.liaison, [*now.themes.all(), *rest.themes.all()]))
    remove(rest)
    return now


@transaction.atomic
def cite(
    passage: Passage, contribution: Contribution, *, how: str = How.TAKES_UP, quote: str, by: User | None
) -> Citation:
    """Cited again, it is the same citation with its new words; what answered this contribution is taken back.

    Raises NotSaid, or StaleState where it is no longer published.
    """
    now = held_passage(passage)
    said = Contribution.objects.published().filter(pk=contribution.pk, demarche=now.version.texte.demarche_id).first()
    if said is None:
        raise StaleState("Rien n’est cité : cette contribution n’est plus publiée.")
    words = _quoted(quote, said.title, said.body)
    citation, _ = Citation.objects.update_or_create(
        citing_passage=now, cited=said, defaults={"how": how, "quote": words, "by": by}
    )
    take_back(now.version, [said.pk])
    recount(now.version)
    return citation


@transaction.atomic
def cite_group(
    passage: Passage, contributions: ContributionQuerySet, *, how: str = How.TAKES_UP, quote: str, by: User
) -> int:
    """Those that are published and that it does not cite yet, each in the words of `quote` where it says them: how
    many. Raises NotSaid where none says them."""
    now = held_passage(passage)
    said = Contribution.objects.published().filter(demarche=now.version.texte.demarche_id)
    said = said.filter(pk__in=contributions.order_by().values("pk")).exclude(cited_by__citing_passage=now)
    quotes = {pk: exact(quote, title, body) for pk, title, body in said.values_list("pk", "title", "body")}
    if quote and quotes and not any(quotes.values()):
        raise NotSaid(NOT_SAID)
    Citation.objects.bulk_create(
        Citation(citing_passage=now, cited_id=pk, how=how, quote=words, by=by) for pk, words in quotes.items()
    )
    take_back(now.version, list(quotes))
    recount(now.version)
    return len(quotes)


@transaction.atomic
def cite_passage(passage: Passage, earlier: Passage, *, how: str = How.TAKES_UP, quote: str, by: User) -> Citation:
    """A passage of a texte that was public before this one (trigger `citation_holds`)."""
    now = held_passage(passage)
    words = _quoted(quote, earlier.title, earlier.text)
    citation, _ = Citation.objects.update_or_create(
        citing_passage=now, cited_passage=earlier, defaults={"how": how, "quote": words, "by": by}
    )
    recount(now.version)
    return citation


def _quoted(quote: str, *texts: str) -> str:
    words = exact(quote, *texts)
    if quote and not words:
        raise NotSaid(NOT_SAID)
    return words


@transaction.atomic
def uncite(passage: Passage, citation_pk: int) -> bool:
    now = held_passage(passage)
    gone, _ = now.citations.filter(pk=citation_pk).delete()
    recount(now.version)
    return bool(gone)


def take_back(version: TexteVersion, contribution_pks: Sequence[int]) -> int:
    """What this version answers to them is no longer said; what an earlier one said stays in it. Under its lock."""
    given = Reponse.objects.filter(texte=version.texte_id, contribution__in=contribution_pks, until__isnull=True)
    new, _ = given.filter(since=version.number).delete()
    return new + given.filter(since__lt=version.number).update(until=version.number)


def recount(version: TexteVersion) -> None:
    """The figures that are always in sight; at once, or by the worker where that would make somebody wait."""
    if Coverage.of(version).total > LIVE:
        doorbell.ring(COUNT)
    else:
        keep_count(version)


def keep_count(version: TexteVersion) -> None:
    version.figures, version.counted_at = count(version), timezone.now()
    drafts = TexteVersion.objects.filter(pk=version.pk, state="brouillon")
    drafts.update(figures=version.figures, counted_at=version.counted_at)


def count_drafts() -> None:
    """Each minute: contributions are published and withdrawn all day long."""
    for version in TexteVersion.objects.filter(state="brouillon").order_by("pk"):
        keep_count(version)
