"""The passages of a texte change places, are cut, joined, taken away; their sources and their addresses follow them."""

from __future__ import annotations

import re

from django.db import transaction
from django.db.models import F

from consultation.actions.contributions import StaleState
from consultation.actions.textes import Words, add, held_passage, recount, say
from consultation.models import Citation, Passage
from consultation.models.contribution import STORED_TITLE_LENGTH
from consultation.models.texte import PASSAGE_LENGTH

REWORDED = (
    "Rien n’est changé : quelqu’un d’autre a écrit ici entre-temps. Voici le passage tel qu’il est maintenant : "
    "regardez, puis recommencez."
)
MOVED = "Rien n’est déplacé : quelqu’un d’autre a changé l’ordre entre-temps. Le voici comme il est maintenant."
FOLLOWED = "Rien n’est réuni : ce n’est plus le même passage qui suit. Regardez l’ordre, puis recommencez."


@transaction.atomic
def move(passage: Passage, to: int, seen: int) -> int:
    """To this place, from 1: which it is now. The others make room, and everything keeps its sources and its address.

    Raises StaleState where its number is not the one that was `seen`.
    """
    now = held_passage(passage)
    if now.number != seen:
        raise StaleState(MOVED)
    return _place(now, to)


def _place(now: Passage, to: int) -> int:
    rows = Passage.objects.filter(version=now.version)
    to = max(1, min(to, rows.count()))
    if to > now.number:
        rows.filter(number__gt=now.number, number__lte=to).update(number=F("number") - 1)
    else:
        rows.filter(number__lt=now.number, number__gte=to).update(number=F("number") + 1)
    rows.filter(pk=now.pk).update(number=to)
    return to


@transaction.atomic
def remove(passage: Passage, seal: str) -> None:
    """With its sources; raises StaleState where its words are not those that were read."""
    now = held_passage(passage)
    if now.seal != seal:
        raise StaleState(REWORDED)
    _remove(now)


def _remove(now: Passage) -> None:
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
    _place(rest, now.number + 1)
    say(now, Words(now.title, "\n\n".join(parts[:after]), now.liaison, themes))
    for citation in now.citations.order_by("pk"):
        citation.pk, citation.citing_passage = None, rest
        citation._state.adding = True  # noqa: SLF001
        citation.save()
    recount(now.version)
    return rest


def paragraphs_of(text: str) -> list[str]:
    return [part.strip("\n") for part in re.split(r"\n\s*\n", text) if part.strip()]


@transaction.atomic
def merge(passage: Passage, seal: str, following: int) -> Passage:
    """With the one that follows, whose key this is; its words and its sources come after its own."""
    now = held_passage(passage)
    if now.seal != seal:
        raise StaleState(REWORDED)
    rest = Passage.objects.filter(version=now.version, number=now.number + 1).first()
    if rest is None or rest.key != following:
        raise StaleState(FOLLOWED)
    text = "\n\n".join(filter(None, [now.text, rest.title, rest.text]))
    if len(text) > PASSAGE_LENGTH:
        raise StaleState(f"Rien n’est réuni : ensemble ils font {len(text)} signes, {PASSAGE_LENGTH} au plus.")
    rest.version = now.version
    _bring_sources(rest, now)
    say(now, Words(now.title, text, now.liaison and rest.liaison, [*now.themes.all(), *rest.themes.all()]))
    _remove(rest)
    return now


def _bring_sources(rest: Passage, to: Passage) -> None:
    """What both cite is one source; words that only one of them quotes stay quoted."""
    known = {(one.cited_id, one.cited_passage_id): one for one in to.citations.all()}
    for citation in rest.citations.all():
        twin = known.get((citation.cited_id, citation.cited_passage_id))
        if twin is None:
            Citation.objects.filter(pk=citation.pk).update(citing_passage=to)
        elif citation.quote and not twin.quote:
            Citation.objects.filter(pk=twin.pk).update(quote=citation.quote, how=citation.how)
