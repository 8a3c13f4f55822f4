"""Who may take these columns away (see socle.personaldata): nobody, they only follow the work."""

from socle.personaldata import NEVER, Fields

FIELDS: Fields = {
    "exports.Export": dict.fromkeys(
        (
            "id",
            "owner",
            "kind",
            "label",
            "params",
            "state",
            "rows",
            "total",
            "attempts",
            "error",
            "file",
            "download_name",
            "created_at",
            "started_at",
            "ended_at",
            "expires_at",
        ),
        NEVER,
    )
}
