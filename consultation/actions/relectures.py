"""A second reader checks some of what a texte makes of the contributions, drawn at random; a disagreement goes back to
the rédacteurs. How many were read, and how often the two disagree, is public."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import connection, transaction
from django.db.models import Value
from django.utils import timezone

from consultation.actions.contributions import StaleState
from consultation.actions.textes import PUBLISHED, held, recount
from consultation.choices import TexteState
from consultation.models import Echantillon, Relecture, TexteVersion
from consultation.models.relecture import Wrote
from socle.comptes.models import User

NONE = "Rien n’est tiré : tout ce qui est traité l’a déjà été, ou rien ne l’est encore."
THEIRS = "Rien n’est enregistré : vous avez vous-même écrit ce que ce texte en fait. Quelqu’un d’autre la relira."
READ = "Rien n’est enregistré : un collègue l’a relue entre-temps."
SETTLED = "Rien n’est enregistré : un collègue a repris ce désaccord entre-temps."
# The order of `Coverage.rule`; what was drawn for this texte is not drawn again.
_POOL = """
SELECT t.contribution_id FROM consultation_treatments(%(version)s) t
WHERE t.outcome <> 'reste' AND NOT EXISTS (
    SELECT FROM consultation_relecture r WHERE r.texte_id = %(texte)s AND r.contribution_id = t.contribution_id)
"""
_DRAW = f"""
INSERT INTO consultation_relecture (echantillon_id, texte_id, contribution_id, rank, reason, settlement)
SELECT %(echantillon)s, %(texte)s, contribution_id, row_number() OVER (ORDER BY mark), '', '' FROM (
    SELECT contribution_id, encode(sha256(convert_to(%(seed)s || ':' || contribution_id, 'UTF8')), 'hex') AS mark
    FROM ({_POOL}) pool ORDER BY mark LIMIT %(size)s
) drawn
"""  # noqa: S608 (constants of this file)


@transaction.atomic
def draw(version: TexteVersion, size: int, *, by: User) -> Echantillon:
    """`size` of the contributions that this version treats, or all that are left. Raises StaleState of none."""
    now, seed = held(version), secrets.token_hex(16)
    asked: dict[str, Any] = {"version": now.pk, "texte": now.texte_id, "seed": seed}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({_POOL}) pool", asked)  # noqa: S608
        (pool,) = cursor.fetchone()
        if not pool:
            raise StaleState(NONE)
        drawn = Echantillon.objects.create(version=now, seed=seed, pool=pool, size=min(size, pool), by=by)
        cursor.execute(_DRAW, asked | {"echantillon": drawn.pk, "size": drawn.size})
    recount(now)
    return drawn


@transaction.atomic
def read(relecture: Relecture, *, agrees: bool, reason: str, by: User) -> Relecture:
    """By somebody who did not write what is read (trigger `relecture_holds`); raises StaleState."""
    version = _writing(relecture)
    rows = Relecture.objects.select_for_update(of=("self",)).select_related("echantillon__version")
    now = rows.annotate(theirs=Wrote(Value(version.pk), "contribution", by.pk)).get(pk=relecture.pk)
    if now.theirs:
        raise StaleState(THEIRS)
    if now.settled_at or now.by_id not in (None, by.pk):
        raise StaleState(READ)
    if now.by_id and not now.echantillon.version.is_draft:
        raise StaleState(PUBLISHED)
    now.agrees, now.reason, now.by, now.read_at = agrees, reason, by, timezone.now()
    now.save(update_fields=["agrees", "reason", "by", "read_at"])
    recount(version)
    return now


@transaction.atomic
def settle(relecture: Relecture, words: str, *, by: User) -> None:
    """What the rédacteurs did of a disagreement, or why they did nothing: the definitive version waits for it (trigger
    `texte_version_settled`). It stays counted as a disagreement, and what was said of it stays."""
    now = _writing(relecture)
    rows = Relecture.objects.to_settle().filter(pk=relecture.pk)
    if not rows.update(settlement=words, settled_by=by, settled_at=timezone.now()):
        raise StaleState(SETTLED)
    recount(now)


def _writing(relecture: Relecture) -> TexteVersion:
    """The version that is being written, held; raises StaleState where none is."""
    version = TexteVersion.objects.filter(texte=relecture.texte_id, state=TexteState.DRAFT).first()
    if version is None:
        raise StaleState(PUBLISHED)
    return held(version)
