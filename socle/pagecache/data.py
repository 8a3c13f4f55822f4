"""Who may take these columns away (see socle.personaldata): they say nothing of anyone."""

from socle.personaldata import NEVER, Fields

FIELDS: Fields = {"pagecache.Generation": {"id": NEVER, "number": NEVER}}
