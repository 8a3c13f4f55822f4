"""What of the life of the ateliers enters the public register, in the transaction of the act itself."""

from __future__ import annotations

from ateliers.minutes import minutes_of, presence, presence_label
from ateliers.models import CompteRendu
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
        role=_role(by, compte_rendu),
        facts={
            "titre": f"{said.over}, séance {seance.rank}",
            "presents": presence_label(presence(compte_rendu)),
            "remarques": compte_rendu.remarques.count(),
        },
        text="\n\n".join("\n".join(line.whole for line in block.lines) for block in said.blocks),
        demarche=demarche.slug,
    )


def _role(by: User, compte_rendu: CompteRendu) -> str:
    if is_administrator(by):
        return "administrateur"
    return "responsable" if can_run(by, compte_rendu.seance.atelier.demarche) else "organisateur"
