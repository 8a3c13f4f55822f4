"""A texte is written: its frame, its passages, their order, their sources.

The row of the version is the lock of all this. Whoever writes sends back the seal of what they read: two rédacteurs at
once never write over each other, the second is told and shown both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Max
from django.utils import timezone

from consultation.actions.contributions import StaleState
from consultation.choices import How
from consultation.coverage import Coverage, count
from consultation.models import Citation, Contribution, Demarche, Etape, Passage, Reponse, Texte, TexteVersion, Theme
from consultation.quotes import exact
from socle import doorbell
from socle.comptes.models import User

LIVE = 20_000  # contributions that are counted again while a rédacteur waits; beyond, the worker does it
COUNT = "consultation.tasks.count_textes"
PUBLISHED = "Rien n’est enregistré : cette version est publiée, elle reste telle quelle. Préparez la suivante."
OVERWRITTEN = (
    "Rien n’est enregistré : quelqu’un d’autre a écrit ici entre-temps. Son texte est ci-dessous, le vôtre est resté "
    "dans le formulaire : reportez ce qui manque, puis enregistrez."
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


@transaction.atomic
def begin(demarche: Demarche, *, kind: str, title: str, etape: Etape | None = None) -> Texte:
    texte = Texte.objects.create(demarche=demarche, kind=kind, title=title, etape=etape)
    version = TexteVersion.objects.create(texte=texte, number=1)
    recount(version)
    return texte


def held(version: TexteVersion) -> TexteVersion:
    """This draft as it is now, nobody else writing on it meanwhile; raises StaleState once it is published."""
    rows = TexteVersion.objects.select_for_update(of=("self",), no_key=True).select_related("texte__demarche")
    now = rows.get(pk=version.pk)
    if not now.is_draft:
        raise StaleState(PUBLISHED)
    return now


@transaction.atomic
def frame(version: TexteVersion, *, introduction: str, received_before: datetime | None, seal: str) -> TexteVersion:
    """What comes before the passages, and until when contributions are treated."""
    now = held(version)
    if now.seal != seal:
        raise StaleState(OVERWRITTEN)
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
    if now.seal != seal:
        raise StaleState(OVERWRITTEN)
    _say(now, words)
    recount(now.version)
    return now


def held_passage(passage: Passage) -> Passage:
    version = held(passage.version)
    now = Passage.objects.filter(pk=passage.pk).first()
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
def cite(passage: Passage, contribution: Contribution, *, how: str = How.TAKES_UP, quote: str, by: User) -> Citation:
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


@transaction.atomic
def next_version(texte: Texte) -> TexteVersion:
    """A draft that begins as the version that was published last: its passages, their keys, their sources.

    Quoted words that their contribution does not say any more are not quoted again. The one there is, where there is.
    """
    texte = Texte.objects.select_for_update(of=("self",), no_key=True).select_related("current").get(pk=texte.pk)
    if draft := texte.draft:
        return draft
    if (before := texte.current) is None:
        return TexteVersion.objects.create(texte=texte, number=1)
    version = TexteVersion.objects.create(
        texte=texte,
        number=before.number + 1,
        introduction=before.introduction,
        received_before=before.received_before,
        figures=before.figures,
    )
    with connection.cursor() as cursor:
        for sql in _COPY:
            cursor.execute(sql, {"before": before.pk, "after": version.pk})
    recount(version)
    return version


_COPY = (
    """INSERT INTO consultation_passage (version_id, key, number, title, text, liaison)
    SELECT %(after)s, key, number, title, text, liaison FROM consultation_passage WHERE version_id = %(before)s""",
    """INSERT INTO consultation_passage_themes (passage_id, theme_id)
    SELECT q.id, t.theme_id FROM consultation_passage p
    JOIN consultation_passage q ON q.version_id = %(after)s AND q.key = p.key
    JOIN consultation_passage_themes t ON t.passage_id = p.id WHERE p.version_id = %(before)s""",
    """INSERT INTO consultation_citation (citing_passage_id, cited_id, cited_passage_id, how, by_id, created_at, quote)
    SELECT q.id, ci.cited_id, ci.cited_passage_id, ci.how, ci.by_id, ci.created_at, CASE
        WHEN ci.cited_passage_id IS NOT NULL THEN ci.quote
        WHEN c.state = 'publiee' AND (position(ci.quote IN c.title) > 0 OR position(ci.quote IN c.body) > 0)
        THEN ci.quote ELSE '' END
    FROM consultation_passage p
    JOIN consultation_passage q ON q.version_id = %(after)s AND q.key = p.key
    JOIN consultation_citation ci ON ci.citing_passage_id = p.id
    LEFT JOIN consultation_contribution c ON c.id = ci.cited_id
    WHERE p.version_id = %(before)s ORDER BY ci.id""",
)
