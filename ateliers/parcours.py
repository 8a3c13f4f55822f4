"""What the ateliers did with a contribution (settings.PARCOURS)."""

from __future__ import annotations

from django.urls import reverse

from ateliers.models import CompteRendu, Lecture
from consultation.models import Contribution
from consultation.parcours_steps import Public
from consultation.templatetags.prose import typo
from consultation.tram import Stage


def of(contribution: Contribution) -> list[Public]:
    """Where it was read, once the minutes that say so are public. One query; its démarche is loaded with it."""
    adopted = CompteRendu.objects.published().values("seance")
    rows = Lecture.objects.filter(contribution=contribution.pk, seance__in=adopted).order_by("pk")
    return [_read(row, contribution) for row in rows.select_related("seance__compte_rendu", "seance__atelier")]


def _read(row: Lecture, contribution: Contribution) -> Public:
    seance, atelier = row.seance, row.seance.atelier
    said = f"{row.get_outcome_display()} : {row.words}" if row.words else row.get_outcome_display()
    return Public(
        label=f"Elle est lue à la séance {seance.rank} de l’atelier {atelier.rank} – {atelier.town}",
        at=seance.compte_rendu.adopted_at or row.printed_at,
        note=typo(said),
        url=reverse("compte_rendu", args=[contribution.demarche.slug, atelier.rank, seance.rank]),
        stage=Stage.ATELIER,
    )
