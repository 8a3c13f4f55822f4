"""What a group has produced, and the history of one production from séance to séance: what is published of it, and
nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Subquery
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from ateliers.models import Atelier, Devenir, Fate, Production, Seance, Words
from ateliers.models.production import ENDS, ProductionQuerySet
from ateliers.views.ateliers import until
from ateliers.wording import maskings
from consultation.models import Contribution, Demarche, Rencontre
from consultation.sources import sources, with_sources
from socle.dates import Precision, moment_label
from socle.difference import Difference, difference
from socle.fulltext import excerpt
from socle.keyset import AFTER, BEFORE, Keyset
from socle.pagecache.decorators import public_page

PAGE = 30
EXCERPT = 240
STATE = "etat"
LIVE, MERGED, DROPPED = "", "fusionnees", "abandonnees"
STATES = {LIVE: "Au travail", MERGED: "Fusionnées", DROPPED: "Abandonnées"}
FATES = {MERGED: Fate.MERGED, DROPPED: Fate.DROPPED}


@dataclass(frozen=True)
class Tab:
    value: str
    label: str
    count: int
    current: bool


@public_page(STATE, AFTER, BEFORE, until=until)
def productions(request: HttpRequest, slug: str, rank: int) -> HttpResponse:
    atelier = get_object_or_404(Atelier.objects.published().select_related("demarche"), demarche__slug=slug, rank=rank)
    rows = _published(atelier)
    state = request.GET.get(STATE, "") if request.GET.get(STATE) in STATES else LIVE
    chosen = rows.filter(ended=FATES[state]) if state else rows.filter(ended__isnull=True)
    page = Keyset("rang", f"productions:{atelier.pk}:{state}", PAGE, descending=False, numbers=True).page(
        _short(chosen), request.GET
    )
    for row in page.rows:
        row.contribution.demarche = atelier.demarche
        row.beginning = excerpt(row.beginning, EXCERPT)
    context = {
        "demarche": atelier.demarche,
        "atelier": atelier,
        "tabs": _tabs(rows, state),
        "state": state,
        "page": page,
        "window": window(atelier),
    }
    return render(request, "ateliers/productions.html", context)


def _published(atelier: Atelier) -> ProductionQuerySet:
    """Each with how it ended, where it did."""
    ends = Devenir.objects.published().filter(production=OuterRef("pk"), fate__in=ENDS).order_by("-seance__rank")
    rows = Production.objects.published().filter(seance__atelier=atelier)
    return rows.annotate(ended=Subquery(ends.values("fate")[:1]), rang=F("seance__rank"))


def _short(rows: ProductionQuerySet) -> ProductionQuerySet:
    public = Devenir.objects.published().order_by("seance__rank")
    public = public.select_related("seance", "into__contribution__demarche").defer("into__contribution__body")
    return (
        rows.annotate(beginning=Left("contribution__body", EXCERPT + 1))
        .select_related("contribution", "seance__rencontre")
        .defer("contribution__body", "contribution__tracking_hash")
        .prefetch_related(Prefetch("devenirs", public))
    )


def _tabs(rows: ProductionQuerySet, state: str) -> list[Tab]:
    """What is there to read; one query."""
    counted = dict(rows.order_by().values_list("ended").annotate(Count("pk")))
    return [
        Tab(value, label, number, value == state)
        for value, label in STATES.items()
        if (number := counted.get(FATES.get(value), 0)) or value == LIVE
    ]


def window(atelier: Atelier) -> dict[str, Any]:
    """Until when one can answer online what the group has written, and when it meets again. One query."""
    demarche, closes = atelier.demarche, atelier.demarche.contributions_close_at
    if not demarche.is_taking_reactions():
        return {"open": False}
    coming = Rencontre.objects.published().filter(pk__in=Seance.objects.filter(atelier=atelier).values("pk"))
    following = coming.exclude(state="annulee").coming().first()
    return {
        "open": True,
        "until": moment_label(closes, None, Precision.HOUR) if closes else "",
        "meets": following.when_label if following else "",
    }


@dataclass(frozen=True)
class Step:
    """What one séance did: `words` where it wrote them, `difference` from those of before (title, then text)."""

    seance: Seance
    label: str
    words: Words | None = None
    title: Difference | None = None
    body: Difference | None = None
    devenir: Devenir | None = None


def history(slug: str, rank: int, reference: str) -> dict[str, Any]:
    """What the page of a production tells of its group; the floors above add what they know of it."""
    shown = Contribution.objects.published().filter(demarche__in=Demarche.objects.published())
    rows = Production.objects.filter(contribution__in=shown.with_reference(reference))
    rows = rows.filter(seance__atelier__rank=rank, contribution__demarche__slug=slug)
    rows = rows.select_related("contribution__demarche", "contribution__theme", "seance__atelier", "seance__rencontre")
    found = get_object_or_404(rows.with_history().annotate(masked=Exists(maskings(OuterRef("pk")))))
    demarche, masked = found.contribution.demarche, found.masked
    found.seance.atelier.demarche = demarche
    return {
        "demarche": demarche,
        "atelier": found.seance.atelier,
        "production": found,
        "contribution": found.contribution,
        "steps": steps(found, masked=masked),
        "masked": masked,
        "sources": sources(_contribution(found)),
        "can_react": demarche.is_taking_reactions(),
    }


def _contribution(production: Production) -> Contribution:
    """Once more, with its sources."""
    row = with_sources(Contribution.objects.filter(pk=production.pk).only("pk")).get()
    row.demarche = production.contribution.demarche
    return row


def steps(production: Production, *, masked: bool) -> list[Step]:
    """In the order of the séances. Of what the organiser has not published, nothing; once a passage has been masked,
    only today's words: those of before hold it."""
    contribution = production.contribution
    versions = {version.seance_id: Words(version.title, version.body) for version in production.versions.all()}
    public = [one for one in production.devenirs.all() if one.published_at]
    reworded = [one.seance_id for one in public if one.fate == Fate.REWORDED]
    last = reworded[-1] if reworded else production.seance_id
    versions[last] = Words(contribution.title, contribution.body)
    words = None if masked and reworded else versions[production.seance_id]
    made = [Step(production.seance, "écrite", words)]
    for one in public:
        after = versions[one.seance_id] if one.fate == Fate.REWORDED else None
        if after and words:
            title, body = difference(words.title, after.title), difference(words.body, after.body)
            made.append(Step(one.seance, one.get_fate_display(), after, title, body, one))
        else:
            shown = after if one.seance_id == last else None
            made.append(Step(one.seance, one.get_fate_display(), shown, devenir=one))
        words = None if masked else after or words
    return made
