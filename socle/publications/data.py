"""Who may take the columns of the public files away."""

from socle.personaldata import STAFF, Fields

FIELDS: Fields = {
    "publications.Publication": dict.fromkeys(
        ("id", "kind", "key", "media_type", "by", "document", "asked_at", "attempts", "seen", "next_attempt_at"), STAFF
    ),
}
