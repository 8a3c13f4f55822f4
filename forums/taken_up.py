"""How the words of a group were taken up by a texte: what its droit de regard is about."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from ateliers.models import Atelier, Devenir, Fate, Production
from consultation.models import Citation, Passage, Reponse, TexteVersion


@dataclass(frozen=True)
class TakenUp:
    """One production of the group: the passages that cite it, with how and which words; or the answer it is given; or
    the production into which the group merged it. Nothing of the three: it is taken up nowhere yet."""

    production: Production
    citations: list[Citation] = field(default_factory=list)
    reponse: Reponse | None = None
    into: Production | None = None


def taken_up(atelier: Atelier, version: TexteVersion) -> list[TakenUp]:
    """In the order of the séances. Four queries, whatever their number."""
    rows = Production.objects.published().filter(seance__atelier=atelier)
    rows = rows.select_related("contribution__theme", "seance").order_by("seance__rank", "pk")
    for row in rows:
        row.contribution.demarche = atelier.demarche
    keys = [row.pk for row in rows]
    citations = defaultdict(list)
    cited = Citation.objects.filter(citing_passage__version=version, cited__in=keys)
    for citation in cited.select_related("citing_passage").order_by("citing_passage__number"):
        citations[citation.cited_id].append(citation)
    reponses = {one.contribution_id: one for one in Reponse.objects.of_version(version).filter(contribution__in=keys)}
    merged = Devenir.objects.published().filter(production__in=keys, fate=Fate.MERGED)
    into = {one.production_id: one.into for one in merged.select_related("into__contribution__demarche")}
    return [TakenUp(row, citations[row.pk], reponses.get(row.pk), into.get(row.pk)) for row in rows]


def passages_of(version: TexteVersion, keys: set[int]) -> dict[int, Passage]:
    return {one.pk: one for one in Passage.objects.filter(version=version, pk__in=keys)}
