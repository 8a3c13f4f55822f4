"""The minutes of a séance as a written text: its page, its PDF and its DOCX are made of this and of nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from ateliers.models import (
    CompteRendu,
    Devenir,
    Fate,
    Lecture,
    Outcome,
    Production,
    ProductionVersion,
    Seance,
)
from consultation.models import Contribution
from consultation.presence import Came, presence_of
from consultation.templatetags.prose import NBSP, typo
from socle.dates import day_label
from socle.identity.models import SiteIdentity
from socle.publications.drawing import draw
from socle.written import Block, Line, Written, heading, items, lines, paragraphs

READ_WITH = ("seance__rencontre__lieu", "seance__atelier__demarche")
# How many remarks were made and how many changed the text; a page that reads them with the row saves a query.
REMARKS = {"remarks": Count("remarques"), "taken_up": Count("remarques", filter=Q(remarques__taken_up=True))}
# In the order in which a reader asks; with the heading over them.
OUTCOMES = {
    Outcome.TAKEN_UP: "Reprises dans nos productions",
    Outcome.DISCUSSED: "Discutées, sans être reprises",
    Outcome.SET_ASIDE: "Écartées",
    Outcome.LATER: "Gardées pour la séance suivante",
    "": "Pas encore dit",
}


def build(key: str, media_type: str, path: Path, _alive: Callable[[int], None]) -> None:
    """The file of an adopted compte rendu (settings.PUBLICATION_BUILDERS)."""
    rows = CompteRendu.objects.adopted().select_related(*READ_WITH)
    written = minutes_of(rows.get(seance__pk=int(key)), site=settings.SITE_URL)
    path.write_bytes(draw(replace(written, foot=SiteIdentity.current().site_name), media_type))


def minutes_of(compte_rendu: CompteRendu, site: str = "") -> Written:
    """Read with READ_WITH. `site` starts the addresses, for what is read elsewhere than on the portal."""
    seance = compte_rendu.seance
    atelier, rencontre = seance.atelier, seance.rencontre
    where = ", ".join(filter(None, [rencontre.when_label, rencontre.lieu.one_line if rencontre.lieu else ""]))
    blocks = [
        lines(typo(atelier.question)),
        lines(typo(where[:1].upper() + where[1:])),
        heading("Les personnes présentes"),
        lines(presence_label(presence(compte_rendu))),
        *_section("Ce qui s’est passé", compte_rendu.introduction),
        *(block for point in compte_rendu.points.all() for block in _section(point.title, point.text, point.rank)),
        *_productions(seance, site),
        *_readings(seance, site),
        *_section("La suite", compte_rendu.next_steps),
        *_adoption(compte_rendu),
    ]
    return Written(
        title=f"Compte rendu de la séance {seance.rank}",
        over=typo(f"Atelier {atelier.rank} – {atelier.town}"),
        blocks=tuple(blocks),
    )


def presence(compte_rendu: CompteRendu) -> Came:
    """As it was counted at the adoption; until then, as it stands."""
    if not compte_rendu.is_adopted:
        return presence_of(compte_rendu.seance.rencontre)
    kept = compte_rendu.figures
    return Came(kept["salle"], kept["distance"], kept["sur_place"])


def presence_label(counted: Came) -> str:
    """« 31 personnes inscrites étaient dans la salle, 2 à distance ; 4 sont venues sans inscription. »"""
    if not counted.total:
        return "Les présences n’ont pas été relevées."
    said = [_people(counted.room, "dans la salle")] if counted.room or not counted.remote else []
    said += [_people(counted.remote, "à distance")] if counted.remote else []
    came = f"{counted.sur_place} {'est venue' if counted.sur_place == 1 else 'sont venues'} sans s’être inscrites"
    came = came.removesuffix("s") if counted.sur_place == 1 else came
    return typo(" ; ".join([", ".join(said), *([came] if counted.sur_place else [])]) + ".")


def _people(count: int, where: str) -> str:
    return f"{count} personne{'s' if count > 1 else ''} inscrite{'s' if count > 1 else ''} {where}"


def _section(title: str, text: str, number: int = 0) -> list[Block]:
    """Nothing under nothing; a point that has no text is its title."""
    if not text and not number:
        return []
    said = f"{number}. {title}" if number else title
    return [heading(typo(said)), *paragraphs(typo(text))]


def _productions(seance: Seance, site: str) -> list[Block]:
    found = [_production(row, site) for row in productions_of(seance)]
    return [heading("Les productions de la séance"), items(found)] if found else []


def productions_of(seance: Seance) -> QuerySet[Production, Any]:
    """Those that were born in it, and those it looked at again: as they left it. One query."""
    version = ProductionVersion.objects.filter(production=OuterRef("pk"), seance=seance)
    fate = Devenir.objects.filter(production=OuterRef("pk"), seance=seance)
    looked_at = Q(seance=seance) | Q(versions__seance=seance) | Q(devenirs__seance=seance)
    shown = Production.objects.filter(looked_at, contribution__in=Contribution.objects.published()).distinct()
    said = shown.annotate(as_left=Subquery(version.values("title")[:1]), fate=Subquery(fate.values("fate")[:1]))
    return said.select_related("contribution__demarche").order_by("pk")


def _production(row: Any, site: str) -> Line:
    contribution = row.contribution
    notes = ["point de vue minoritaire"] if row.minority else []
    notes += [Fate(row.fate).label] if row.fate else []
    said = typo(f"{contribution.reference} – {row.as_left or contribution.title}")
    return Line(said, site + contribution.get_absolute_url(), f" ({', '.join(notes)})" if notes else "")


def _readings(seance: Seance, site: str) -> Iterator[Block]:
    """What the absent had said, by what the group did with it, with the numbers of the sheet."""
    rows = Lecture.objects.filter(seance=seance).shown().select_related("contribution__demarche").order_by("number")
    order = list(OUTCOMES)
    found = sorted(rows, key=lambda row: order.index(row.outcome))
    if not found:
        return
    yield heading("La parole des absents")
    count = f"{len(found)} contributions faites à distance ont été lues" if found[1:] else "Une contribution a été lue"
    yield lines(f"{count} dans la salle, avec le numéro de la feuille imprimée.")
    for outcome, group in groupby(found, key=lambda row: row.outcome):
        yield heading(OUTCOMES[outcome], 3)
        yield items(_reading(row, site) for row in group)


def _reading(row: Lecture, site: str) -> Line:
    said = f"N° {row.number}, {row.contribution.reference} – {row.contribution.title}"
    after = f"{NBSP}: {row.words}" if row.words else ""
    return Line(typo(said), site + row.contribution.get_absolute_url(), typo(after))


def _adoption(compte_rendu: CompteRendu) -> list[Block]:
    if not (compte_rendu.is_adopted and compte_rendu.opened_at and compte_rendu.remarks_until):
        return []
    counted: Any = compte_rendu
    if not hasattr(counted, "remarks"):
        counted = CompteRendu.objects.annotate(**REMARKS).get(pk=compte_rendu.pk)
    opened, adopted = (timezone.localdate(at) for at in (compte_rendu.opened_at, compte_rendu.adopted_at) if at)
    said = (
        f"Ce compte rendu a été ouvert aux personnes présentes du {_day(opened)} "
        f"au {_day(compte_rendu.remarks_until)}. "
        f"{remarks_label(counted.remarks, counted.taken_up)} Il a été adopté le {_day(adopted)}."
    )
    wrong = "Une erreur y reste ? Écrivez à l’équipe : elle le dira dans le compte rendu de la séance suivante."
    return [heading("L’adoption de ce compte rendu"), lines(typo(said)), lines(typo(wrong))]


def remarks_label(count: int, taken_up: int) -> str:
    if not count:
        return "Aucune remarque n’a été faite."
    if count == 1:
        return f"Une remarque a été faite ; elle a reçu sa réponse{' et le texte a été changé' if taken_up else ''}."
    changed = {0: "aucune n’a changé le texte", 1: "une a changé le texte"}.get(
        taken_up, f"{taken_up} ont changé le texte"
    )
    return f"{count} remarques ont été faites ; toutes ont reçu leur réponse, {changed}."


def _day(day: Any) -> str:
    return day_label(day, weekday=False)
