"""Who may take the columns of the ateliers away: the programme is public, who composes a group is not."""

from socle.personaldata import NEVER, OPEN, STAFF, Fields

FIELDS: Fields = {
    "ateliers.Atelier": dict.fromkeys(
        ("id", "demarche", "rank", "question", "town", "lieu", "themes", "presentation"), OPEN
    ),
    "ateliers.Atelier_themes": dict.fromkeys(("id", "atelier", "theme"), OPEN),
    "ateliers.Seance": dict.fromkeys(("rencontre", "atelier", "rank", "objective", "ordre_du_jour"), OPEN)
    | {"sheets_printed": STAFF},
    "ateliers.Membre": dict.fromkeys(
        (
            "id",
            "atelier",
            "personne",
            "name",
            "came_by",
            "college",
            "commune",
            "organisation",
            "joined_at",
            "left_at",
        ),
        STAFF,
    ),
    "ateliers.Animation": dict.fromkeys(("id", "user", "atelier", "ends_on"), STAFF),
    "ateliers.Cible": dict.fromkeys(("id", "atelier", "college", "epci_code", "places"), OPEN),
    # A draw is done again by anyone who wants: its numbers are public, whose they are is not.
    # Which collège is which lot is not either: a number would say the collège of its owner.
    "ateliers.Tirage": dict.fromkeys(
        ("id", "atelier", "seed", "seed_source", "rule", "pool", "drawn", "announced_at", "drawn_at"), OPEN
    )
    | {"by": STAFF, "by_college": STAFF},
    "ateliers.MembreEvent": dict.fromkeys(("id", "membre", "kind", "at", "by"), STAFF),
    "ateliers.Candidature": dict.fromkeys(
        ("id", "atelier", "number", "personne", "name", "college", "commune", "organisation", "received_at"), STAFF
    ),
    "ateliers.Table": dict.fromkeys(("id", "seance", "number", "label", "opened_at", "closed_at"), STAFF)
    | {"nonce": NEVER},
    "ateliers.Production": dict.fromkeys(("contribution", "seance", "minority"), OPEN)
    | dict.fromkeys(("table", "sheet"), STAFF),
    # Which words were tried first, and what was undone, is between the group and the team.
    "ateliers.ProductionVersion": dict.fromkeys(("id", "production", "seance", "title", "body", "written_at"), OPEN)
    | {"replaced_at": STAFF},
    "ateliers.Devenir": dict.fromkeys(
        ("id", "production", "seance", "fate", "into", "reason", "decided_at", "published_at"), OPEN
    )
    | {"undone_at": STAFF},
    "ateliers.CompteRendu": dict.fromkeys(
        (
            "seance",
            "state",
            "introduction",
            "next_steps",
            "opened_at",
            "remarks_until",
            "adopted_at",
            "figures",
        ),
        OPEN,
    )
    | {"adopted_by": STAFF},
    "ateliers.Point": dict.fromkeys(("id", "compte_rendu", "rank", "title", "text"), OPEN),
    "ateliers.Remarque": dict.fromkeys(
        (
            "id",
            "compte_rendu",
            "inscription",
            "words",
            "received_at",
            "answer",
            "taken_up",
            "answered_at",
            "answered_by",
        ),
        STAFF,
    )
    | {"submission_key": NEVER},
    "ateliers.Lecture": dict.fromkeys(
        ("id", "seance", "contribution", "number", "printed_at", "outcome", "words", "answered_at"), OPEN
    )
    | {"told_at": STAFF},
}
