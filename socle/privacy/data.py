"""Who may take these columns away: what people ask about themselves is in no export."""

from socle.personaldata import NEVER, STAFF, Fields

FIELDS: Fields = {
    "privacy.Depart": {
        "id": STAFF,
        "personne": NEVER,
        "address": NEVER,
        "with_texts": STAFF,
        "cause": STAFF,
        "asked_at": STAFF,
        "cancelled_at": STAFF,
        "next_attempt_at": STAFF,
        "attempts": STAFF,
        "problem": STAFF,
        "erased_at": STAFF,
        "closed_at": STAFF,
    },
    "privacy.Copie": dict.fromkeys(
        (
            *("id", "personne", "state", "file", "size", "asked_at", "attempts", "next_attempt_at", "ready_at"),
            "expires_at",
        ),
        NEVER,
    ),
    "privacy.Opposition": dict.fromkeys(
        ("id", "asked_at", "outcome", "answered_at", "answered_by"),
        STAFF,
    )
    | {"personne": NEVER, "words": NEVER, "answer": NEVER, "submission_key": NEVER},
    "privacy.RetentionRun": dict.fromkeys(("id", "kind", "rows", "ran_at"), STAFF),
    "privacy.Visa": dict.fromkeys(
        (
            *("id", "record", "subject", "what", "rows", "proposed_by", "proposed_at", "reference", "signed_by"),
            *("signed_on", "recorded_by", "destroyed_at", "destroyed_rows"),
        ),
        STAFF,
    ),
}
