"""Who may take the columns of the forums away."""

from socle.personaldata import OPEN, Fields

FIELDS: Fields = {
    "forums.Forum": dict.fromkeys(("rencontre", "edition", "periodicity", "purpose"), OPEN),
}
