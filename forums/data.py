"""Who may take the columns of the forums away."""

from socle.personaldata import NEVER, OPEN, STAFF, Fields

FIELDS: Fields = {
    "forums.Forum": dict.fromkeys(
        ("rencontre", "edition", "periodicity", "purpose", "texte", "remarks_open_at", "remarks_close_at"), OPEN
    )
    | {"scribe_nonce": NEVER, "scribes_since": STAFF},
    # A rapporteur is named on the page with their agreement, and nowhere else.
    "forums.Moment": dict.fromkeys(
        ("id", "forum", "rank", "kind", "at", "title", "atelier", "text", "productions"), OPEN
    )
    | dict.fromkeys(("rapporteur", "membre"), STAFF),
    "forums.Moment_productions": dict.fromkeys(("id", "moment", "production"), OPEN),
    "forums.Intervention": dict.fromkeys(("contribution", "forum", "passage"), OPEN) | {"table": STAFF},
    "forums.Croisement": dict.fromkeys(
        (
            "id",
            "forum",
            "kind",
            "sentence",
            "productions",
            "made_at",
            "published_at",
            "withdrawn_at",
            "withdrawn_reason",
        ),
        OPEN,
    )
    | {"by": STAFF},
    "forums.Croisement_productions": dict.fromkeys(("id", "croisement", "production"), OPEN),
    "forums.DroitDeRegard": dict.fromkeys(("forum", "version", "days", "opened_at", "closes_at"), OPEN) | {"by": STAFF},
    "forums.AnnonceRegard": dict.fromkeys(("id", "droit", "membre", "closes_at", "told_at"), STAFF),
    # What is said is public, who said it is not.
    "forums.Objection": dict.fromkeys(
        ("contribution", "droit", "passage", "answer", "answered_at", "corrected_at"), OPEN
    )
    | dict.fromkeys(("membre", "answered_by"), STAFF),
}
