"""The draw of a demonstration: its candidates are enlisted and it is announced, once, by the actions of the team."""

from __future__ import annotations

from ateliers.actions import tirages
from ateliers.actions.composition import Someone
from ateliers.models import Cible
from consultation.models import Commune, Rencontre
from participons.programme.draw import Draw
from participons.programme.write import ProgrammeWriter
from socle.comptes.models import User

KEY = "tirage"


def write_draw(writer: ProgrammeWriter, draw: Draw, communes: dict[str, Commune | None]) -> None:
    """Its seed is for a visitor to give. Nothing where its séances are over, or nobody of a demonstration announces it.

    The people are invented, at addresses that no mail can reach (RFC 2606).
    """
    atelier = writer.ateliers[draw.atelier]
    by = User.objects.filter(is_demonstration=True, is_superuser=True, is_active=True).order_by("pk").first()
    if not writer.rows.is_new(KEY) or atelier is None or by is None:
        return
    seances = [row.pk for (rank, _), row in writer.seances.items() if rank == draw.atelier and row]
    if not Rencontre.objects.filter(pk__in=seances).coming().exists():
        return
    for rank, places in draw.targets.items():
        if college := writer.colleges[rank]:
            Cible.objects.get_or_create(atelier=atelier, college=college, defaults={"places": places})
    tirages.enlist(atelier, _people(writer, draw, communes))
    writer.rows.did(KEY, tirages.announce(atelier, draw.others, draw.source, by))


def _people(writer: ProgrammeWriter, draw: Draw, communes: dict[str, Commune | None]) -> list[Someone]:
    lines = [line for line in draw.candidates for _ in range(line.count)]
    people = []
    for number, line in enumerate(lines, start=1):
        college, commune = writer.colleges[line.college], communes.get(line.commune or "")
        people.append(
            Someone(
                f"candidature-{number}@exemple.invalid",
                name=f"Exemple n° {number}",
                college_pk=college.pk if college else None,
                commune_pk=commune.pk if commune else None,
            )
        )
    return people
