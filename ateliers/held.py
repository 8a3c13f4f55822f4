"""What the ateliers hold of a person, and what becomes of it when they leave (in the order of consultation/held.py)."""

from socle.personaldata import AGENT, TECHNICAL, Held, held

COMPOSED = "la composition du groupe, que la page publique donne en nombres"
DRAWN = "le numéro d’un tirage public, que chacun peut refaire"
MINUTED = "une pièce du compte rendu"

HELD: tuple[Held, ...] = (
    held(
        "ateliers.Remarque",
        "Vos remarques sur un compte rendu",
        "inscription__personne",
        blanked="inscription",
        with_texts={"words": ""},
        kept={MINUTED: "id compte_rendu received_at answer taken_up answered_at answered_by submission_key"},
        withheld={AGENT: "answered_by", TECHNICAL: "submission_key"},
    ),
    held(
        "ateliers.Lecture",
        "Vos contributions lues en séance",
        "contribution__personne",
        kept={MINUTED: "id seance contribution number printed_at outcome words answered_at told_at"},
    ),
    held(
        "ateliers.MembreEvent",
        "Vos entrées et sorties d’un groupe",
        "membre__personne",
        kept={COMPOSED: "id membre kind at by"},
        withheld={AGENT: "by"},
    ),
    held(
        "ateliers.Membre",
        "Les groupes que vous composez",
        "personne",
        since="joined_at",
        blanked="name organisation commune",
        moved="personne",
        kept={COMPOSED: "id atelier came_by college joined_at left_at"},
    ),
    held(
        "ateliers.Candidature",
        "Vos candidatures à un groupe",
        "personne",
        since="received_at",
        blanked="name organisation commune",
        moved="personne",
        kept={DRAWN: "id atelier number college received_at"},
    ),
    held("ateliers.Animation", "Les ateliers que vous animez", "user__personne", deleted="id user atelier ends_on"),
)

IMPERSONAL = {
    "ce que le groupe a fait, sans le nom de personne": "Production ProductionVersion Devenir CompteRendu Point",
    "le programme des ateliers": "Atelier Atelier_themes Seance Cible Table",
    "des numéros, une graine et une règle publiques": "Tirage",
}
