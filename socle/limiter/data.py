"""Who may take these columns away (see socle.personaldata): nobody, they only count."""

from socle.personaldata import NEVER, Fields

FIELDS: Fields = {"limiter.Hit": {"key": NEVER, "ends_at": NEVER, "count": NEVER}}
