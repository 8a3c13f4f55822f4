"""What of the life of the ateliers enters the public register, in the transaction of the act itself.

Minutes adopted, a draw announced, a draw done: no name, and of a draw no number.
"""

from __future__ import annotations

from ateliers.lots import numbers_of
from ateliers.minutes import minutes_of, presence, presence_label
from ateliers.models import Atelier, CompteRendu, Tirage
from consultation.actions.entries import is_open
from consultation.permissions import can_run, is_administrator
from socle.comptes.models import User
from socle.registre.actions import record


def enter_adoption(compte_rendu: CompteRendu, by: User) -> None:
    """The whole text gives its fingerprint: whoever holds a copy can prove that it is the one that was adopted."""
    seance = compte_rendu.seance
    demarche = seance.atelier.demarche
    if not is_open(demarche):
        return
    said = minutes_of(compte_rendu)
    record(
        "compte_rendu.adopte",
        subject=f"seance:{seance.atelier.rank}-{seance.rank}",
        role=_running(by, seance.atelier),
        facts={
            "titre": f"{said.over}, séance {seance.rank}",
            "presents": presence_label(presence(compte_rendu)),
            "remarques": compte_rendu.remarques.count(),
        },
        text="\n\n".join("\n".join(line.whole for line in block.lines) for block in said.blocks),
        demarche=demarche.slug,
    )


def enter_tirage(tirage: Tirage, by: User) -> None:
    """Sealed before the seed is known: the announcement cannot have been written afterwards."""
    atelier = tirage.atelier
    facts: dict[str, str | int | None] = {"atelier": str(atelier), "candidatures": len(numbers_of(tirage.pool))}
    if tirage.drawn_at is None:
        facts["source"] = tirage.seed_source
    else:
        facts |= {"tires": len(numbers_of(tirage.drawn)), "graine": tirage.seed}
    record(
        "tirage.annonce" if tirage.drawn_at is None else "tirage.fait",
        subject=f"tirage:{tirage.pk}",
        role=_running(by, atelier),
        facts=facts,
        demarche=atelier.demarche.slug,
    )


def _running(by: User, atelier: Atelier) -> str:
    if is_administrator(by):
        return "administrateur"
    return "responsable" if can_run(by, atelier.demarche) else "organisateur"
