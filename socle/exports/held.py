"""The files somebody asked for, as a member of the team."""

from socle.personaldata import TECHNICAL, Held, held

HELD: tuple[Held, ...] = (
    held(
        "exports.Export",
        "Les fichiers que vous avez demandés",
        "owner__personne",
        deleted="id owner kind label params state rows total attempts error file download_name created_at started_at"
        " ended_at expires_at",
        withheld={TECHNICAL: "params total attempts file"},
    ),
)
