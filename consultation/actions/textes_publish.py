"""A texte appears: provisoire, with what it has not treated yet in large type, or definitive, when it owes nothing.

What appeared stays; what comes after it is the next version."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from consultation.actions.entries import enter_texte
from consultation.actions.textes import held, recount
from consultation.actions.textes_files import ask_files
from consultation.choices import TexteState
from consultation.models import Texte, TexteVersion
from consultation.owed import missing
from socle import doorbell
from socle.comptes.models import User
from socle.pagecache.actions import bump

TELL = "consultation.tasks.tell_authors"
OWED = {"texte_version_whole", "texte_version_settled"}
MOVED = "Des contributions viennent de changer. Recommencez : elles sont comptées de nouveau."


class Incomplete(Exception):  # noqa: N818 (nothing went wrong: something is still to be done)
    """What has to be done before it appears, in sentences, with the figures."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@transaction.atomic
def publish(
    version: TexteVersion, *, final: bool, by: User | None, reason: str = "", at: datetime | None = None
) -> TexteVersion:
    """This version is what the public reads; it is frozen, with its sources and its figures.

    `at`: when it was first read, where that was not here and now; the register says when it was entered.

    Raises Incomplete with all that is missing; StaleState where it is published already. What changes which
    contributions are public waits from the moment the database counts (trigger `texte_version_guard`), so that none
    slips through; what is said to be missing is counted before, while nobody waits.
    """
    now = held(version)
    if sentences := [*_to_say(now, reason, final=final), *missing(now, final=final)]:
        raise Incomplete(sentences)
    if now.number == 1:  # its addresses are made now, and stay
        now.passages.update(key=F("number"))
    _appear(
        now,
        state=TexteState.FINAL if final else TexteState.PROVISIONAL,
        published_at=at or timezone.now(),
        published_by=by,
        reason=reason if now.number > 1 else "",
    )
    enter_texte(now, by)
    ask_files(now, by)
    doorbell.ring(TELL)
    bump()
    return now


def _appear(version: TexteVersion, **said: Any) -> None:
    """Counted by the database, which holds the contributions from here to the end of the transaction."""
    try:
        with transaction.atomic():
            TexteVersion.objects.filter(pk=version.pk).update(**said)
    except IntegrityError as refused:  # some appeared, or went, since they were counted
        if getattr(getattr(refused.__cause__, "diag", None), "constraint_name", "") not in OWED:
            raise
        raise Incomplete(missing(version, final=said["state"] == TexteState.FINAL) or [MOVED]) from refused
    version.refresh_from_db()


def _to_say(version: TexteVersion, reason: str, *, final: bool) -> list[str]:
    said = []
    if version.number > 1 and not reason:
        said.append("Dites pourquoi cette version remplace la précédente : la raison est publique.")
    if version.texte.regle.treats and version.received_before and version.received_before > timezone.now():
        said.append("Il traite des contributions qui arrivent encore : son dernier jour n’est pas passé.")
    before = version.texte.versions.filter(state=TexteState.FINAL)
    if not final and before.exists():
        said.append("Une version définitive a paru : la suivante l’est aussi.")
    return said


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
    """INSERT INTO consultation_passage (version_id, key, number, title, text, liaison, added_by_id)
    SELECT %(after)s, key, number, title, text, liaison, added_by_id
    FROM consultation_passage WHERE version_id = %(before)s""",
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
