"""Who may take the columns of the ateliers away: the programme is public, who composes a group is not."""

from socle.personaldata import OPEN, STAFF, Fields

FIELDS: Fields = {
    "ateliers.Atelier": dict.fromkeys(
        ("id", "demarche", "rank", "question", "town", "lieu", "themes", "presentation"), OPEN
    ),
    "ateliers.Atelier_themes": dict.fromkeys(("id", "atelier", "theme"), OPEN),
    "ateliers.Seance": dict.fromkeys(("rencontre", "atelier", "rank", "objective", "ordre_du_jour"), OPEN),
    "ateliers.Membre": dict.fromkeys(
        ("id", "atelier", "personne", "came_by", "college", "organisation", "joined_at"), STAFF
    ),
    "ateliers.Animation": dict.fromkeys(("id", "user", "atelier"), STAFF),
}
