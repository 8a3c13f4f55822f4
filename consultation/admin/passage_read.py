"""One passage that is being written, with what its page shows around it: one query."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject, Now

from consultation.choices import TexteState
from consultation.coverage import Earlier
from consultation.models import Passage, Texte, Theme
from consultation.views.textes import SOURCES_NUMBER

TEXTE = "version__texte"
READ_WITH = (f"{TEXTE}__demarche", f"{TEXTE}__current", "added_by__adoption", "added_by__passage")


def read_passage(textes: QuerySet[Texte], pk: int, key: int) -> Passage | None:
    """With its version, its texte, its démarche and the amendement that added it; `sources`, `next_key`,
    `next_number`, `next_title` (of the one that follows), `known_themes`, `earlier_passages`."""
    rows = Passage.objects.filter(version__texte__in=textes.filter(pk=pk).order_by(), version__state=TexteState.DRAFT)
    after = Passage.objects.filter(version=OuterRef("version"), number__gt=OuterRef("number")).order_by("number")
    following = {f"next_{name}": Subquery(after.values(name)[:1]) for name in ("key", "number", "title")}
    found = rows.select_related(*READ_WITH).annotate(
        **following,
        sources=SOURCES_NUMBER,
        known_themes=_themes(),
        earlier_passages=_titles(),
        owed_before=Earlier("version"),
    )
    passage = found.filter(key=key).first()
    if passage:
        passage.version.earlier = passage.owed_before  # type: ignore[attr-defined]  # annotated
    return passage


def _themes() -> ArraySubquery:
    said = Passage.themes.through.objects.filter(theme=OuterRef("pk"), passage=OuterRef(OuterRef("pk")))
    one = JSONObject(id="pk", rank="rank", question="question", here=Exists(said))
    rows = Theme.objects.filter(demarche=OuterRef(f"{TEXTE}__demarche")).order_by("rank")
    return ArraySubquery(rows.values(one=one))


def _titles() -> ArraySubquery:
    known = OuterRef(f"{TEXTE}__first_published_at")
    rows = earlier_passages(OuterRef(f"{TEXTE}__demarche"), OuterRef(TEXTE), Coalesce(known, Now()))
    one = JSONObject(pk="pk", number="number", title="title", texte=f"{TEXTE}__title")
    return ArraySubquery(rows.values(one=one))


def earlier_passages(demarche: Any, texte: Any, before: datetime | Any) -> QuerySet[Passage]:
    """Those of the textes of this démarche that were public before another, as they are read now."""
    rows = Passage.objects.filter(version=F(f"{TEXTE}__current"), version__texte__demarche=demarche)
    rows = rows.exclude(version__texte=texte).filter(version__texte__first_published_at__lt=before)
    return rows.order_by(f"{TEXTE}__first_published_at", "number")


def themes_of(passage: Passage) -> tuple[list[Theme], list[Theme]]:
    """Those of its démarche, and those of the passage; of a row of `read_passage`."""
    rows = passage.known_themes  # type: ignore[attr-defined]  # annotated
    themes = {row["id"]: Theme(id=row["id"], rank=row["rank"], question=row["question"]) for row in rows}
    return list(themes.values()), [themes[row["id"]] for row in rows if row["here"]]
