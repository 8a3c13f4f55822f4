"""Who may take these columns away (see socle.personaldata): they watch over the team, and leave in no file."""

from socle.personaldata import NEVER, Fields

FIELDS: Fields = {
    "access.Trace": dict.fromkeys(("id", "at", "by", "act", "what", "scope", "subject", "rows", "whom"), NEVER)
}
