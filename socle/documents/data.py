"""Who may take the columns of the documents away."""

from socle.personaldata import NEVER, STAFF, Fields

FIELDS: Fields = {
    "documents.Document": {
        "id": STAFF,
        "path": NEVER,
        "media_type": STAFF,
        "size": STAFF,
        "pages": STAFF,
        "sha256": STAFF,
        "created_by": STAFF,
        "created_at": STAFF,
    },
}
