"""What the forums hold of a person, and what becomes of it when they leave (in the order of ateliers/held.py)."""

from socle.personaldata import AGENT, TECHNICAL, Held, held

PROGRAMMED = "le programme du forum"
ANSWERED = "l’objection, sans son auteur, et la réponse publique qui lui est faite"

HELD: tuple[Held, ...] = (
    held(
        "forums.Moment",
        "Votre nom au programme d’un forum",
        "membre__personne",
        blanked={"rapporteur": "", "membre": None},
        kept={PROGRAMMED: "id forum rank kind at title atelier text productions"},
    ),
    held(
        "forums.Objection",
        "Vos objections à la reprise d’une production",
        "membre__personne",
        blanked="membre",
        kept={ANSWERED: "contribution droit passage answer answered_at corrected_at answered_by"},
        withheld={AGENT: "answered_by", TECHNICAL: "droit"},
    ),
    held(
        "forums.AnnonceRegard",
        "Les droits de regard dont vous avez été prévenu",
        "membre__personne",
        deleted="id droit membre closes_at told_at",
        withheld={TECHNICAL: "id"},
    ),
)

IMPERSONAL = {
    "ce qui est dit d’une production ou d’un passage ; de qui, la contribution seule le sait": "Intervention",
    "ce que disent ensemble des productions, sans le nom de personne": "Croisement Croisement_productions",
    "le programme des forums": "Forum DroitDeRegard Moment_productions",
}
