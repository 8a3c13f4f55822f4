"""Who may take these columns away (see socle.personaldata): nobody, they only count."""

from socle.personaldata import NEVER, Fields

FIELDS: Fields = {"limiter.Tally": {"key": NEVER, "uses": NEVER, "ends_at": NEVER}}
