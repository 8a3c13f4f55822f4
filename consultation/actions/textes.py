"""A texte is written: its frame, its passages, their order, their sources.

The row of the version is the lock of all this. Whoever writes sends back the seal of what they read: two rédacteurs at
once never write over each other, the second is told and shown both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from consultation.actions.contributions import StaleState
from consultation.choices import How
from consultation.coverage import Coverage, count
from consultation.models import Citation, Contribution, Passage, Reponse, Texte, TexteVersion, Theme
from consultation.models.contribution import ContributionQuerySet
from consultation.models.texte import frame_seal, passage_seal
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
GONE = "Rien n’est enregistré : quelqu’un d’autre a ôté ce passage entre-temps, ou l’a réuni à un autre."
SENT = (
    "Rien n’est enregistré : ce formulaire a déjà ajouté un passage, avec d’autres mots. Les deux textes sont "
    "ci-dessous, avec ce qui les sépare : choisissez ce que vous gardez."
)
CITED = (
    "Rien n’est changé : quelqu’un d’autre a cité cette contribution ici entre-temps. Voici ses mots : regardez, puis "
    "recommencez."
)
CITED_PASSAGE = "Rien n’est changé : ce passage est déjà cité ici, autrement. Ôtez d’abord cette source, dans la liste."
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
    if now.seal not in (seal, frame_seal(title or now.texte.title, introduction, received_before)):
        raise StaleState(OVERWRITTEN)
    if title and now.texte.current_id is None:
        Texte.objects.filter(pk=now.texte_id).update(title=title)
    now.introduction, now.received_before = introduction, received_before
    now.save(update_fields=["introduction", "received_before"])
    recount(now)
    return now


@transaction.atomic
def add(version: TexteVersion, words: Words, *, sent_as: UUID | None = None, seal: str = "") -> Passage:
    """At the end. What is sent again under the same key is that passage, written as `write` does, with its `seal`."""
    now = held(version)
    known = _sent(now, sent_as)
    if known and not seal and known.seal != words.seal:
        raise StaleState(SENT)
    if known:
        return write(known, words, seal)
    if seal:
        raise StaleState(GONE)
    # A key is never given twice in a texte, even after its passage has gone.
    key = Passage.objects.filter(version__texte=now.texte_id).aggregate(last=Max("key"))["last"] or 0
    last = now.passages.aggregate(last=Max("number"))["last"] or 0
    passage = Passage(version=now, key=key + 1, number=last + 1, submission_key=sent_as)
    say(passage, words)
    recount(now)
    return passage


def _sent(version: TexteVersion, sent_as: UUID | None) -> Passage | None:
    """What was added under this key, as this version has it; a key of another texte adds nothing here (GONE)."""
    first = Passage.objects.filter(submission_key=sent_as).select_related("version").first() if sent_as else None
    if first is None:
        return None
    known = version.passages.filter(key=first.key).first() if first.version.texte_id == version.texte_id else None
    if known is None:
        raise StaleState(GONE)
    return known


@transaction.atomic
def write(passage: Passage, words: Words, seal: str) -> Passage:
    """Other words; raises StaleState where those that were read, whose `seal` this is, are not those that stand."""
    now = held_passage(passage)
    if now.seal not in (seal, words.seal):  # the same words said twice are no conflict
        raise StaleState(OVERWRITTEN)
    counts = now.liaison != words.liaison
    say(now, words)
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


def say(passage: Passage, words: Words) -> None:
    passage.title, passage.text, passage.liaison = words.title, words.text, words.liaison
    passage.save()
    passage.themes.set(words.themes)


@transaction.atomic
def cite(
    passage: Passage,
    contribution: Contribution,
    *,
    how: str = How.TAKES_UP,
    quote: str,
    by: User | None,
    seen: str | None = None,
) -> int:
    """Cited again, it is the same citation with its new words; what answered this contribution is taken back: how many.

    `seen`: the seal of the citation that was read, empty of none; None where nobody read. Raises NotSaid, or StaleState
    where it is no longer published, or was cited otherwise meanwhile.
    """
    now = held_passage(passage)
    said = Contribution.objects.published().filter(pk=contribution.pk, demarche=now.version.texte.demarche_id).first()
    if said is None:
        raise StaleState("Rien n’est cité : cette contribution n’est plus publiée.")
    citation = now.citations.filter(cited=said).first() or Citation(citing_passage=now, cited=said)
    before = citation.seal if citation.pk else ""
    citation.how, citation.quote, citation.by = how, _quoted(quote, said.title, said.body), by
    if before and seen is not None and before not in (seen, citation.seal):
        raise StaleState(CITED)
    citation.save()
    taken_back = take_back(now.version, [said.pk])
    recount(now.version)
    return taken_back


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
    """A passage of a texte that was public before this one (trigger `citation_holds`); StaleState where it is cited
    here already, in other words."""
    now = held_passage(passage)
    words = {"how": how, "quote": _quoted(quote, earlier.title, earlier.text)}
    citation, _ = Citation.objects.get_or_create(citing_passage=now, cited_passage=earlier, defaults=words | {"by": by})
    if {"how": citation.how, "quote": citation.quote} != words:
        raise StaleState(CITED_PASSAGE)
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
