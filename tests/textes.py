"""A texte as a test needs it: passages that cite, answers, published or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from consultation import numero
from consultation.actions import reponses, textes
from consultation.actions.contributions import change_state
from consultation.actions.textes import Words
from consultation.actions.textes_publish import publish
from consultation.choices import ContributionState, DecisionCause, ReponseKind, TexteKind
from consultation.models import Contribution, Demarche, Passage, Texte, TexteVersion
from tests.factories import local, make_contribution, make_demarche, make_reason, make_superuser

REASON = "La Région n’a pas cette compétence."


def make_texte(*, demarche: Demarche | None = None, closed: bool = True, **fields: Any) -> Texte:
    """A synthèse that is being written, without a passage; it treats what was received until yesterday evening."""
    demarche = demarche or Demarche.objects.current() or make_demarche()
    named = {"kind": TexteKind.SYNTHESE, "title": "Synthèse d’essai"}
    texte = textes.begin(Texte(demarche=demarche, **(named | fields)))
    if closed:
        draft = texte.draft
        textes.frame(draft, introduction="", received_before=local(), seal=draft.seal)
    return texte


def said(**fields: Any) -> Contribution:
    """A contribution that was received before the closing."""
    return make_contribution(**({"submitted_at": local(-2)} | fields))


@contextmanager
def guards_asleep(table: str) -> Iterator[None]:
    """What the triggers of a table forbid is written there meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def followed(contribution: Contribution) -> str:
    """Where its author follows it."""
    number = numero.numero_of(contribution.submission_key)
    Contribution.objects.filter(pk=contribution.pk).update(tracking_hash=numero.tracking_hash(number))
    return f"/suivi/{number}/"


def passage(texte: Texte, *cited: Contribution, quote: str = "", **words: Any) -> Passage:
    """One more passage, that takes up these contributions."""
    made = textes.add(texte.draft, Words(**({"title": "Un passage", "text": "Il est demandé des trains."} | words)))
    for contribution in cited:
        textes.cite(made, contribution, quote=quote, by=make_superuser())
    return made


def answered(texte: Texte, *contributions: Contribution, kind: str = ReponseKind.NOT_KEPT, **words: Any) -> int:
    rows = Contribution.objects.filter(pk__in=[one.pk for one in contributions])
    said_of = {"reason": REASON, "by": make_superuser()} | words
    return reponses.answer(texte.draft, rows, kind=kind, **said_of)


def withdrawn(contribution: Contribution, *, by_author: bool = False) -> None:
    contribution = Contribution.objects.select_related("demarche").get(pk=contribution.pk)
    cause = DecisionCause.AUTHOR if by_author else DecisionCause.MODERATION
    how = {"by": None} if by_author else {"by": make_superuser(), "reason": make_reason()}
    change_state(contribution, ContributionState.WITHDRAWN, cause=cause, **how)


def published(texte: Texte, *, final: bool = True, reason: str = "") -> TexteVersion:
    version = publish(texte.draft, final=final, by=make_superuser(), reason=reason)
    texte.refresh_from_db()
    return version
